//! An OpenAPI document to a contract's files: the operations asked for, and every schema that they reach.
//!
//! overlay → select → bundle → keep the order of the last time. The same document gives the same bytes, and one whose keys stand in
//! another order does, too, so that what version control shows is what has changed.

mod layout;
mod order;
mod overlay;
mod write;

use std::collections::BTreeSet;

use charter_contract::{Error as ContractError, Sources, from_sources};
use serde_json::{Map, Value, json};

pub use overlay::{Applied, apply};

use layout::Layout;

/// Why a document cannot be imported.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The document is broken.
    #[error("the document is broken")]
    Contract(#[source] ContractError),
    /// The document is no OpenAPI document.
    #[error("no OpenAPI document 3.0 or 3.1: `openapi` and `paths` are missing")]
    NoOpenApi,
    /// An operation is asked for that is not there.
    #[error("no operation is called `{id}`; the document has {known}")]
    NoOperation {
        /// What was asked for.
        id: String,
        /// What there is.
        known: String,
    },
    /// An overlay is none, or an action of it goes nowhere.
    #[error("the overlay {name}: {message}")]
    Overlay {
        /// Its name.
        name: String,
        /// What is wrong.
        message: String,
    },
    /// A reference leads to what is not imported.
    #[error("the reference `{0}` leads out of the components; only references to components can be imported")]
    Reference(String),
}

/// What an import is asked for.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The document's name, by which JSON and YAML are told apart; any name will do.
    pub name: String,
    /// The document.
    pub bytes: Vec<u8>,
    /// The operations; all where none is named.
    pub operations: Vec<String>,
    /// Overlays by name, applied in this order.
    pub overlays: Vec<(String, Vec<u8>)>,
    /// The files that stand in the contract's folder now: their layout and their order are kept.
    pub present: Vec<(String, Vec<u8>)>,
}

/// What an import comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The files to write, by name.
    pub files: Vec<(String, Vec<u8>)>,
    /// How many operations.
    pub operations: usize,
    /// How many named schemas.
    pub schemas: usize,
    /// What each overlay did.
    pub overlays: Vec<Applied>,
    /// Schema documents that the import does not speak of, and that stay as they were.
    pub left: Vec<String>,
}

/// Imports operations with all that they reach.
///
/// # Errors
/// The document is broken or no OpenAPI document, an operation is not there, or an overlay goes nowhere.
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
    // What an overlay has made of the document is read like any other: broken schemas are told here, before a file is written.
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
    layout.rewrite(&mut main, None);
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
            let bytes = write::write(&name, &value);
            (name, bytes)
        })
        .collect();
    let is_schema = |name: &&str| name.ends_with(".schema.json");
    let left = request.present.iter().map(|(name, _)| name.as_str()).filter(is_schema);
    let left = left.filter(|name| !written.iter().any(|(own, _)| own == name)).map(str::to_owned).collect();
    Ok(Imported { files: written, operations, schemas, overlays, left })
}

fn is_openapi(name: &str) -> bool {
    matches!(name, "openapi.yaml" | "openapi.yml" | "openapi.json")
}

/// The bytes of a document of a contract under its name.
pub(crate) fn written(name: &str, value: &Value) -> Vec<u8> {
    write::write(name, value)
}

/// A file as a value; `None` where it is none.
fn read(name: &str, bytes: &[u8]) -> Option<Value> {
    let documents = charter_contract::load::Documents::parse(vec![(name.to_owned(), bytes.to_vec())]).ok()?;
    documents.value(name).cloned()
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

/// The document with the operations asked for and without components.
fn select(document: &Value, wanted: &[String]) -> Result<Map<String, Value>, Error> {
    let (mut paths, mut known) = (Map::new(), Vec::new());
    for (path, item) in document.get("paths").and_then(Value::as_object).into_iter().flatten() {
        // A path item may stand elsewhere.
        let item = match item.get("$ref").and_then(Value::as_str) {
            Some(reference) => {
                let pointer = reference.strip_prefix('#').ok_or_else(|| Error::Reference(reference.to_owned()))?;
                document.pointer(pointer).ok_or_else(|| Error::Reference(reference.to_owned()))?
            }
            None => item,
        };
        let Some(entries) = item.as_object() else { continue };
        let mut kept = Map::new();
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
            kept.insert(key.clone(), value.clone());
        }
        if any {
            paths.insert(path.clone(), Value::Object(kept));
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

/// A component by its kind and name.
type Component = (String, String);

/// The component that a reference names, and the rest of its pointer.
fn component(reference: &str) -> Option<(Component, String)> {
    let rest = reference.strip_prefix("#/components/")?;
    let mut tokens = rest.splitn(3, '/');
    let (kind, name) = (tokens.next()?, tokens.next()?);
    let rest = tokens.next().map(|rest| format!("/{rest}")).unwrap_or_default();
    let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy();
    Some(((kind.to_owned(), charter_contract::unescape_token(&name)), rest))
}

/// Everything that is referred to from the selected operations, through whatever components.
fn reach(document: &Value, selected: &Map<String, Value>, reached: &mut BTreeSet<Component>) -> Result<(), Error> {
    let mut open: Vec<Component> = Vec::new();
    for value in selected.values() {
        references(value, &mut open)?;
    }
    let secured = document.pointer("/components/securitySchemes").and_then(Value::as_object).into_iter().flatten();
    let text = Value::Object(selected.clone()).to_string();
    open.extend(
        secured.filter(|(name, _)| text.contains(&format!("{name:?}"))).map(|(name, _)| ("securitySchemes".to_owned(), name.clone())),
    );
    while let Some(next) = open.pop() {
        if reached.contains(&next) {
            continue;
        }
        let value = document.get("components").and_then(|components| components.get(&next.0)).and_then(|kind| kind.get(&next.1));
        let value = value.ok_or_else(|| Error::Reference(format!("#/components/{}/{}", next.0, next.1)))?;
        references(value, &mut open)?;
        reached.insert(next);
    }
    Ok(())
}

fn references(value: &Value, found: &mut Vec<Component>) -> Result<(), Error> {
    match value {
        Value::Array(items) => items.iter().try_for_each(|item| references(item, found)),
        Value::Object(entries) => {
            if let Some(reference) = entries.get("$ref").and_then(Value::as_str) {
                match component(reference) {
                    Some((component, _)) => found.push(component),
                    None => return Err(Error::Reference(reference.to_owned())),
                }
            }
            for mapped in entries.get("discriminator").and_then(|one| one.get("mapping")).and_then(Value::as_object).into_iter().flatten() {
                found.extend(mapped.1.as_str().and_then(component).map(|(component, _)| component));
            }
            // Values are no schemas, whatever they look like.
            let values = entries.iter().filter(|(key, _)| !layout::holds_values(key));
            values.map(|(_, value)| value).try_for_each(|value| references(value, found))
        }
        _ => Ok(()),
    }
}

/// The components beside schemas that are reached.
fn keep_components(document: &Value, reached: &BTreeSet<Component>) -> Map<String, Value> {
    let mut kept = Map::new();
    for (kind, entries) in document.get("components").and_then(Value::as_object).into_iter().flatten() {
        let entries = entries.as_object().into_iter().flatten();
        let wanted = |name: &String| kind != "schemas" && reached.contains(&(kind.clone(), name.clone()));
        let list: Map<String, Value> =
            entries.filter(|(name, _)| wanted(name)).map(|(name, value)| (name.clone(), value.clone())).collect();
        if !list.is_empty() {
            kept.insert(kind.clone(), Value::Object(list));
        }
    }
    kept
}
