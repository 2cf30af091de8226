//! OpenAPI 3.0 schemas in the terms of JSON Schema: `nullable`, bounds that are flags, references that hide their siblings.

use serde_json::{Value, json};

/// Rewrites the schemas of a 3.0 document in place; other documents are unchanged.
///
/// All other values keep their pointers, so that problems refer to the original locations.
pub(super) fn modernise(document: &mut Value) {
    if document.get("openapi").and_then(Value::as_str).is_some_and(|version| version.starts_with("3.0")) {
        rewrite(document);
    }
}

fn rewrite(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(rewrite),
        Value::Object(keywords) => {
            if keywords.get("$ref").is_some_and(Value::is_string) {
                keywords.retain(|keyword, _| keyword == "$ref");
                return;
            }
            if keywords.get("nullable") == Some(&Value::Bool(true)) {
                keywords.shift_remove("nullable");
                if let Some(Value::String(type_)) = keywords.get("type") {
                    let types = json!([type_, "null"]);
                    keywords.insert("type".to_owned(), types);
                }
            }
            for (flag, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
                match keywords.get(flag) {
                    Some(Value::Bool(true)) => {
                        keywords.shift_remove(flag);
                        if let Some(limit) = keywords.shift_remove(bound) {
                            keywords.insert(flag.to_owned(), limit);
                        }
                    }
                    Some(Value::Bool(false)) => {
                        keywords.shift_remove(flag);
                    }
                    _ => {}
                }
            }
            // The values of these keywords are not schemas.
            let is_value =
                |keyword: &str| matches!(keyword, "example" | "examples" | "default" | "enum" | "const") || keyword.starts_with("x-");
            keywords.iter_mut().filter(|(keyword, _)| !is_value(keyword)).for_each(|(_, value)| rewrite(value));
        }
        _ => {}
    }
}
