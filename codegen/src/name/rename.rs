//! Names from the configuration. They take precedence over all others and are written to the lock.

use std::collections::{BTreeMap, BTreeSet};

use charter_contract::{Contract, Location};

use super::lock::{self, NameLock};
use crate::Error;
use crate::error::no_such_place;
use crate::shape::{Shapes, TypeId};

/// The separator between the location of a type and the key of its member.
const MEMBER: &str = "::";

/// The lock with the names of the configuration.
///
/// # Errors
/// A location without a schema, or a name that is not a Rust identifier.
pub(crate) fn renamed(contract: &Contract, shapes: &Shapes, lock: &NameLock, rename: &BTreeMap<String, String>) -> Result<NameLock, Error> {
    let mut lock = lock.clone();
    if rename.is_empty() {
        return Ok(lock);
    }
    let keys: Vec<&str> = shapes.types.iter().map(|type_| type_.key.as_str()).collect();
    let aliases: Vec<String> = shapes.entries.iter().map(|entry| lock::entry_key(contract, entry)).collect();
    for (place, name) in rename {
        let refused = |keyword: &str, remedy: String| Error::Setting {
            location: Location::new("charter.toml", "/generate/rename"),
            keyword: keyword.to_owned(),
            remedy,
        };
        if syn::parse_str::<syn::Ident>(name).is_err() || super::TAKEN.contains(&name.as_str()) {
            return Err(refused(name, "is not a name that generated code can use".to_owned()));
        }
        let (of, member) = match place.rsplit_once(MEMBER) {
            Some((of, member)) if !keys.contains(&place.as_str()) => (of, Some(member)),
            _ => (place.as_str(), None),
        };
        let type_ = keys.iter().position(|key| *key == of);
        match (type_, member) {
            (Some(index), Some(member)) => {
                let known = lock::member_keys(contract, shapes, TypeId(index));
                if !known.iter().any(|key| key == member) {
                    let meant = charter_contract::nearest(member, known.iter().map(String::as_str));
                    return Err(refused(
                        place,
                        format!("is not a key or value of the type; {}", meant.unwrap_or_else(|| known.join(", "))),
                    ));
                }
                lock.types.entry(of.to_owned()).or_default().members.insert(member.to_owned(), name.clone());
            }
            (Some(_), None) => lock.types.entry(of.to_owned()).or_default().name = name.clone(),
            (None, None) if aliases.iter().any(|alias| alias == of) => {
                lock.aliases.insert(of.to_owned(), name.clone());
            }
            (None, _) => return Err(refused(of, no_such_place(of, keys.iter().copied().chain(aliases.iter().map(String::as_str))))),
        }
    }
    let mut seen = BTreeSet::new();
    let names = lock.types.values().map(|type_| &type_.name).filter(|name| !name.is_empty()).chain(lock.aliases.values());
    match names.into_iter().find(|name| !seen.insert(name.as_str())) {
        Some(twice) => Err(Error::Setting {
            location: Location::new("charter.toml", "/generate/rename"),
            keyword: twice.clone(),
            remedy: "is the name of another type; choose another name, or rename that type too".to_owned(),
        }),
        None => Ok(lock),
    }
}
