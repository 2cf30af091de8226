//! Proposes edits of the contract: for novelties, for unused parts, and for possible restrictions.

use charter_contract::{Contract, JsonType, Location, SchemaId, StatusRange};
use serde_json::{Value, json};

use super::observe::{Deviation, Observations, Observer, Occurrences};
use super::report::{Drift, Edit, Novelty, Seen, Unseen};
use crate::change::fingerprint;

/// The minimum number of values for statements about all values.
const ENOUGH: u64 = 20;

pub(super) fn propose(observer: &Observer<'_, '_>, drift: &mut Drift) {
    for ((location, new), occurrences) in &observer.deviations {
        let id = observer.at.get(&(location.clone(), new.clone())).copied();
        drift.novelties.push(novelty(observer, location, new, occurrences, id));
    }
    observer.unknown.propose(observer.side.contract(), &mut drift.novelties);
    for (id, place) in &observer.observations {
        unseen(observer, *id, place, &mut drift.unseen);
        seen(observer, *id, place, &mut drift.seen);
    }
}

fn novelty(observer: &Observer<'_, '_>, location: &Location, new: &Deviation, occurrences: &Occurrences, id: Option<SchemaId>) -> Novelty {
    let contract = observer.side.contract();
    let of = id.and_then(|id| observer.observations.get(&id)).map_or(occurrences.count, |place| place.count);
    let schema = id.map(|id| contract.schema(id));
    let (kind, summary, patch, loosens) = match new {
        Deviation::Key(key) => {
            let closed = schema.is_some_and(|schema| schema.source().get("additionalProperties") == Some(&json!(false)));
            let proposed = occurrences.inferred.as_ref().map_or(json!({}), |inferred| inferred.proposal(closed));
            let place = location.child("properties");
            let mut patch = Vec::new();
            if schema.is_some_and(|schema| schema.source().get("properties").is_none()) {
                patch.push(edit("add", &place, Some(json!({}))));
            }
            patch.push(edit("add", &place.child(key), Some(proposed)));
            ("key", format!("the key `{key}` is unknown"), patch, false)
        }
        Deviation::Listed(value) => {
            let parsed: Value = serde_json::from_str(value).unwrap_or_default();
            let patch = match schema.map(|schema| &schema.keywords) {
                Some(keywords) if keywords.enumeration.is_some() => vec![edit("add", &location.child("enum").child("-"), Some(parsed))],
                Some(keywords) => {
                    let values: Vec<Value> = keywords.constant.clone().into_iter().chain([parsed]).collect();
                    vec![edit("remove", &location.child("const"), None), edit("add", &location.child("enum"), Some(json!(values)))]
                }
                None => Vec::new(),
            };
            ("enum-value", format!("the value {value} is not listed"), patch, false)
        }
        Deviation::Type(type_) => {
            let patch = id.map(|id| type_edit(contract, id, *type_, occurrences)).unwrap_or_default();
            ("type", format!("the value is {}", article(*type_)), patch, false)
        }
        Deviation::Bound(keyword) => {
            let bound = match *keyword {
                "minimum" | "minLength" | "minItems" | "minProperties" => &occurrences.least,
                "maximum" | "maxLength" | "maxItems" | "maxProperties" => &occurrences.most,
                _ => &None,
            };
            let place = location.child(keyword);
            let patch = match bound {
                Some(bound) => vec![edit("replace", &place, Some(Value::Number(bound.clone())))],
                // The values do not determine an exclusive bound, a pattern or a multiple.
                None => vec![edit("remove", &place, None)],
            };
            let operand = schema.and_then(|schema| schema.source().get(*keyword)).map(Value::to_string).unwrap_or_default();
            ("bound", format!("values violate `{keyword}`: {operand}"), patch, true)
        }
        Deviation::Format(format) => {
            ("format", format!("strings violate the format `{format}`"), vec![edit("remove", &location.child("format"), None)], true)
        }
        Deviation::Missing(key) => {
            let at = schema.and_then(|schema| schema.source().get("required")?.as_array()?.iter().position(|item| item == key));
            let patch = at.map(|index| vec![edit("remove", &location.child("required").child(index), None)]).unwrap_or_default();
            ("missing-key", format!("the required key `{key}` is missing"), patch, true)
        }
        Deviation::Branch => {
            let keyword = if schema.is_some_and(|schema| !schema.keywords.any_of.is_empty()) { "anyOf" } else { "oneOf" };
            let proposed = occurrences.inferred.as_ref().map_or(json!({}), |inferred| inferred.proposal(true));
            (
                "union",
                "no branch accepts the value".to_owned(),
                vec![edit("add", &location.child(keyword).child("-"), Some(proposed))],
                false,
            )
        }
        Deviation::Status(status) => {
            let summary = format!("the status {status} is not described");
            ("status", summary, status_edit(observer, location, *status, occurrences), false)
        }
        Deviation::Media(media_type) => {
            let mut patch = Vec::new();
            if contract.documents().at(location).is_none() {
                patch.push(edit("add", location, Some(json!({}))));
            }
            patch.push(edit("add", &location.child(media_type), Some(media(occurrences))));
            ("media-type", format!("the media type `{media_type}` is not described"), patch, false)
        }
        Deviation::Parameter(name) => {
            let list = location.child("parameters");
            let type_ = occurrences.inferred.as_ref().map_or(json!({}), |inferred| inferred.proposal(true));
            let parameter =
                json!({ "name": name, "in": "query", "schema": { "type": type_.get("type").cloned().unwrap_or(json!("string")) } });
            let patch = if contract.documents().at(&list).is_none() {
                edit("add", &list, Some(json!([parameter])))
            } else {
                edit("add", &list.child("-"), Some(parameter))
            };
            ("parameter", format!("the query parameter `{name}` is not described"), vec![patch], false)
        }
        Deviation::RequestBody(media_type) => {
            let body = json!({ "content": { media_type: media(occurrences) } });
            let patch = vec![edit("add", &location.child("requestBody"), Some(body))];
            ("request-body", format!("a request body of the media type `{media_type}` is not described"), patch, false)
        }
    };
    let id = fingerprint([kind, &location.to_string(), &summary]);
    let examples = occurrences.examples.clone();
    Novelty { id, kind, location: location.clone(), summary, count: occurrences.count, of, examples, patch, loosens }
}

/// The media type object of observed bodies.
fn media(occurrences: &Occurrences) -> Value {
    match (&occurrences.first, &occurrences.inferred) {
        (Some(Value::Null) | None, _) | (_, None) => json!({}),
        (Some(_), Some(inferred)) => json!({ "schema": inferred.proposal(false) }),
    }
}

/// The edit that allows another type at a schema.
fn type_edit(contract: &Contract, id: SchemaId, type_: JsonType, occurrences: &Occurrences) -> Vec<Edit> {
    let schema = contract.schema(id);
    let location = &schema.location;
    let keywords = &schema.keywords;
    if let Some(types) = &keywords.types {
        let mut wanted: Vec<JsonType> =
            types.iter().copied().filter(|known| !(type_ == JsonType::Number && *known == JsonType::Integer)).collect();
        wanted.push(type_);
        let mut patch =
            vec![edit("replace", &location.child("type"), Some(if wanted.len() == 1 { json!(wanted[0]) } else { json!(wanted) }))];
        if let Some(values) = &keywords.enumeration
            && type_ == JsonType::Null
            && !values.contains(&Value::Null)
        {
            patch.push(edit("add", &location.child("enum").child("-"), Some(Value::Null)));
        }
        return patch;
    }
    // The target of a reference has other users: the referring schema becomes a union.
    let other = match type_ {
        JsonType::Null => json!({ "type": "null" }),
        _ => occurrences.inferred.as_ref().map_or(json!({ "type": type_ }), |inferred| inferred.proposal(true)),
    };
    let mut inner = schema.source().clone();
    let mut outer = json!({});
    if let (Value::Object(keywords), Value::Object(around)) = (&mut inner, &mut outer) {
        for annotation in ["title", "description"] {
            if let Some(value) = keywords.shift_remove(annotation) {
                around.insert(annotation.to_owned(), value);
            }
        }
    }
    outer["anyOf"] = json!([inner, other]);
    vec![edit("replace", location, Some(outer))]
}

/// The edit that adds a status. If the body fits another response, it is described like that one.
fn status_edit(observer: &Observer<'_, '_>, location: &Location, status: u16, occurrences: &Occurrences) -> Vec<Edit> {
    let contract = observer.side.contract();
    let Some(operation) = contract.operations().iter().find(|operation| operation.location.child("responses") == *location) else {
        return Vec::new();
    };
    let example = occurrences.first.as_ref();
    let fits = operation.responses.iter().filter(|response| response.status != StatusRange::Default).find(|response| {
        let same_class = matches!(response.status, StatusRange::Exact(known) if (known >= 400) == (status >= 400));
        let schema = response.content.schemas().next();
        let fits = |schema, value: &Value| observer.side.accepts(schema, value) == Some(true) && describes(contract, schema, value);
        same_class && schema.is_some_and(|schema| example.is_some_and(|value| fits(schema, value)))
    });
    let described = fits.and_then(|response| contract.documents().at(&response.location)).cloned();
    let mut described = described.unwrap_or_else(|| {
        let mut described = json!({ "description": "" });
        if let Some(media_type) = &occurrences.media_type {
            let schema = occurrences.inferred.as_ref().filter(|_| charter_contract::is_json(media_type));
            let content = schema.map_or(json!({}), |inferred| json!({ "schema": inferred.proposal(false) }));
            described["content"] = json!({ media_type: content });
        }
        described
    });
    described["description"] = json!(format!("Seen in recordings; not described by the publisher ({status})."));
    vec![edit("add", &location.child(status), Some(described))]
}

/// Whether a schema describes every key of a value: an open object accepts other keys, too.
fn describes(contract: &Contract, id: SchemaId, value: &Value) -> bool {
    let family: Vec<&charter_contract::Keywords> = contract.family(id).into_iter().map(|id| &contract.schema(id).keywords).collect();
    match value {
        Value::Object(members) if family.iter().any(|keywords| !keywords.properties.is_empty()) => members.iter().all(|(key, member)| {
            let mut described = family.iter().filter_map(|keywords| keywords.properties.get(key)).peekable();
            described.peek().is_some() && described.all(|property| describes(contract, *property, member))
        }),
        Value::Array(items) => {
            let schemas: Vec<SchemaId> = family.iter().filter_map(|keywords| keywords.items).collect();
            items.iter().all(|item| schemas.iter().all(|schema| describes(contract, *schema, item)))
        }
        _ => true,
    }
}

fn unseen(observer: &Observer<'_, '_>, id: SchemaId, place: &Observations, found: &mut Vec<Unseen>) {
    let contract = observer.side.contract();
    let schema = contract.schema(id);
    let (location, keywords) = (&schema.location, &schema.keywords);
    if place.count < ENOUGH {
        return;
    }
    let objects = place.count - place.nulls;
    for key in keywords.properties.keys().filter(|key| !place.keys.contains_key(*key)) {
        let at = location.child("properties").child(key);
        let summary = format!("the key `{key}` never occurs");
        found.push(Unseen { kind: "key", location: at.clone(), summary, of: objects, patch: vec![edit("remove", &at, None)] });
    }
    for (index, value) in keywords.enumeration.iter().flatten().enumerate() {
        if !place.values.contains_key(&value.to_string()) {
            let at = location.child("enum").child(index);
            let summary = format!("the value {value} never occurs");
            found.push(Unseen {
                kind: "enum-value",
                location: at.clone(),
                summary,
                of: place.count,
                patch: vec![edit("remove", &at, None)],
            });
        }
    }
    if let Some(types) = &keywords.types
        && types.contains(&JsonType::Null)
        && place.nulls == 0
        && types.len() > 1
    {
        let rest: Vec<JsonType> = types.iter().copied().filter(|type_| *type_ != JsonType::Null).collect();
        let value = if rest.len() == 1 { json!(rest[0]) } else { json!(rest) };
        let patch = vec![edit("replace", &location.child("type"), Some(value))];
        found.push(Unseen { kind: "null", location: location.clone(), summary: "null never occurs".to_owned(), of: place.count, patch });
    }
    let union = if keywords.any_of.is_empty() { ("oneOf", &keywords.one_of) } else { ("anyOf", &keywords.any_of) };
    for (index, branch) in union.1.iter().enumerate().filter(|(index, _)| !place.branches.contains_key(index)) {
        let at = location.child(union.0).child(index);
        let name = contract.schema(*branch).keywords.reference.and_then(|target| contract.schema(target).location.last_token());
        let summary = format!("the branch {} never occurs", name.unwrap_or_else(|| index.to_string()));
        found.push(Unseen { kind: "branch", location: at.clone(), summary, of: place.count, patch: vec![edit("remove", &at, None)] });
    }
}

fn seen(observer: &Observer<'_, '_>, id: SchemaId, place: &Observations, found: &mut Vec<Seen>) {
    let contract = observer.side.contract();
    let schema = contract.schema(id);
    let (location, keywords) = (&schema.location, &schema.keywords);
    let bound = contract.invariants().binds.contains_key(&id);
    let lists = keywords.enumeration.is_some() || keywords.constant.is_some();
    if place.count < ENOUGH || lists || keywords.reference.is_some() {
        return;
    }
    let mut push = |kind, summary, of, patch| found.push(Seen { kind, location: location.clone(), summary, of, patch });
    if let (Some(least), Some(most)) = (place.least, place.most)
        && keywords.minimum.is_none()
        && keywords.maximum.is_none()
        && keywords.exclusive_minimum.is_none()
        && keywords.exclusive_maximum.is_none()
    {
        let patch =
            vec![edit("add", &location.child("minimum"), Some(whole(least))), edit("add", &location.child("maximum"), Some(whole(most)))];
        push("range", format!("numbers are between {least} and {most}"), place.count, patch);
    }
    if place.texts < ENOUGH {
        return;
    }
    if let (Some((least, most)), None, None) = (place.lengths, keywords.min_length, keywords.max_length) {
        let patch = vec![
            edit("add", &location.child("minLength"), Some(json!(least))),
            edit("add", &location.child("maxLength"), Some(json!(most))),
        ];
        push("length", format!("strings have between {least} and {most} characters"), place.texts, patch);
    }
    if let Some(format) = place.formats.as_ref().and_then(|formats| formats.first())
        && keywords.format.is_none()
        && !bound
    {
        let patch = vec![edit("add", &location.child("format"), Some(json!(format)))];
        push("format", format!("every string has the format `{format}`"), place.texts, patch);
    }
    // A list of secrets is not a constraint.
    if !place.more_values && !place.has_secrets && place.values.len() > 1 && (place.values.len() as u64) * 4 <= place.texts {
        let values: Vec<Value> = place.values.keys().filter_map(|value| serde_json::from_str(value).ok()).collect();
        let patch = vec![edit("add", &location.child("enum"), Some(json!(values)))];
        push("values", format!("only {} strings occur", values.len()), place.texts, patch);
    }
}

fn edit(op: &'static str, location: &Location, value: Option<Value>) -> Edit {
    Edit { document: location.document().to_owned(), op, path: location.pointer().to_owned(), value }
}

fn whole(bound: f64) -> Value {
    if bound.fract() == 0.0 && bound.abs() < 9e15 { json!(bound as i64) } else { json!(bound) }
}

fn article(type_: JsonType) -> String {
    match type_ {
        JsonType::Null => "null".to_owned(),
        JsonType::Integer | JsonType::Array | JsonType::Object => format!("an {type_}"),
        other => format!("a {other}"),
    }
}
