//! The lock: every published name, so that an extended schema renames nothing.

use std::collections::{BTreeMap, HashMap};

use charter_contract::{Contract, Direction};
use serde::{Deserialize, Serialize};

use crate::shape::{Entry, Origin, Others, Shapes, TypeId, TypeKind};

/// The format of the lock.
const FORMAT: &str = "charter-names/1";

/// The names of types, fields and variants, by their schema locations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameLock {
    format: String,
    /// By the location of the schema, with a suffix if one schema has several types.
    pub(super) types: BTreeMap<String, LockedType>,
    /// The names of aliases, by the location of their schema.
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

/// Why a lock cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// The text is not JSON, or does not have the members of a lock.
    #[error("the file is not a lock of names: {0}")]
    Json(#[from] serde_json::Error),
    /// The lock has another format.
    #[error("the format is {found:?}; expected {FORMAT:?}")]
    Format {
        /// The format in the file.
        found: String,
    },
    /// Two types have one name, or a name that generated code needs for something else.
    #[error("the name {name:?} is used twice or reserved for generated code")]
    Taken {
        /// The name.
        name: String,
    },
    /// A name is not a Rust identifier.
    #[error("the name {name:?} is not a Rust identifier")]
    Identifier {
        /// The name.
        name: String,
    },
}

impl Default for NameLock {
    fn default() -> Self {
        Self { format: FORMAT.to_owned(), types: BTreeMap::new(), aliases: BTreeMap::new() }
    }
}

impl NameLock {
    /// Whether a type has a name, by its key.
    pub(crate) fn has_type(&self, key: &str) -> bool {
        self.types.get(key).is_some_and(|type_| !type_.name.is_empty())
    }

    /// Parses the text of a lock file.
    ///
    /// # Errors
    /// The text is not a lock of this format, or a name in it cannot be used.
    pub fn parse(text: &str) -> Result<Self, LockError> {
        let lock: Self = serde_json::from_str(text)?;
        if lock.format != FORMAT {
            return Err(LockError::Format { found: lock.format });
        }
        let members = lock.types.values().flat_map(|type_| type_.members.values());
        let all = lock.types.values().map(|type_| &type_.name).chain(lock.aliases.values()).chain(members);
        let mut seen = std::collections::HashSet::new();
        let names = lock.types.values().map(|type_| &type_.name).chain(lock.aliases.values());
        if let Some(twice) = names.into_iter().find(|name| !seen.insert(name.as_str()) || super::TAKEN.contains(&name.as_str())) {
            return Err(LockError::Taken { name: twice.clone() });
        }
        match all.into_iter().find(|name| syn::parse_str::<syn::Ident>(name).is_err()) {
            Some(name) => Err(LockError::Identifier { name: name.clone() }),
            None => Ok(lock),
        }
    }

    /// The lock as a file.
    pub fn render(&self) -> String {
        format!("{}\n", serde_json::to_string_pretty(self).unwrap_or_default())
    }
}

/// The suffix of the keys of types for requests.
const REQUEST: &str = "?request";

/// The key of an entry: the location of its schema, with a suffix if it is for requests only.
pub(super) fn entry_key(contract: &Contract, entry: &Entry) -> String {
    format!("{}{}", contract.schema(entry.schema).location, suffix(entry.direction))
}

fn suffix(direction: Option<Direction>) -> &'static str {
    if direction == Some(Direction::Request) { REQUEST } else { "" }
}

/// The type for responses of each type for requests, and the reverse.
pub(super) fn counterparts(shapes: &Shapes) -> Vec<Option<TypeId>> {
    let indices: HashMap<&str, usize> = shapes.types.iter().enumerate().map(|(index, type_)| (type_.key.as_str(), index)).collect();
    let mut counterparts = vec![None; shapes.types.len()];
    for (request, type_) in shapes.types.iter().enumerate().filter(|(_, type_)| type_.direction == Some(Direction::Request)) {
        if let Some(response) = indices.get(type_.key.replacen(REQUEST, "", 1).as_str()).copied() {
            counterparts[request] = Some(TypeId(response));
            counterparts[response] = Some(TypeId(request));
        }
    }
    counterparts
}

/// Sets the key of each type: the location of its schema, with a suffix if one schema has several types.
pub(crate) fn set_keys(contract: &Contract, shapes: &mut Shapes) {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for type_ in &mut shapes.types {
        let mut key = format!("{}{}", contract.schema(type_.schema).location, suffix(type_.direction));
        if let Some(only) = type_.only {
            key.push_str(&format!("?{}", only.as_str()));
        }
        if matches!(&type_.origin, Origin::Part { word, .. } if word == "unchecked") {
            key.push_str("?unchecked");
        }
        let count = seen.entry(key.clone()).or_insert(0);
        *count += 1;
        type_.key = if *count > 1 { format!("{key}?{count}") } else { key };
    }
}

/// The key of each field or variant of a type, in its order.
pub(super) fn member_keys(contract: &Contract, shapes: &Shapes, id: TypeId) -> Vec<String> {
    match &shapes.types[id.0].kind {
        TypeKind::Struct { properties, patterns, additional } => {
            let known = properties.iter().map(|property| property.key.clone());
            let matching = patterns.iter().map(|pattern| format!("?matching {}", pattern.written));
            known.chain(matching).chain(additional.iter().map(|_| "?additional".to_owned())).collect()
        }
        TypeKind::Enumeration { values, others, .. } => {
            values.iter().cloned().chain((*others != Others::Refused).then(|| "?unknown".to_owned())).collect()
        }
        TypeKind::Values { values, .. } => values.iter().map(ToString::to_string).collect(),
        TypeKind::Union { branches, .. } => {
            branches.iter().map(|branch| format!("{} {}", contract.schema(branch.schema).location, branch.word)).collect()
        }
        TypeKind::Constrained { .. } => Vec::new(),
    }
}
