//! Values as JSON and YAML text, for edits in place.

use serde_json::{Map, Value};

use crate::import::document;

/// JSON with two spaces for each level; the first line is not indented.
pub(super) fn pretty(value: &Value, indent: usize) -> String {
    format!("{value:#}").replace('\n', &format!("\n{}", " ".repeat(indent)))
}

/// A value as YAML in one line.
pub(super) fn flow_yaml(value: &Value) -> String {
    match value {
        Value::String(text) => plain(text),
        Value::Array(items) => format!("[{}]", items.iter().map(flow_yaml).collect::<Vec<_>>().join(", ")),
        Value::Object(entries) if entries.is_empty() => "{}".to_owned(),
        Value::Object(entries) => {
            let entries: Vec<String> = entries.iter().map(|(key, value)| format!("{}: {}", plain(key), flow_yaml(value))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
        scalar => scalar.to_string(),
    }
}

/// A string as a plain scalar if that is the same string, else in double quotes.
pub(super) fn plain(text: &str) -> String {
    let is_word = text.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '$' | '/' | '_'))
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/' | b'$' | b'+'));
    let is_reserved = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(&text.to_ascii_lowercase().as_str());
    if is_word && !is_reserved { text.to_owned() } else { Value::from(text).to_string() }
}

/// A value as YAML in block style.
pub(super) fn yaml(value: &Value) -> Option<String> {
    String::from_utf8(document::write("part.yaml", value)).ok()
}

/// An entry of a block mapping at a column.
pub(super) fn block(key: &str, value: &Value, column: usize) -> Option<String> {
    let entry: Map<String, Value> = [(key.to_owned(), value.clone())].into_iter().collect();
    Some(indented(&yaml(&Value::Object(entry))?, column))
}

pub(super) fn indented(text: &str, column: usize) -> String {
    let lines = text.lines().map(|line| if line.is_empty() { String::new() } else { format!("{}{line}", " ".repeat(column)) });
    lines.collect::<Vec<_>>().join("\n")
}
