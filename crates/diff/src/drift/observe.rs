//! Observes values at the schemas that apply to them, and collects deviations.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use charter_contract::{Content, JsonType, Keywords, Location, MediaTypeSpec, Operation, ParameterPlace, SchemaId, SecurityKind};
use charter_engine::Judge;
use charter_traffic::exchange::{Exchange, Message};
use charter_traffic::mask::Masker;
use charter_traffic::read::Limits;
use serde_json::{Number, Value};

use super::body::{self, undocumented};
use super::report::Example;
use super::unknown::Unknown;
use super::{first, infer};
use crate::sample::size;
use crate::side::Side;

/// The maximum number of examples of a novelty.
const EXAMPLES: usize = 3;
/// The maximum number of distinct strings that are stored for each schema.
pub(super) const DISTINCT: usize = 12;

/// A deviation from the contract at a location.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Deviation {
    /// An unknown key.
    Key(String),
    /// A value that `enum` or `const` does not list, as JSON.
    Listed(String),
    /// A type, at the schema before references are resolved.
    Type(JsonType),
    /// A violated bound, by its keyword.
    Bound(&'static str),
    /// A string that violates `format`.
    Format(String),
    /// A missing required key.
    Missing(String),
    /// A value that no branch accepts.
    Branch,
    /// A status that the operation does not describe.
    Status(u16),
    /// A media type that the response or the request body does not describe.
    Media(String),
    /// A query parameter that the operation does not describe.
    Parameter(String),
    /// A request body, by its media type, where the operation describes none.
    RequestBody(String),
}

/// The occurrences of a deviation.
#[derive(Clone, Debug, Default)]
pub(super) struct Occurrences {
    pub(super) count: u64,
    pub(super) examples: Vec<Example>,
    /// The first value, in full.
    pub(super) first: Option<Value>,
    /// The schema of all values, if the edit needs one.
    pub(super) inferred: Option<infer::Inferred>,
    /// The media type of the first body of a new status.
    pub(super) media_type: Option<String>,
    /// The extremes for a bound, as written: `f64` would round large numbers.
    pub(super) least: Option<Number>,
    pub(super) most: Option<Number>,
}

/// The values observed at a schema.
#[derive(Clone, Debug, Default)]
pub(super) struct Observations {
    pub(super) count: u64,
    pub(super) nulls: u64,
    pub(super) keys: BTreeMap<String, u64>,
    /// The listed values that occur, or the first distinct strings, as JSON.
    pub(super) values: BTreeMap<String, u64>,
    pub(super) more_values: bool,
    /// Whether one of them is a secret.
    pub(super) has_secrets: bool,
    pub(super) least: Option<f64>,
    pub(super) most: Option<f64>,
    pub(super) lengths: Option<(u64, u64)>,
    /// The formats of all strings so far; `None` before the first.
    pub(super) formats: Option<BTreeSet<&'static str>>,
    pub(super) texts: u64,
    pub(super) branches: BTreeMap<usize, u64>,
}

/// Collects observations and deviations.
pub(super) struct Observer<'s, 'c> {
    pub(super) side: &'s Side<'c>,
    pub(super) observations: BTreeMap<SchemaId, Observations>,
    pub(super) deviations: BTreeMap<(Location, Deviation), Occurrences>,
    /// The schema of each deviation.
    pub(super) at: HashMap<(Location, Deviation), SchemaId>,
    /// The requests without an operation.
    pub(super) unknown: Unknown,
    pub(super) masked: BTreeSet<String>,
    /// Whether the values are texts without types: those of a form.
    is_text: bool,
    source: String,
    masker: Option<Masker>,
    /// The examples of this exchange.
    noted: Vec<((Location, Deviation), usize)>,
    /// The new strings of this exchange, as JSON.
    pub(super) new_values: Vec<(SchemaId, String)>,
}

impl<'s, 'c> Observer<'s, 'c> {
    pub(super) fn new(side: &'s Side<'c>) -> Self {
        Self {
            side,
            observations: BTreeMap::new(),
            deviations: BTreeMap::new(),
            at: HashMap::new(),
            unknown: Unknown::default(),
            masked: BTreeSet::new(),
            is_text: false,
            source: String::new(),
            masker: Masker::of_contract(side.contract(), &[]).ok(),
            noted: Vec::new(),
            new_values: Vec::new(),
        }
    }

    /// Observes an exchange, or returns why it is passed over.
    pub(super) fn exchange(&mut self, judge: &Judge, exchange: &Exchange, limits: &Limits) -> Result<(), String> {
        let outcome = self.messages(judge, exchange, limits);
        self.secrets(exchange);
        outcome
    }

    /// Notes which examples and strings of an exchange are secret by other parts of its bodies, such as the variables of a query.
    fn secrets(&mut self, exchange: &Exchange) {
        let (noted, values) = (std::mem::take(&mut self.noted), std::mem::take(&mut self.new_values));
        if noted.is_empty() && values.is_empty() {
            return;
        }
        let secrets = self.masker.as_ref().map(|masker| masker.hidden_in(exchange)).unwrap_or_default();
        if secrets.is_empty() {
            return;
        }
        for (key, index) in noted {
            if let Some(example) = self.deviations.get_mut(&key).and_then(|occurrences| occurrences.examples.get_mut(index)) {
                example.secrets.clone_from(&secrets);
            }
        }
        for (id, json) in values {
            if let Some(place) = self.observations.get_mut(&id) {
                place.has_secrets |= secrets.iter().any(|secret| json.contains(secret.as_str()));
            }
        }
    }

    fn messages(&mut self, judge: &Judge, exchange: &Exchange, limits: &Limits) -> Result<(), String> {
        let line = exchange.origin.line.map(|line| format!(":{line}")).unwrap_or_default();
        self.source = format!("{}{line}", exchange.origin.source);
        let Some(operation) = judge.operation_of(exchange) else {
            return self.unknown.add(self.side.contract(), exchange, limits, &self.source).map_err(str::to_owned);
        };
        let Some(received) = &exchange.response else { return Err("no response".to_owned()) };
        // A request that the server refused may be wrong.
        let request = if received.status < 400 { self.request(operation, exchange, limits) } else { Ok(()) };
        self.masked = exchange.masked.iter().filter_map(|pointer| pointer.strip_prefix("/response/body").map(str::to_owned)).collect();
        let Some(response) = operation.response_for(received.status) else {
            let body = undocumented(&received.message, limits);
            let shown = body.as_ref().and_then(|body| body.value.clone()).unwrap_or_default();
            let key = (operation.location.child("responses"), Deviation::Status(received.status));
            self.note(&key.0, key.1.clone(), &shown, "", None);
            if let Some(body) = body
                && let Some(occurrences) = self.deviations.get_mut(&key)
            {
                occurrences.media_type.get_or_insert(body.media_type);
            }
            return Ok(());
        };
        let Some(media_type) = body::media_type(&received.message) else { return request };
        match described(&response.content, &media_type) {
            Some(spec) => self.documented(spec, &media_type, &received.message, limits),
            None => {
                self.undocumented(&response.location.child("content"), Deviation::Media(media_type), &received.message, limits);
                Ok(())
            }
        }
    }

    /// Observes the query and the body of a request; returns why its body is passed over.
    fn request(&mut self, operation: &Operation, exchange: &Exchange, limits: &Limits) -> Result<(), String> {
        let Some(request) = exchange.request.as_ref().filter(|_| !exchange.bare) else { return Ok(()) };
        let contract = self.side.contract();
        let in_query = || operation.parameters.iter().filter(|parameter| parameter.place == ParameterPlace::Query);
        // The members of an object are parameters of their own, with names that only its schema knows.
        let has_object = in_query().any(|parameter| {
            parameter.content.iter().next().is_none()
                && parameter.schema.is_some_and(|schema| contract.types_of(schema).contains(&JsonType::Object))
        });
        let is_credential = |name: &str| {
            contract
                .security_schemes()
                .values()
                .any(|scheme| matches!(&scheme.kind, SecurityKind::ApiKey { place: ParameterPlace::Query, name: known } if known == name))
        };
        for (name, text) in request.query() {
            let known = in_query().any(|parameter| parameter.name == name || name.strip_suffix("[]") == Some(&parameter.name));
            if !known && !has_object && !is_credential(&name) {
                let value = first::value_of_text(&text);
                self.note(&operation.location, Deviation::Parameter(name), &value, "", None);
            }
        }
        self.masked = exchange.masked.iter().filter_map(|pointer| pointer.strip_prefix("/request/body").map(str::to_owned)).collect();
        let Some(media_type) = body::media_type(&request.message) else { return Ok(()) };
        match operation.request_body.as_ref().map(|body| (body, described(&body.content, &media_type))) {
            Some((_, Some(spec))) => return self.documented(spec, &media_type, &request.message, limits),
            Some((body, None)) => {
                self.undocumented(&body.location.child("content"), Deviation::Media(media_type), &request.message, limits);
            }
            None => self.undocumented(&operation.location, Deviation::RequestBody(media_type), &request.message, limits),
        }
        Ok(())
    }

    /// Observes a body of a documented media type, or returns why it is passed over.
    fn documented(&mut self, spec: &MediaTypeSpec, media_type: &str, message: &Message, limits: &Limits) -> Result<(), String> {
        if spec.schema.is_none() && spec.item_schema.is_none() {
            return Err("a body without a schema".to_owned());
        }
        let value = body::documented(self.side, spec, message, limits)?;
        self.is_text = body::is_form(media_type);
        if let Some(schema) = spec.schema {
            self.value(schema, &value, &mut String::new(), schema);
        }
        if let Some(schema) = spec.item_schema {
            for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                self.value(schema, item, &mut format!("/{index}"), schema);
            }
        }
        self.is_text = false;
        Ok(())
    }

    /// Notes a body that is not documented.
    fn undocumented(&mut self, location: &Location, deviation: Deviation, message: &Message, limits: &Limits) {
        let body = undocumented(message, limits);
        self.note(location, deviation, &body.and_then(|body| body.value).unwrap_or_default(), "", None);
    }

    /// Observes a value at a schema. `referrer` is the schema before references are resolved.
    fn value(&mut self, id: SchemaId, value: &Value, pointer: &mut String, referrer: SchemaId) {
        let schema = self.side.contract().schema(id);
        let keywords = &schema.keywords;
        let place = self.observations.entry(id).or_default();
        place.count += 1;
        place.nulls += u64::from(value.is_null());
        // Nothing is known of a masked text.
        if value.as_str().is_some_and(|text| text.contains("***")) {
            return;
        }
        if let Some(target) = keywords.reference {
            self.value(target, value, pointer, referrer);
        }
        for part in &keywords.all_of {
            self.value(*part, value, pointer, *part);
        }
        for branches in [&keywords.any_of, &keywords.one_of] {
            self.branches(id, branches, value, pointer);
        }
        if let Some(condition) = keywords.if_ {
            let chosen = if self.side.accepts(condition, value) == Some(true) { keywords.then } else { keywords.else_ };
            if let Some(chosen) = chosen {
                self.value(chosen, value, pointer, chosen);
            }
        }
        if !self.scalar(id, keywords, value, pointer, referrer) {
            return;
        }
        match value {
            Value::Object(_) => self.object(id, keywords, value, pointer),
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    let Some(schema) = keywords.prefix_items.get(index).copied().or(keywords.items) else { continue };
                    let length = pointer.len();
                    charter_contract::push_token(pointer, index);
                    self.value(schema, item, pointer, schema);
                    pointer.truncate(length);
                }
            }
            _ => {}
        }
    }

    /// Observes a value at the branch that accepts it, else at the nearest branch.
    fn branches(&mut self, id: SchemaId, branches: &[SchemaId], value: &Value, pointer: &mut String) {
        if branches.is_empty() {
            return;
        }
        let taken = branches.iter().position(|branch| self.side.accepts(*branch, value) == Some(true));
        let chosen = taken.or_else(|| {
            let distance = |branch: &SchemaId| self.distance(*branch, value);
            let near = branches.iter().enumerate().min_by_key(|(index, branch)| (distance(branch), *index));
            near.filter(|(_, branch)| !distance(branch).0).map(|(index, _)| index)
        });
        match chosen {
            Some(index) => {
                *self.observations.entry(id).or_default().branches.entry(index).or_default() += 1;
                self.value(branches[index], value, pointer, branches[index]);
            }
            None => {
                let location = self.side.contract().schema(id).location.clone();
                self.note(&location, Deviation::Branch, value, pointer, Some(id));
            }
        }
    }

    /// The distance of a value to a branch: whether the type differs, and the weight of missing, unknown and invalid members.
    fn distance(&self, branch: SchemaId, value: &Value) -> (bool, usize) {
        let contract = self.side.contract();
        let errors = self.side.errors(branch, value);
        let apart = errors.iter().any(|(keyword, path, _)| path.is_empty() && keyword == "type");
        let inside =
            errors.iter().filter(|(keyword, path, _)| !path.is_empty() || !matches!(keyword.as_str(), "required" | "additionalProperties"));
        let keywords = &contract.schema(contract.target(branch)).keywords;
        let (unknown, missing) = match value {
            Value::Object(entries) => (
                entries.keys().filter(|key| !keywords.properties.contains_key(*key)).count(),
                keywords.required.iter().filter(|key| !entries.contains_key(*key)).count(),
            ),
            _ => (0, 0),
        };
        (apart, 2 * unknown + 3 * missing + inside.count())
    }

    fn object(&mut self, id: SchemaId, keywords: &Keywords, value: &Value, pointer: &mut String) {
        let Value::Object(entries) = value else { return };
        let location = self.side.contract().schema(id).location.clone();
        for key in keywords.required.iter().filter(|key| !entries.contains_key(*key)) {
            self.note(&location, Deviation::Missing(key.clone()), value, pointer, Some(id));
        }
        // If only parts of `allOf` or branches describe the object, its keys are checked there.
        let describes = !keywords.properties.is_empty();
        for (key, inner) in entries {
            let length = pointer.len();
            charter_contract::push_token(pointer, key);
            *self.observations.entry(id).or_default().keys.entry(key.clone()).or_default() += 1;
            let mut known = false;
            if let Some(schema) = keywords.properties.get(key) {
                known = true;
                self.value(*schema, inner, pointer, *schema);
            }
            for (pattern, schema) in &keywords.pattern_properties {
                if infer::matches(pattern, key) {
                    known = true;
                    self.value(*schema, inner, pointer, *schema);
                }
            }
            if !known {
                let closed = |id: SchemaId| *self.side.contract().schema(id).source() == Value::Bool(false);
                match keywords.additional_properties {
                    Some(schema) if !closed(schema) => self.value(schema, inner, pointer, schema),
                    Some(_) => self.note(&location, Deviation::Key(key.clone()), inner, pointer, Some(id)),
                    None if describes && !self.is_part(id) => self.note(&location, Deviation::Key(key.clone()), inner, pointer, Some(id)),
                    None => {}
                }
            }
            pointer.truncate(length);
        }
    }

    /// Whether other schemas describe the same object. They may describe keys that this schema does not.
    fn is_part(&self, id: SchemaId) -> bool {
        let location = &self.side.contract().schema(id).location;
        let keywords = &self.side.contract().schema(id).keywords;
        let part = location.tokens().any(|token| matches!(token.as_str(), "allOf" | "if" | "then" | "else"));
        part || !keywords.all_of.is_empty() || !keywords.any_of.is_empty() || !keywords.one_of.is_empty() || keywords.reference.is_some()
    }

    pub(super) fn note(&mut self, location: &Location, new: Deviation, value: &Value, pointer: &str, id: Option<SchemaId>) {
        let key = (location.clone(), new);
        if let Some(id) = id {
            self.at.insert(key.clone(), id);
        }
        let wants_schema = matches!(
            key.1,
            Deviation::Key(_)
                | Deviation::Type(_)
                | Deviation::Branch
                | Deviation::Status(_)
                | Deviation::Media(_)
                | Deviation::Parameter(_)
                | Deviation::RequestBody(_)
        );
        let masked = self.masked.contains(pointer);
        let place = self.source.clone();
        // A key of a form that no schema describes has a text: the proposed type is the one that the text most likely means.
        let typed = (self.is_text && matches!(key.1, Deviation::Key(_))).then(|| body::typed(value.clone()));
        let value = typed.as_ref().unwrap_or(value);
        let parameter = match &key.1 {
            // The value of a parameter may be a credential.
            Deviation::Parameter(name) => Some(Value::from(format!("?{name}=…"))),
            _ => None,
        };
        let occurrences = self.deviations.entry(key.clone()).or_default();
        occurrences.count += 1;
        occurrences.first.get_or_insert_with(|| value.clone());
        if occurrences.examples.len() < EXAMPLES {
            self.noted.push((key, occurrences.examples.len()));
            let shown = if masked { Value::from("***") } else { parameter.unwrap_or_else(|| shortened(value)) };
            occurrences.examples.push(Example { value: shown, instance_location: pointer.to_owned(), place, secrets: Vec::new() });
        }
        if wants_schema {
            occurrences.inferred.get_or_insert_with(Default::default).add(value);
        }
    }
}

/// What is documented of a media type, also by a range such as `text/*`.
fn described<'c>(content: &'c Content, media_type: &str) -> Option<&'c MediaTypeSpec> {
    let essence = |media_type: &str| media_type.split(';').next().unwrap_or_default().trim().to_lowercase();
    let range = media_type.split_once('/').map(|(type_, _)| format!("{type_}/*")).unwrap_or_default();
    [media_type, &range, "*/*"].iter().find_map(|wanted| content.iter().find(|(known, _)| essence(known) == **wanted).map(|(_, spec)| spec))
}

/// A value for an example, shortened if it is large.
fn shortened(value: &Value) -> Value {
    const SHOWN: usize = 200;
    let (bytes, text) = size(value);
    if bytes <= SHOWN {
        return value.clone();
    }
    let end = text.char_indices().nth(SHOWN).map_or(text.len(), |(at, _)| at);
    Value::String(format!("{}…", &text[..end]))
}
