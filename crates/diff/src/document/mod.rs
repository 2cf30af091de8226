//! Completeness: every difference between the documents is judged, noted, or listed as not compared.
//!
//! | module | what it owns |
//! |---|---|
//! | `walk` | the differences of two documents as written, member by member |
//! | `claims` | the places that the semantic comparison has judged |
//! | `discriminator` | the schemas that the values of discriminators select |
//! | `encoding` | the encodings of strings, in the words of all versions |
//! | `ignored` | the header fields whose definition OpenAPI ignores |
//! | `referenced` | the objects of further documents, by the position of their references |
//! | `members` | the verdict for each member that only this module compares |
//! | `security` | the members of security schemes, by their effect on credentials |
//! | `servers` | the servers by their URLs |
//! | `xml` | the schemas of bodies in XML |
//! | `written` | the documents as written, and the places in Swagger 2.0 that its converted form stands for |

mod claims;
mod discriminator;
pub(crate) mod encoding;
mod ignored;
mod members;
mod referenced;
mod security;
mod servers;
mod walk;
mod written;
mod xml;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use charter_contract::objects::Object;
use charter_contract::{Contract, JsonType, Location};
use serde::Serialize;
use serde_json::Value;

pub(crate) use claims::Claims;
use ignored::{Ignored, ignored};
use members::{Class, classify};
use referenced::referenced;
use walk::{Difference, Walk};
pub(crate) use written::Written;
use xml::XmlSchemas;

use crate::change::{Kind, OperationChange, Verdict, fingerprint};
use crate::compare::Note;

/// A difference that no comparison judges.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct NotCompared {
    /// Stable between runs: 12 hexadecimal digits.
    pub id: String,
    /// The location in the old contract.
    pub old_location: Location,
    /// The location in the new contract.
    pub new_location: Location,
    /// A sentence about the difference.
    pub summary: String,
    /// The reason why the difference is accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted: Option<String>,
}

/// The differences that the semantic comparison does not cover.
#[derive(Debug, Default)]
pub(crate) struct Rest {
    pub(crate) changes: Vec<OperationChange>,
    pub(crate) notes: Vec<Note>,
    pub(crate) not_compared: Vec<NotCompared>,
}

/// Collects the differences of the documents that `claims` does not cover. `moved` are further objects that correspond;
/// `same_urls` says that a prefix has moved between the servers and the paths.
pub(crate) fn rest(
    (old, one_written): (&Contract, &Written<'_>),
    (new, other_written): (&Contract, &Written<'_>),
    claims: &Claims,
    moved: &[(Object, Location, Location)],
    same_urls: bool,
) -> Rest {
    let mut walk = Walk::default();
    let mut rest = Rest::default();
    let (before, after) = (described(old), described(new));
    let (mut only_old, mut only_new): (Vec<&String>, Vec<&String>) =
        (before.difference(&after).collect(), after.difference(&before).collect());
    let mut pairs: Vec<(&String, &String)> = before.intersection(&after).map(|name| (name, name)).collect();
    // The OpenAPI documents of both contracts correspond, whatever their names.
    let main = |contract: &Contract, names: &[&String]| names.iter().position(|name| is_openapi(contract.documents().value(name)));
    if let (Some(one), Some(other)) = (main(old, &only_old), main(new, &only_new)) {
        pairs.push((only_old.remove(one), only_new.remove(other)));
    }
    match (&only_old[..], &only_new[..]) {
        ([one], [other]) => pairs.push((one, other)),
        // What operations reach in them is compared, wherever it is written.
        _ => {
            for (kind, how, names) in [("document-removed", "removed", &only_old), ("document-added", "added", &only_new)] {
                for name in names {
                    let location = Location::root(name.as_str());
                    let summary = format!("the document {name} is {how}");
                    let id = fingerprint([kind, name.as_str()]);
                    rest.notes.push(Note { id, kind: Kind::new(kind), old_location: location.clone(), new_location: location, summary });
                }
            }
        }
    }
    let others = referenced(new);
    let shared: Vec<(Location, Object)> =
        referenced(old).into_iter().filter(|(location, object)| others.get(location) == Some(object)).collect();
    for (one, other) in pairs {
        if let (Some(left), Some(right)) = (one_written.value(one), other_written.value(other)) {
            let (one, other) = (Location::root(one.as_str()), Location::root(other.as_str()));
            if is_openapi(Some(left)) {
                walk.object(left, right, Object::Document, &one, &other);
                continue;
            }
            // The parts that an OpenAPI document refers to are compared by their kind, below.
            let mut whole = Walk::default();
            whole.object(left, right, Object::Schema, &one, &other);
            let parts =
                whole.differences.into_iter().filter(|difference| !shared.iter().any(|(location, _)| touches(location, &difference.old)));
            walk.differences.extend(parts);
        }
    }
    for (location, object) in &shared {
        if let (Some(left), Some(right)) = (one_written.at(location), other_written.at(location)) {
            walk.object(left, right, *object, location, location);
        }
    }
    for (object, one, other) in moved {
        if let (Some(left), Some(right)) = (one_written.at(one), other_written.at(other)) {
            walk.object(left, right, *object, one, other);
        }
    }
    let (mut seen, mut with_servers) = (HashSet::new(), HashSet::new());
    let mut spellings: BTreeMap<(Location, Location), Vec<Spelling>> = BTreeMap::new();
    let xml = (XmlSchemas::of(old), XmlSchemas::of(new));
    for difference in walk.differences {
        if claims.cover(&difference) || is_of_branches(&difference) {
            continue;
        }
        if is_conversion(one_written, other_written, &difference) {
            let summary = format!("`{}` is written in another version of OpenAPI", difference.member);
            let spelling =
                Spelling { kind: "written-differently", member: difference.member, places: (difference.old, difference.new), summary };
            spellings.entry(difference.at).or_default().push(spelling);
            continue;
        }
        if let Some(Ignored { name, places: (one, other) }) = ignored((old, one_written), (new, other_written), &difference) {
            let summary = format!("the definition of the header field {name} has changed; OpenAPI ignores it");
            rest.add(old, new, Class::Note("ignored-header-changed", summary), (&one, &other), &mut seen);
            continue;
        }
        // The servers of Swagger 2.0 are written in several members.
        if servers::is_of_servers(&difference) {
            if with_servers.insert(difference.at.clone()) {
                let class = servers::judged(old, new, &difference, same_urls);
                rest.add(old, new, class, (&difference.old, &difference.new), &mut seen);
            }
            continue;
        }
        let class = match classify(&difference, claims.compared(&difference), is_hidden(old, new, &difference)) {
            // The encoding of a property that only one contract has is part of that change.
            Class::Change { kind, summary, .. } if kind == "encoding-changed" && is_of_one_side(old, new, &difference) => {
                Class::Change { kind, client: Verdict::Compatible, server: Verdict::Compatible, summary }
            }
            // A style has an effect on arrays and objects alone.
            Class::Change { kind: "encoding-changed", summary, .. } if is_style_of_scalar(old, new, &difference) => {
                Class::Note("written-differently", format!("{summary}; a style has an effect on arrays and objects alone"))
            }
            // Header fields have the style `simple`, in which `explode` has an effect on objects alone.
            Class::Change { kind: "header-serialisation-changed", summary, .. }
                if difference.member == "explode" && !may_be_object(old, &difference.at.0) && !may_be_object(new, &difference.at.1) =>
            {
                Class::Note("written-differently", format!("{summary}; it has an effect on objects alone"))
            }
            Class::Xml(summary) => xml.0.class(&difference.at.0).max(xml.1.class(&difference.at.1)).judged(summary),
            class => class,
        };
        match class {
            Class::Note(kind @ ("written-differently" | "reference-changed"), summary) => {
                let spelling = Spelling { kind, member: difference.member, places: (difference.old, difference.new), summary };
                spellings.entry(difference.at).or_default().push(spelling);
            }
            // The media types of `content` are one change.
            Class::Change { kind: kind @ "parameter-content-changed", client, server, .. } if difference.is_entry => {
                let places = (difference.at.0.child(&difference.member), difference.at.1.child(&difference.member));
                let summary = format!("the media types of `{}` are changed", difference.member);
                rest.add(old, new, Class::Change { kind, client, server, summary }, (&places.0, &places.1), &mut seen);
            }
            Class::SecurityScheme(summary) => {
                for (class, places) in security::judged(old, new, &difference, summary) {
                    rest.add(old, new, class, (&places.0, &places.1), &mut seen);
                }
            }
            class => rest.add(old, new, class, (&difference.old, &difference.new), &mut seen),
        }
    }
    for (at, found) in spellings {
        let (kind, places, summary) = one_spelling(at, found);
        rest.add(old, new, Class::Note(kind, summary), (&places.0, &places.1), &mut seen);
    }
    rest
}

/// Whether a member has another form because one document is of Swagger 2.0. The comparison of operations judges its content.
fn is_conversion(old: &Written<'_>, new: &Written<'_>, difference: &Difference<'_>) -> bool {
    let is_swagger =
        |written: &Written<'_>, at: &Location| written.value(at.document()).is_some_and(|value| value.get("swagger").is_some());
    is_swagger(old, &difference.at.0) != is_swagger(new, &difference.at.1)
        && matches!(
            (difference.object, difference.member.as_str()),
            (Object::Response, "schema" | "content") | (Object::Operation, "requestBody") | (Object::Parameter | Object::Header, "schema")
        )
}

/// A member that is written differently.
struct Spelling {
    kind: &'static str,
    member: String,
    places: (Location, Location),
    summary: String,
}

/// The note about the members of one object that are written differently: several of them are one change.
fn one_spelling(at: (Location, Location), mut found: Vec<Spelling>) -> (&'static str, (Location, Location), String) {
    if found.len() == 1
        && let Some(one) = found.pop()
    {
        return (one.kind, one.places, one.summary);
    }
    let first = found[0].member.clone();
    let is_list = !first.is_empty() && found.iter().all(|spelling| spelling.member == first);
    // Items of one list that correspond to each other by their values.
    let at = if is_list { (at.0.child(&first), at.1.child(&first)) } else { at };
    let kind = found.iter().map(|spelling| spelling.kind).find(|kind| *kind == "reference-changed").unwrap_or("written-differently");
    let members: BTreeSet<String> = found.into_iter().map(|spelling| format!("`{}`", spelling.member)).collect();
    let list = members.into_iter().collect::<Vec<_>>().join(", ");
    (kind, at, format!("written differently: {list}; the comparison finds no effect on validation"))
}

/// Whether a discriminator differs only in the values of branches that one contract lacks. The change of the branch covers them.
fn is_of_branches(difference: &Difference<'_>) -> bool {
    let (Some(before), Some(after)) = (difference.before, difference.after) else { return false };
    let others = |value: &Value| {
        let mut members = value.as_object().cloned().unwrap_or_default();
        members.shift_remove("mapping");
        members
    };
    if difference.member != "discriminator" || before.get("mapping") == after.get("mapping") || others(before) != others(after) {
        return false;
    }
    let without_own = |value: &Value, owner: &Value, other: &Value| -> Vec<(String, Value)> {
        let is_own = |target: &Value| {
            let names = |owner: &Value| branch_names(owner).iter().any(|name| target.as_str().is_some_and(|text| refers_to(text, name)));
            names(owner) && !names(other)
        };
        let entries = value.get("mapping").and_then(Value::as_object).into_iter().flatten();
        entries.filter(|(_, target)| !is_own(target)).map(|(key, target)| (key.clone(), target.clone())).collect()
    };
    let (owner, other) = difference.owners;
    let (mut one, mut two) = (without_own(before, owner, other), without_own(after, other, owner));
    one.sort_by(|left, right| left.0.cmp(&right.0));
    two.sort_by(|left, right| left.0.cmp(&right.0));
    one == two
}

/// The references of the branches of a union.
fn branch_names(schema: &Value) -> Vec<&str> {
    let lists = ["oneOf", "anyOf"].iter().filter_map(|union| schema.get(union)?.as_array());
    lists.flatten().filter_map(|branch| branch.get("$ref")?.as_str()).collect()
}

/// Whether a value of `mapping`, which is a reference or the name of a component, means the target of a reference.
fn refers_to(target: &str, reference: &str) -> bool {
    target == reference || !target.contains('/') && reference.rsplit('/').next() == Some(target)
}

/// Whether a member is next to a `$ref` that hides it: the loader has dropped it.
fn is_hidden(old: &Contract, new: &Contract, difference: &Difference<'_>) -> bool {
    let is_hidden = |contract: &Contract, owner: &Value, at: &Location| {
        let has_reference = owner.get("$ref").is_some_and(Value::is_string);
        let loaded = contract.documents().at(at);
        has_reference && loaded.is_some_and(|loaded| loaded.get(&difference.member).is_none())
    };
    let (one, other) = (difference.before.is_some(), difference.after.is_some());
    let member = difference.member.as_str();
    difference.object == Object::Schema
        && member != "$ref"
        && (one || other)
        && (!one || is_hidden(old, difference.owners.0, &difference.at.0))
        && (!other || is_hidden(new, difference.owners.1, &difference.at.1))
}

/// Whether the value of the header field at a location may be an object.
fn may_be_object(contract: &Contract, location: &Location) -> bool {
    contract.schemas().at(&location.child("schema")).is_none_or(|id| contract.types_of(id).contains(&JsonType::Object))
}

/// Whether one of two locations is the other one or below it.
fn touches(one: &Location, other: &Location) -> bool {
    let within = |inner: &str, outer: &str| inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    one.document() == other.document() && (within(one.pointer(), other.pointer()) || within(other.pointer(), one.pointer()))
}

fn is_openapi(document: Option<&Value>) -> bool {
    document.is_some_and(|value| value.get("openapi").is_some() || value.get("swagger").is_some())
}

/// The documents with schemas or operations.
fn described(contract: &Contract) -> BTreeSet<String> {
    let schemas = contract.schemas().iter().map(|(_, schema)| schema.location.document().to_owned());
    let operations = contract.operations().iter().chain(contract.webhooks()).map(|operation| operation.location.document().to_owned());
    let documents = contract.documents();
    let main = documents.names().filter(|name| is_openapi(documents.value(name))).map(|name| name.to_string());
    let names: BTreeSet<String> = schemas.chain(operations).chain(main).collect();
    names.into_iter().filter(|name| !contract.documents().is_built_in(name)).collect()
}

impl Rest {
    fn add(&mut self, old: &Contract, new: &Contract, class: Class, (one, other): (&Location, &Location), seen: &mut HashSet<String>) {
        match class {
            Class::Note(kind, summary) => {
                let id = fingerprint([kind, &other.to_string(), &summary]);
                if seen.insert(id.clone()) {
                    let (old_location, new_location) = (one.clone(), other.clone());
                    self.notes.push(Note { id, kind: Kind::new(kind), old_location, new_location, summary });
                }
            }
            Class::Change { kind, client, server, summary } => {
                let operation = enclosing(new, other).or_else(|| enclosing(old, one)).unwrap_or_default();
                let change = OperationChange::unwitnessed(kind, &operation, (Some(one), Some(other)), summary, client, server);
                if seen.insert(change.id.clone()) {
                    self.changes.push(change);
                }
            }
            Class::Xml(summary) | Class::SecurityScheme(summary) | Class::NotCompared(summary) => {
                self.not_compared(one, other, summary, seen)
            }
        }
    }

    fn not_compared(&mut self, one: &Location, other: &Location, summary: String, seen: &mut HashSet<String>) {
        let id = fingerprint(["not-compared", &one.to_string(), &other.to_string(), &summary]);
        if seen.insert(id.clone()) {
            self.not_compared.push(NotCompared { id, old_location: one.clone(), new_location: other.clone(), summary, accepted: None });
        }
    }
}

/// Whether an entry of `encoding` is about a property that only the same contract has.
fn is_of_one_side(old: &Contract, new: &Contract, difference: &Difference<'_>) -> bool {
    if !difference.is_entry || difference.object != Object::MediaType {
        return false;
    }
    let has = |contract: &Contract, media_type: &Location, entry: &Location| {
        let schema = contract.schemas().at(&media_type.child("schema")).map(|id| contract.schema(contract.target(id)));
        schema.zip(entry.last_token()).is_some_and(|(schema, name)| schema.keywords.properties.contains_key(&name))
    };
    let (one, other) = (has(old, &difference.at.0, &difference.old), has(new, &difference.at.1, &difference.new));
    (one, other) == (difference.before.is_some(), difference.after.is_some())
}

/// Whether only the styles of fields differ that are neither arrays nor objects in either contract.
fn is_style_of_scalar(old: &Contract, new: &Contract, difference: &Difference<'_>) -> bool {
    let is_style = |key: &str| matches!(key, "style" | "explode");
    let has_style_alone = |entry: &Value| entry.as_object().is_some_and(|entry| entry.keys().all(|key| is_style(key)));
    let value = difference.before.or(difference.after);
    let (fields, levels): (Vec<String>, usize) = match difference.object {
        Object::Encoding if is_style(&difference.member) => (difference.at.0.last_token().into_iter().collect(), 2),
        Object::MediaType if difference.member == "encoding" && difference.is_entry && value.is_some_and(has_style_alone) => {
            let entry = if difference.before.is_some() { &difference.old } else { &difference.new };
            (entry.last_token().into_iter().collect(), 0)
        }
        // Only one contract has encodings.
        Object::MediaType
            if difference.member == "encoding" && !difference.is_entry && difference.before.xor(difference.after).is_some() =>
        {
            let entries = value.and_then(Value::as_object).filter(|entries| entries.values().all(has_style_alone));
            (entries.into_iter().flatten().map(|(name, _)| name.clone()).collect(), 0)
        }
        _ => return false,
    };
    let is_scalar = |contract: &Contract, at: &Location, field: &String| {
        let media_type = (0..levels).fold(at.pointer(), |pointer, _| pointer.rsplit_once('/').map_or("", |(above, _)| above));
        let schema = contract.schemas().at(&Location::new(at.document(), format!("{media_type}/schema")));
        let property = schema.and_then(|id| contract.schema(contract.target(id)).keywords.properties.get(field).copied());
        property.is_some_and(|id| contract.types_of(id).is_disjoint(&BTreeSet::from([JsonType::Array, JsonType::Object])))
    };
    let is_scalar = |field: &String| is_scalar(old, &difference.at.0, field) && is_scalar(new, &difference.at.1, field);
    !fields.is_empty() && fields.iter().all(is_scalar)
}

/// The id of the operation that contains a location.
fn enclosing(contract: &Contract, location: &Location) -> Option<String> {
    let contains = |above: &Location| {
        above.document() == location.document()
            && location.pointer().strip_prefix(above.pointer()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let all = contract.operations().iter().chain(contract.webhooks());
    all.filter(|operation| contains(&operation.location))
        .max_by_key(|operation| operation.location.pointer().len())
        .map(|one| one.id.clone())
}
