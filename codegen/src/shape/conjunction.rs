//! All schemas that one value must satisfy: a schema, the targets of its references, and the parts of its `allOf`.

use std::collections::BTreeSet;

use charter_contract::{Contract, JsonType, Keywords, SchemaId};
use serde::Serialize;
use serde_json::Value;

/// A schema's own keywords, without a union that was distributed over its branches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Part {
    /// The schema.
    pub id: SchemaId,
    /// `anyOf` is handled elsewhere.
    pub without_any_of: bool,
    /// `oneOf` is handled elsewhere.
    pub without_one_of: bool,
}

impl Part {
    /// All keywords of a schema.
    pub fn whole(id: SchemaId) -> Self {
        Self { id, without_any_of: false, without_one_of: false }
    }

    /// The branches of a union keyword; empty if the keyword is absent or handled elsewhere.
    pub(super) fn branches<'c>(&self, contract: &'c Contract, keyword: &str) -> &'c [SchemaId] {
        let keywords = &contract.schema(self.id).keywords;
        match keyword {
            "anyOf" if !self.without_any_of => &keywords.any_of,
            "oneOf" if !self.without_one_of => &keywords.one_of,
            _ => &[],
        }
    }

    pub(super) fn without(mut self, keyword: &str) -> Self {
        match keyword {
            "anyOf" => self.without_any_of = true,
            _ => self.without_one_of = true,
        }
        self
    }
}

/// A kind of JSON value that a type is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// `true` and `false`
    Boolean,
    /// A number without a fraction.
    Integer,
    /// Any number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl Kind {
    /// The name of the type in JSON Schema.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
        }
    }
}

/// A set of kinds of value. Integers and fractions are separate kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kinds(u8);

impl Kinds {
    pub(super) const NULL: Self = Self(1);
    pub(super) const BOOLEAN: Self = Self(2);
    pub(super) const INTEGER: Self = Self(4);
    pub(super) const FRACTION: Self = Self(8);
    pub(super) const STRING: Self = Self(16);
    pub(super) const ARRAY: Self = Self(32);
    pub(super) const OBJECT: Self = Self(64);
    pub(super) const ALL: Self = Self(127);
    pub(super) const NONE: Self = Self(0);

    pub(super) fn of(type_: JsonType) -> Self {
        match type_ {
            JsonType::Null => Self::NULL,
            JsonType::Boolean => Self::BOOLEAN,
            JsonType::Integer => Self::INTEGER,
            JsonType::Number => Self::INTEGER.or(Self::FRACTION),
            JsonType::String => Self::STRING,
            JsonType::Array => Self::ARRAY,
            JsonType::Object => Self::OBJECT,
        }
    }

    pub(super) fn of_value(value: &Value) -> Self {
        match value {
            Value::Null => Self::NULL,
            Value::Bool(_) => Self::BOOLEAN,
            Value::Number(number) if number.is_f64() && number.as_f64().is_some_and(|number| number.fract() != 0.0) => Self::FRACTION,
            Value::Number(_) => Self::INTEGER,
            Value::String(_) => Self::STRING,
            Value::Array(_) => Self::ARRAY,
            Value::Object(_) => Self::OBJECT,
        }
    }

    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The kinds that types are made for: without null, and with integers and fractions as one kind.
    pub(super) fn kinds(self) -> Vec<Kind> {
        let number = match (self.has(Self::INTEGER), self.has(Self::FRACTION)) {
            (_, true) => Some(Kind::Number),
            (true, false) => Some(Kind::Integer),
            _ => None,
        };
        let one = |set, kind| self.has(set).then_some(kind);
        [
            one(Self::BOOLEAN, Kind::Boolean),
            number,
            one(Self::STRING, Kind::String),
            one(Self::ARRAY, Kind::Array),
            one(Self::OBJECT, Kind::Object),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The JSON types of these kinds, without null.
    pub(super) fn words(self) -> Vec<&'static str> {
        let all = [
            (Self::BOOLEAN, "boolean"),
            (Self::INTEGER, "integer"),
            (Self::FRACTION, "number"),
            (Self::STRING, "string"),
            (Self::ARRAY, "array"),
            (Self::OBJECT, "object"),
        ];
        all.into_iter().filter(|(set, _)| self.has(*set)).map(|(_, word)| word).collect()
    }
}

/// Parts that apply together, in the order found. Without parts, every value is valid.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Conjunction {
    pub(super) parts: Vec<Part>,
    /// One of the schemas is `false`.
    pub(super) never: bool,
}

impl Conjunction {
    /// A schema and the targets of its references.
    pub(super) fn of(contract: &Contract, ids: impl IntoIterator<Item = SchemaId>) -> Self {
        let mut all = Self::default();
        ids.into_iter().for_each(|id| all.add(contract, Part::whole(id), 0));
        all
    }

    fn of_depth(contract: &Contract, id: SchemaId, depth: usize) -> Self {
        let mut all = Self::default();
        all.add(contract, Part::whole(id), depth);
        all
    }

    pub(super) fn add(&mut self, contract: &Contract, part: Part, depth: usize) {
        // The loader refuses a schema that refers to itself in place.
        if depth > 512 || self.parts.contains(&part) {
            return;
        }
        let keywords = &contract.schema(part.id).keywords;
        self.never |= keywords.never;
        // A branch that accepts every value makes `anyOf` assert nothing.
        let is_silent = |id: &SchemaId| Self::of_depth(contract, *id, depth + 1) == Self::default();
        let mut part = part;
        part.without_any_of |= !keywords.any_of.is_empty() && keywords.any_of.iter().any(is_silent);
        if says_something(keywords, part) && !self.parts.contains(&part) {
            self.parts.push(part);
        }
        for next in keywords.reference.iter().chain(&keywords.all_of) {
            self.add(contract, Part::whole(*next), depth + 1);
        }
    }

    pub(super) fn extend(&mut self, other: &Self) {
        self.never |= other.never;
        for part in &other.parts {
            if !self.parts.contains(part) {
                self.parts.push(*part);
            }
        }
    }

    /// A key that is equal for the same parts in any order.
    pub(super) fn key(&self) -> (bool, Vec<Part>) {
        let sorted: BTreeSet<Part> = self.parts.iter().copied().collect();
        (self.never, sorted.into_iter().collect())
    }

    pub(super) fn keywords<'c>(&self, contract: &'c Contract) -> impl Iterator<Item = (Part, &'c Keywords)> + Clone + use<'c, '_> {
        self.parts.iter().map(|part| (*part, &contract.schema(part.id).keywords))
    }

    /// The kinds of value that can be valid.
    pub(super) fn kinds(&self, contract: &Contract) -> Kinds {
        if self.never {
            return Kinds::NONE;
        }
        let mut all = Kinds::ALL;
        for (_, keywords) in self.keywords(contract) {
            if let Some(types) = &keywords.types {
                all = all.and(types.iter().fold(Kinds::NONE, |kinds, type_| kinds.or(Kinds::of(*type_))));
            }
            if let Some(values) = values(keywords) {
                all = all.and(values.iter().fold(Kinds::NONE, |kinds, value| kinds.or(Kinds::of_value(value))));
            }
        }
        for branches in self.parts.iter().flat_map(|part| ["anyOf", "oneOf"].map(|keyword| part.branches(contract, keyword))) {
            if !branches.is_empty() {
                let of_branch = |id: &SchemaId| Self::of(contract, [*id]).kinds(contract);
                all = all.and(branches.iter().fold(Kinds::NONE, |kinds, id| kinds.or(of_branch(id))));
            }
        }
        all
    }

    /// Whether null can be valid.
    pub(super) fn accepts_null(&self, contract: &Contract) -> bool {
        !self.never && self.parts.iter().all(|part| accepts_null(contract, *part))
    }

    /// Whether no keyword restricts the kind or the parts of a value: its type is the type of any JSON value, whatever else is checked.
    pub(super) fn is_open(&self, contract: &Contract) -> bool {
        let unions = self.parts.iter().flat_map(|part| ["anyOf", "oneOf"].map(|keyword| part.branches(contract, keyword)));
        self.kinds(contract) == Kinds::ALL
            && !unions.flatten().any(|id| super::union::shows_something(contract, &Self::of(contract, [*id])))
            && self.keywords(contract).all(|(_, keywords)| {
                !on_objects(keywords)
                    && !on_arrays(keywords)
                    && !on_numbers(keywords)
                    && !on_strings(keywords)
                    && values(keywords).is_none()
            })
    }

    /// The required keys, in the order found.
    pub(super) fn required<'c>(&self, contract: &'c Contract) -> Vec<&'c str> {
        let mut required = Vec::new();
        for (_, keywords) in self.keywords(contract) {
            for key in &keywords.required {
                if !required.contains(&key.as_str()) {
                    required.push(key);
                }
            }
        }
        required
    }

    /// The values that a key can have, if `enum` or `const` lists them.
    pub(super) fn values_at(&self, contract: &Contract, key: &str) -> Option<Vec<Value>> {
        let ids = self.keywords(contract).filter_map(|(_, keywords)| keywords.properties.get(key).copied());
        let of_key = Self::of(contract, ids);
        let mut lists = of_key.keywords(contract).filter_map(|(_, keywords)| values(keywords));
        let mut left = lists.next()?.to_vec();
        for list in lists {
            left.retain(|value| list.iter().any(|other| same_json(value, other)));
        }
        Some(left)
    }

    /// Whether no value is valid under a required key, so that no object is valid.
    pub(super) fn lacks_value(&self, contract: &Contract) -> bool {
        self.required(contract).into_iter().any(|key| self.values_at(contract, key).is_some_and(|values| values.is_empty()))
    }

    /// Whether every object with this key is invalid.
    pub(super) fn refuses_key(&self, contract: &Contract, key: &str) -> bool {
        let never = |id: &SchemaId| contract.schema(*id).keywords.never;
        self.keywords(contract).any(|(_, keywords)| match keywords.properties.get(key) {
            Some(property) => never(property),
            None => keywords.pattern_properties.is_empty() && keywords.additional_properties.as_ref().is_some_and(never),
        })
    }
}

/// The values of `enum` or `const`.
pub(super) fn values(keywords: &Keywords) -> Option<&[Value]> {
    keywords.constant.as_ref().map(std::slice::from_ref).or(keywords.enumeration.as_deref())
}

/// Whether a schema asserts something by its own keywords, without references and `allOf`.
fn says_something(keywords: &Keywords, part: Part) -> bool {
    keywords.never
        || keywords.dynamic
        || keywords.types.is_some()
        || values(keywords).is_some()
        || on_objects(keywords)
        || on_arrays(keywords)
        || on_numbers(keywords)
        || on_strings(keywords)
        || keywords.not.is_some()
        || (keywords.if_.is_some() && (keywords.then.is_some() || keywords.else_.is_some()))
        || !(keywords.any_of.is_empty() || part.without_any_of)
        || !(keywords.one_of.is_empty() || part.without_one_of)
}

pub(super) fn on_objects(keywords: &Keywords) -> bool {
    !keywords.properties.is_empty()
        || !keywords.required.is_empty()
        || keywords.additional_properties.is_some()
        || !keywords.pattern_properties.is_empty()
        || keywords.property_names.is_some()
        || keywords.min_properties.is_some()
        || keywords.max_properties.is_some()
        || !keywords.dependent_required.is_empty()
        || !keywords.dependent_schemas.is_empty()
        || keywords.unevaluated_properties.is_some()
}

pub(super) fn on_arrays(keywords: &Keywords) -> bool {
    keywords.items.is_some()
        || !keywords.prefix_items.is_empty()
        || keywords.min_items.is_some()
        || keywords.max_items.is_some()
        || keywords.unique_items
        || keywords.contains.is_some()
        || keywords.unevaluated_items.is_some()
}

pub(super) fn on_numbers(keywords: &Keywords) -> bool {
    [&keywords.minimum, &keywords.maximum, &keywords.exclusive_minimum, &keywords.exclusive_maximum, &keywords.multiple_of]
        .into_iter()
        .any(Option::is_some)
}

pub(super) fn on_strings(keywords: &Keywords) -> bool {
    keywords.min_length.is_some() || keywords.max_length.is_some() || keywords.pattern.is_some() || keywords.format_asserted
}

fn accepts_null(contract: &Contract, part: Part) -> bool {
    let keywords = &contract.schema(part.id).keywords;
    let whole = |id: SchemaId| accepts_null(contract, Part::whole(id));
    let mut fine = !keywords.never;
    fine &= keywords.types.as_ref().is_none_or(|types| types.contains(&JsonType::Null));
    fine &= keywords.enumeration.as_ref().is_none_or(|values| values.contains(&Value::Null));
    fine &= keywords.constant.as_ref().is_none_or(Value::is_null);
    fine = fine && keywords.reference.is_none_or(whole) && keywords.all_of.iter().copied().all(whole);
    fine = fine && keywords.not.is_none_or(|not| !whole(not));
    fine = fine && (part.without_any_of || keywords.any_of.is_empty() || keywords.any_of.iter().copied().any(whole));
    fine = fine && (part.without_one_of || keywords.one_of.is_empty() || keywords.one_of.iter().filter(|id| whole(**id)).count() == 1);
    fine && keywords.if_.is_none_or(|condition| {
        let chosen = if whole(condition) { keywords.then } else { keywords.else_ };
        chosen.is_none_or(whole)
    })
}

/// Equality of JSON Schema: numbers by value, keys in any order.
pub(super) fn same_json(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            left == right || (left.is_f64() != right.is_f64() && left.as_f64() == right.as_f64())
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same_json(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len() && left.iter().all(|(key, value)| right.get(key).is_some_and(|other| same_json(value, other)))
        }
        _ => left == right,
    }
}
