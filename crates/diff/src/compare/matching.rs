//! Matches the branches and parts of two schemas.

use std::collections::HashSet;

use charter_contract::{Contract, Keywords, SchemaId};

use super::sides::Sides;
use super::view::{assertions, core};

/// Whether two schemas have the same keywords with the same operands, part by part. Annotations do not count.
pub(super) fn alike(sides: Sides<'_, '_, '_>, one: SchemaId, other: SchemaId) -> bool {
    let mut assumed = HashSet::new();
    let found = alike_within(sides, one, other, &mut assumed);
    if found {
        sides.alike.borrow_mut().extend(assumed.into_iter().map(|pair| (pair, true)));
    }
    found
}

fn alike_within(sides: Sides<'_, '_, '_>, one: SchemaId, other: SchemaId, assumed: &mut HashSet<(SchemaId, SchemaId)>) -> bool {
    let (old, new) = (sides.old.contract(), sides.new.contract());
    let (one, other) = (core(old, one), core(new, other));
    if let Some(known) = sides.alike.borrow().get(&(one, other)) {
        return *known;
    }
    if !assumed.insert((one, other)) {
        return true;
    }
    let found = has_equal_parts(sides, one, other, assumed);
    if !found {
        // They differ whatever is assumed of the pairs that are not finished.
        sides.alike.borrow_mut().insert((one, other), false);
    }
    found
}

fn has_equal_parts(sides: Sides<'_, '_, '_>, one: SchemaId, other: SchemaId, assumed: &mut HashSet<(SchemaId, SchemaId)>) -> bool {
    let (old, new) = (sides.old.contract(), sides.new.contract());
    let (mut left, mut right) = (assertions(&old.schema(one).keywords), assertions(&new.schema(other).keywords));
    let (left_parts, right_parts) = (parts(&mut left), parts(&mut right));
    if left != right || left_parts.len() != right_parts.len() {
        return false;
    }
    let pairs = left_parts.into_iter().zip(right_parts);
    pairs.into_iter().all(|((label, one), (other_label, other))| label == other_label && alike_within(sides, one, other, assumed))
}

/// Removes the subschemas from the keywords and returns them by keyword and key. Sorts keywords without order.
fn parts(keywords: &mut Keywords) -> Vec<(String, SchemaId)> {
    let mut parts = Vec::new();
    let mut one = |label: &str, id: &mut Option<SchemaId>| parts.extend(id.take().map(|id| (label.to_owned(), id)));
    one("$ref", &mut keywords.reference);
    one("additionalProperties", &mut keywords.additional_properties);
    one("propertyNames", &mut keywords.property_names);
    one("unevaluatedProperties", &mut keywords.unevaluated_properties);
    one("items", &mut keywords.items);
    one("contains", &mut keywords.contains);
    one("unevaluatedItems", &mut keywords.unevaluated_items);
    one("not", &mut keywords.not);
    one("if", &mut keywords.if_);
    one("then", &mut keywords.then);
    one("else", &mut keywords.else_);
    let rare = &mut *keywords.rare;
    for (label, map) in [
        ("properties", &mut *keywords.properties),
        ("patternProperties", &mut rare.pattern_properties),
        ("dependentSchemas", &mut rare.dependent_schemas),
    ] {
        parts.extend(map.drain(..).map(|(key, id)| (format!("{label}/{key}"), id)));
    }
    for (label, list) in [
        ("prefixItems", &mut rare.prefix_items),
        ("allOf", &mut keywords.all_of),
        ("anyOf", &mut keywords.any_of),
        ("oneOf", &mut keywords.one_of),
    ] {
        parts.extend(list.drain(..).enumerate().map(|(index, id)| (format!("{label}/{index:04}"), id)));
    }
    parts.sort();
    keywords.required.sort();
    if let Some(values) = &mut keywords.enumeration {
        values.sort_by_key(ToString::to_string);
    }
    if let Some(types) = &mut keywords.types {
        types.sort();
    }
    parts
}

/// Matched pairs of branches, and the branches without a match.
#[derive(Debug, Default)]
pub(super) struct Matched {
    pub(super) pairs: Vec<(SchemaId, SchemaId)>,
    pub(super) removed: Vec<SchemaId>,
    pub(super) added: Vec<SchemaId>,
}

/// Matches the branches of two unions: those of the same component first, then equal ones, then by name, by tag, and by type.
pub(super) fn branches(sides: Sides<'_, '_, '_>, removed: Vec<SchemaId>, added: Vec<SchemaId>) -> Matched {
    let (old, new) = (sides.old.contract(), sides.new.contract());
    let mut matched = Matched { pairs: Vec::new(), removed, added };
    let referred = |contract: &Contract, id: SchemaId| -> Option<String> {
        let target = contract.schema(id).keywords.reference?;
        Some(contract.schema(target).location.pointer().to_owned())
    };
    take(&mut matched, |one, other| referred(old, one).is_some_and(|place| Some(place) == referred(new, other)));
    take(&mut matched, |one, other| alike(sides, one, other));
    take(&mut matched, |one, other| name(old, one).is_some_and(|name| Some(name) == self::name(new, other)));
    take(&mut matched, |one, other| tag(old, one).is_some_and(|tag| Some(tag) == self::tag(new, other)));
    take(&mut matched, |one, other| {
        let (one, other) = (&old.schema(core(old, one)).keywords, &new.schema(core(new, other)).keywords);
        let scalar = |keywords: &Keywords| keywords.properties.is_empty();
        (one.types.is_some() && one.types == other.types && scalar(one) && scalar(other))
            || one.properties.keys().filter(|key| other.properties.contains_key(*key)).count() * 2
                > one.properties.len().max(other.properties.len())
    });
    matched
}

fn take(matched: &mut Matched, belong: impl Fn(SchemaId, SchemaId) -> bool) {
    let mut left = Vec::new();
    for one in std::mem::take(&mut matched.removed) {
        match matched.added.iter().position(|other| belong(one, *other)) {
            Some(index) => matched.pairs.push((one, matched.added.remove(index))),
            None => left.push(one),
        }
    }
    matched.removed = left;
}

fn name(contract: &Contract, id: SchemaId) -> Option<String> {
    let schema = contract.schema(id);
    match schema.keywords.reference {
        Some(target) => contract.schema(target).location.last_token(),
        None => schema.title().map(str::to_owned),
    }
}

/// The constants that distinguish a branch from its siblings.
fn tag(contract: &Contract, id: SchemaId) -> Option<String> {
    let keywords = &contract.schema(core(contract, id)).keywords;
    let constants = keywords.properties.iter().filter_map(|(key, property)| {
        let property = &contract.schema(core(contract, *property)).keywords;
        let value = match (&property.constant, property.enumeration.as_deref()) {
            (Some(value), _) | (None, Some([value])) => value,
            _ => return None,
        };
        Some(format!("{key}={value};"))
    });
    let tag: String = constants.collect();
    if tag.is_empty() { keywords.constant.as_ref().map(ToString::to_string) } else { Some(tag) }
}
