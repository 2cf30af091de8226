//! The alternatives of a schema: its requirements on an instance, for each choice of branches.

use std::collections::BTreeSet;

use charter_contract::{Contract, JsonType, SchemaId};
use indexmap::IndexMap;
use serde_json::{Number, Value};

/// The maximum number of alternatives of a schema.
const ALTERNATIVES: usize = 24;

/// The requirements of one alternative on an instance.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    pub(super) never: bool,
    types: Option<BTreeSet<JsonType>>,
    pub(super) values: Option<Vec<Value>>,
    pub(super) bounds: Vec<Number>,
    pub(super) steps: Vec<Number>,
    pub(super) lengths: Vec<u64>,
    pub(super) patterns: Vec<String>,
    pub(super) properties: IndexMap<String, Vec<SchemaId>>,
    pub(super) patterned: Vec<(String, SchemaId)>,
    additional: Vec<SchemaId>,
    pub(super) required: BTreeSet<String>,
    pub(super) min_properties: u64,
    pub(super) prefix: Vec<Vec<SchemaId>>,
    items: Vec<SchemaId>,
    pub(super) min_items: u64,
    pub(super) unique: bool,
    pub(super) contains: Vec<SchemaId>,
    hinted: BTreeSet<JsonType>,
}

impl Facts {
    /// The allowed types. Without `type`, all types, those that other keywords apply to first.
    pub(super) fn types(&self) -> Vec<JsonType> {
        match &self.types {
            Some(types) => types.iter().copied().collect(),
            None => {
                let mut types: Vec<JsonType> = self.hinted.iter().copied().collect();
                let all = [JsonType::Null, JsonType::Boolean, JsonType::Number, JsonType::String, JsonType::Array, JsonType::Object];
                types.extend(all.into_iter().filter(|type_| !self.hinted.contains(type_)));
                types
            }
        }
    }

    /// The schemas of the value of a key.
    pub(super) fn value(&self, contract: &Contract, key: &str) -> Vec<SchemaId> {
        let mut ids = self.properties.get(key).cloned().unwrap_or_default();
        for (pattern, id) in &self.patterned {
            if super::text::matches(pattern, key) {
                ids.push(*id);
            }
        }
        if ids.is_empty() {
            ids.extend(self.additional.iter().copied());
        }
        ids.retain(|id| *contract.schema(*id).source() != Value::Bool(true));
        ids
    }

    /// The schemas of an item.
    pub(super) fn item(&self, index: usize) -> &[SchemaId] {
        self.prefix.get(index).map_or(self.items.as_slice(), Vec::as_slice)
    }

    fn take(&mut self, contract: &Contract, id: SchemaId) {
        let keywords = &contract.schema(id).keywords;
        self.never |= keywords.never;
        if let Some(types) = &keywords.types {
            let types: BTreeSet<JsonType> = types.iter().copied().collect();
            self.types = Some(match &self.types {
                None => types,
                Some(known) => known.iter().filter_map(|type_| narrowed(*type_, &types)).collect(),
            });
        }
        let listed = keywords.enumeration.clone().into_iter().chain(keywords.constant.clone().map(|value| vec![value]));
        for values in listed {
            self.values = Some(match self.values.take() {
                None => values,
                Some(known) => known.into_iter().filter(|value| values.contains(value)).collect(),
            });
        }
        let bounds = [&keywords.minimum, &keywords.maximum, &keywords.exclusive_minimum, &keywords.exclusive_maximum];
        self.bounds.extend(bounds.into_iter().flatten().cloned());
        self.steps.extend(keywords.multiple_of.clone());
        self.lengths.extend(keywords.min_length.into_iter().chain(keywords.max_length));
        self.patterns.extend(keywords.pattern.clone());
        for (key, id) in &keywords.properties {
            self.properties.entry(key.clone()).or_default().push(*id);
        }
        self.patterned.extend(keywords.pattern_properties.iter().map(|(pattern, id)| (pattern.clone(), *id)));
        self.additional.extend(keywords.additional_properties);
        self.required.extend(keywords.required.iter().cloned());
        self.min_properties = self.min_properties.max(keywords.min_properties.unwrap_or(0));
        for (index, id) in keywords.prefix_items.iter().enumerate() {
            match self.prefix.get_mut(index) {
                Some(ids) => ids.push(*id),
                None => self.prefix.push(vec![*id]),
            }
        }
        self.items.extend(keywords.items);
        self.min_items = self.min_items.max(keywords.min_items.unwrap_or(0));
        self.unique |= keywords.unique_items;
        self.contains.extend(keywords.contains);
        let mut hint = |applies: bool, type_: JsonType| {
            if applies {
                self.hinted.insert(type_);
            }
        };
        let is_of_keys = !keywords.dependent_required.is_empty() || !keywords.dependent_schemas.is_empty();
        hint(is_of_keys || !keywords.properties.is_empty() || !keywords.required.is_empty(), JsonType::Object);
        hint(keywords.items.is_some() || !keywords.prefix_items.is_empty(), JsonType::Array);
        hint(keywords.min_length.is_some() || keywords.max_length.is_some() || keywords.pattern.is_some(), JsonType::String);
        hint(keywords.minimum.is_some() || keywords.maximum.is_some() || keywords.multiple_of.is_some(), JsonType::Number);
    }
}

fn narrowed(type_: JsonType, others: &BTreeSet<JsonType>) -> Option<JsonType> {
    if others.contains(&type_) {
        return Some(type_);
    }
    let meets = |one: JsonType, other: JsonType| type_ == one && others.contains(&other);
    (meets(JsonType::Number, JsonType::Integer) || meets(JsonType::Integer, JsonType::Number)).then_some(JsonType::Integer)
}

/// The alternatives of schemas that must all hold.
pub(super) fn alternatives(contract: &Contract, ids: &[SchemaId]) -> Vec<Facts> {
    let mut all = vec![Facts::default()];
    for id in ids {
        all = with_schema(contract, *id, all, 0);
    }
    all.retain(|facts| !facts.never && facts.types.as_ref().is_none_or(|types| !types.is_empty()));
    all
}

/// Adds the requirements of a schema to each alternative, and splits alternatives at branches.
fn with_schema(contract: &Contract, id: SchemaId, mut all: Vec<Facts>, depth: usize) -> Vec<Facts> {
    if depth > 24 {
        return all;
    }
    let keywords = &contract.schema(id).keywords;
    for facts in &mut all {
        facts.take(contract, id);
    }
    for part in keywords.reference.iter().chain(&keywords.all_of) {
        all = with_schema(contract, *part, all, depth + 1);
    }
    for branches in [&keywords.any_of, &keywords.one_of].into_iter().filter(|branches| !branches.is_empty()) {
        let each = (ALTERNATIVES / all.len().max(1)).max(1);
        let chosen: Vec<Facts> =
            branches.iter().take(each.max(8)).flat_map(|branch| with_schema(contract, *branch, all.clone(), depth + 1)).collect();
        all = chosen;
        all.truncate(ALTERNATIVES);
    }
    if let Some(condition) = keywords.if_ {
        let mut yes = with_schema(contract, condition, all.clone(), depth + 1);
        if let Some(then) = keywords.then {
            yes = with_schema(contract, then, yes, depth + 1);
        }
        if let Some(otherwise) = keywords.else_ {
            all = with_schema(contract, otherwise, all, depth + 1);
        }
        yes.extend(all);
        all = yes;
        all.truncate(ALTERNATIVES);
    }
    for (key, part) in &keywords.dependent_schemas {
        let mut with_key = all.clone();
        for facts in &mut with_key {
            facts.required.insert(key.clone());
        }
        all.extend(with_schema(contract, *part, with_key, depth + 1));
        all.truncate(ALTERNATIVES);
    }
    for (key, needed) in &keywords.dependent_required {
        let mut with_key = all.clone();
        for facts in &mut with_key {
            facts.required.insert(key.clone());
        }
        all.extend(with_key);
        all.truncate(ALTERNATIVES);
        for facts in &mut all {
            if facts.required.contains(key) {
                facts.required.extend(needed.iter().cloned());
            }
        }
    }
    all
}
