//! Applies edits to documents, in an order in which no edit moves the location of another.

use std::collections::BTreeMap;

use charter_contract::Contract;
use serde_json::{Value, json};

use super::report::{Edit, Novelty};

/// The result of applying edits.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Patched {
    /// The new documents, by name.
    pub documents: Vec<(String, Vec<u8>)>,
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
    patched.documents = values
        .into_iter()
        .map(|(name, value)| {
            let bytes = crate::import::document::write(&name, &value);
            (name, bytes)
        })
        .collect();
    patched
}

fn one(contract: &Contract, values: &mut BTreeMap<String, Value>, edit: &Edit) -> Result<(), NotApplied> {
    let document = match values.get_mut(&edit.document) {
        Some(document) => document,
        None => {
            let known = contract.documents().value(&edit.document).cloned().ok_or_else(|| NotApplied::NoDocument(edit.document.clone()))?;
            values.entry(edit.document.clone()).or_insert(known)
        }
    };
    let mut operation = json!({ "op": edit.op, "path": edit.path });
    if let Some(value) = &edit.value {
        // Keeps the types and branches that earlier edits have added.
        operation["value"] = joined(document.pointer(&edit.path), value);
    }
    let patch: json_patch::Patch = serde_json::from_value(json!([operation]))?;
    Ok(json_patch::patch(document, &patch)?)
}

/// The union of the present and the new value, if both are lists of types or unions.
fn joined(present: Option<&Value>, wanted: &Value) -> Value {
    match (present, wanted) {
        (Some(Value::Array(known)), Value::Array(wanted)) if known.iter().chain(wanted).all(Value::is_string) => {
            let mut all = known.clone();
            all.extend(wanted.iter().filter(|item| !known.contains(item)).cloned());
            Value::Array(all)
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
