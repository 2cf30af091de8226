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

/// Whether a text is that of an HTML page or of XML. JSON and block YAML do not begin with `<`.
pub(super) fn is_markup(text: &str) -> bool {
    text.trim_start().starts_with('<')
}

/// HTML or XML, which is often a syntax error of YAML and always one of JSON.
pub(super) fn markup(text: &str) -> Option<Foreign> {
    is_markup(text).then_some(HTML)
}

/// A document whose root has no keyword of JSON Schema and no member of an OpenAPI document. `None` for schemas, also for those without
/// a known key.
pub(super) fn of(text: &str, value: &Value) -> Option<Foreign> {
    let Value::Object(members) = value else {
        return (!value.is_boolean()).then(|| if is_markup(text) { HTML } else { UNKNOWN });
    };
    if members.get("openapi").is_some_and(|version| !version.is_string()) {
        return Some(VERSION);
    }
    let is_schema = members.keys().any(|key| begins_document(key)) || members.keys().all(|key| is_known(key));
    let named = named(text, value);
    // Names such as `info` are rare in schemas, and `log` or `item` may be any unknown keyword.
    if is_schema { None } else { Some(named.unwrap_or(UNKNOWN)) }
}

/// A document that has to be an OpenAPI document, because of its name, and is none.
pub(crate) fn instead_of_openapi(text: &str, value: &Value) -> Foreign {
    match value.get("openapi") {
        Some(_) => VERSION,
        None => named(text, value).unwrap_or(Foreign {
            message: "the OpenAPI document names no `openapi` version",
            remedy: "an OpenAPI document begins with openapi: 3.1.0",
        }),
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
        () if text.lines().any(|line| line.starts_with("type ") && line.trim_end().ends_with('{')) => Some(GRAPHQL),
        () => None,
    }
}
