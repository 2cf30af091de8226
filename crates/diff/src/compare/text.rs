//! Text of change kinds and summaries.

use serde_json::Value;

/// A keyword in kebab case: `additional-properties` for `additionalProperties`.
pub(super) fn kebab_case(keyword: &str) -> String {
    let mut out = String::new();
    for character in keyword.chars() {
        if character.is_ascii_uppercase() {
            out.push('-');
        }
        out.push(character.to_ascii_lowercase());
    }
    out
}

/// A value as JSON, at most 60 characters.
pub(super) fn shortened(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
