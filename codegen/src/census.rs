//! How each schema is enforced: by the type, by a generated check, or by the `jsonschema` crate.

use std::collections::{BTreeMap, BTreeSet};

use charter_contract::{Contract, SchemaId};
use serde_json::{Value, json};

use crate::shape::{Limit, Shapes, TypeKind};

/// How a schema is enforced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    /// By types: shapes, and bounds that a type of its own enforces.
    Native,
    /// By a generated check.
    Checked,
    /// By the `jsonschema` crate.
    Reference,
}

impl Level {
    fn as_str(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Checked => "checked",
            Self::Reference => "reference",
        }
    }
}

/// The census of a contract: counts, shares, and every schema that is not native with its cause, a keyword.
pub(crate) fn census(contract: &Contract, shapes: &Shapes) -> Value {
    let mut levels: BTreeMap<SchemaId, (Level, BTreeSet<&'static str>)> = BTreeMap::new();
    let reached = reached(contract, shapes);
    for id in &reached {
        levels.insert(*id, (Level::Native, BTreeSet::new()));
    }
    let mut lower = |id: SchemaId, level: Level, keyword: &'static str| {
        let entry = levels.entry(id).or_insert((level, BTreeSet::new()));
        if level > entry.0 {
            *entry = (level, BTreeSet::new());
        }
        if level == entry.0 {
            entry.1.insert(keyword);
        }
    };
    for type_ in &shapes.types {
        let TypeKind::Constrained { checks, .. } = &type_.kind else { continue };
        for check in checks {
            let owner = match check.limit {
                Limit::Schema(id) => Some(id),
                _ => contract.schemas().at(&parent(&check.location)),
            };
            let level = match (&check.limit, check.keyword) {
                (Limit::Schema(_), _) => Level::Reference,
                (Limit::Unique | Limit::Keys { .. } | Limit::Pattern { .. }, _) | (_, "multipleOf" | "minProperties" | "maxProperties") => {
                    Level::Checked
                }
                _ => continue,
            };
            let Some(owner) = owner else { continue };
            lower(owner, level, check.keyword);
            if level == Level::Reference {
                for id in under(contract, owner, check.keyword) {
                    lower(id, Level::Reference, check.keyword);
                }
            }
        }
    }
    let count = |level| levels.values().filter(|(found, _)| *found == level).count();
    let all = levels.len();
    let share = |level| if all == 0 { 1.0 } else { (count(level) as f64 / all as f64 * 10_000.0).round() / 10_000.0 };
    let rest: Vec<Value> = levels
        .iter()
        .filter(|(_, (level, _))| *level != Level::Native)
        .map(|(id, (level, keywords))| {
            json!({ "location": contract.schema(*id).location.to_string(), "level": level.as_str(), "keywords": keywords })
        })
        .collect();
    json!({
        "format": "charter-census/1",
        "schemas": all,
        "native": count(Level::Native),
        "checked": count(Level::Checked),
        "reference": count(Level::Reference),
        "nativeShare": share(Level::Native),
        "types": shapes.types.len(),
        "notNative": rest,
    })
}

fn parent(location: &charter_contract::Location) -> charter_contract::Location {
    let pointer = location.pointer().rsplit_once('/').map_or("", |(above, _)| above);
    charter_contract::Location::new(location.document(), pointer)
}

/// Every schema that is reachable from an entry.
fn reached(contract: &Contract, shapes: &Shapes) -> BTreeSet<SchemaId> {
    let mut open: Vec<SchemaId> = shapes.entries.iter().map(|entry| entry.schema).collect();
    let mut found = BTreeSet::new();
    while let Some(id) = open.pop() {
        if found.insert(id) {
            let keywords = &contract.schema(id).keywords;
            open.extend(keywords.in_place().chain(keywords.parts()));
        }
    }
    found
}

/// The schemas that are reachable only through a keyword that the `jsonschema` crate checks: those below the keyword.
fn under(contract: &Contract, id: SchemaId, keyword: &str) -> Vec<SchemaId> {
    let above = &contract.schema(id).location;
    let words: &[&str] = match keyword {
        "if" => &["if", "then", "else"],
        "dependentSchemas" => &["dependentSchemas", "dependencies"],
        "$dynamicRef" => &[""],
        _ => &[keyword],
    };
    let beginnings: Vec<String> =
        words.iter().map(|word| if word.is_empty() { above.pointer().to_owned() } else { format!("{}/{word}", above.pointer()) }).collect();
    let is_below = |pointer: &str| {
        beginnings.iter().any(|start| pointer.strip_prefix(start.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
    };
    let shaped = matches!(keyword, "anyOf" | "oneOf" | "unevaluatedProperties" | "unevaluatedItems" | "patternProperties" | "prefixItems");
    // Branches that have a shape are native themselves.
    let all = contract.schemas().iter().filter(|(_, schema)| schema.location.document() == above.document());
    if shaped { Vec::new() } else { all.filter(|(_, schema)| is_below(schema.location.pointer())).map(|(id, _)| id).collect() }
}
