//! The OpenAPI document to operations, servers and security schemes.

mod body;
mod parameter;
mod security;
mod server;

use indexmap::IndexMap;
use serde_json::Value;

use super::entries;
use super::schemas::{Builder, Owner};
use crate::error::Fault;
use crate::location::Location;
use crate::model::{Method, Operation, PathTemplate, SecurityRequirement, SecurityScheme, Server};
use crate::resolve;

/// The fixed fields of a path item that are operations; `query` since OpenAPI 3.2.
const METHODS: [&str; 9] = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];
/// The maximum depth of callbacks within callbacks.
const CALLBACK_DEPTH: usize = 4;

/// What an OpenAPI document describes besides schemas.
#[derive(Default)]
pub(super) struct Described {
    /// The operations of `paths`.
    pub(super) operations: Vec<Operation>,
    /// The operations of `webhooks` and of `callbacks`: requests that the API sends.
    pub(super) webhooks: Vec<Operation>,
    pub(super) servers: Vec<Server>,
    pub(super) security_schemes: IndexMap<String, SecurityScheme>,
}

/// What the OpenAPI document describes; empty if the contract has none.
pub(super) fn read(builder: &mut Builder<'_>) -> Described {
    let documents = builder.documents;
    let Some(name) = documents.names().find(|name| documents.is_openapi(name)) else {
        return Described::default();
    };
    let root = Location::root(name.clone());
    let Some(document) = documents.at(&root) else {
        return Described::default();
    };
    match document.get("openapi").and_then(Value::as_str) {
        Some(version) if ["3.0", "3.1", "3.2"].iter().any(|known| version.starts_with(known)) => {}
        Some(version) => builder.report(&root.child("openapi"), Fault::Dialect(format!("OpenAPI {version}"))),
        None => builder.report(&root, Fault::Form("the OpenAPI document names no `openapi` version".to_owned())),
    }
    builder.owner = Owner::Component;
    for (name, _) in entries(document.pointer("/components/schemas")) {
        builder.embedded(&root.child("components").child("schemas").child(name));
    }
    // Swagger 2.0.
    for (name, _) in entries(document.get("definitions").filter(|_| document.get("swagger").is_some())) {
        builder.embedded(&root.child("definitions").child(name));
    }
    builder.owner = Owner::Contract;
    let security_schemes = security::schemes(builder, &root);
    let security = security::requirements(document.get("security"));
    let servers = server::servers(&root, document);
    let mut reader = Reader { builder, security, operations: Vec::new(), webhooks: Vec::new() };
    for (path, _) in entries(document.get("paths")).filter(|(path, _)| !path.starts_with("x-")) {
        let operations = reader.path_item(&root.child("paths").child(path), path, 0);
        for operation in operations {
            if reader.operations.iter().any(|earlier| earlier.id == operation.id) {
                let at = operation.location.child("operationId");
                reader.builder.report(&at, Fault::DuplicateId(operation.id.clone()));
            }
            reader.operations.push(operation);
        }
    }
    for (name, _) in entries(document.get("webhooks")) {
        let webhooks = reader.path_item(&root.child("webhooks").child(name), name, 0);
        reader.webhooks.extend(webhooks);
    }
    let Reader { operations, webhooks, .. } = reader;
    Described { operations, webhooks, servers, security_schemes }
}

struct Reader<'r, 'd> {
    builder: &'r mut Builder<'d>,
    /// The requirements of operations that have none of their own.
    security: Vec<SecurityRequirement>,
    operations: Vec<Operation>,
    webhooks: Vec<Operation>,
}

impl Reader<'_, '_> {
    /// The operations of a path item. `path` is its key: a path template, or the name of a webhook.
    fn path_item(&mut self, at: &Location, path: &str, depth: usize) -> Vec<Operation> {
        let Some(location) = follow(self.builder, at) else { return Vec::new() };
        let documents = self.builder.documents;
        // Fields next to `$ref` are read too: OpenAPI leaves their meaning open where the target has them as well.
        let places = if location == *at { vec![location] } else { vec![at.clone(), location] };
        let mut operations = Vec::new();
        for place in &places {
            let Some(item) = documents.at(place) else { continue };
            let fixed = entries(Some(item)).filter(|(key, _)| METHODS.contains(&key.as_str()));
            let fixed = fixed.map(|(key, _)| (place.child(key), key.to_uppercase()));
            let additional = entries(item.get("additionalOperations"));
            let additional = additional.map(|(method, _)| (place.child("additionalOperations").child(method), method.clone()));
            for (at, method) in fixed.chain(additional) {
                operations.extend(self.operation(&at, &places, path, method, depth));
            }
        }
        operations
    }

    fn operation(&mut self, at: &Location, items: &[Location], path: &str, method: String, depth: usize) -> Option<Operation> {
        let location = follow(self.builder, at)?;
        let outer = std::mem::replace(&mut self.builder.owner, Owner::Operation(location.clone()));
        let operation = self.described(location, items, path, method, depth);
        self.builder.owner = outer;
        operation
    }

    fn described(&mut self, location: Location, items: &[Location], path: &str, method: String, depth: usize) -> Option<Operation> {
        let documents = self.builder.documents;
        let value = documents.at(&location)?;
        let id = match value.get("operationId").and_then(Value::as_str) {
            Some(id) => id.to_owned(),
            None => format!("{method} {path}"),
        };
        let security = value.get("security").map_or_else(|| self.security.clone(), |own| security::requirements(Some(own)));
        let secured = !security.is_empty() && security.iter().all(|requirement| !requirement.0.is_empty());
        let mut servers = server::servers(&location, value);
        let mut parameters = IndexMap::new();
        for owner in items.iter().chain([&location]) {
            let Some(value) = documents.at(owner) else { continue };
            for parameter in parameter::parameters(self.builder, owner, value) {
                parameters.insert((parameter.name.clone(), parameter.place), parameter);
            }
        }
        if servers.is_empty() {
            let owners = items.iter().filter_map(|item| Some(server::servers(item, documents.at(item)?)));
            servers = owners.into_iter().find(|servers| !servers.is_empty()).unwrap_or_default();
        }
        let request_body = body::request_body(self.builder, &location, value);
        let responses = body::responses(self.builder, &location, value);
        let deprecated = value.get("deprecated") == Some(&Value::Bool(true));
        self.callbacks(&location, value, depth);
        let (method, path) = (Method(method), PathTemplate(path.to_owned()));
        let parameters = parameters.into_values().collect();
        Some(Operation { id, method, path, servers, parameters, request_body, secured, security, deprecated, responses, location })
    }

    fn callbacks(&mut self, at: &Location, operation: &Value, depth: usize) {
        if depth >= CALLBACK_DEPTH {
            return;
        }
        for (name, _) in entries(operation.get("callbacks")) {
            let Some(callback) = follow(self.builder, &at.child("callbacks").child(name)) else { continue };
            let expressions: Vec<&String> = entries(self.builder.documents.at(&callback)).map(|(expression, _)| expression).collect();
            for expression in expressions.into_iter().filter(|expression| !expression.starts_with("x-")) {
                let operations = self.path_item(&callback.child(expression), expression, depth + 1);
                self.webhooks.extend(operations);
            }
        }
    }
}

/// Follows references to a component; reports a reference without a target.
fn follow(builder: &mut Builder<'_>, at: &Location) -> Option<Location> {
    resolve::follow(builder.documents, at).map_err(|problem| builder.add(*problem)).ok()
}
