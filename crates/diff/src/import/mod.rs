//! Converts an OpenAPI document to the files of a contract: the selected operations, and every schema that they reach.
//!
//! overlay → select → bundle → restore the order of the previous import. The result does not depend on the order of keys, so that
//! version control shows actual changes only.

pub(crate) mod document;
mod error;
mod layout;
mod order;
mod overlay;
mod reference;

use std::collections::BTreeSet;

use charter_contract::objects::{Member, Object};
use charter_contract::{Sources, from_documents, from_sources};
use serde_json::{Map, Value, json};

pub use error::Error;
pub use overlay::{Applied, apply};

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
}

/// Imports operations with all that they reach.
///
/// # Errors
/// The document is invalid or not an OpenAPI document, an operation does not exist, an overlay is invalid, or the result does not load.
pub fn import(request: &Request) -> Result<Imported, Error> {
    let contract = from_sources(Sources::of(request.name.clone(), request.bytes.clone())).map_err(Error::Contract)?;
    let mut document = contract.documents().value(&request.name).cloned().ok_or(Error::NoOpenApi)?;
    if !document.get("openapi").is_some_and(Value::is_string) || !document.get("paths").is_some_and(Value::is_object) {
        return Err(Error::NoOpenApi);
    }
    let mut overlays = Vec::new();
    for (name, bytes) in &request.overlays {
        overlays.push(apply(name, bytes, &mut document)?);
    }
    // Reports invalid schemas before a file is written, including those that an overlay causes.
    from_sources(Sources::of("openapi.json", document.to_string())).map_err(Error::Contract)?;
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
    main["openapi"] = json!("3.1.0");
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
    from_documents(written.clone()).map_err(Error::Result)?;
    let is_schema = |name: &&str| name.ends_with(".schema.json");
    let left = request.present.iter().map(|(name, _)| name.as_str()).filter(is_schema);
    let left = left.filter(|name| !written.iter().any(|(own, _)| own == name)).map(str::to_owned).collect();
    Ok(Imported { files: written, operations, schemas, overlays, left })
}

fn is_openapi(name: &str) -> bool {
    matches!(name, "openapi.yaml" | "openapi.yml" | "openapi.json")
}

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

fn id_of(path: &str, method: &str, operation: &Value) -> String {
    match operation.get("operationId").and_then(Value::as_str) {
        Some(id) => id.to_owned(),
        None => format!("{} {path}", method.to_uppercase()),
    }
}

fn operations_of(document: &Value) -> usize {
    let paths = document.get("paths").and_then(Value::as_object).into_iter().flatten();
    paths.filter_map(|(_, item)| item.as_object()).flatten().filter(|(method, _)| METHODS.contains(&method.as_str())).count()
}

/// The document with the selected operations and without components.
fn select(document: &Value, wanted: &[String]) -> Result<Map<String, Value>, Error> {
    let (mut paths, mut known) = (Map::new(), Vec::new());
    for (path, item) in document.get("paths").and_then(Value::as_object).into_iter().flatten() {
        // A path item may be a reference.
        let item = match item.get("$ref").and_then(Value::as_str) {
            Some(reference) => {
                let pointer = reference.strip_prefix('#').ok_or_else(|| Error::Reference(reference.to_owned()))?;
                document.pointer(pointer).ok_or_else(|| Error::Reference(reference.to_owned()))?
            }
            None => item,
        };
        let Some(entries) = item.as_object() else { continue };
        let mut selected_item = Map::new();
        let mut any = false;
        for (key, value) in entries {
            if METHODS.contains(&key.as_str()) {
                let id = id_of(path, key, value);
                let take = wanted.is_empty() || wanted.contains(&id);
                known.push(id);
                if !take {
                    continue;
                }
                any = true;
            }
            selected_item.insert(key.clone(), value.clone());
        }
        if any {
            paths.insert(path.clone(), Value::Object(selected_item));
        }
    }
    if let Some(id) = wanted.iter().find(|id| !known.contains(*id)) {
        return Err(Error::NoOperation { id: id.clone(), known: known.join(", ") });
    }
    let mut selected = Map::new();
    for (key, value) in document.as_object().into_iter().flatten() {
        match key.as_str() {
            "paths" => {
                selected.insert(key.clone(), Value::Object(std::mem::take(&mut paths)));
            }
            "components" | "webhooks" | "tags" => {}
            _ => {
                selected.insert(key.clone(), value.clone());
            }
        }
    }
    Ok(selected)
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
