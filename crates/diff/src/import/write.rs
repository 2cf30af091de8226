//! Values to files: JSON by two spaces, YAML in blocks.

use serde_json::Value;

use super::read;

/// The bytes of a document under its name.
pub(super) fn write(name: &str, value: &Value) -> Vec<u8> {
    if name.ends_with(".json") {
        return json(value);
    }
    // What a writer of YAML gets wrong is seen by reading it; JSON is YAML, too.
    let yaml = serde_saphyr::to_string(value).ok().filter(|text| read(name, text.as_bytes()).as_ref() == Some(value));
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
