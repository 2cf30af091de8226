//! The operations of two contracts: which belong together, what differs, and the schemas that are to be compared.

use std::collections::BTreeSet;

use charter_schema::{Contract, Location, Operation, Parameter, ParameterPlace, ResponseSpec, SchemaId, StatusRange};
use indexmap::IndexMap;
use serde_json::json;

use crate::change::{Verdict, fingerprint};
use crate::wire::{Sketch, filled, place, promises};
use crate::{Kind, OperationChange, Side};

/// Two operations, and the schemas in them that stand for the same values.
#[derive(Clone, Debug)]
pub struct OperationPair {
    /// The id in the new contract.
    pub id: String,
    /// Schemas of requests: bodies and parameters.
    pub requests: Vec<Body>,
    /// Schemas of answers: bodies and headers.
    pub responses: Vec<Body>,
}

/// The schemas of a body, or of a parameter or header, on both sides.
#[derive(Clone, Debug)]
pub struct Body {
    /// Which: `200 application/json`, `request application/json`, `query.limit`.
    pub name: String,
    /// In the old contract.
    pub old: SchemaId,
    /// In the new contract.
    pub new: SchemaId,
}

/// What the operations come to.
#[derive(Debug, Default)]
pub struct Operations {
    /// The operations on both sides.
    pub pairs: Vec<OperationPair>,
    /// What differs, schemas aside.
    pub changes: Vec<OperationChange>,
}

/// Compares the operations of two contracts.
pub fn operations(old: &Side<'_>, new: &Side<'_>) -> Operations {
    let mut found = Found { old, new, changes: Vec::new(), pairs: Vec::new() };
    let (before, after) = (old.contract().operations(), new.contract().operations());
    let mut taken = BTreeSet::new();
    for one in before {
        let same_id = after.iter().position(|other| other.id == one.id);
        let same_place = after.iter().position(|other| other.method == one.method && template(other) == template(one));
        match same_id.or(same_place.filter(|index| !before.iter().any(|operation| operation.id == after[*index].id))) {
            Some(index) if taken.insert(index) => found.operation(one, &after[index]),
            _ => {
                let sketch = Sketch { method: one.method.0.clone(), path: filled(one), credentials: true, ..with_needs(old, one) };
                let summary = format!("{} {} is gone", one.method, one.path);
                found.push(
                    "operation-removed",
                    &one.id,
                    (Some(&one.location), None),
                    summary,
                    Verdict::Breaking,
                    Verdict::Compatible,
                    Some(sketch),
                );
            }
        }
    }
    for (index, other) in after.iter().enumerate() {
        if !taken.contains(&index) {
            let sketch = with_needs(new, other);
            let summary = format!("{} {} is new", other.method, other.path);
            found.push(
                "operation-added",
                &other.id,
                (None, Some(&other.location)),
                summary,
                Verdict::Compatible,
                Verdict::Breaking,
                Some(sketch),
            );
        }
    }
    let servers = |contract: &Contract| -> Vec<String> { contract.servers().iter().map(|server| server.base_path.clone()).collect() };
    if servers(old.contract()) != servers(new.contract()) && !after.is_empty() && !before.is_empty() {
        let at =
            |contract: &Contract| contract.operations().first().map(|operation| Location::new(operation.location.document(), "/servers"));
        let (one, other) = (at(old.contract()), at(new.contract()));
        let summary = format!("the base paths were {:?}, now {:?}", servers(old.contract()), servers(new.contract()));
        found.push("servers-changed", "", (one.as_ref(), other.as_ref()), summary, Verdict::Unknown, Verdict::Unknown, None);
    }
    Operations { pairs: found.pairs, changes: found.changes }
}

/// A path template whose parameters have no names.
fn template(operation: &Operation) -> String {
    operation.path.0.split('/').map(|segment| if segment.starts_with('{') { "{}" } else { segment }).collect::<Vec<_>>().join("/")
}

/// What has moved, in words that are the same for all operations that have moved alike.
fn moved(one: &Operation, other: &Operation) -> String {
    let (before, after): (Vec<&str>, Vec<&str>) = (one.path.0.split('/').collect(), other.path.0.split('/').collect());
    let common = before.iter().rev().zip(after.iter().rev()).take_while(|(left, right)| left == right).count();
    if one.method != other.method || common == 0 || common == before.len().min(after.len()) && before.len() == after.len() {
        return format!("{} {} has become {} {}", one.method, one.path, other.method, other.path);
    }
    let start = |segments: &[&str]| segments[..segments.len() - common.min(segments.len() - 1)].join("/");
    format!("the path begins with `{}/` instead of `{}/`", start(&after), start(&before))
}

/// A request that carries all that an operation asks for.
fn with_needs(side: &Side<'_>, operation: &Operation) -> Sketch {
    let mut sketch = Sketch { method: operation.method.0.clone(), path: filled(operation), credentials: true, ..Sketch::default() };
    for parameter in operation.parameters.iter().filter(|parameter| parameter.required && parameter.place != ParameterPlace::Path) {
        let value = parameter.schema.and_then(|schema| crate::witness::minimal(side, schema)).unwrap_or_else(|| json!("a"));
        sketch.parameters.insert(named(parameter), value);
    }
    if let Some(body) = operation.request_body.as_ref().filter(|body| body.required)
        && let Some((media_type, schema)) = body.content.first()
    {
        sketch.media_type = Some(media_type.clone());
        sketch.body = Some(schema.and_then(|schema| crate::witness::minimal(side, schema)).unwrap_or_else(|| json!({})));
    }
    sketch
}

fn named(parameter: &Parameter) -> String {
    format!("{}.{}", place(parameter.place), parameter.name)
}

struct Found<'f, 'o, 'n> {
    old: &'f Side<'o>,
    new: &'f Side<'n>,
    changes: Vec<OperationChange>,
    pairs: Vec<OperationPair>,
}

type Places<'p> = (Option<&'p Location>, Option<&'p Location>);

impl Found<'_, '_, '_> {
    /// Notes a change; its witness stands only where one contract promises it and the other does not.
    #[expect(clippy::too_many_arguments, reason = "a change has so many sides")]
    fn push(
        &mut self,
        kind: &str,
        operation: &str,
        places: Places<'_>,
        summary: String,
        client: Verdict,
        server: Verdict,
        sketch: Option<Sketch>,
    ) {
        let witness = sketch.filter(|sketch| {
            let (one, other) = (promises(self.old, sketch), promises(self.new, sketch));
            one.is_some() && other.is_some() && one != other
        });
        let promised_by = witness.as_ref().map(|sketch| if promises(self.new, sketch) == Some(true) { "new" } else { "old" });
        let place = places.1.or(places.0).map(ToString::to_string).unwrap_or_default();
        let id = fingerprint([kind, operation, &place, &summary]);
        self.changes.push(OperationChange {
            id,
            kind: Kind::new(kind),
            operation: operation.to_owned(),
            old_location: places.0.cloned(),
            new_location: places.1.cloned(),
            summary,
            // Whoever reads tolerantly takes a status that it does not know for the first of its class.
            tolerant_client: if kind == "status-added" && client == Verdict::Breaking { Verdict::Compatible } else { client },
            client,
            server,
            witness,
            promised_by: promised_by.map(str::to_owned),
        });
    }

    fn operation(&mut self, one: &Operation, other: &Operation) {
        use Verdict::{Breaking, Compatible};
        let places = (Some(&one.location), Some(&other.location));
        let id = other.id.clone();
        if one.id != other.id {
            let summary = format!("the operation was called `{}`; requests and answers do not carry its name", one.id);
            self.push("operation-renamed", &id, places, summary, Compatible, Compatible, None);
        }
        if one.method != other.method || template(one) != template(other) {
            let summary = moved(one, other);
            let sketch = with_needs(self.old, one);
            self.push("operation-moved", &id, places, summary, Breaking, Breaking, Some(sketch));
        } else if one.path != other.path {
            let summary = format!("{} is written {} now; a request cannot tell", one.path, other.path);
            self.push("path-parameter-renamed", &id, places, summary, Compatible, Compatible, None);
        }
        match (one.secured, other.secured) {
            (false, true) => {
                let sketch = Sketch { credentials: false, ..with_needs(self.new, other) };
                self.push(
                    "credentials-required",
                    &id,
                    places,
                    "credentials are asked for now".to_owned(),
                    Breaking,
                    Compatible,
                    Some(sketch),
                );
            }
            (true, false) => {
                let sketch = Sketch { credentials: false, ..with_needs(self.new, other) };
                self.push(
                    "credentials-optional",
                    &id,
                    places,
                    "credentials need not be sent any more".to_owned(),
                    Compatible,
                    Breaking,
                    Some(sketch),
                );
            }
            _ => {}
        }
        if one.deprecated != other.deprecated {
            let (kind, summary) = if other.deprecated {
                ("operation-deprecated", "the operation is deprecated now")
            } else {
                ("operation-restored", "the operation is not deprecated any more")
            };
            self.push(kind, &id, places, summary.to_owned(), Compatible, Compatible, None);
        }
        let mut pair = OperationPair { id: id.clone(), requests: Vec::new(), responses: Vec::new() };
        self.parameters(one, other, &mut pair);
        self.request_body(one, other, &mut pair);
        self.statuses(one, other, &mut pair);
        self.pairs.push(pair);
    }

    fn parameters(&mut self, one: &Operation, other: &Operation, pair: &mut OperationPair) {
        use Verdict::{Breaking, Compatible, Unknown};
        let id = &pair.id.clone();
        let key = |parameter: &Parameter, operation: &Operation| match parameter.place {
            // Parameters of a path are told by where they stand in it.
            ParameterPlace::Path => {
                let name = format!("{{{}}}", parameter.name);
                let mut segments = operation.path.0.split('/').filter(|segment| segment.starts_with('{'));
                format!("path.{}", segments.position(|segment| segment == name).unwrap_or(usize::MAX))
            }
            ParameterPlace::Header => named(parameter).to_lowercase(),
            _ => named(parameter),
        };
        let map = |operation: &Operation| -> IndexMap<String, Parameter> {
            operation.parameters.iter().map(|parameter| (key(parameter, operation), parameter.clone())).collect()
        };
        let (before, after) = (map(one), map(other));
        let mut gone: Vec<&Parameter> =
            before.iter().filter(|(key, _)| !after.contains_key(*key)).map(|(_, parameter)| parameter).collect();
        let mut fresh: Vec<&Parameter> =
            after.iter().filter(|(key, _)| !before.contains_key(*key)).map(|(_, parameter)| parameter).collect();
        // The same name in another place, then one that looks renamed.
        for moved in gone.clone() {
            let same_name = fresh.iter().position(|parameter| parameter.name == moved.name);
            let alone = gone.len() == 1 && fresh.len() == 1 && fresh[0].place == moved.place && fresh[0].required == moved.required;
            let Some(index) = same_name.or(alone.then_some(0)) else { continue };
            let to = fresh.remove(index);
            gone.retain(|parameter| !std::ptr::eq(*parameter, moved));
            let (kind, summary) = if to.name == moved.name {
                ("parameter-moved", format!("the parameter `{}` has become `{}`", named(moved), named(to)))
            } else {
                ("parameter-renamed", format!("the parameter `{}` looks renamed to `{}`", named(moved), named(to)))
            };
            let sketch = with_needs(self.old, one);
            self.push(kind, id, (Some(&moved.location), Some(&to.location)), summary, Breaking, Breaking, Some(sketch));
        }
        for parameter in gone {
            let summary = format!("the parameter `{}` is gone: sending it may be refused or do nothing", named(parameter));
            self.push("parameter-removed", id, (Some(&parameter.location), None), summary, Unknown, Compatible, None);
        }
        for parameter in fresh {
            let (needed, client) = if parameter.required { ("required", Breaking) } else { ("optional", Compatible) };
            let summary = format!("the {needed} parameter `{}` is new", named(parameter));
            let sketch = with_needs(self.old, one);
            let kind = if parameter.required { "required-parameter-added" } else { "optional-parameter-added" };
            self.push(kind, id, (None, Some(&parameter.location)), summary, client, Breaking, Some(sketch));
        }
        for (key, left) in &before {
            let Some(right) = after.get(key) else { continue };
            let places = (Some(&left.location), Some(&right.location));
            match (left.required, right.required) {
                (false, true) if left.place != ParameterPlace::Path => {
                    let summary = format!("the parameter `{}` is required now", named(right));
                    let sketch = with_needs(self.old, one);
                    self.push("parameter-required", id, places, summary, Breaking, Compatible, Some(sketch));
                }
                (true, false) if left.place != ParameterPlace::Path => {
                    let summary = format!("the parameter `{}` may be left out now", named(right));
                    let sketch = with_needs(self.new, other);
                    self.push("parameter-optional", id, places, summary, Compatible, Breaking, Some(sketch));
                }
                _ => {}
            }
            if let (Some(old), Some(new)) = (left.schema, right.schema) {
                pair.requests.push(Body { name: named(right), old, new });
            }
        }
    }

    fn request_body(&mut self, one: &Operation, other: &Operation, pair: &mut OperationPair) {
        use Verdict::{Breaking, Compatible, Unknown};
        let id = &pair.id.clone();
        match (&one.request_body, &other.request_body) {
            (None, None) => {}
            (None, Some(body)) => {
                let (kind, needed, client) = if body.required {
                    ("required-request-body-added", "required ", Breaking)
                } else {
                    ("optional-request-body-added", "optional ", Compatible)
                };
                let sketch = with_needs(if body.required { self.old } else { self.new }, if body.required { one } else { other });
                self.push(kind, id, (None, Some(&body.location)), format!("a {needed}body is new"), client, Breaking, Some(sketch));
            }
            (Some(body), None) => {
                let summary = "no body is described any more: sending one may be refused or do nothing".to_owned();
                self.push(
                    "request-body-removed",
                    id,
                    (Some(&body.location), None),
                    summary,
                    Unknown,
                    Compatible,
                    Some(with_needs(self.old, one)),
                );
            }
            (Some(left), Some(right)) => {
                let places = (Some(&left.location), Some(&right.location));
                if left.required != right.required {
                    let (kind, summary, client, server, sketch) = if right.required {
                        ("request-body-required", "a body must be sent now", Breaking, Compatible, with_needs(self.old, one))
                    } else {
                        ("request-body-optional", "the body may be left out now", Compatible, Breaking, with_needs(self.new, other))
                    };
                    self.push(kind, id, places, summary.to_owned(), client, server, Some(sketch));
                }
                for (media_type, schema) in &left.content {
                    match right.content.get(media_type) {
                        Some(new) => pair.requests.extend(body(format!("request {media_type}"), *schema, *new)),
                        None => {
                            let sample = schema.and_then(|schema| crate::witness::minimal(self.old, schema)).unwrap_or(json!({}));
                            let sketch = Sketch { media_type: Some(media_type.clone()), body: Some(sample), ..with_needs(self.old, one) };
                            let summary = format!("a body of {media_type} is not taken any more");
                            self.push("request-media-type-removed", id, places, summary, Breaking, Compatible, Some(sketch));
                        }
                    }
                }
                for (media_type, schema) in right.content.iter().filter(|(media_type, _)| !left.content.contains_key(*media_type)) {
                    let sample = schema.and_then(|schema| crate::witness::minimal(self.new, schema)).unwrap_or(json!({}));
                    let sketch = Sketch { media_type: Some(media_type.clone()), body: Some(sample), ..with_needs(self.new, other) };
                    self.push(
                        "request-media-type-added",
                        id,
                        places,
                        format!("a body of {media_type} is taken, too"),
                        Compatible,
                        Breaking,
                        Some(sketch),
                    );
                }
            }
        }
    }

    fn statuses(&mut self, one: &Operation, other: &Operation, pair: &mut OperationPair) {
        use Verdict::{Breaking, Compatible};
        let id = &pair.id.clone();
        let success = |response: &ResponseSpec| matches!(response.status, StatusRange::Exact(200..=299) | StatusRange::Class(2));
        let answer = |operation: &Operation, status: StatusRange| Sketch {
            method: operation.method.0.clone(),
            path: filled(operation),
            status: Some(sample_status(operation, status)),
            headers: operation.responses.iter().filter(|response| response.status == status).flat_map(required).collect(),
            ..Sketch::default()
        };
        for left in &one.responses {
            let covering = covering(other, left.status);
            match other.responses.iter().find(|response| response.status == left.status).or(covering) {
                Some(right) => self.response(left, right, other, pair),
                None => {
                    let lost = success(left) && !other.responses.iter().any(success);
                    let client = if lost { Breaking } else { Compatible };
                    let summary = format!("the status {} is not promised any more", left.status);
                    self.push(
                        "status-removed",
                        id,
                        (Some(&left.location), None),
                        summary,
                        client,
                        Breaking,
                        Some(answer(one, left.status)),
                    );
                }
            }
        }
        for right in &other.responses {
            if one.responses.iter().any(|response| response.status == right.status) {
                continue;
            }
            match covering(one, right.status) {
                Some(left) => self.response(left, right, other, pair),
                None => {
                    let summary = format!("the status {} is new", right.status);
                    self.push(
                        "status-added",
                        id,
                        (None, Some(&right.location)),
                        summary,
                        Breaking,
                        Compatible,
                        Some(answer(other, right.status)),
                    );
                }
            }
        }
    }

    fn response(&mut self, left: &ResponseSpec, right: &ResponseSpec, other: &Operation, pair: &mut OperationPair) {
        use Verdict::{Breaking, Compatible, Unknown};
        let id = &pair.id.clone();
        let places = (Some(&left.location), Some(&right.location));
        let status = sample_status(other, right.status);
        let sketch = |media_type: Option<&String>, headers: Vec<String>| Sketch {
            method: other.method.0.clone(),
            path: filled(other),
            status: Some(status),
            media_type: media_type.cloned(),
            headers,
            ..Sketch::default()
        };
        for (media_type, schema) in &left.content {
            match right.content.get(media_type) {
                Some(new) => pair.responses.extend(body(format!("{} {media_type}", right.status), *schema, *new)),
                None => {
                    let summary = format!("the status {} does not come as {media_type} any more", right.status);
                    let witness = sketch(Some(media_type), required(left));
                    self.push("response-media-type-removed", id, places, summary, Breaking, Breaking, Some(witness));
                }
            }
        }
        for (media_type, _) in right.content.iter().filter(|(media_type, _)| !left.content.contains_key(*media_type)) {
            let summary = format!("the status {} may come as {media_type}: to whom does not ask for another", right.status);
            let witness = sketch(Some(media_type), required(right));
            self.push("response-media-type-added", id, places, summary, Unknown, Compatible, Some(witness));
        }
        for header in &left.headers {
            let found = right.headers.iter().find(|other| other.name.eq_ignore_ascii_case(&header.name));
            let at = (Some(&header.location), found.map(|found| &found.location));
            match found {
                None => {
                    let client = if header.required { Breaking } else { Compatible };
                    let summary = format!("the status {} does not promise the header {} any more", right.status, header.name);
                    self.push("response-header-removed", id, at, summary, client, Compatible, Some(sketch(None, required(right))));
                }
                Some(found) => {
                    if header.required && !found.required {
                        let summary = format!("the header {} of the status {} may be missing now", header.name, right.status);
                        self.push("response-header-optional", id, at, summary, Breaking, Compatible, Some(sketch(None, required(right))));
                    } else if !header.required && found.required {
                        let summary = format!("the header {} of the status {} is always there now", header.name, right.status);
                        self.push("response-header-required", id, at, summary, Compatible, Breaking, Some(sketch(None, required(left))));
                    }
                    if let (Some(old), Some(new)) = (header.schema, found.schema) {
                        pair.responses.push(Body { name: format!("{} header {}", right.status, found.name), old, new });
                    }
                }
            }
        }
        for header in right.headers.iter().filter(|header| !left.headers.iter().any(|other| other.name.eq_ignore_ascii_case(&header.name)))
        {
            let server = if header.required { Breaking } else { Compatible };
            let summary = format!("the status {} promises the header {}", right.status, header.name);
            self.push(
                "response-header-added",
                id,
                (None, Some(&header.location)),
                summary,
                Compatible,
                server,
                Some(sketch(None, required(left))),
            );
        }
    }
}

/// The header fields that an answer must carry.
fn required(response: &ResponseSpec) -> Vec<String> {
    response.headers.iter().filter(|header| header.required).map(|header| header.name.clone()).collect()
}

fn body(name: String, old: Option<SchemaId>, new: Option<SchemaId>) -> Option<Body> {
    Some(Body { name, old: old?, new: new? })
}

/// The wider promise that speaks of a status, where none speaks of it alone.
fn covering(operation: &Operation, status: StatusRange) -> Option<&ResponseSpec> {
    match status {
        StatusRange::Exact(status) => operation.response_for(status),
        StatusRange::Class(_) => operation.responses.iter().find(|response| response.status == StatusRange::Default),
        StatusRange::Default => None,
    }
}

/// A status that a promise speaks of and no narrower one.
fn sample_status(operation: &Operation, range: StatusRange) -> u16 {
    let free = |status: &u16| operation.response_for(*status).is_some_and(|response| response.status == range);
    match range {
        StatusRange::Exact(status) => status,
        StatusRange::Class(class) => (u16::from(class) * 100..u16::from(class) * 100 + 100).find(free).unwrap_or(u16::from(class) * 100),
        StatusRange::Default => (200..600).find(free).unwrap_or(599),
    }
}
