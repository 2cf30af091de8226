//! The operations of two contracts: which belong together, what differs, and the schemas that are to be compared.

mod request;
mod response;

use std::collections::BTreeSet;

use charter_contract::{Contract, Location, Operation, Parameter, ParameterPlace, SchemaId};
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
}

fn body(name: String, old: Option<SchemaId>, new: Option<SchemaId>) -> Option<Body> {
    Some(Body { name, old: old?, new: new? })
}
