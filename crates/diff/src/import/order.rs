//! Keeps the order of keys and lists from the previous import.

use serde_json::{Map, Value};

/// Sorts the keys of a value like those of an earlier value, with new keys last. Also sorts the lists `required`, `enum` and `type`,
/// whose order has no meaning.
pub(super) fn like(earlier: &Value, value: Value) -> Value {
    ordered(earlier, value, false)
}

fn ordered(earlier: &Value, value: Value, is_set: bool) -> Value {
    match (earlier, value) {
        (Value::Object(before), Value::Object(mut after)) => {
            let mut entries = Map::new();
            for (key, old) in before {
                if let Some(new) = after.shift_remove(key) {
                    let is_set = matches!(key.as_str(), "required" | "enum" | "type");
                    entries.insert(key.clone(), ordered(old, new, is_set));
                }
            }
            entries.extend(after);
            Value::Object(entries)
        }
        (Value::Array(before), Value::Array(after)) if is_set && after.iter().all(|item| !item.is_object()) => {
            let mut rest = after;
            let mut items = Vec::new();
            for item in before {
                if let Some(at) = rest.iter().position(|other| other == item) {
                    items.push(rest.remove(at));
                }
            }
            items.extend(rest);
            Value::Array(items)
        }
        (Value::Array(before), Value::Array(after)) => {
            let items = after.into_iter().enumerate();
            Value::Array(
                items
                    .map(|(index, item)| match before.get(index) {
                        Some(old) => ordered(old, item, false),
                        None => item,
                    })
                    .collect(),
            )
        }
        (_, value) => value,
    }
}
