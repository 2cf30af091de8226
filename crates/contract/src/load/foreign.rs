//! Documents that are neither an OpenAPI document nor a JSON Schema: what they are, and what to do.

use serde_json::Value;

use super::sources::begins_document;
use crate::keywords::is_known;

/// What is wrong with a document, and the remedy.
pub(crate) struct Foreign {
    pub(crate) message: &'static str,
    pub(crate) remedy: &'static str,
}

const HTML: Foreign = Foreign {
    message: "an HTML page or XML, not an OpenAPI document",
    remedy: "save the document itself; servers have it at a path such as /openapi.json, /v3/api-docs or /swagger.json",
};
const VERSION: Foreign = Foreign {
    message: "the version under `openapi` is not a string",
    remedy: "write it in full and in quotes, such as openapi: \"3.1.0\"",
};
const SWAGGER_VERSION: Foreign =
    Foreign { message: "the version under `swagger` is not a string", remedy: "write it in quotes: swagger: \"2.0\"" };
const NO_VERSION: Foreign =
    Foreign { message: "the OpenAPI document names no `openapi` version", remedy: "an OpenAPI document begins with openapi: 3.1.0" };
const HAR: Foreign = Foreign {
    message: "a HAR file, not an OpenAPI document",
    remedy: "pass recordings to `charter check`, and name the OpenAPI document with --contract",
};
const COLLECTION: Foreign = Foreign {
    message: "a Postman collection, not an OpenAPI document",
    remedy: "pass collections with saved responses to `charter check`, and export the API as OpenAPI for the contract",
};
const ASYNC: Foreign =
    Foreign { message: "an AsyncAPI document, not an OpenAPI document", remedy: "contracts are OpenAPI documents and JSON Schemas" };
const SWAGGER_1: Foreign = Foreign {
    message: "a document of Swagger 1.2, not an OpenAPI document",
    remedy: "convert it to OpenAPI; Swagger 2.0 is the oldest version",
};
const OVERLAY: Foreign = Foreign {
    message: "an overlay, not an OpenAPI document",
    remedy: "name the document that it changes; `charter import --overlay` applies overlays",
};
const GRAPHQL: Foreign =
    Foreign { message: "a GraphQL schema, not an OpenAPI document", remedy: "contracts are OpenAPI documents and JSON Schemas" };
const UNKNOWN: Foreign = Foreign {
    message: "neither an OpenAPI document nor a JSON Schema",
    remedy: "an OpenAPI document begins with openapi: 3.1.0, and a JSON Schema has a keyword such as `type` or `properties`",
};

/// Whether a text is that of an HTML page or of XML. JSON and YAML begin with `<` only for the merge key `<<`.
fn is_markup(text: &str) -> bool {
    text.trim_start().strip_prefix('<').is_some_and(|rest| !rest.starts_with('<'))
}

fn is_graphql(text: &str) -> bool {
    text.lines().any(|line| line.starts_with("type ") && line.trim_end().ends_with('{'))
}

/// A document of a form that is a syntax error of JSON or YAML.
pub(super) fn of_text(text: &str) -> Option<Foreign> {
    match () {
        () if is_markup(text) => Some(HTML),
        () if is_graphql(text) => Some(GRAPHQL),
        () => None,
    }
}

/// A document of another form, or one whose root has no keyword of JSON Schema and no schema as a member. `None` for schemas, also for those
/// without a key.
pub(super) fn of(text: &str, value: &Value) -> Option<Foreign> {
    let Value::Object(members) = value else {
        return (!value.is_boolean()).then(|| if is_markup(text) { HTML } else { UNKNOWN });
    };
    if members.get("openapi").is_some_and(|version| !version.is_string()) {
        return Some(VERSION);
    }
    if members.get("swagger").is_some_and(|version| !version.is_string()) {
        return Some(SWAGGER_VERSION);
    }
    // The members of `info` are keywords of JSON Schema, too.
    let has_object = |key: &str| members.get(key).is_some_and(Value::is_object);
    if has_object("info") && has_object("paths") && !["openapi", "swagger", "$schema"].iter().any(|key| members.contains_key(*key)) {
        return Some(NO_VERSION);
    }
    // Such a document may have `components` or `info` as well.
    if ["asyncapi", "swaggerVersion", "overlay"].iter().any(|key| members.get(*key).is_some_and(Value::is_string)) {
        return named(text, value);
    }
    // An unknown keyword together with a known one may be an extension.
    let is_schema = members.is_empty() || members.keys().any(|key| is_known(key) || begins_document(key));
    let has_schemas = || members.values().filter_map(Value::as_object).any(|member| member.keys().any(|key| begins_document(key)));
    if is_schema || has_schemas() { None } else { Some(named(text, value).unwrap_or(UNKNOWN)) }
}

/// What a document is whose name says that it is an OpenAPI document, but whose content does not.
pub(crate) fn instead_of_openapi(text: &str, value: &Value) -> Foreign {
    match value.get("openapi") {
        Some(_) => VERSION,
        None => named(text, value).unwrap_or(NO_VERSION),
    }
}

fn named(text: &str, value: &Value) -> Option<Foreign> {
    let has = |name: &str| value.get(name).is_some();
    match () {
        () if is_markup(text) => Some(HTML),
        () if value.pointer("/log/entries").is_some() => Some(HAR),
        () if has("info") && has("item") => Some(COLLECTION),
        () if has("asyncapi") => Some(ASYNC),
        () if has("swaggerVersion") => Some(SWAGGER_1),
        () if has("overlay") => Some(OVERLAY),
        () if is_graphql(text) => Some(GRAPHQL),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn schemas_are_not_foreign() {
        for schema in [
            json!({}),
            json!(true),
            json!({"x-a": 1}),
            json!({"$comment": "a", "vendor": {}}),
            json!({"title": "a", "vendor": {"b": 1}}),
            json!({"title": "a", "description": "b", "nullable": true}),
            json!({"definitions": {}}),
            json!({"Order": {"type": "object"}, "Item": {"type": "string"}}),
            json!({"properties": {"log": {"entries": []}}}),
        ] {
            let found = of(&schema.to_string(), &schema).map(|foreign| foreign.message);
            assert_eq!(found, None, "{schema}");
        }
    }

    #[test]
    fn documents_of_other_forms_are_named() {
        for (document, wanted) in [
            (json!({"log": {"entries": []}}), HAR.message),
            (json!({"info": {"name": "a"}, "item": []}), COLLECTION.message),
            (json!({"asyncapi": "3.0.0", "info": {}, "components": {"schemas": {}}}), ASYNC.message),
            (json!({"swagger": 2.0, "info": {}, "paths": {}}), SWAGGER_VERSION.message),
            (json!({"info": {"title": "t"}, "paths": {}}), NO_VERSION.message),
            (json!({"openapi": 3.1, "paths": {}}), VERSION.message),
            (json!({"swaggerVersion": "1.2", "apis": []}), SWAGGER_1.message),
            (json!({"overlay": "1.0.0", "info": {}, "actions": []}), OVERLAY.message),
            (json!({"scripts": {"a": "b"}}), UNKNOWN.message),
            (json!([1]), UNKNOWN.message),
        ] {
            let found = of(&document.to_string(), &document).map(|foreign| foreign.message);
            assert_eq!(found, Some(wanted), "{document}");
        }
        let of_text = |text| of_text(text).map(|foreign| foreign.message);
        assert_eq!(of_text("type Query {\n  a: String\n}\n"), Some(GRAPHQL.message));
        assert_eq!(of_text("\n<!DOCTYPE html>"), Some(HTML.message));
        assert_eq!(of_text("<<: *a\nb: {"), None);
    }
}
