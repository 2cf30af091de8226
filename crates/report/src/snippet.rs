//! Values shortened for messages.

use serde_json::Value;

/// A value, shortened for a message.
pub fn snippet(value: &Value) -> String {
    match value {
        Value::Object(entries) => format!("an object with {}", counted(entries.len() as u64, "key")),
        Value::Array(items) => format!("an array with {}", counted(items.len() as u64, "item")),
        scalar => {
            let text = scalar.to_string();
            match text.char_indices().nth(60) {
                Some((end, _)) => format!("{}…", &text[..end]),
                None => text,
            }
        }
    }
}

/// A count with its noun: `1 key`, `3 keys`.
pub fn counted(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nouns_agree_with_their_count() {
        assert_eq!(snippet(&json!({"a": 1})), "an object with 1 key");
        assert_eq!(snippet(&json!([1, 2])), "an array with 2 items");
        assert_eq!(snippet(&json!([])), "an array with 0 items");
    }
}
