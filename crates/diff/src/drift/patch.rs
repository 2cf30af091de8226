//! Applies edits to documents, in an order in which no edit moves the location of another. The texts are edited in place.

use std::collections::BTreeMap;

use charter_contract::{Contract, Location};
use serde_json::{Map, Value, json};

use super::dialect::Dialect;
use super::in_place;
use super::report::{Edit, Novelty};
use super::written::types_in;
use crate::import::document;

/// The result of applying edits.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Patched {
    /// The new documents, by name.
    pub documents: Vec<(String, Vec<u8>)>,
    /// The names of documents that could not be edited in place: their comments and layout are lost.
    pub rewritten: Vec<String>,
    /// The ids of novelties whose edits were applied.
    pub applied: Vec<String>,
    /// The ids of novelties whose edits were not applied, and the reasons.
    pub left: Vec<(String, NotApplied)>,
}

/// Why the edits of a novelty were not applied.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotApplied {
    /// The edits loosen a bound, a format or `required`.
    #[error("the edit loosens the contract")]
    Loosens,
    /// There is no edit for the novelty.
    #[error("no edit is known")]
    NoEdit,
    /// The contract does not have the document of an edit.
    #[error("the contract has no document {0}")]
    NoDocument(String),
    /// An edit is not a valid JSON Patch operation.
    #[error("invalid JSON Patch operation")]
    Operation(#[from] serde_json::Error),
    /// An earlier edit has changed the location of this one.
    #[error("the edit no longer fits the document")]
    Patch(#[from] json_patch::PatchError),
}

/// Applies the edits of novelties. Edits that loosen a bound are applied only with `loosen`.
pub fn apply(contract: &Contract, novelties: &[Novelty], loosen: bool) -> Patched {
    let mut patched = Patched::default();
    let mut values: BTreeMap<String, Value> = BTreeMap::new();
    let mut wanted: Vec<(&Novelty, Vec<&Edit>)> = Vec::new();
    for novelty in novelties {
        if novelty.loosens && !loosen {
            patched.left.push((novelty.id.clone(), NotApplied::Loosens));
        } else if novelty.patch.is_empty() {
            patched.left.push((novelty.id.clone(), NotApplied::NoEdit));
        } else {
            wanted.push((novelty, novelty.patch.iter().collect()));
        }
    }
    // Replacements of whole schemas are last and include earlier edits within them. Items of a list are removed from its end.
    wanted.sort_by_key(|(_, edits)| {
        let first = edits[0];
        let replaces = first.op == "replace" && !first.path.ends_with("/type") && first.value.as_ref().is_some_and(Value::is_object);
        let index = first.path.rsplit('/').next().and_then(|token| token.parse::<i64>().ok()).unwrap_or(0);
        (replaces, first.op == "remove", -index)
    });
    for (novelty, edits) in wanted {
        let mut trial = values.clone();
        let outcome = edits.iter().try_for_each(|edit| one(contract, &mut trial, edit));
        match outcome {
            Ok(()) => {
                values = trial;
                patched.applied.push(novelty.id.clone());
            }
            Err(why) => patched.left.push((novelty.id.clone(), why)),
        }
    }
    for (name, value) in values {
        let text = contract.documents().text(&name).map(|text| text.as_str()).unwrap_or_default();
        let old = in_place::read(&name, text).unwrap_or_default();
        let starts = |pointer: &str| contract.documents().position(&Location::new(name.as_str(), pointer)).map(|position| position.byte);
        let bytes = match in_place::edited(&name, text, &starts, &old, &value) {
            Some(text) => text.into_bytes(),
            None => {
                patched.rewritten.push(name.clone());
                document::write(&name, &value)
            }
        };
        patched.documents.push((name, bytes));
    }
    patched
}

fn one(contract: &Contract, values: &mut BTreeMap<String, Value>, edit: &Edit) -> Result<(), NotApplied> {
    let document = match values.get_mut(&edit.document) {
        Some(document) => document,
        None => {
            // The value of the contract has the keywords of JSON Schema; the text may have those of OpenAPI 3.0.
            let text = contract.documents().text(&edit.document).ok_or_else(|| NotApplied::NoDocument(edit.document.clone()))?;
            let known = in_place::read(&edit.document, text).ok_or_else(|| NotApplied::NoDocument(edit.document.clone()))?;
            values.entry(edit.document.clone()).or_insert(known)
        }
    };
    let dialect = Dialect::of(contract, &edit.document, document);
    if dialect != Dialect::Swagger2 {
        return written(dialect, document, edit);
    }
    // An earlier edit may have added what this one needs, too.
    let edits = super::swagger::edits(contract, &document.clone(), edit);
    edits.iter().try_for_each(|edit| written(dialect, document, edit))
}

fn written(dialect: Dialect, document: &mut Value, edit: &Edit) -> Result<(), NotApplied> {
    let mut operation = json!({ "op": edit.op, "path": edit.path });
    if let Some(value) = &edit.value {
        let mut value = value.clone();
        // Before OpenAPI 3.1, several types are several keywords.
        if let Some(schema) = edit.path.strip_suffix("/type").filter(|_| dialect != Dialect::JsonSchema && edit.op == "replace")
            && let Some(Value::Object(keywords)) = document.pointer_mut(schema)
            && let Some(types) = types_in(&value)
        {
            dialect.add_types(keywords, &types);
            return Ok(());
        }
        dialect.write(&mut value);
        // Keeps the types and branches that earlier edits have added.
        let value = joined(document.pointer(&edit.path), &value);
        if document.pointer(&edit.path) == Some(&value) && edit.op == "add" && !edit.path.ends_with("/-") {
            return Ok(());
        }
        // An earlier edit may have added the list.
        if document.pointer(&edit.path).and_then(Value::as_array).is_none() && is_listed(document, &edit.path, &value) {
            return Ok(());
        }
        operation["value"] = value;
    }
    let patch: json_patch::Patch = serde_json::from_value(json!([operation]))?;
    Ok(json_patch::patch(document, &patch)?)
}

/// Whether an edit appends an item that a list has already.
fn is_listed(document: &Value, path: &str, value: &Value) -> bool {
    let list = path.strip_suffix("/-").and_then(|list| document.pointer(list)).and_then(Value::as_array);
    list.is_some_and(|list| list.contains(value))
}

/// The union of the present and the new value, if both are lists of types or unions.
fn joined(present: Option<&Value>, wanted: &Value) -> Value {
    match (present, wanted) {
        (Some(known @ (Value::Object(_) | Value::Array(_))), wanted)
            if wanted.as_object().is_some_and(Map::is_empty) || wanted.as_array().is_some_and(Vec::is_empty) =>
        {
            known.clone()
        }
        // Parameters and other items that several novelties add to a new list.
        (Some(Value::Array(known)), Value::Array(wanted)) if wanted.iter().all(Value::is_object) => {
            let mut all = known.clone();
            all.extend(wanted.iter().filter(|item| !known.contains(item)).cloned());
            Value::Array(all)
        }
        // Media types that several novelties add to a new request body.
        (Some(Value::Object(known)), Value::Object(wanted)) if known.contains_key("content") && wanted.contains_key("content") => {
            let mut all = known.clone();
            if let (Some(Value::Object(content)), Some(Value::Object(more))) = (all.get_mut("content"), wanted.get("content")) {
                content.extend(more.clone());
            }
            Value::Object(all)
        }
        (Some(Value::Array(known)), Value::Array(wanted)) if known.iter().chain(wanted).all(Value::is_string) => {
            let mut all = known.clone();
            all.extend(wanted.iter().filter(|item| !known.contains(item)).cloned());
            // An integer is a number.
            if known.iter().any(|type_| type_ == "number") {
                all.retain(|type_| type_ != "integer");
            }
            Value::Array(all)
        }
        // An earlier edit has replaced integers by numbers.
        (Some(Value::String(known)), Value::Array(wanted)) if known == "number" && wanted.iter().any(|type_| type_ == "integer") => {
            let more = wanted.iter().filter(|type_| *type_ != "integer").cloned();
            Value::Array(std::iter::once(json!("number")).chain(more).collect())
        }
        (Some(Value::Object(known)), Value::Object(wanted)) if known.contains_key("anyOf") && wanted.contains_key("anyOf") => {
            let (mut all, list) =
                (known.clone(), |map: &serde_json::Map<String, Value>| map["anyOf"].as_array().cloned().unwrap_or_default());
            let mut branches = list(known);
            branches.extend(list(wanted).into_iter().filter(|branch| !list(known).contains(branch)));
            all.insert("anyOf".to_owned(), Value::Array(branches));
            Value::Object(all)
        }
        _ => wanted.clone(),
    }
}
