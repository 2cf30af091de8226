//! The places of changes of operations: the reference of the operation instead of its target, and a place in both contracts.

use charter_contract::load::Documents;
use charter_contract::{Contract, Location, resolve};
use serde_json::Value;

use super::pair::OperationPair;
use crate::change::OperationChange;

/// Moves a part that only one contract has from the component to the reference of the operation.
pub(crate) fn use_references(changes: &mut [OperationChange], pairs: &[OperationPair], old: &Contract, new: &Contract) {
    for change in changes {
        let Some(pair) = pairs.iter().find(|pair| pair.id == change.operation) else { continue };
        let (contract, operation, location) = match (&mut change.old_location, &mut change.new_location) {
            (Some(location), None) => (old, &pair.locations.0, location),
            (None, Some(location)) => (new, &pair.locations.1, location),
            _ => continue,
        };
        if !is_within(location, operation)
            && let Some(found) = reference_of(contract, operation, location)
        {
            *location = found;
        }
    }
}

/// The place where an operation, or the parameters of its path, refer to a component.
fn reference_of(contract: &Contract, operation: &Location, target: &Location) -> Option<Location> {
    let (path, _) = operation.pointer().rsplit_once('/')?;
    let shared = Location::new(operation.document(), format!("{path}/parameters"));
    [operation, &shared].into_iter().find_map(|at| reference(contract.documents(), contract.documents().at(at)?, at, target, 0))
}

fn reference(documents: &Documents, value: &Value, at: &Location, target: &Location, depth: usize) -> Option<Location> {
    let points = |reference: &str| resolve(documents, at, reference).is_ok_and(|found| found == *target);
    if value.get("$ref").and_then(Value::as_str).is_some_and(points) {
        return Some(at.clone());
    }
    let below = |value, child: Location| reference(documents, value, &child, target, depth + 1);
    match value {
        // An operation refers to its parameters, its body, its responses and their header fields.
        _ if depth == 4 => None,
        Value::Object(members) => members.iter().find_map(|(key, value)| below(value, at.child(key))),
        Value::Array(items) => items.iter().enumerate().find_map(|(index, value)| below(value, at.child(index))),
        _ => None,
    }
}

/// Adds the place of the other contract to each change of a part that only one has: the nearest part around it.
pub(crate) fn add_other_places(changes: &mut [OperationChange], pairs: &[OperationPair], old: &Contract, new: &Contract) {
    for change in changes {
        let pair = pairs.iter().find(|pair| pair.id == change.operation);
        match (&change.old_location, &change.new_location) {
            (Some(location), None) => {
                change.is_removal = true;
                change.new_location = Some(around(new, location, pair.map(|pair| (&pair.locations.0, &pair.locations.1))));
            }
            (None, Some(location)) => {
                change.old_location = Some(around(old, location, pair.map(|pair| (&pair.locations.1, &pair.locations.0))));
            }
            _ => {}
        }
    }
}

/// The nearest part of a contract around a location of the other one. An operation may have moved.
fn around(contract: &Contract, location: &Location, moved: Option<(&Location, &Location)>) -> Location {
    let mut at = location.clone();
    if let Some((from, to)) = moved
        && is_within(location, from)
    {
        at = Location::new(to.document(), format!("{}{}", to.pointer(), &location.pointer()[from.pointer().len()..]));
    }
    while contract.documents().at(&at).is_none() {
        let Some((above, _)) = at.pointer().rsplit_once('/') else {
            // The contract does not have the document.
            return moved.map_or(at, |(_, to)| to.clone());
        };
        at = Location::new(at.document(), above);
    }
    at
}

fn is_within(location: &Location, above: &Location) -> bool {
    location.document() == above.document()
        && location.pointer().strip_prefix(above.pointer()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
