//! Checks on values as JSON: what a type of Rust cannot show by its shape.

use std::collections::HashSet;

use serde::Serialize;
use serde_json::Value;

use super::{Number, Violation};

/// A value as JSON.
///
/// # Errors
/// The value is none that JSON could say: a number that is not finite.
pub fn json<T: Serialize>(value: &T) -> Result<Value, Violation> {
    serde_json::to_value(value).map_err(|error| Violation::new("type", "a JSON value", error))
}

/// How many keys an object has, or items an array.
pub fn count(value: &Value) -> u64 {
    match value {
        Value::Object(entries) => entries.len() as u64,
        Value::Array(items) => items.len() as u64,
        _ => 0,
    }
}

/// Refuses an array in which two items are the same.
///
/// # Errors
/// The item that stands for the second time.
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

/// Refuses an object that has a key without those it asks for.
///
/// # Errors
/// The first key that is missing.
pub fn needs(value: &Value, key: &str, needed: &[&str]) -> Result<(), Violation> {
    let Some(entries) = value.as_object().filter(|entries| entries.contains_key(key)) else { return Ok(()) };
    match needed.iter().find(|needed| !entries.contains_key(**needed)) {
        Some(missing) => Err(Violation::new("dependentRequired", format_args!("the key {missing:?} beside {key:?}"), "no such key")),
        None => Ok(()),
    }
}

/// A value of the contract.
pub fn constant(text: &str) -> Value {
    // The text was JSON when it was generated.
    serde_json::from_str(text).unwrap_or(Value::Null)
}

/// The place of a value among the texts of some values.
pub fn position_of(texts: &[&str], value: &Value) -> Option<usize> {
    let wanted = canonical(value);
    texts.iter().position(|text| canonical(&constant(text)) == wanted)
}

/// A text that two values share exactly where they are the same: numbers by value, keys in any order.
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
