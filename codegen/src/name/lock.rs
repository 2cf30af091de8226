//! The lock: every published name, so that a schema that grows renames nothing.

use std::collections::{BTreeMap, HashMap};

use charter_contract::Contract;
use serde::{Deserialize, Serialize};

use crate::shape::{Origin, Shapes, TypeId, TypeKind};

/// The format of the lock.
const FORMAT: &str = "charter-names/1";

/// The names of types and of their fields or variants, by what they stand for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameLock {
    format: String,
    /// By the place of the schema, with what else tells two types of one schema apart.
    pub(super) types: BTreeMap<String, LockedType>,
    /// Names of entries that are no types of their own, by their place.
    pub(super) aliases: BTreeMap<String, String>,
}

/// The names of one type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LockedType {
    pub(super) name: String,
    /// Fields by their key, variants by their value or branch.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) members: BTreeMap<String, String>,
}

impl Default for NameLock {
    fn default() -> Self {
        Self { format: FORMAT.to_owned(), types: BTreeMap::new(), aliases: BTreeMap::new() }
    }
}

impl NameLock {
    /// Reads a lock as it was written.
    ///
    /// # Errors
    /// The text is no lock of this format, or a name in it is none that Rust could use.
    pub fn parse(text: &str) -> Result<Self, String> {
        let lock: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if lock.format != FORMAT {
            return Err(format!("its format is {:?}, not {FORMAT:?}", lock.format));
        }
        let members = lock.types.values().flat_map(|type_| type_.members.values());
        let all = lock.types.values().map(|type_| &type_.name).chain(lock.aliases.values()).chain(members);
        let mut seen = std::collections::HashSet::new();
        let names = lock.types.values().map(|type_| &type_.name).chain(lock.aliases.values());
        if let Some(twice) = names.into_iter().find(|name| !seen.insert(name.as_str()) || super::TAKEN.contains(&name.as_str())) {
            return Err(format!("{twice:?} is given twice, or means something else in generated code"));
        }
        match all.into_iter().find(|name| syn::parse_str::<syn::Ident>(name).is_err()) {
            Some(name) => Err(format!("{name:?} is no name in Rust")),
            None => Ok(lock),
        }
    }

    /// The lock as a file.
    pub fn render(&self) -> String {
        format!("{}\n", serde_json::to_string_pretty(self).unwrap_or_default())
    }
}

/// What each type is known by: its place, and what tells it from other types of the same schema.
pub(super) fn keys(contract: &Contract, shapes: &Shapes) -> Vec<String> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let keys = shapes.types.iter().map(|type_| {
        let mut key = contract.schema(type_.schema).location.to_string();
        if let Some(only) = type_.only {
            key.push_str(&format!("?{}", only.as_str()));
        }
        if matches!(&type_.origin, Origin::Part { word, .. } if word == "unchecked") {
            key.push_str("?unchecked");
        }
        let count = seen.entry(key.clone()).or_insert(0);
        *count += 1;
        if *count > 1 { format!("{key}?{count}") } else { key }
    });
    keys.collect()
}

/// What each field or variant of a type is known by, in its order.
pub(super) fn member_keys(contract: &Contract, shapes: &Shapes, id: TypeId) -> Vec<String> {
    match &shapes.types[id.0].kind {
        TypeKind::Struct { properties, patterns, additional } => {
            let known = properties.iter().map(|property| property.key.clone());
            let matching = patterns.iter().map(|pattern| format!("?matching {}", pattern.written));
            known.chain(matching).chain(additional.iter().map(|_| "?additional".to_owned())).collect()
        }
        TypeKind::Enumeration { values, open } => values.iter().cloned().chain(open.then(|| "?unknown".to_owned())).collect(),
        TypeKind::Values { values } => values.iter().map(ToString::to_string).collect(),
        TypeKind::Union { branches, .. } => {
            branches.iter().map(|branch| format!("{} {}", contract.schema(branch.schema).location, branch.word)).collect()
        }
        TypeKind::Constrained { .. } => Vec::new(),
    }
}
