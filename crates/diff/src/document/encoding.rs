//! Encodings of strings. OpenAPI 3.0 states them as formats, and later versions as keywords (OpenAPI 3.1, "Migrating binary descriptions").

use serde_json::Value;

/// Whether two schemas have the same encoding and media type of their strings, and the same other format.
pub(crate) fn is_same(one: &Value, other: &Value) -> bool {
    of(one) == of(other)
}

/// The encoding, the media type, and the format that states neither.
fn of(schema: &Value) -> (Option<&str>, Option<&str>, Option<&str>) {
    let text = |key: &str| schema.get(key).and_then(Value::as_str);
    let (encoding, media_type) = (text("contentEncoding"), text("contentMediaType"));
    match text("format") {
        Some("byte") => (encoding.or(Some("base64")), media_type, None),
        Some("binary") => (encoding, media_type.or(Some("application/octet-stream")), None),
        format => (encoding, media_type, format),
    }
}
