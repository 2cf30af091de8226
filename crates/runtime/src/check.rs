//! Checks on values as JSON, for keywords that no Rust type expresses.

use std::collections::HashSet;

use serde::Serialize;
use serde_json::Value;

use super::{Number, Violation};

/// A value as JSON.
///
/// # Errors
/// The value has no JSON form: it contains a number that is not finite.
pub fn json<T: Serialize>(value: &T) -> Result<Value, Violation> {
    serde_json::to_value(value).map_err(|error| Violation::new("type", "a JSON value", error))
}

/// The number of keys of an object or of items of an array.
pub fn count(value: &Value) -> u64 {
    match value {
        Value::Object(entries) => entries.len() as u64,
        Value::Array(items) => items.len() as u64,
        _ => 0,
    }
}

/// Checks `uniqueItems`.
///
/// # Errors
/// Two items are equal; the error shows the second one.
pub fn unique_items(value: &Value) -> Result<(), Violation> {
    let Value::Array(items) = value else { return Ok(()) };
    let mut seen = HashSet::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        if !seen.insert(canonical(item)) {
            return Err(Violation::new("uniqueItems", "no item twice", item).below(&format!("/{index}")));
        }
    }
    Ok(())
}

/// Checks `dependentRequired` for one key.
///
/// # Errors
/// A required key is missing; the error shows the first one.
pub fn dependent_required(value: &Value, key: &str, needed: &[&str]) -> Result<(), Violation> {
    let Some(entries) = value.as_object().filter(|entries| entries.contains_key(key)) else { return Ok(()) };
    match needed.iter().find(|needed| !entries.contains_key(**needed)) {
        Some(missing) => Err(Violation::new("dependentRequired", format_args!("the key {missing:?} together with {key:?}"), "no such key")),
        None => Ok(()),
    }
}

/// A JSON constant of the contract.
pub fn constant(text: &str) -> Value {
    // The generator wrote the text from a JSON value.
    serde_json::from_str(text).unwrap_or(Value::Null)
}

/// The index of a value in a list of JSON texts.
pub fn position_of(texts: &[&str], value: &Value) -> Option<usize> {
    let wanted = canonical(value);
    texts.iter().position(|text| canonical(&constant(text)) == wanted)
}

/// A canonical text: equal for two values exactly if they are equal, with numbers compared by value and keys in any order.
fn canonical(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Number(number) => text.push_str(&Number::from_json(number).canonical()),
        Value::Array(items) => {
            text.push('[');
            for item in items {
                write(item, text);
                text.push(',');
            }
            text.push(']');
        }
        Value::Object(entries) => {
            let mut sorted: Vec<_> = entries.iter().collect();
            sorted.sort_by_key(|(key, _)| *key);
            text.push('{');
            for (key, value) in sorted {
                text.push_str(&Value::String(key.clone()).to_string());
                text.push(':');
                write(value, text);
                text.push(',');
            }
            text.push('}');
        }
        other => text.push_str(&other.to_string()),
    }
}
