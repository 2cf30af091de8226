//! The objects of further documents: the position of a reference decides their kind.

use std::collections::BTreeMap;

use charter_contract::objects::{Object, visit};
use charter_contract::{Contract, Location, resolve};
use serde_json::Value;

use super::is_openapi;

/// The objects that an OpenAPI document refers to in other documents, with their kinds.
pub(super) fn referenced(contract: &Contract) -> BTreeMap<Location, Object> {
    let documents = contract.documents();
    let mut found = BTreeMap::new();
    let main = documents.names().filter(|name| is_openapi(documents.value(name)));
    let mut open: Vec<(Location, Object)> = main.map(|name| (Location::root(name.as_ref()), Object::Document)).collect();
    while let Some((at, object)) = open.pop() {
        let Some(value) = documents.at(&at) else { continue };
        visit(value, object, &mut |pointer, kind, members| {
            let Some(reference) = members.get("$ref").and_then(Value::as_str) else { return };
            let here = Location::new(at.document(), format!("{}{pointer}", at.pointer()));
            // Objects of an OpenAPI document are compared with it.
            let target = resolve(documents, &here, reference).ok().filter(|target| !is_openapi(documents.value(target.document())));
            if let Some(target) = target
                && !found.contains_key(&target)
            {
                found.insert(target.clone(), kind);
                open.push((target, kind));
            }
        });
    }
    found
}
