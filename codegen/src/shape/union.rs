//! `anyOf` and `oneOf`: null beside one shape, or branches that are proved to be told apart. A union that is not is refused.

use std::collections::BTreeSet;

use charter_schema::{Contract, JsonType, Keywords, SchemaId};
use serde_json::Value;

use super::build::Builder;
use super::check::unsupported;
use super::{Branch, Dispatch, Origin, Shape, TypeKind, Use};
use crate::Error;

/// Shapes a union.
pub(super) fn shape(
    builder: &mut Builder<'_>,
    id: SchemaId,
    keyword: &'static str,
    branches: &[SchemaId],
    origin: &Origin,
) -> Result<Use, Error> {
    let contract = builder.contract;
    let schema = contract.schema(id);
    refuse_siblings(contract, id, keyword)?;
    let (nulls, others): (Vec<SchemaId>, Vec<SchemaId>) = branches.iter().partition(|branch| is_null(contract, **branch));
    // Under `oneOf`, a second null would make null match twice.
    if keyword == "oneOf" && nulls.len() > 1 {
        return Err(Error::Ambiguous { location: schema.location.clone() });
    }
    let mut nullable = !nulls.is_empty();
    if let [only] = others.as_slice() {
        let use_ = builder.use_of(*only, origin)?;
        if keyword == "oneOf" && nullable && (use_.nullable || use_.shape == Shape::Any) {
            return Err(Error::Ambiguous { location: schema.location.clone() });
        }
        // Any value may be null already.
        let nullable = (nullable || use_.nullable) && use_.shape != Shape::Any;
        return Ok(Use { shape: use_.shape, nullable });
    }
    if others.is_empty() {
        return Err(unsupported(&schema.location, keyword));
    }
    let dispatch = dispatch(contract, &others).ok_or_else(|| Error::Ambiguous { location: schema.location.clone() })?;
    let type_ = builder.reserve(id, origin);
    builder.shapes.uses.insert(id, Use { shape: Shape::Named(type_), nullable });
    let mut shaped = Vec::new();
    for (index, branch) in others.iter().enumerate() {
        let word = word(contract, *branch, index);
        let use_ = builder.use_of(*branch, &Origin::Part { of: type_, word: word.clone() })?;
        if use_.nullable && keyword == "oneOf" && nullable {
            return Err(Error::Ambiguous { location: schema.location.clone() });
        }
        nullable |= use_.nullable;
        shaped.push(Branch { shape: use_.shape, schema: *branch, word });
    }
    builder.shapes.types[type_.0].kind = TypeKind::Union { branches: shaped, dispatch, keyword };
    Ok(Use { shape: Shape::Named(type_), nullable })
}

fn refuse_siblings(contract: &Contract, id: SchemaId, keyword: &'static str) -> Result<(), Error> {
    let schema = contract.schema(id);
    let annotations =
        ["title", "description", "default", "deprecated", "examples", "readOnly", "writeOnly", "$comment", "$schema", "$defs"];
    let Value::Object(keywords) = &schema.source else { return Ok(()) };
    match keywords.keys().find(|key| *key != keyword && !annotations.contains(&key.as_str()) && !key.starts_with("x-")) {
        Some(sibling) => Err(unsupported(&schema.location, sibling)),
        None => Ok(()),
    }
}

fn keywords(contract: &Contract, id: SchemaId) -> &Keywords {
    &contract.schema(contract.target(id)).keywords
}

fn is_null(contract: &Contract, id: SchemaId) -> bool {
    let keywords = keywords(contract, id);
    keywords.types.as_deref() == Some(&[JsonType::Null]) || keywords.constant == Some(Value::Null)
}

/// The name of a branch that has none of its own: its type.
fn word(contract: &Contract, id: SchemaId, index: usize) -> String {
    let target = contract.schema(contract.target(id));
    let given = target.keywords.title.clone().or_else(|| (contract.target(id) != id).then(|| target.location.last_token()).flatten());
    let type_ = target
        .keywords
        .types
        .as_deref()
        .and_then(|types| types.iter().find(|type_| **type_ != JsonType::Null))
        .map(|type_| type_.as_str().to_owned());
    given.or(type_).unwrap_or_else(|| format!("branch {index}"))
}

/// What tells the branches apart, where something does.
fn dispatch(contract: &Contract, branches: &[SchemaId]) -> Option<Dispatch> {
    by_type(contract, branches).or_else(|| by_tag(contract, branches)).or_else(|| by_keys(contract, branches))
}

/// Each branch takes JSON types that no other takes.
fn by_type(contract: &Contract, branches: &[SchemaId]) -> Option<Dispatch> {
    let mut seen = BTreeSet::new();
    let mut types = Vec::new();
    for branch in branches {
        let mut of_branch = Vec::new();
        for type_ in types_of(keywords(contract, *branch))? {
            // A whole number is an integer and a number: the two overlap.
            let words: &[&'static str] = if type_ == JsonType::Number { &["integer", "number"] } else { &[type_.as_str()] };
            for word in words {
                if type_ != JsonType::Null && !of_branch.contains(word) {
                    seen.insert(*word).then_some(())?;
                    of_branch.push(*word);
                }
            }
        }
        types.push(of_branch);
    }
    Some(Dispatch::Type(types))
}

/// The types that a schema lets pass.
fn types_of(keywords: &Keywords) -> Option<Vec<JsonType>> {
    if let Some(types) = &keywords.types {
        return Some(types.clone());
    }
    let values = keywords.enumeration.as_deref().or(keywords.constant.as_ref().map(std::slice::from_ref))?;
    Some(
        values
            .iter()
            .map(|value| match value {
                Value::Null => JsonType::Null,
                Value::Bool(_) => JsonType::Boolean,
                Value::Number(_) => JsonType::Number,
                Value::String(_) => JsonType::String,
                Value::Array(_) => JsonType::Array,
                Value::Object(_) => JsonType::Object,
            })
            .collect(),
    )
}

fn is_object(keywords: &Keywords) -> bool {
    keywords.types.as_deref() == Some(&[JsonType::Object])
}

/// A key that every branch requires, with strings that no two branches share.
fn by_tag(contract: &Contract, branches: &[SchemaId]) -> Option<Dispatch> {
    let first = keywords(contract, *branches.first()?);
    first.required.iter().find_map(|key| {
        let mut seen = BTreeSet::new();
        let mut values = Vec::new();
        for branch in branches {
            let keywords = keywords(contract, *branch);
            if !is_object(keywords) || !keywords.required.contains(key) {
                return None;
            }
            let strings = strings(self::keywords(contract, *keywords.properties.get(key)?))?;
            for text in &strings {
                seen.insert(text.clone()).then_some(())?;
            }
            values.push(strings);
        }
        Some(Dispatch::Tag { key: key.clone(), values })
    })
}

/// The strings that a schema allows, where it allows nothing else.
fn strings(keywords: &Keywords) -> Option<Vec<String>> {
    let values = keywords.enumeration.as_deref().or(keywords.constant.as_ref().map(std::slice::from_ref))?;
    values.iter().map(|value| value.as_str().map(str::to_owned)).collect()
}

/// Branch after branch, a key that it requires and that every branch left refuses.
fn by_keys(contract: &Contract, branches: &[SchemaId]) -> Option<Dispatch> {
    let refuses = |branch: &SchemaId, key: &str| {
        let keywords = keywords(contract, *branch);
        let closed = keywords.additional_properties.is_some_and(|additional| contract.schema(additional).keywords.never);
        closed && !keywords.properties.contains_key(key)
    };
    if !branches.iter().all(|branch| is_object(keywords(contract, *branch))) {
        return None;
    }
    let mut left: Vec<usize> = (0..branches.len()).collect();
    let mut decisions = Vec::new();
    while left.len() > 1 {
        let decided = left.iter().find_map(|index| {
            let required = &keywords(contract, branches[*index]).required;
            let key = required.iter().find(|key| left.iter().all(|other| other == index || refuses(&branches[*other], key)))?;
            Some((*index, key.clone()))
        })?;
        left.retain(|index| *index != decided.0);
        decisions.push(decided);
    }
    Some(Dispatch::Keys { decisions, otherwise: *left.first()? })
}
