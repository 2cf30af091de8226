//! OpenAPI 3.0 schemas in the terms of JSON Schema: `nullable`, bounds that are flags, references that hide their siblings.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::objects::{Object, visit_mut};
use crate::uri::unescape;

/// Rewrites the schemas of a 3.0 document in place; other documents are unchanged.
///
/// All other values keep their pointers, so that problems refer to the original locations.
pub(super) fn modernise(document: &mut Value) {
    if !document.get("openapi").and_then(Value::as_str).is_some_and(|version| version.starts_with("3.0")) {
        return;
    }
    let mut referred = Vec::new();
    visit_mut(document, Object::Document, &mut |object, members| rewrite(object, members, &mut referred));
    // An object can be outside the positions of objects, such as in an extension, if a reference points to it.
    let mut seen = BTreeSet::new();
    while let Some((object, pointer)) = referred.pop() {
        if Object::Document.at(&pointer).is_none()
            && seen.insert(pointer.clone())
            && let Some(target) = document.pointer_mut(&pointer)
        {
            visit_mut(target, object, &mut |object, members| rewrite(object, members, &mut referred));
        }
    }
}

/// Rewrites one object, and collects the pointer of its reference.
fn rewrite(object: Object, members: &mut Map<String, Value>, referred: &mut Vec<(Object, String)>) {
    if let Some(Value::String(reference)) = members.get("$ref") {
        if let Some(pointer) = reference.strip_prefix('#').filter(|pointer| !pointer.starts_with("/components/")) {
            referred.push((object, unescape(pointer)));
        }
        // A path item may have other fields next to `$ref`. A reference object may not.
        if !matches!(object, Object::PathItem | Object::Operation) {
            members.retain(|key, _| key == "$ref");
            return;
        }
    }
    if object == Object::Schema {
        schema(members);
    }
}

fn schema(keywords: &mut Map<String, Value>) {
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_position_of_a_schema_decides_not_the_name_of_its_key() {
        let schema = json!({"type": "string", "nullable": true});
        let expected = json!({"type": ["string", "null"]});
        let names = ["default", "example", "examples", "enum", "const", "x-note", "nullable", "exclusiveMinimum", "$ref"];
        let body = json!({"description": "", "content": {"a/b": {"schema": {"properties": {"a": schema}}}}});
        let named = |value: &Value| -> Map<String, Value> { names.iter().map(|name| ((*name).to_owned(), value.clone())).collect() };
        let mut document = json!({
            "openapi": "3.0.3",
            "paths": {"/a": {"get": {"responses": {"default": body}}}},
            "components": {"schemas": named(&schema), "responses": named(&body)},
            "definitions": {"a": {"properties": named(&schema)}},
        });
        modernise(&mut document);
        for name in names {
            for pointer in [
                format!("/components/schemas/{name}"),
                format!("/components/responses/{name}/content/a~1b/schema/properties/a"),
                format!("/definitions/a/properties/{name}"),
            ] {
                assert_eq!(document.pointer(&pointer), Some(&expected), "{pointer}");
            }
        }
        assert_eq!(document.pointer("/paths/~1a/get/responses/default/content/a~1b/schema/properties/a"), Some(&expected));
    }

    #[test]
    fn plain_values_stay_as_written() {
        let value = json!({"type": "string", "nullable": true, "$ref": "#/a", "b": 1});
        let keys = ["default", "example", "enum", "x-note"];
        let schema: Map<String, Value> = keys.iter().map(|key| ((*key).to_owned(), json!([value]))).collect();
        let mut document = json!({
            "openapi": "3.0.3",
            "components": {"schemas": {"a": schema}, "examples": {"a": {"value": value}}},
            "x-parts": {"a": value},
        });
        let expected = document.clone();
        modernise(&mut document);
        assert_eq!(document, expected);
    }

    #[test]
    fn an_extension_that_a_schema_refers_to_contains_schemas() {
        let mut document = json!({
            "openapi": "3.0.3",
            "components": {"schemas": {"a": {"$ref": "#/x-parts/a%20b"}}},
            "x-parts": {"a b": {"properties": {"c": {"$ref": "#/x-parts/d"}}}, "d": {"type": "string", "nullable": true}},
        });
        modernise(&mut document);
        assert_eq!(document.pointer("/x-parts/d/type"), Some(&json!(["string", "null"])));
    }
}
