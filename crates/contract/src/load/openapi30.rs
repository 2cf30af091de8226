//! OpenAPI 3.0 schemas in the terms of JSON Schema: `nullable`, bounds that are flags, references that hide their siblings.

use serde_json::{Map, Value, json};

use super::parts::Dialect;
use crate::objects::Object;

/// Rewrites one object in place. All other values keep their pointers, so that problems refer to the original locations.
pub(super) fn rewrite(object: Object, members: &mut Map<String, Value>, dialect: Dialect) {
    // A path item may have other fields next to `$ref`. A reference object may not.
    if members.get("$ref").is_some_and(Value::is_string) && !matches!(object, Object::PathItem | Object::Operation) {
        members.retain(|key, _| key == "$ref");
    } else if object == Object::Schema {
        schema(members, dialect);
    }
}

fn schema(keywords: &mut Map<String, Value>, dialect: Dialect) {
    match dialect {
        Dialect::OpenApi30 { loose_nullable } => {
            if loose_nullable {
                null_branches(keywords);
            }
            nullable(keywords, "nullable", loose_nullable);
        }
        Dialect::Swagger2 => {
            nullable(keywords, "x-nullable", true);
            if let Some(Value::String(name)) = keywords.get("discriminator") {
                let object = json!({ "propertyName": name });
                keywords.insert("discriminator".to_owned(), object);
            }
            if keywords.get("type").and_then(Value::as_str) == Some("file") {
                keywords.insert("type".to_owned(), json!("string"));
                keywords.insert("format".to_owned(), json!("binary"));
            }
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

/// `nullable` next to `type` adds null to the types.
///
/// Without `type` it stays, so that `lint` can report it. Since 3.0.3 it has no effect then. Before, it "allows sending a null value for
/// the defined schema": each keyword that excludes null gets an alternative, and the other members stay at their pointers.
///
/// Swagger 2.0 has no `nullable`; most tools read the extension `x-nullable`, with the effect of `nullable` before 3.0.3.
fn nullable(keywords: &mut Map<String, Value>, keyword: &str, loose: bool) {
    match keywords.get(keyword) {
        Some(Value::Bool(true)) => {}
        // The default.
        Some(Value::Bool(false)) => {
            keywords.shift_remove(keyword);
            return;
        }
        _ => return,
    }
    if let Some(type_) = keywords.get_mut("type") {
        if type_.is_string() {
            *type_ = json!([type_, "null"]);
        }
        keywords.shift_remove(keyword);
        return;
    }
    if !loose {
        return;
    }
    keywords.shift_remove(keyword);
    let or_null = json!({"type": "null"});
    if let Some(Value::Array(values)) = keywords.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
    for union in ["anyOf", "oneOf"] {
        if let Some(Value::Array(branches)) = keywords.get_mut(union)
            && !branches.iter().any(|branch| branch.get("type") == or_null.get("type") || branch.get(keyword) == Some(&Value::Bool(true)))
        {
            branches.push(or_null.clone());
        }
    }
    for part in keywords.get_mut("allOf").and_then(Value::as_array_mut).into_iter().flatten() {
        let has_null = part.get("anyOf").and_then(Value::as_array).is_some_and(|branches| branches.last() == Some(&or_null));
        if !has_null {
            *part = json!({"anyOf": [part, or_null]});
        }
    }
}

/// A branch `{"nullable": true}` of a union is null. Any value would be valid otherwise, also in `{"anyOf": [{"$ref": …}, {"nullable": true}]}`,
/// which schema libraries write for an optional reference.
fn null_branches(keywords: &mut Map<String, Value>) {
    for union in ["anyOf", "oneOf"] {
        let branches = keywords.get_mut(union).and_then(Value::as_array_mut).into_iter().flatten();
        for branch in branches.filter_map(Value::as_object_mut) {
            let is_only = |key: &String| matches!(key.as_str(), "nullable" | "description" | "title");
            if branch.get("nullable") == Some(&Value::Bool(true)) && branch.keys().all(is_only) {
                branch.shift_remove("nullable");
                branch.insert("type".to_owned(), json!("null"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Documents, Sources};
    use super::*;

    fn loaded(document: &Value) -> Value {
        let documents: Documents = Sources::of("a.json", document.to_string()).parse().unwrap_or_else(|error| panic!("{error}"));
        documents.value("a.json").expect("the document").clone()
    }

    #[test]
    fn the_position_of_a_schema_decides_not_the_name_of_its_key() {
        let schema = json!({"type": "string", "nullable": true});
        let expected = json!({"type": ["string", "null"]});
        let names = ["default", "example", "examples", "enum", "const", "x-note", "nullable", "exclusiveMinimum", "$ref"];
        let body = json!({"description": "", "content": {"a/b": {"schema": {"properties": {"a": schema}}}}});
        let named = |value: &Value| -> Map<String, Value> { names.iter().map(|name| ((*name).to_owned(), value.clone())).collect() };
        let document = loaded(&json!({
            "openapi": "3.0.3",
            "paths": {"/a": {"get": {"responses": {"default": body}}}},
            "components": {"schemas": named(&schema), "responses": named(&body)},
            "definitions": {"a": {"properties": named(&schema)}},
        }));
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
        let document = json!({
            "openapi": "3.0.3",
            "components": {"schemas": {"a": schema}, "examples": {"a": {"value": value}}},
            "x-parts": {"a": value},
        });
        assert_eq!(loaded(&document), document);
    }

    #[test]
    fn swagger_allows_null_by_an_extension() {
        let definitions = json!({
            "text": {"type": "string", "x-nullable": true},
            "one": {"x-nullable": true, "allOf": [{"$ref": "#/definitions/plain"}]},
            "plain": {"type": "string", "x-nullable": false},
        });
        let document = loaded(&json!({"swagger": "2.0", "paths": {}, "definitions": definitions}));
        for (name, expected) in [("text", true), ("one", true), ("plain", false)] {
            let address = json!({"$ref": format!("#/definitions/{name}"), "definitions": document["definitions"]});
            let validator = jsonschema::validator_for(&address).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(validator.is_valid(&Value::Null), expected, "{name}");
            assert!(validator.is_valid(&json!("a")) && !validator.is_valid(&json!(1)), "{name}");
        }
    }

    #[test]
    fn nullable_with_an_effect_is_not_left_as_an_unknown_keyword() {
        let schemas = json!({"union": {"nullable": true, "anyOf": [{"type": "string"}]}});
        let plain = json!({"plain": {"type": "string", "nullable": false}});
        let document = loaded(&json!({"openapi": "3.0.3", "paths": {}, "components": {"schemas": plain}}));
        assert_eq!(document.pointer("/components/schemas/plain"), Some(&json!({"type": "string"})));
        for (version, stays) in [("3.0.2", false), ("3.0.3", true)] {
            let document = loaded(&json!({"openapi": version, "paths": {}, "components": {"schemas": schemas}}));
            assert_eq!(document.pointer("/components/schemas/union/nullable").is_some(), stays, "{version}");
        }
    }

    #[test]
    fn an_extension_that_a_schema_refers_to_contains_schemas() {
        let document = loaded(&json!({
            "openapi": "3.0.3",
            "components": {"schemas": {"a": {"$ref": "#/x-parts/a%20b"}}},
            "x-parts": {"a b": {"properties": {"c": {"$ref": "#/x-parts/d"}}}, "d": {"type": "string", "nullable": true}},
        }));
        assert_eq!(document.pointer("/x-parts/d/type"), Some(&json!(["string", "null"])));
    }

    #[test]
    fn nullable_without_type_allows_null_before_3_0_3() {
        let schemas = json!({
            "union": {"nullable": true, "anyOf": [{"type": "string"}]},
            "one": {"nullable": true, "oneOf": [{"type": "string"}, {"type": "object", "nullable": true}]},
            "all": {"nullable": true, "allOf": [{"$ref": "#/components/schemas/words"}]},
            "words": {"nullable": true, "enum": ["a"]},
        });
        for (version, is_loose) in [("3.0.0", true), ("3.0.1", true), ("3.0.2", true), ("3.0.3", false), ("3.0.4", false), ("3.1.0", false)]
        {
            let document = loaded(&json!({"openapi": version, "paths": {}, "components": {"schemas": schemas}}));
            for name in ["union", "one", "all", "words"] {
                let address = json!({"$ref": format!("#/components/schemas/{name}"), "components": document["components"]});
                let validator = jsonschema::validator_for(&address).unwrap_or_else(|error| panic!("{version} {name}: {error}"));
                // A branch of `one` is nullable by itself in every 3.0 version.
                let expected = is_loose || (name == "one" && version != "3.1.0");
                assert_eq!(validator.is_valid(&Value::Null), expected, "{version} {name}");
                assert!(validator.is_valid(&json!("a")), "{version} {name}");
                assert!(!validator.is_valid(&json!(1)), "{version} {name}");
            }
        }
    }
    #[test]
    fn a_branch_that_is_only_nullable_is_null_before_3_0_3() {
        let described = json!({"nullable": true, "description": "No word."});
        let both = json!({"nullable": true, "oneOf": [{"type": "string"}, described]});
        let document = loaded(&json!({"openapi": "3.0.1", "paths": {}, "components": {"schemas": {"both": both}}}));
        let validator = jsonschema::validator_for(&document["components"]["schemas"]["both"]).expect("a schema");
        assert!(validator.is_valid(&Value::Null) && !validator.is_valid(&json!(1)));
        let word = json!({"anyOf": [{"type": "string"}, {"nullable": true}]});
        for (version, is_loose) in [("3.0.1", true), ("3.0.3", false)] {
            let document = loaded(&json!({"openapi": version, "paths": {}, "components": {"schemas": {"word": word}}}));
            let validator = jsonschema::validator_for(&document["components"]["schemas"]["word"]).expect("a schema");
            assert!(validator.is_valid(&Value::Null) && validator.is_valid(&json!("a")), "{version}");
            assert_eq!(validator.is_valid(&json!(1)), !is_loose, "{version}");
        }
    }
}
