//! Swagger 2.0 in the terms of OpenAPI 3.0. Members are added and none is moved, so that findings refer to the original locations.
//!
//! A body parameter gets a `content`, and its operation a `requestBody` that refers to the parameter. A response with a `schema` gets a
//! `content` whose schema refers to that schema. Other parameters and header fields get a `schema`.

use serde_json::{Map, Value, json};

use crate::objects::{Object, is_extension};

/// The version of OpenAPI that a converted document is written in.
const VERSION: &str = "3.0.4";

/// The members of a parameter or header field of Swagger 2.0 that describe its value.
const SCHEMA_MEMBERS: [&str; 16] = [
    "type",
    "format",
    "items",
    "default",
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "enum",
    "multipleOf",
];

/// Adds the members of OpenAPI 3.0 to a document of Swagger 2.0; other documents are unchanged.
pub(super) fn convert(document: &mut Value) {
    let is_swagger = document.get("swagger").and_then(Value::as_str).is_some_and(|version| version.starts_with("2."));
    if !is_swagger || document.get("openapi").is_some() {
        return;
    }
    let global = MediaTypes {
        consumes: strings(document.get("consumes")).unwrap_or_default(),
        produces: strings(document.get("produces")).unwrap_or_default(),
    };
    let servers = servers(document);
    let Value::Object(root) = document else { return };
    let mut schemes = Map::new();
    if let Some(Value::Object(definitions)) = root.get_mut("securityDefinitions") {
        for (name, definition) in definitions {
            security(definition);
            schemes.insert(name.clone(), json!({"$ref": pointer(&["securityDefinitions", name])}));
        }
    }
    for (name, parameter) in root.get_mut("parameters").and_then(Value::as_object_mut).into_iter().flatten() {
        describe(parameter, &pointer(&["parameters", name]), &global.consumes);
    }
    for (name, response) in root.get_mut("responses").and_then(Value::as_object_mut).into_iter().flatten() {
        describe_response(response, &pointer(&["responses", name]), &global.produces);
    }
    let shared = Shared { parameters: root.get("parameters").cloned(), responses: root.get("responses").cloned() };
    for (path, item) in root.get_mut("paths").and_then(Value::as_object_mut).into_iter().flatten() {
        if !is_extension(path) {
            path_item(item, path, &shared, &global);
        }
    }
    root.insert("openapi".to_owned(), json!(VERSION));
    if !servers.is_empty() {
        root.insert("servers".to_owned(), Value::Array(servers));
    }
    root.insert("components".to_owned(), json!({"securitySchemes": schemes}));
}

/// The media types of a document or an operation.
#[derive(Clone, Default)]
struct MediaTypes {
    consumes: Vec<String>,
    produces: Vec<String>,
}

/// The parameters and responses that operations refer to.
struct Shared {
    parameters: Option<Value>,
    responses: Option<Value>,
}

impl Shared {
    /// A parameter and its reference: itself, or the shared parameter that it refers to.
    fn parameter(&self, parameter: &Value, own: &str) -> Option<(Value, String)> {
        let Some(reference) = parameter.get("$ref").and_then(Value::as_str) else { return Some((parameter.clone(), own.to_owned())) };
        let name = charter_json::unescape_token(reference.strip_prefix("#/parameters/")?);
        Some((self.parameters.as_ref()?.get(&name)?.clone(), reference.to_owned()))
    }
}

/// A reference to the location with these tokens.
fn pointer(tokens: &[&str]) -> String {
    let mut pointer = "#".to_owned();
    tokens.iter().for_each(|token| charter_json::push_token(&mut pointer, token));
    escaped(&pointer)
}

/// Percent-encodes the characters that a fragment may not contain and that paths often have.
fn escaped(pointer: &str) -> String {
    pointer.replace('%', "%25").replace('{', "%7B").replace('}', "%7D").replace(' ', "%20")
}

fn strings(value: Option<&Value>) -> Option<Vec<String>> {
    Some(value?.as_array()?.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect())
}

fn servers(document: &Value) -> Vec<Value> {
    let text = |key: &str| document.get(key).and_then(Value::as_str);
    let base = text("basePath").unwrap_or_default().trim_end_matches('/');
    let Some(host) = text("host") else {
        return if base.is_empty() { Vec::new() } else { vec![json!({ "url": base })] };
    };
    // Without schemes, the scheme is the one that the document was read with.
    let schemes = strings(document.get("schemes")).unwrap_or_default();
    let schemes: Vec<String> =
        if schemes.is_empty() { vec![String::new()] } else { schemes.iter().map(|scheme| format!("{scheme}:")).collect() };
    schemes.iter().map(|scheme| json!({ "url": format!("{scheme}//{host}{base}") })).collect()
}

fn security(definition: &mut Value) {
    let Value::Object(members) = definition else { return };
    match members.get("type").and_then(Value::as_str) {
        Some("basic") => {
            members.insert("type".to_owned(), json!("http"));
            members.insert("scheme".to_owned(), json!("basic"));
        }
        Some("oauth2") if !members.contains_key("flows") => {
            let flow = match members.get("flow").and_then(Value::as_str) {
                Some("application") => "clientCredentials",
                Some("accessCode") => "authorizationCode",
                Some(other) => other,
                None => "implicit",
            };
            let keys = ["authorizationUrl", "tokenUrl", "scopes"];
            let details: Map<String, Value> = keys.iter().filter_map(|key| Some(((*key).to_owned(), members.get(*key)?.clone()))).collect();
            let flows = json!({ flow: details });
            members.insert("flows".to_owned(), flows);
        }
        _ => {}
    }
}

fn path_item(item: &mut Value, path: &str, shared: &Shared, global: &MediaTypes) {
    let common = parameters(item, &["paths", path], shared, global);
    let Value::Object(members) = item else { return };
    for (method, operation) in members {
        if Object::PathItem.member(method) != Some(crate::objects::Member::One(Object::Operation)) || operation.get("$ref").is_some() {
            continue;
        }
        let own = MediaTypes {
            consumes: strings(operation.get("consumes")).unwrap_or_else(|| global.consumes.clone()),
            produces: strings(operation.get("produces")).unwrap_or_else(|| global.produces.clone()),
        };
        let listed = parameters(operation, &["paths", path, method], shared, &own);
        responses(operation, &["paths", path, method], shared, &own, own.produces != global.produces);
        let mut all: Vec<(Value, String)> = Vec::new();
        for parameter in common.iter().chain(&listed) {
            let key = |value: &Value| (value.get("name").cloned(), value.get("in").cloned());
            all.retain(|(earlier, _)| key(earlier) != key(&parameter.0));
            all.push(parameter.clone());
        }
        if let Some(body) = request_body(&all, &own)
            && let Value::Object(members) = operation
        {
            members.insert("requestBody".to_owned(), body);
        }
    }
}

/// Describes the parameters of a path item or an operation, and returns them with their references.
fn parameters(owner: &mut Value, tokens: &[&str], shared: &Shared, types: &MediaTypes) -> Vec<(Value, String)> {
    let mut described = Vec::new();
    for (index, parameter) in owner.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten().enumerate() {
        let index = index.to_string();
        let own = pointer(&[tokens, &["parameters", &index]].concat());
        describe(parameter, &own, &types.consumes);
        described.extend(shared.parameter(parameter, &own));
    }
    described
}

/// Adds `schema`, `style` and `explode` to a parameter, and `content` to a body.
fn describe(parameter: &mut Value, own: &str, consumes: &[String]) {
    let Value::Object(members) = parameter else { return };
    match members.get("in").and_then(Value::as_str) {
        Some("body") => {
            let content = content(consumes, &json!({"schema": {"$ref": format!("{own}/schema")}}));
            members.insert("content".to_owned(), content);
        }
        Some(place) => {
            let place = place.to_owned();
            value_schema(members);
            let format = members.get("collectionFormat").and_then(Value::as_str).unwrap_or("csv");
            let (style, explode) = match (format, place.as_str()) {
                ("multi", _) => ("form", true),
                ("ssv", "query" | "formData") => ("spaceDelimited", false),
                ("tsv", "query" | "formData") => ("tabDelimited", false),
                ("pipes", "query" | "formData") => ("pipeDelimited", false),
                (_, "path" | "header") => ("simple", false),
                _ => ("form", false),
            };
            if members.get("type").and_then(Value::as_str) == Some("array") {
                members.insert("style".to_owned(), json!(style));
                members.insert("explode".to_owned(), json!(explode));
            }
        }
        None => {}
    }
}

/// Adds the `schema` of a parameter or a header field.
fn value_schema(members: &mut Map<String, Value>) {
    if members.contains_key("$ref") || members.contains_key("schema") || !members.contains_key("type") {
        return;
    }
    let keywords = SCHEMA_MEMBERS.iter().filter_map(|key| Some(((*key).to_owned(), members.get(*key)?.clone())));
    let schema: Map<String, Value> = keywords.collect();
    members.insert("schema".to_owned(), Value::Object(schema));
}

fn content(types: &[String], media_type: &Value) -> Value {
    let entries: Map<String, Value> = match types {
        // The document does not name the media types.
        [] => Map::from_iter([("*/*".to_owned(), media_type.clone())]),
        types => types.iter().map(|name| (name.clone(), media_type.clone())).collect(),
    };
    Value::Object(entries)
}

fn responses(operation: &mut Value, tokens: &[&str], shared: &Shared, types: &MediaTypes, own_types: bool) {
    for (status, response) in operation.get_mut("responses").and_then(Value::as_object_mut).into_iter().flatten() {
        if is_extension(status) {
            continue;
        }
        let Some(reference) = response.get("$ref").and_then(Value::as_str).map(str::to_owned) else {
            describe_response(response, &pointer(&[tokens, &["responses", status]].concat()), &types.produces);
            continue;
        };
        // The media types of an operation apply to a shared response too.
        let name = reference.strip_prefix("#/responses/").map(charter_json::unescape_token);
        let target = name.and_then(|name| shared.responses.as_ref()?.get(&name));
        if let Some(target) = target.filter(|target| own_types && target.get("content").is_some()) {
            let mut copy = target.clone();
            copy["content"] = content(&types.produces, &json!({"schema": {"$ref": format!("{reference}/schema")}}));
            if let Value::Object(members) = &mut copy {
                members.shift_remove("schema");
            }
            *response = copy;
        }
    }
}

/// Adds `content` to a response with a `schema`, and the schemas of its header fields.
fn describe_response(response: &mut Value, own: &str, produces: &[String]) {
    let Value::Object(members) = response else { return };
    for (_, header) in members.get_mut("headers").and_then(Value::as_object_mut).into_iter().flatten() {
        if let Value::Object(members) = header {
            value_schema(members);
        }
    }
    if !members.contains_key("schema") {
        return;
    }
    let mut content = content(produces, &json!({"schema": {"$ref": format!("{own}/schema")}}));
    // In Swagger 2.0, the keys of `examples` are media types.
    if let Some(Value::Object(examples)) = members.get("examples") {
        for (media_type, example) in examples {
            if let Some(Value::Object(entry)) = content.get_mut(media_type) {
                entry.insert("example".to_owned(), example.clone());
            }
        }
    }
    members.insert("content".to_owned(), content);
}

/// The request body of an operation: its body parameter, or a form of its `formData` parameters.
fn request_body(parameters: &[(Value, String)], types: &MediaTypes) -> Option<Value> {
    let place = |parameter: &Value| parameter.get("in").and_then(Value::as_str).unwrap_or_default().to_owned();
    if let Some((parameter, reference)) = parameters.iter().find(|(parameter, _)| place(parameter) == "body") {
        if !reference.starts_with("#/parameters/") {
            return Some(json!({ "$ref": reference }));
        }
        // The media types of the operation apply to a shared parameter.
        let required = parameter.get("required") == Some(&Value::Bool(true));
        let content = content(&types.consumes, &json!({"schema": {"$ref": format!("{reference}/schema")}}));
        return Some(json!({ "required": required, "content": content }));
    }
    let fields: Vec<&(Value, String)> = parameters.iter().filter(|(parameter, _)| place(parameter) == "formData").collect();
    if fields.is_empty() {
        return None;
    }
    let (mut properties, mut required, mut encoding) = (Map::new(), Vec::new(), Map::new());
    let mut has_file = false;
    for (parameter, reference) in fields {
        let Some(name) = parameter.get("name").and_then(Value::as_str) else { continue };
        properties.insert(name.to_owned(), json!({ "$ref": format!("{reference}/schema") }));
        if parameter.get("required") == Some(&Value::Bool(true)) {
            required.push(json!(name));
        }
        has_file |= parameter.get("type").and_then(Value::as_str) == Some("file");
        if let (Some(style), Some(explode)) = (parameter.get("style"), parameter.get("explode")) {
            encoding.insert(name.to_owned(), json!({ "style": style, "explode": explode }));
        }
    }
    let is_required = !required.is_empty();
    let schema = json!({ "type": "object", "properties": properties, "required": required });
    let mut forms: Vec<String> = types.consumes.iter().filter(|name| is_form(name)).cloned().collect();
    if forms.is_empty() {
        forms.push(if has_file { "multipart/form-data" } else { "application/x-www-form-urlencoded" }.to_owned());
    }
    Some(json!({ "required": is_required, "content": content(&forms, &json!({ "schema": schema, "encoding": encoding })) }))
}

fn is_form(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("multipart/form-data") || essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}
