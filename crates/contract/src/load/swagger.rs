//! Swagger 2.0 in the terms of OpenAPI 3.0. Members are added and none is moved, so that findings refer to the original locations.
//!
//! A body parameter gets a `content`, and its operation a `requestBody` that refers to the parameter. A response with a `schema` gets a
//! `content` whose schema refers to that schema. Other parameters and header fields get a `schema`.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{Document, Role, target_document};
use crate::objects::{Member, Object, is_extension};
use crate::uri::{is_uri, unescape};

/// The greatest length of a chain of references.
const CHAIN_LIMIT: usize = 16;

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

/// Adds the members of OpenAPI 3.0 to the documents of Swagger 2.0, and to their path items, parameters and responses in other files.
pub(super) fn convert(documents: &mut BTreeMap<Arc<str>, Document>) {
    let is_swagger = |document: &Document| {
        let version = document.value.get("swagger").and_then(Value::as_str);
        document.role != Role::Other && document.value.get("openapi").is_none() && version.is_some_and(|version| version.starts_with("2."))
    };
    let names: Vec<Arc<str>> = documents.iter().filter(|(_, document)| is_swagger(document)).map(|(name, _)| name.clone()).collect();
    let mut types = HashMap::new();
    for name in &names {
        let strings_of = |key: &str| strings(documents[name].value.get(key)).unwrap_or_default();
        types.insert(name.clone(), MediaTypes { consumes: strings_of("consumes"), produces: strings_of("produces") });
    }
    let mut conversion = Conversion { documents, types, described: HashSet::new() };
    for name in names {
        conversion.document(&name);
    }
}

/// The media types of a document or an operation.
#[derive(Clone, Default, PartialEq)]
struct MediaTypes {
    consumes: Vec<String>,
    produces: Vec<String>,
}

/// A parameter, where it is described, and whether the operation or path item refers to it.
#[derive(Clone)]
struct Listed {
    parameter: Value,
    place: Place,
    is_shared: bool,
}

/// The conversion of all documents.
struct Conversion<'d> {
    documents: &'d mut BTreeMap<Arc<str>, Document>,
    /// The media types of each document of Swagger 2.0.
    types: HashMap<Arc<str>, MediaTypes>,
    /// The places that are converted.
    described: HashSet<Place>,
}

impl Conversion<'_> {
    fn document(&mut self, name: &Arc<str>) {
        let types = self.types[name].clone();
        let root = Place { document: name.clone(), pointer: String::new() };
        let mut schemes = Map::new();
        if let Some(Value::Object(definitions)) = self.value_mut(&root.child("securityDefinitions")) {
            for (name, definition) in definitions {
                security(definition);
                schemes.insert(name.clone(), json!({"$ref": fragment(&root.child("securityDefinitions").child(name).pointer)}));
            }
        }
        for place in self.children(&root.child("parameters")) {
            self.parameter(&place, &types);
        }
        for place in self.children(&root.child("responses")) {
            self.response(&place, &types);
        }
        for place in self.children(&root.child("paths")).into_iter().filter(|place| !is_extension(&place.key())) {
            self.path_item(&place, &types);
        }
        let Some(Value::Object(members)) = self.value_mut(&root) else { return };
        let servers = servers(members);
        members.insert("openapi".to_owned(), json!(VERSION));
        if !servers.is_empty() {
            members.insert("servers".to_owned(), Value::Array(servers));
        }
        members.insert("components".to_owned(), json!({"securitySchemes": schemes}));
    }

    fn value(&self, place: &Place) -> Option<&Value> {
        self.documents.get(&place.document)?.value.pointer(&place.pointer)
    }

    fn value_mut(&mut self, place: &Place) -> Option<&mut Value> {
        Arc::make_mut(&mut self.documents.get_mut(&place.document)?.value).pointer_mut(&place.pointer)
    }

    /// The places of the members or items of a value.
    fn children(&self, place: &Place) -> Vec<Place> {
        match self.value(place) {
            Some(Value::Object(members)) => members.keys().map(|key| place.child(key)).collect(),
            Some(Value::Array(items)) => (0..items.len()).map(|index| place.child(&index.to_string())).collect(),
            _ => Vec::new(),
        }
    }

    fn text(&self, place: &Place, key: &str) -> Option<String> {
        self.value(place)?.get(key)?.as_str().map(str::to_owned)
    }

    /// The end of a chain of references. `None` if it does not exist.
    fn resolve(&self, place: &Place) -> Option<Place> {
        let mut at = place.clone();
        for _ in 0..CHAIN_LIMIT {
            let Some(reference) = self.text(&at, "$ref") else { return self.value(&at).is_some().then_some(at) };
            let (file, fragment) = reference.split_once('#').unwrap_or((&reference, ""));
            at = Place { document: target_document(self.documents, &at.document, file)?, pointer: unescape(fragment) };
        }
        None
    }

    /// The media types that apply to the objects of a document: its own, or those of the document that refers to it.
    fn types_of(&self, document: &Arc<str>, around: &MediaTypes) -> MediaTypes {
        self.types.get(document).unwrap_or(around).clone()
    }

    fn path_item(&mut self, place: &Place, around: &MediaTypes) {
        let Some(place) = self.resolve(place) else { return };
        if !self.described.insert(place.clone()) {
            return;
        }
        let global = self.types_of(&place.document, around);
        let common = self.parameters(&place, &global);
        for operation in self.children(&place) {
            let is_operation = Object::PathItem.member(&operation.key()) == Some(Member::One(Object::Operation));
            if is_operation && self.text(&operation, "$ref").is_none() {
                self.operation(&operation, &common, &global);
            }
        }
    }

    fn operation(&mut self, place: &Place, common: &[Listed], global: &MediaTypes) {
        let strings_of = |key: &str| strings(self.value(place)?.get(key));
        let own = MediaTypes {
            consumes: strings_of("consumes").unwrap_or_else(|| global.consumes.clone()),
            produces: strings_of("produces").unwrap_or_else(|| global.produces.clone()),
        };
        let listed = self.parameters(place, &own);
        self.responses(place, &own, global);
        let mut all: Vec<Listed> = Vec::new();
        for listed in common.iter().chain(&listed) {
            let key = |value: &Value| (value.get("name").cloned(), value.get("in").cloned());
            all.retain(|earlier| key(&earlier.parameter) != key(&listed.parameter));
            all.push(listed.clone());
        }
        if let Some(body) = request_body(&place.document, &all, &own)
            && let Some(Value::Object(members)) = self.value_mut(place)
        {
            members.insert("requestBody".to_owned(), body);
        }
    }

    /// Describes the parameters of a path item or an operation, and returns them.
    fn parameters(&mut self, owner: &Place, types: &MediaTypes) -> Vec<Listed> {
        let mut all = Vec::new();
        for entry in self.children(&owner.child("parameters")) {
            let Some(place) = self.resolve(&entry) else { continue };
            let is_shared = place != entry;
            let types = if is_shared { self.types_of(&place.document, types) } else { types.clone() };
            self.parameter(&place, &types);
            all.extend(self.value(&place).cloned().map(|parameter| Listed { parameter, place, is_shared }));
        }
        all
    }

    /// Adds `schema`, `style` and `explode` to a parameter, and `content` to a body.
    fn parameter(&mut self, place: &Place, types: &MediaTypes) {
        if self.described.insert(place.clone())
            && let Some(parameter) = self.value_mut(place)
        {
            describe(parameter, &fragment(&place.pointer), &types.consumes);
        }
    }

    fn responses(&mut self, operation: &Place, types: &MediaTypes, global: &MediaTypes) {
        for entry in self.children(&operation.child("responses")).into_iter().filter(|entry| !is_extension(&entry.key())) {
            let Some(place) = self.resolve(&entry) else { continue };
            if place == entry {
                self.response(&place, types);
                continue;
            }
            let own = self.types_of(&place.document, global);
            self.response(&place, &own);
            // The media types of an operation apply to a shared response too.
            let Some(target) = self.value(&place).filter(|target| types.produces != own.produces && target.get("content").is_some()) else {
                continue;
            };
            let Some(reference) = reference(&entry.document, &place) else { continue };
            let mut copy = target.clone();
            copy["content"] = content(&types.produces, &json!({"schema": {"$ref": format!("{reference}/schema")}}));
            if let Value::Object(members) = &mut copy {
                members.shift_remove("schema");
            }
            for (name, header) in copy.get_mut("headers").and_then(Value::as_object_mut).into_iter().flatten() {
                if header.get("schema").is_some() {
                    let mut schema = format!("{reference}/headers");
                    charter_json::push_token(&mut schema, escaped(name));
                    header["schema"] = json!({"$ref": format!("{schema}/schema")});
                }
            }
            if let Some(response) = self.value_mut(&entry) {
                *response = copy;
            }
        }
    }

    /// Adds `content` to a response with a `schema`, and the schemas of its header fields.
    fn response(&mut self, place: &Place, types: &MediaTypes) {
        if self.described.insert(place.clone())
            && let Some(response) = self.value_mut(place)
        {
            describe_response(response, &fragment(&place.pointer), &types.produces);
        }
    }
}

/// A value of a document.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Place {
    document: Arc<str>,
    pointer: String,
}

impl Place {
    fn child(&self, key: &str) -> Self {
        let mut child = self.clone();
        charter_json::push_token(&mut child.pointer, key);
        child
    }

    fn key(&self) -> String {
        charter_json::unescape_token(self.pointer.rsplit('/').next().unwrap_or_default())
    }
}

/// A reference from a document to a place. `None` if no relative path leads there: from a folder above that of the contract.
fn reference(from: &str, target: &Place) -> Option<String> {
    let fragment = fragment(&target.pointer);
    if *target.document == *from {
        return Some(fragment);
    }
    if is_uri(&target.document) {
        return Some(format!("{}{fragment}", target.document));
    }
    let levels = from.split('/').take_while(|part| *part == "..").count();
    let (above, file) = (&from[..levels * 3], &*target.document);
    let file = file.strip_prefix(above).filter(|_| !is_uri(from))?;
    let folders = from[above.len()..].matches('/').count();
    Some(format!("{}{}{fragment}", "../".repeat(folders), escaped(file)))
}

/// A JSON Pointer as a fragment. Percent-encodes the characters that a fragment may not contain and that paths often have.
fn fragment(pointer: &str) -> String {
    format!("#{}", escaped(pointer))
}

fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace('#', "%23").replace('{', "%7B").replace('}', "%7D").replace(' ', "%20")
}

fn strings(value: Option<&Value>) -> Option<Vec<String>> {
    Some(value?.as_array()?.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect())
}

fn servers(document: &Map<String, Value>) -> Vec<Value> {
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
fn request_body(document: &str, parameters: &[Listed], types: &MediaTypes) -> Option<Value> {
    let is_in = |listed: &Listed, place: &str| listed.parameter.get("in").and_then(Value::as_str) == Some(place);
    if let Some(body) = parameters.iter().find(|listed| is_in(listed, "body")) {
        let reference = reference(document, &body.place)?;
        let content = content(&types.consumes, &json!({"schema": {"$ref": format!("{reference}/schema")}}));
        // The media types of the operation apply to a parameter of the path item and to a shared one.
        let names = |value: Option<&Value>| value.and_then(Value::as_object).map(|types| types.keys().cloned().collect::<Vec<_>>());
        if !body.is_shared && names(body.parameter.get("content")) == names(Some(&content)) {
            return Some(json!({ "$ref": reference }));
        }
        let required = body.parameter.get("required") == Some(&Value::Bool(true));
        return Some(json!({ "required": required, "content": content }));
    }
    let fields: Vec<&Listed> = parameters.iter().filter(|listed| is_in(listed, "formData")).collect();
    if fields.is_empty() {
        return None;
    }
    let (mut properties, mut required, mut encoding) = (Map::new(), Vec::new(), Map::new());
    let mut has_file = false;
    for Listed { parameter, place, .. } in fields {
        let Some(name) = parameter.get("name").and_then(Value::as_str) else { continue };
        let Some(reference) = reference(document, place) else { continue };
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
