//! Documents without operations: libraries of components. Each component gets an operation that uses it, so that it is compared as a part of
//! a message.

use charter_contract::objects::{Object, is_extension};
use charter_contract::{Contract, Location};
use serde_json::{Map, Value, json};

use crate::diff::Diff;

/// The start of the paths of the operations.
const PATH: &str = "/components/";

/// Both contracts with an operation for each component, if neither has operations and a component is more than a schema.
pub(crate) fn with_operations(old: &Contract, new: &Contract) -> Option<(Contract, Contract)> {
    let is_empty = |contract: &Contract| contract.operations().is_empty() && contract.webhooks().is_empty();
    if !is_empty(old) || !is_empty(new) {
        return None;
    }
    Some((extended(old)?, extended(new)?))
}

fn extended(contract: &Contract) -> Option<Contract> {
    let documents = contract.documents();
    let is_main = |name: &str| documents.value(name).is_some_and(|value| value.get("openapi").or(value.get("swagger")).is_some());
    let mut found = false;
    let files = documents.names().filter_map(|name| {
        let text = documents.text(name)?.as_bytes().to_vec();
        if found || !is_main(name) {
            return Some((name.to_string(), text));
        }
        let mut document = charter_contract::load::parse_value(name, text).ok()?;
        let paths = operations(&document);
        found = !paths.is_empty();
        document.as_object_mut()?.insert("paths".to_owned(), Value::Object(paths));
        Some((name.to_string(), document.to_string().into_bytes()))
    });
    let files: Vec<(String, Vec<u8>)> = files.collect();
    if !found { None } else { charter_contract::from_documents(files).ok() }
}

/// A path for each component.
fn operations(document: &Value) -> Map<String, Value> {
    let is_swagger = document.get("swagger").is_some();
    let owner = if is_swagger { Some(document) } else { document.get("components") };
    let kinds = [Object::Parameter, Object::Response, Object::RequestBody, Object::Header, Object::Callback, Object::PathItem];
    let mut paths = Map::new();
    for kind in kinds {
        let Some(key) = kind.component_key() else { continue };
        for (name, component) in owner.and_then(|owner| owner.get(key)?.as_object()).into_iter().flatten() {
            let is_plain = |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.');
            if is_extension(name) || !name.chars().all(is_plain) {
                continue;
            }
            let reference = json!({"$ref": format!("#/{}{key}/{name}", if is_swagger { "" } else { "components/" })});
            let path = format!("{PATH}{key}/{name}");
            let with = |method: &str, member: &str, value: Value| {
                let mut operation = json!({"operationId": format!("{key}.{name}"), "responses": {"200": {"description": ""}}});
                operation[member] = value;
                json!({ method: operation })
            };
            let text = |member: &str| component.get(member).and_then(Value::as_str);
            match kind {
                Object::Parameter if text("in") == Some("path") => {
                    let path = format!("{path}/{{{}}}", text("name").unwrap_or_default());
                    paths.insert(path, with("put", "parameters", json!([reference])));
                }
                Object::Parameter => drop(paths.insert(path, with("put", "parameters", json!([reference])))),
                Object::Response => drop(paths.insert(path, with("get", "responses", json!({ "200": reference })))),
                Object::RequestBody => drop(paths.insert(path, with("put", "requestBody", reference))),
                Object::Header => {
                    let responses = json!({"200": {"description": "", "headers": {name: reference}}});
                    paths.insert(path, with("get", "responses", responses));
                }
                Object::Callback => drop(paths.insert(path, with("put", "callbacks", json!({ name: reference })))),
                _ => drop(paths.insert(path, reference)),
            }
        }
    }
    paths
}

/// Removes the operations from the result: a component that is added or removed is a note, and every place is that of a component.
pub(crate) fn without_operations(mut found: Diff) -> Diff {
    let is_own = |location: &Option<Location>| location.as_ref().is_some_and(|location| component(location).is_some());
    found.operations.retain(|change| {
        let is_whole = matches!(change.kind.0.as_str(), "operation-added" | "operation-removed");
        !is_whole || !is_own(&change.old_location) && !is_own(&change.new_location)
    });
    let places = found.operations.iter_mut().flat_map(|change| [&mut change.old_location, &mut change.new_location]);
    for location in places.flatten() {
        if let Some(place) = component(location) {
            *location = place;
        }
    }
    found
}

/// The component that the operation at a location uses.
fn component(location: &Location) -> Option<Location> {
    let tokens: Vec<String> = location.tokens().collect();
    let rest = tokens.get(1).filter(|_| tokens[0] == "paths")?.strip_prefix(PATH)?;
    let (key, name) = rest.split_once('/')?;
    let name = name.split('/').next().unwrap_or(name);
    Some(Location::root(location.document()).child("components").child(key).child(name))
}
