//! Values shortened for messages.

use serde_json::Value;

/// A value, shortened for a sentence.
pub fn snippet(value: &Value) -> String {
    match value {
        Value::Object(entries) => format!("an object of {} keys", entries.len()),
        Value::Array(items) => format!("an array of {} items", items.len()),
        scalar => {
            let text = scalar.to_string();
            match text.char_indices().nth(60) {
                Some((end, _)) => format!("{}…", &text[..end]),
                None => text,
            }
        }
    }
}
