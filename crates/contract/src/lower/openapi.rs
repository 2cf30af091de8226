//! The OpenAPI document to operations and servers.

use indexmap::IndexMap;
use serde_json::Value;

use super::entries;
use super::schemas::Builder;
use crate::error::Fault;
use crate::location::Location;
use crate::model::{
    HeaderSpec, Method, Operation, Parameter, ParameterPlace, PathTemplate, RequestBody, ResponseSpec, SchemaId, Server, StatusRange,
};
use crate::resolve;

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// The operations and servers of the OpenAPI document; empty if the contract has none.
pub(super) fn operations(builder: &mut Builder<'_>) -> (Vec<Operation>, Vec<Server>) {
    let documents = builder.documents;
    let Some(name) = documents.names().find(|name| documents.is_openapi(name)) else {
        return Default::default();
    };
    let root = Location::root(name.clone());
    let Some(document) = documents.at(&root) else {
        return Default::default();
    };
    match document.get("openapi").and_then(Value::as_str) {
        Some(version) if version.starts_with("3.1") || version.starts_with("3.0") => {}
        Some(version) => builder.report(&root.child("openapi"), Fault::Dialect(format!("OpenAPI {version}"))),
        None => builder.report(&root, Fault::Form("the OpenAPI document names no `openapi` version".to_owned())),
    }
    for (name, _) in entries(document.pointer("/components/schemas")) {
        builder.embedded(&root.child("components").child("schemas").child(name));
    }
    let secured_by_default = document.get("security").is_some_and(is_secured);
    let mut operations: Vec<Operation> = Vec::new();
    for (path, item) in entries(document.get("paths")) {
        let at = root.child("paths").child(path);
        for (method, operation) in entries(Some(item)).filter(|(method, _)| METHODS.contains(&method.as_str())) {
            let at = at.child(method);
            let id = match operation.get("operationId").and_then(Value::as_str) {
                Some(id) => id.to_owned(),
                None => format!("{} {path}", method.to_uppercase()),
            };
            if operations.iter().any(|earlier| earlier.id == id) {
                builder.report(&at.child("operationId"), Fault::DuplicateId(id.clone()));
            }
            let secured = operation.get("security").map_or(secured_by_default, is_secured);
            let mut parameters = self::parameters(builder, &root.child("paths").child(path), item);
            parameters.extend(self::parameters(builder, &at, operation));
            let request_body = request_body(builder, &at, operation);
            let responses = responses(builder, &at, operation);
            let deprecated = operation.get("deprecated") == Some(&Value::Bool(true));
            let (method, path) = (Method(method.to_uppercase()), PathTemplate(path.clone()));
            operations.push(Operation { id, method, path, parameters, request_body, secured, deprecated, responses, location: at });
        }
    }
    (operations, servers(document))
}

/// An empty requirement `{}` makes credentials optional.
fn is_secured(security: &Value) -> bool {
    security
        .as_array()
        .is_some_and(|list| !list.is_empty() && list.iter().all(|entry| entry.as_object().is_some_and(|entry| !entry.is_empty())))
}

/// Follows references to a component; reports a reference without a target.
fn follow(builder: &mut Builder<'_>, at: &Location) -> Option<Location> {
    resolve::follow(builder.documents, at).map_err(|problem| builder.problems.push(*problem)).ok()
}

fn parameters(builder: &mut Builder<'_>, at: &Location, owner: &Value) -> Vec<Parameter> {
    let count = owner.get("parameters").and_then(Value::as_array).map_or(0, Vec::len);
    (0..count).filter_map(|index| parameter(builder, &at.child("parameters").child(index))).collect()
}

fn parameter(builder: &mut Builder<'_>, at: &Location) -> Option<Parameter> {
    let location = follow(builder, at)?;
    let documents = builder.documents;
    let value = documents.at(&location)?;
    let place = match value.get("in").and_then(Value::as_str) {
        Some("path") => ParameterPlace::Path,
        Some("query") => ParameterPlace::Query,
        Some("header") => ParameterPlace::Header,
        Some("cookie") => ParameterPlace::Cookie,
        _ => {
            builder.report(&location, Fault::Form("a parameter needs `in`: path, query, header or cookie".to_owned()));
            return None;
        }
    };
    let Some(name) = value.get("name").and_then(Value::as_str) else {
        builder.report(&location, Fault::Form("a parameter needs a `name`".to_owned()));
        return None;
    };
    let schema = builder.embedded(&location.child("schema"));
    let is = |key: &str| value.get(key) == Some(&Value::Bool(true));
    let (required, allows_reserved) = (is("required"), is("allowReserved"));
    Some(Parameter { name: name.to_owned(), place, required, allows_reserved, schema, location })
}

fn request_body(builder: &mut Builder<'_>, at: &Location, operation: &Value) -> Option<RequestBody> {
    operation.get("requestBody")?;
    let location = follow(builder, &at.child("requestBody"))?;
    let value = builder.documents.at(&location)?;
    let required = value.get("required") == Some(&Value::Bool(true));
    Some(RequestBody { required, content: content(builder, &location, value), location })
}

/// The schemas of a body by media type.
fn content(builder: &mut Builder<'_>, at: &Location, owner: &Value) -> IndexMap<String, Option<SchemaId>> {
    entries(owner.get("content"))
        .map(|(media_type, _)| (media_type.clone(), builder.embedded(&at.child("content").child(media_type).child("schema"))))
        .collect()
}

fn responses(builder: &mut Builder<'_>, at: &Location, operation: &Value) -> Vec<ResponseSpec> {
    let mut responses = Vec::new();
    for (status, _) in entries(operation.get("responses")) {
        let at = at.child("responses").child(status);
        let Some(range) = StatusRange::parse(status) else {
            builder.report(&at, Fault::Form(format!("`{status}` is not a status: write 200, 4XX or default")));
            continue;
        };
        responses.extend(response(builder, &at, range));
    }
    responses
}

fn response(builder: &mut Builder<'_>, at: &Location, status: StatusRange) -> Option<ResponseSpec> {
    let location = follow(builder, at)?;
    let documents = builder.documents;
    let value = documents.at(&location)?;
    let content = content(builder, &location, value);
    let mut headers = Vec::new();
    for (name, _) in entries(value.get("headers")) {
        let Some(location) = follow(builder, &location.child("headers").child(name)) else { continue };
        let required = documents.at(&location).and_then(|header| header.get("required")) == Some(&Value::Bool(true));
        let schema = builder.embedded(&location.child("schema"));
        headers.push(HeaderSpec { name: name.clone(), required, schema, location });
    }
    Some(ResponseSpec { status, content, headers, location })
}

fn servers(document: &Value) -> Vec<Server> {
    let servers = document.get("servers").and_then(Value::as_array).into_iter().flatten();
    servers
        .filter_map(|server| {
            let mut url = server.get("url")?.as_str()?.to_owned();
            for (name, variable) in entries(server.get("variables")) {
                let default = variable.get("default").and_then(Value::as_str).unwrap_or_default();
                url = url.replace(&format!("{{{name}}}"), default);
            }
            let (host, path) = match url.split_once("://") {
                Some((_, rest)) => match rest.split_once('/') {
                    Some((host, path)) => (Some(host.to_owned()), format!("/{path}")),
                    None => (Some(rest.to_owned()), String::new()),
                },
                None => (None, url),
            };
            Some(Server { host, base_path: path.trim_end_matches('/').to_owned() })
        })
        .collect()
}
