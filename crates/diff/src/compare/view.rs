//! The effective keywords of a schema: behind plain references, with the parts of `allOf` merged if that keeps the meaning.

use charter_contract::{Contract, Keywords, Location, SchemaId};
use serde_json::Value;

/// The assertions of a schema, without annotations.
pub(super) fn assertions(keywords: &Keywords) -> Keywords {
    Keywords { deprecated: false, read_only: false, write_only: false, format: None, ..keywords.clone() }
}

/// The schema behind plain references and unions with null.
pub(super) fn core(contract: &Contract, id: SchemaId) -> SchemaId {
    behind(contract, id, true)
}

/// The schemas to compare, behind plain references and unions with null. A single part of `allOf` is compared as a part if the other
/// schema has parts.
pub(super) fn cores((old, one): (&Contract, SchemaId), (new, other): (&Contract, SchemaId)) -> (SchemaId, SchemaId) {
    let found = (core(old, one), core(new, other));
    let wholes = (behind(old, one, false), behind(new, other, false));
    let has_parts = |contract: &Contract, id: SchemaId| !contract.schema(id).keywords.all_of.is_empty();
    let differs = has_parts(new, found.1) && found.0 != wholes.0 || has_parts(old, found.0) && found.1 != wholes.1;
    if differs { wholes } else { found }
}

fn behind(contract: &Contract, id: SchemaId, parts: bool) -> SchemaId {
    let mut at = id;
    for _ in 0..64 {
        let keywords = assertions(&contract.schema(at).keywords);
        let alone = |keywords: Keywords| keywords == Keywords::default();
        let next = if let Some(target) = keywords.reference
            && alone(Keywords { reference: None, ..keywords.clone() })
        {
            target
        } else if let [part] = keywords.all_of[..]
            && parts
            && alone(Keywords { all_of: Vec::new(), ..keywords.clone() })
        {
            part
        } else {
            let union = if keywords.any_of.is_empty() { &keywords.one_of } else { &keywords.any_of };
            let rest: Vec<SchemaId> = union.iter().copied().filter(|branch| !is_null(contract, *branch)).collect();
            let only = alone(Keywords { any_of: Vec::new(), one_of: Vec::new(), ..keywords.clone() })
                && (keywords.any_of.is_empty() || keywords.one_of.is_empty());
            match rest[..] {
                [branch] if only => branch,
                _ => return at,
            }
        };
        at = next;
    }
    at
}

/// The location of a keyword that [`view`] takes from a reference or a part of `allOf`. `key` is an entry of the keyword's list.
pub(super) fn origin(contract: &Contract, id: SchemaId, location: &Location, key: Option<&str>) -> Option<Location> {
    let own = &contract.schema(id).location;
    let keyword = location.pointer().strip_prefix(own.pointer()).filter(|keyword| !keyword.is_empty())?;
    let (mut open, mut index) = (vec![id], 0);
    while let Some(next) = open.get(index).copied() {
        index += 1;
        let schema = contract.schema(next);
        let found = Location::new(schema.location.document(), format!("{}{keyword}", schema.location.pointer()));
        if let Some(value) = contract.documents().at(&found)
            && key.is_none_or(|key| value.as_array().is_some_and(|list| list.iter().any(|entry| entry == key)))
        {
            return Some(found);
        }
        if open.len() < 64 {
            open.extend(schema.keywords.reference.iter().chain(&schema.keywords.all_of));
        }
    }
    None
}

/// The location of a keyword that has another name in the draft of its schema.
pub(super) fn former(contract: &Contract, location: &Location) -> Option<Location> {
    let (schema, keyword) = location.pointer().rsplit_once('/')?;
    let schema = Location::new(location.document(), schema);
    let value = contract.documents().at(&schema)?;
    let has_list = value.get("items").is_some_and(Value::is_array);
    let name = match keyword {
        "items" if has_list => "additionalItems",
        "prefixItems" if has_list => "items",
        "dependentRequired" | "dependentSchemas" if value.get(keyword).is_none() && value.get("dependencies").is_some() => "dependencies",
        _ => return None,
    };
    Some(schema.child(name))
}

/// Whether a schema accepts null and nothing else.
pub(super) fn is_null(contract: &Contract, id: SchemaId) -> bool {
    let keywords = &contract.schema(id).keywords;
    let by_type = keywords.types.as_deref() == Some(&[charter_contract::JsonType::Null]);
    by_type || keywords.constant == Some(Value::Null) || keywords.enumeration.as_deref() == Some(&[Value::Null])
}

/// The keywords of a schema, merged with those of `allOf` and its reference if that keeps the meaning.
pub(super) fn view(contract: &Contract, id: SchemaId) -> Keywords {
    let own = assertions(&contract.schema(id).keywords);
    match merged(contract, &own, 0) {
        Some(whole) => whole,
        None => own,
    }
}

/// The keywords of two schemas to compare: both merged, or both as written if one cannot be merged.
pub(super) fn views((old, one): (&Contract, SchemaId), (new, other): (&Contract, SchemaId)) -> (Keywords, Keywords) {
    let (left, right) = (assertions(&old.schema(one).keywords), assertions(&new.schema(other).keywords));
    match (merged(old, &left, 0), merged(new, &right, 0)) {
        (Some(left), Some(right)) => (left, right),
        (Some(whole), None) if left.all_of.is_empty() => (whole, right),
        (None, Some(whole)) if right.all_of.is_empty() => (left, whole),
        _ => (left, right),
    }
}

fn merged(contract: &Contract, own: &Keywords, depth: usize) -> Option<Keywords> {
    if own.reference.is_none() && own.all_of.is_empty() {
        return Some(own.clone());
    }
    if depth > 16 {
        return None;
    }
    let mut whole = Keywords { reference: None, all_of: Vec::new(), ..own.clone() };
    for part in own.reference.iter().chain(&own.all_of) {
        let part = merged(contract, &assertions(&contract.schema(*part).keywords), depth + 1)?;
        absorb(&mut whole, part)?;
    }
    Some(whole)
}

/// Merges the keywords of a part. `None` if merging changes the meaning: both have the same keyword, or one closes the object.
fn absorb(whole: &mut Keywords, part: Keywords) -> Option<()> {
    let closes = |keywords: &Keywords| {
        keywords.additional_properties.is_some()
            || keywords.unevaluated_properties.is_some()
            || keywords.unevaluated_items.is_some()
            || keywords.items.is_some()
    };
    if closes(whole) || closes(&part) {
        // A part that closes the object can be merged only into a schema without other keywords.
        let bare = Keywords { types: whole.types.clone(), ..Keywords::default() } == *whole;
        if !bare || whole.types.is_some() && part.types.is_some() && whole.types != part.types {
            return None;
        }
        *whole = Keywords { types: whole.types.take().or(part.types.clone()), ..part };
        return Some(());
    }
    if part.properties.keys().any(|key| whole.properties.contains_key(key)) {
        return None;
    }
    whole.properties.extend(part.properties.clone());
    for key in &part.required {
        if !whole.required.contains(key) {
            whole.required.push(key.clone());
        }
    }
    let rest = Keywords { properties: Default::default(), required: Vec::new(), ..part };
    let types = match (&whole.types, &rest.types) {
        (Some(one), Some(other)) if one != other => return None,
        (one, other) => one.clone().or_else(|| other.clone()),
    };
    let rest = Keywords { types: None, ..rest };
    let mine = Keywords { properties: Default::default(), required: Vec::new(), types: None, ..whole.clone() };
    let joined = if rest == Keywords::default() {
        mine
    } else if mine == Keywords::default() {
        rest
    } else {
        return None;
    };
    *whole = Keywords { properties: std::mem::take(&mut whole.properties), required: std::mem::take(&mut whole.required), types, ..joined };
    Some(())
}
