//! The files that an OpenAPI document refers to: which of them are schemas, and OpenAPI 3.0 schemas in the terms of JSON Schema.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::{Document, Role, is_described, openapi30, swagger, target_document};
use crate::objects::{Member, Object, visit_mut};
use crate::uri::unescape;

/// An object that is visited: its document, its pointer and its kind.
type Target = (Arc<str>, String, Object);

/// Visits the OpenAPI documents and all that they refer to.
///
/// Swagger 2.0 documents are converted and the schemas of OpenAPI 3.0 documents are rewritten, also in other files. Files that are not a
/// schema as a whole get the role of a part.
pub(super) fn settle(documents: &mut BTreeMap<Arc<str>, Document>) {
    swagger::convert(documents);
    let is_main = |document: &Document| document.role == Role::OpenApi;
    let mut open: Vec<Target> = documents
        .iter()
        .filter(|(_, document)| is_main(document))
        .map(|(name, _)| (name.clone(), String::new(), Object::Document))
        .collect();
    let (mut seen, mut schemas, mut parts) = (HashSet::<Target>::new(), HashSet::<Arc<str>>::new(), HashSet::<Arc<str>>::new());
    let dialect = open.first().and_then(|(name, _, _)| Dialect::of(&documents[name].value));
    while let Some(target) = open.pop() {
        if !seen.insert(target.clone()) {
            continue;
        }
        let (name, pointer, object) = &target;
        let Some(document) = documents.get(name) else { continue };
        let is_whole = is_described(&document.value);
        // A JSON Schema document has its own dialect, and its references are those of JSON Schema.
        if !is_whole && (name.ends_with(".schema.json") || document.value.get("$schema").is_some()) {
            continue;
        }
        let dialect = if is_whole { Dialect::of(&document.value) } else { dialect };
        let mut found = Vec::new();
        let mut value = documents.get_mut(name).map(|document| std::mem::take(&mut document.value)).unwrap_or_default();
        if let Some(value) = Arc::make_mut(&mut value).pointer_mut(pointer) {
            visit_mut(value, *object, &mut |object, members| {
                inline_maps(documents, name, object, members);
                if let Some(Value::String(reference)) = members.get("$ref")
                    // The visit of a whole document reaches its components.
                    && !(is_whole && reference.starts_with("#/components/"))
                {
                    found.push((object, reference.clone()));
                }
                if let Some(dialect) = dialect {
                    openapi30::rewrite(object, members, dialect);
                }
            });
        }
        if let Some(document) = documents.get_mut(name) {
            document.value = value;
        }
        for (object, reference) in found {
            let (file, fragment) = reference.split_once('#').unwrap_or((&reference, ""));
            let pointer = unescape(fragment);
            let Some(target) = target_document(documents, name, file) else { continue };
            if target != *name {
                let whole_schema = object == Object::Schema && pointer.is_empty();
                if whole_schema { &mut schemas } else { &mut parts }.insert(target.clone());
            } else if is_whole && Object::Document.at(&pointer).is_some() && seen.contains(&(name.clone(), String::new(), Object::Document))
            {
                continue;
            }
            if pointer.is_empty() || pointer.starts_with('/') {
                open.push((target, pointer, object));
            }
        }
    }
    for (name, document) in documents {
        let is_schema = document.role == Role::Schema && (schemas.contains(name) || !parts.contains(name));
        match document.role {
            Role::Schema if !is_schema && !name.ends_with(".schema.json") => document.role = Role::Part,
            Role::Part if schemas.contains(name) && !is_described(&document.value) => document.role = Role::Schema,
            _ => {}
        }
    }
}

/// Replaces a reference in the position of a map, such as `properties`, by references to the entries of its target.
///
/// OpenAPI does not allow it, but bundlers follow it, and it has no other meaning: an entry of a map of objects cannot be a string.
fn inline_maps(documents: &BTreeMap<Arc<str>, Document>, name: &Arc<str>, object: Object, members: &mut Map<String, Value>) {
    for (key, member) in members {
        let Value::Object(entries) = member else { continue };
        if entries.len() != 1 || !matches!(object.member(key), Some(Member::Named(_) | Member::Patterned(_))) {
            continue;
        }
        let Some(Value::String(reference)) = entries.get("$ref") else { continue };
        let (file, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let target = target_document(documents, name, file).and_then(|name| documents.get(&name)?.value.pointer(&unescape(fragment)));
        let Some(Value::Object(target)) = target else { continue };
        let reference = |name: &String| {
            let mut reference = format!("{file}#{fragment}");
            charter_json::push_token(&mut reference, name);
            serde_json::json!({ "$ref": reference })
        };
        *entries = target.keys().map(|name| (name.clone(), reference(name))).collect();
    }
}

/// The differences between the schemas of an older OpenAPI version and JSON Schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Swagger 2.0, which has no `nullable`.
    Swagger2,
    /// OpenAPI 3.0. `nullable` without `type` has an effect in versions below 3.0.3.
    OpenApi30 {
        /// Whether the version is below 3.0.3.
        loose_nullable: bool,
    },
}

impl Dialect {
    fn of(document: &Value) -> Option<Self> {
        if document.get("swagger").is_some() {
            return Some(Self::Swagger2);
        }
        let version = document.get("openapi")?.as_str()?;
        let patch = version.strip_prefix("3.0")?;
        let loose_nullable = matches!(patch, ".0" | ".1" | ".2");
        Some(Self::OpenApi30 { loose_nullable })
    }
}
