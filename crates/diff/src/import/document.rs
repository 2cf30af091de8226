//! Reads and writes documents: JSON with two spaces, YAML in block style.

use serde_json::Value;

/// Parses a file; `None` if it is neither JSON nor YAML.
pub(super) fn read(name: &str, bytes: &[u8]) -> Option<Value> {
    let documents = charter_contract::load::Documents::parse(vec![(name.to_owned(), bytes.to_vec())]).ok()?;
    documents.value(name).cloned()
}

/// The bytes of a document under its name.
pub(crate) fn write(name: &str, value: &Value) -> Vec<u8> {
    if name.ends_with(".json") {
        return json(value);
    }
    // If the YAML does not parse to the same value, writes JSON, which is valid YAML.
    let yaml = serde_saphyr::to_string(value).ok().filter(|text| {
        // As written: OpenAPI 3.0 has keywords that loading converts.
        charter_contract::load::parse_value(name, text.clone().into_bytes()).ok().as_ref() == Some(value)
    });
    match yaml {
        Some(text) => text.into_bytes(),
        None => json(value),
    }
}

fn json(value: &Value) -> Vec<u8> {
    let mut text = format!("{value:#}");
    text.push('\n');
    text.into_bytes()
}
