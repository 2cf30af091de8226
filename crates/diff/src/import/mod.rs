//! Converts an OpenAPI document to the files of a contract: the selected operations, and every schema that they reach.
//!
//! overlay → bundle → select → lay out → restore the order of the previous import. The result does not depend on the order of keys, so that
//! version control shows actual changes only.

mod bounds;
mod bundle;
pub(crate) mod document;
mod error;
mod layout;
mod order;
mod overlay;
mod reference;
mod swagger;

use std::collections::{BTreeMap, BTreeSet};

use charter_contract::load::{Documents, is_described, parse_value};
use charter_contract::objects::{Member, Object};
use charter_contract::{SOURCE_VERSION, from_documents};
use serde_json::{Map, Value, json};

pub use error::Error;
pub use overlay::{Applied, apply};

use bundle::bundle;
use document::{read, write};
use layout::Layout;
use reference::{Component, references, remove_extensions_with_references};

/// An import.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The name of the document. The extension can select JSON or YAML.
    pub name: String,
    /// The document.
    pub bytes: Vec<u8>,
    /// The files that the document refers to, by their paths relative to it.
    pub parts: Vec<(String, Vec<u8>)>,
    /// The ids of the operations to import; empty for all.
    pub operations: Vec<String>,
    /// Overlays by name, applied in this order.
    pub overlays: Vec<(String, Vec<u8>)>,
    /// The current files of the contract. Their layout and order are kept.
    pub present: Vec<(String, Vec<u8>)>,
}

/// The result of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Imported {
    /// The files to write, by name.
    pub files: Vec<(String, Vec<u8>)>,
    /// The number of operations.
    pub operations: usize,
    /// The number of named schemas.
    pub schemas: usize,
    /// The effect of each overlay.
    pub overlays: Vec<Applied>,
    /// Schema documents that the import does not change: no schema of the document has their title.
    pub left: Vec<String>,
    /// The number of each keyword that was removed because it has no effect.
    pub ignored: BTreeMap<String, usize>,
}

/// Imports operations with all that they reach.
///
/// # Errors
/// The document is invalid or not an OpenAPI document, an operation does not exist, an overlay is invalid, or the result does not load.
pub fn import(request: &Request) -> Result<Imported, Error> {
    let mut source = parse_value(&request.name, request.bytes.clone()).map_err(Error::Contract)?;
    if !is_described(&source) {
        return Err(Error::NoOpenApi);
    }
    // Overlays come first: they can correct a document that is invalid.
    let mut overlays = Vec::new();
    for (name, bytes) in &request.overlays {
        overlays.push(apply(name, bytes, &mut source)?);
    }
    let bytes = if overlays.is_empty() { request.bytes.clone() } else { source.to_string().into_bytes() };
    let mut files = vec![(request.name.clone(), bytes)];
    files.extend(request.parts.iter().cloned());
    // The source locates a problem better than the result does.
    let in_source = |error: Error| match from_documents(files.clone()) {
        Err(source) => Error::Contract(source),
        Ok(_) => error,
    };
    let documents = Documents::parse(files.clone()).map_err(Error::Contract)?;
    let mut document = bundle(&documents, &request.name).map_err(in_source)?;
    let ignored = bounds::remove_former(&mut document);
    let source_version = source.get("openapi").or_else(|| source.get("swagger")).and_then(Value::as_str).unwrap_or_default();
    let mut selected = select(&document, &request.operations)?;
    let mut reached = BTreeSet::new();
    reach(&document, &selected, &mut reached)?;
    let layout = Layout::of(&document, &reached, &request.present);
    let schemas = reached.iter().filter(|(kind, _)| kind == "schemas").count();
    let components = keep_components(&document, &reached);
    if !components.is_empty() {
        selected.insert("components".to_owned(), Value::Object(components));
    }
    let mut main = Value::Object(selected);
    layout.rewrite(&mut main, Object::Document, None);
    remove_extensions_with_references(&mut main, Object::Document);
    let main = with_version(main, source_version);
    let operations = operations_of(&main);
    let name = request.present.iter().map(|(name, _)| name.as_str()).find(|name| is_openapi(name)).unwrap_or("openapi.yaml");
    let mut files = vec![(name.to_owned(), main)];
    files.extend(layout.documents(&document));
    let written: Vec<(String, Vec<u8>)> = files
        .into_iter()
        .map(|(name, value)| {
            let earlier = request.present.iter().find(|(present, _)| *present == name).and_then(|(name, bytes)| read(name, bytes));
            let value = match earlier {
                Some(earlier) => order::like(&earlier, value),
                None => value,
            };
            let bytes = write(&name, &value);
            (name, bytes)
        })
        .collect();
    from_documents(written.clone()).map_err(Error::Result).map_err(in_source)?;
    let is_schema = |name: &&str| name.ends_with(".schema.json");
    let left = request.present.iter().map(|(name, _)| name.as_str()).filter(is_schema);
    let left = left.filter(|name| !written.iter().any(|(own, _)| own == name)).map(str::to_owned).collect();
    Ok(Imported { files: written, operations, schemas, overlays, left, ignored })
}

/// Writes the version of the imported document, and that of its source if `required` depends on the direction there.
fn with_version(document: Value, source: &str) -> Value {
    let version = if source.starts_with("3.2") { "3.2.0" } else { "3.1.0" };
    let mut members = Map::new();
    members.insert("openapi".to_owned(), json!(version));
    if !["3.1", "3.2"].iter().any(|version| source.starts_with(version)) {
        members.insert(SOURCE_VERSION.to_owned(), json!(source));
    }
    for (key, value) in document.as_object().into_iter().flatten().filter(|(key, _)| *key != "openapi") {
        members.insert(key.clone(), value.clone());
    }
    Value::Object(members)
}

fn is_openapi(name: &str) -> bool {
    matches!(name, "openapi.yaml" | "openapi.yml" | "openapi.json")
}

/// The sections of a document that contain operations.
const SECTIONS: [&str; 2] = ["paths", "webhooks"];

fn is_operation(key: &str) -> bool {
    Object::PathItem.member(key) == Some(Member::One(Object::Operation))
}

fn id_of(path: &str, method: &str, operation: &Value) -> String {
    match operation.get("operationId").and_then(Value::as_str) {
        Some(id) => id.to_owned(),
        None => format!("{} {path}", method.to_uppercase()),
    }
}

fn operations_of(document: &Value) -> usize {
    let items = SECTIONS.iter().filter_map(|section| document.get(section)?.as_object()).flat_map(Map::values);
    let count = |item: &Value| {
        let fixed = item.as_object().into_iter().flatten().filter(|(key, _)| is_operation(key)).count();
        fixed + item.get("additionalOperations").and_then(Value::as_object).map_or(0, Map::len)
    };
    items.map(count).sum()
}

/// The document with the selected operations and without components.
fn select(document: &Value, wanted: &[String]) -> Result<Map<String, Value>, Error> {
    let mut known = Vec::new();
    let mut take = |id: String| {
        let take = wanted.is_empty() || wanted.contains(&id);
        known.push(id);
        take
    };
    let mut selected = Map::new();
    for (key, value) in document.as_object().into_iter().flatten() {
        match key.as_str() {
            "paths" | "webhooks" => {
                let mut items = Map::new();
                for (path, item) in value.as_object().into_iter().flatten() {
                    if let Some(item) = selected_item(path, item, &mut take) {
                        items.insert(path.clone(), item);
                    }
                }
                if key == "paths" || !items.is_empty() {
                    selected.insert(key.clone(), Value::Object(items));
                }
            }
            "components" | "tags" => {}
            _ => {
                selected.insert(key.clone(), value.clone());
            }
        }
    }
    match wanted.iter().find(|id| !known.contains(*id)) {
        Some(id) => Err(Error::NoOperation { id: id.clone(), known: known.join(", ") }),
        None => Ok(selected),
    }
}

/// A path item with the operations to take; `None` if there are none.
fn selected_item(path: &str, item: &Value, take: &mut dyn FnMut(String) -> bool) -> Option<Value> {
    let (mut selected, mut any) = (Map::new(), false);
    for (key, value) in item.as_object()? {
        if is_operation(key) {
            if !take(id_of(path, key, value)) {
                continue;
            }
            any = true;
        }
        if key == "additionalOperations" {
            let operations = value.as_object().into_iter().flatten();
            let taken: Map<String, Value> = operations
                .filter(|(method, operation)| take(id_of(path, method, operation)))
                .map(|(method, operation)| (method.clone(), operation.clone()))
                .collect();
            any |= !taken.is_empty();
            selected.insert(key.clone(), Value::Object(taken));
            continue;
        }
        selected.insert(key.clone(), value.clone());
    }
    any.then_some(Value::Object(selected))
}

/// The components that the selected operations reach.
fn reach(document: &Value, selected: &Map<String, Value>, reached: &mut BTreeSet<Component>) -> Result<(), Error> {
    let mut open: Vec<Component> = Vec::new();
    let selected = Value::Object(selected.clone());
    references(&selected, Object::Document, &mut open)?;
    let secured = document.pointer("/components/securitySchemes").and_then(Value::as_object).into_iter().flatten();
    let text = selected.to_string();
    open.extend(
        secured.filter(|(name, _)| text.contains(&format!("{name:?}"))).map(|(name, _)| ("securitySchemes".to_owned(), name.clone())),
    );
    while let Some(next) = open.pop() {
        if reached.contains(&next) {
            continue;
        }
        let value = document.get("components").and_then(|components| components.get(&next.0)).and_then(|kind| kind.get(&next.1));
        let value = value.ok_or_else(|| Error::Reference(format!("#/components/{}/{}", next.0, next.1)))?;
        if let Some(Member::Named(object)) = Object::Components.member(&next.0) {
            references(value, object, &mut open)?;
        }
        reached.insert(next);
    }
    Ok(())
}

/// The reached components, except schemas.
fn keep_components(document: &Value, reached: &BTreeSet<Component>) -> Map<String, Value> {
    let mut components = Map::new();
    for (kind, entries) in document.get("components").and_then(Value::as_object).into_iter().flatten() {
        let entries = entries.as_object().into_iter().flatten();
        let wanted = |name: &String| kind != "schemas" && reached.contains(&(kind.clone(), name.clone()));
        let list: Map<String, Value> =
            entries.filter(|(name, _)| wanted(name)).map(|(name, value)| (name.clone(), value.clone())).collect();
        if !list.is_empty() {
            components.insert(kind.clone(), Value::Object(list));
        }
    }
    components
}
