//! Types for requests that accept the same values as their counterparts for responses: one type serves both.

use std::collections::{BTreeMap, HashMap};

use charter_contract::Direction;

use super::{Entry, Limit, Origin, Shapes, TypeId, TypeKind, recursion};
use crate::direction::Directions;

/// Merges every type for requests with its counterpart for responses, if both have the same definition.
pub(super) fn merge(shapes: &mut Shapes, directions: &Directions<'_>) {
    // All counterparts are taken to be equal until a difference is found, so that types that contain one another are merged as well.
    let mut equal = counterparts(shapes);
    loop {
        let differs = |pair: &(&TypeId, &TypeId)| !is_equal(shapes, directions, &equal, *pair.0, *pair.1);
        let different: Vec<TypeId> = equal.iter().filter(differs).map(|(request, _)| *request).collect();
        if different.is_empty() {
            break;
        }
        equal.retain(|request, _| !different.contains(request));
    }
    for response in equal.values() {
        shapes.types[response.0].direction = None;
    }
    replace(shapes, &equal);
    merge_entries(shapes);
}

/// Removes types, and uses an equal type instead of each.
pub(super) fn replace(shapes: &mut Shapes, equal: &BTreeMap<TypeId, TypeId>) {
    let mut moved = Vec::with_capacity(shapes.types.len());
    let mut next = 0;
    for index in 0..shapes.types.len() {
        moved.push(TypeId(next));
        next += usize::from(!equal.contains_key(&TypeId(index)));
    }
    let mut index = 0;
    shapes.types.retain(|_| {
        index += 1;
        !equal.contains_key(&TypeId(index - 1))
    });
    let target = |id: &mut TypeId| *id = moved[equal.get(id).unwrap_or(id).0];
    for type_ in &mut shapes.types {
        if let Origin::Part { of, .. } = &mut type_.origin {
            target(of);
        }
        recursion::each_use(&mut type_.kind, &mut |shape| recursion::each_type(shape, &target));
    }
    let entries = shapes.entries.iter_mut().map(|entry| &mut entry.use_);
    for use_ in shapes.uses.values_mut().chain(shapes.request_uses.values_mut()).chain(entries) {
        recursion::each_type(&mut use_.shape, &target);
    }
}

/// Removes the entries for requests whose use is that of responses.
fn merge_entries(shapes: &mut Shapes) {
    let of_responses: HashMap<_, _> = shapes
        .entries
        .iter()
        .filter(|entry| entry.direction != Some(Direction::Request))
        .map(|entry| (entry.schema, entry.use_.clone()))
        .collect();
    let is_equal = |entry: &Entry| of_responses.get(&entry.schema) == Some(&entry.use_);
    shapes.entries.retain(|entry| entry.direction != Some(Direction::Request) || !is_equal(entry));
    let differing: Vec<_> =
        shapes.entries.iter().filter(|entry| entry.direction == Some(Direction::Request)).map(|entry| entry.schema).collect();
    for entry in &mut shapes.entries {
        if !differing.contains(&entry.schema) {
            entry.direction = None;
        }
    }
}

/// The type for responses of each type for requests: that of the same schemas.
fn counterparts(shapes: &Shapes) -> BTreeMap<TypeId, TypeId> {
    let mut of_responses = HashMap::new();
    let mut found = BTreeMap::new();
    let mut seen: HashMap<_, usize> = HashMap::new();
    for (index, type_) in shapes.types.iter().enumerate() {
        let Some(direction) = type_.direction else { continue };
        let is_unchecked = matches!(&type_.origin, Origin::Part { word, .. } if word == "unchecked");
        let mut of = type_.of.clone();
        of.sort_unstable();
        let key = (type_.schema, of, type_.only, is_unchecked);
        let count = seen.entry((direction, key.clone())).or_default();
        *count += 1;
        let place = (key, *count);
        if direction == Direction::Response {
            of_responses.insert(place, TypeId(index));
        } else if let Some(response) = of_responses.get(&place) {
            found.insert(TypeId(index), *response);
        }
    }
    found
}

fn is_equal(shapes: &Shapes, directions: &Directions<'_>, equal: &BTreeMap<TypeId, TypeId>, request: TypeId, response: TypeId) -> bool {
    let mut kind = shapes.types[request.0].kind.clone();
    // The `jsonschema` crate checks the schema of the direction.
    if let TypeKind::Constrained { checks, .. } = &kind
        && checks.iter().any(|check| matches!(check.limit, Limit::Schema(id) if directions.differs(id)))
    {
        return false;
    }
    recursion::each_use(&mut kind, &mut |shape| recursion::each_type(shape, &|id| *id = *equal.get(id).unwrap_or(id)));
    kind == shapes.types[response.0].kind
}
