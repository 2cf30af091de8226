//! Infers a schema from values, and formats from strings.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use charter_contract::JsonType;
use indexmap::IndexMap;
use jsonschema::Validator;
use serde_json::{Map, Value, json};

/// The least number of objects that show that a key is required.
const REQUIRED: u64 = 3;

/// Accumulates values for a schema.
#[derive(Clone, Debug, Default)]
pub(super) struct Inferred {
    types: BTreeSet<JsonType>,
    objects: u64,
    properties: IndexMap<String, (u64, Inferred)>,
    items: Option<Box<Inferred>>,
}

impl Inferred {
    /// Adds a value.
    pub(super) fn add(&mut self, value: &Value) {
        self.types.insert(type_of(value));
        match value {
            Value::Object(entries) => {
                self.objects += 1;
                for (key, inner) in entries {
                    let known = self.properties.entry(key.clone()).or_default();
                    known.0 += 1;
                    known.1.add(inner);
                }
            }
            Value::Array(items) => {
                let known = self.items.get_or_insert_default();
                items.iter().for_each(|item| known.add(item));
            }
            _ => {}
        }
    }

    /// The types of the values.
    pub(super) fn types(&self) -> Vec<JsonType> {
        let mut types: Vec<JsonType> = self.types.iter().copied().collect();
        if types.contains(&JsonType::Number) {
            types.retain(|type_| *type_ != JsonType::Integer);
        }
        types
    }

    /// The narrowest plain schema that accepts all values. Its objects are closed if `closed` is set.
    pub(super) fn schema(&self, closed: bool) -> Value {
        self.schema_with(closed, 1)
    }

    /// As `schema`, but a key is required only if several objects show it.
    pub(super) fn proposal(&self, closed: bool) -> Value {
        self.schema_with(closed, REQUIRED)
    }

    fn schema_with(&self, closed: bool, least: u64) -> Value {
        let mut schema = Map::new();
        let types = self.types();
        match types.as_slice() {
            [] => return json!({}),
            [one] => {
                schema.insert("type".to_owned(), json!(one));
            }
            several => {
                schema.insert("type".to_owned(), json!(several));
            }
        }
        if types.contains(&JsonType::Object) {
            let properties: Map<String, Value> =
                self.properties.iter().map(|(key, (_, inner))| (key.clone(), inner.schema_with(closed, least))).collect();
            let required: Vec<&String> =
                self.properties.iter().filter(|(_, (count, _))| *count == self.objects && *count >= least).map(|(key, _)| key).collect();
            schema.insert("properties".to_owned(), Value::Object(properties));
            if !required.is_empty() {
                schema.insert("required".to_owned(), json!(required));
            }
            if closed {
                schema.insert("additionalProperties".to_owned(), json!(false));
            }
        }
        if let Some(items) = self.items.as_ref().filter(|items| !items.types.is_empty()) {
            schema.insert("items".to_owned(), items.schema_with(closed, least));
        }
        Value::Object(schema)
    }
}

/// The formats with a validator.
static FORMATS: LazyLock<BTreeMap<&'static str, Validator>> = LazyLock::new(|| {
    let names = [
        "date-time",
        "date",
        "time",
        "uuid",
        "email",
        "ipv4",
        "ipv6",
        "uri",
        "hostname",
        "duration",
        "json-pointer",
        "regex",
        "uri-reference",
    ];
    let built = names.into_iter().filter_map(|name| {
        let schema = json!({ "format": name });
        Some((name, jsonschema::options().should_validate_formats(true).build(&schema).ok()?))
    });
    built.collect()
});

/// The formats of a string, except formats that accept nearly every string.
pub(super) fn formats(text: &str) -> BTreeSet<&'static str> {
    let specific = ["date-time", "date", "uuid", "email", "ipv4", "ipv6", "uri"];
    let value = Value::from(text);
    specific.into_iter().filter(|name| FORMATS.get(name).is_some_and(|validator| validator.is_valid(&value))).collect()
}

/// Whether a string has a format; `None` for an unknown format.
pub(super) fn is_of_format(format: &str, text: &str) -> Option<bool> {
    Some(FORMATS.get(format)?.is_valid(&Value::from(text)))
}

/// Whether a pattern matches a string. An invalid pattern matches every string.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let schema = json!({ "pattern": pattern });
    jsonschema::validator_for(&schema).map_or(true, |validator| validator.is_valid(&Value::from(text)))
}

/// The JSON Schema type of a value. A number without a fraction is an integer.
pub(super) fn type_of(value: &Value) -> JsonType {
    match value {
        Value::Null => JsonType::Null,
        Value::Bool(_) => JsonType::Boolean,
        Value::Number(number) => match number.as_f64() {
            Some(float) if float.fract() != 0.0 => JsonType::Number,
            _ => JsonType::Integer,
        },
        Value::String(_) => JsonType::String,
        Value::Array(_) => JsonType::Array,
        Value::Object(_) => JsonType::Object,
    }
}
