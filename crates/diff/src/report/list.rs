//! Lists of names, and short values.

use serde_json::Value;

/// At most some names, and the number of the others.
pub(super) fn listed(names: &[&str], shown: usize) -> String {
    match names.len() {
        count if count > shown + 1 => format!("{} and {} more", names[..shown].join(", "), count - shown),
        _ => names.join(", "),
    }
}

/// A number and a noun.
pub(super) fn counted(count: usize, one: &str, several: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {several}") }
}

/// A value in a list.
pub(super) fn short(value: &Value) -> String {
    cut(&value.to_string(), 40)
}

/// A text of at most `limit` characters.
pub(super) fn cut(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
