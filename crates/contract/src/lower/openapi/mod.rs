//! The OpenAPI document to operations, servers and security schemes.

mod body;
mod parameter;
mod security;
mod server;

use std::collections::HashSet;

use indexmap::IndexMap;
use serde_json::Value;

use super::node::Node;
use super::schemas::{Builder, Owner};
use crate::error::Fault;
use crate::load::instead_of_openapi;
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
        None => {
            let foreign = instead_of_openapi(documents.text(name).map_or("", |text| text.as_str()), document);
            builder.add(documents.problem(&root, Fault::Form(foreign.message.to_owned())).with_remedy(foreign.remedy.to_owned()));
        }
    }
    let whole = Node::new(root, document);
    builder.owner = Owner::Component;
    for (_, schema) in whole.child("components").into_iter().flat_map(|components| components.members("schemas")) {
        builder.embedded(schema);
    }
    // Swagger 2.0.
    for (_, schema) in whole.members("definitions").filter(|_| document.get("swagger").is_some()) {
        builder.embedded(schema);
    }
    builder.owner = Owner::Contract;
    let security_schemes = security::schemes(builder, &whole);
    let security = security::requirements(document.get("security"));
    let servers = server::servers(&whole);
    let mut reader = Reader { builder, security, operations: Vec::new(), webhooks: Vec::new() };
    let mut ids = HashSet::new();
    for (path, item) in whole.members("paths").filter(|(path, _)| !path.starts_with("x-")) {
        for operation in reader.path_item(&item, path, 0) {
            if !ids.insert(operation.id.clone()) {
                let at = operation.location.child("operationId");
                reader.builder.report(&at, Fault::DuplicateId(operation.id.clone()));
            }
            reader.operations.push(operation);
        }
    }
    // The requirements of the document are those of requests to the API, not of requests that it sends.
    reader.security.clear();
    for (name, item) in whole.members("webhooks") {
        let webhooks = reader.path_item(&item, name, 0);
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

impl<'d> Reader<'_, 'd> {
    /// The operations of a path item. `path` is its key: a path template, or the name of a webhook.
    fn path_item(&mut self, at: &Node<'d>, path: &str, depth: usize) -> Vec<Operation> {
        let Some(target) = follow(self.builder, at.clone()) else { return Vec::new() };
        // Fields next to `$ref` are read too: OpenAPI leaves their meaning open where the target has them as well.
        let places = if target.location == at.location { vec![target] } else { vec![at.clone(), target] };
        let mut operations = Vec::new();
        for place in &places {
            let fixed = place.clone().entries().filter(|(key, _)| METHODS.contains(&key.as_str()));
            let fixed = fixed.map(|(key, operation)| (key.to_uppercase(), operation));
            let additional = place.members("additionalOperations").map(|(method, operation)| (method.clone(), operation));
            for (method, at) in fixed.chain(additional) {
                operations.extend(self.operation(at, &places, path, method, depth));
            }
        }
        operations
    }

    fn operation(&mut self, at: Node<'d>, items: &[Node<'d>], path: &str, method: String, depth: usize) -> Option<Operation> {
        let operation = follow(self.builder, at)?;
        let outer = std::mem::replace(&mut self.builder.owner, Owner::Operation(operation.location.clone()));
        let described = self.described(&operation, items, path, method, depth);
        self.builder.owner = outer;
        Some(described)
    }

    fn described(&mut self, operation: &Node<'d>, items: &[Node<'d>], path: &str, method: String, depth: usize) -> Operation {
        let value = operation.value;
        let id = match value.get("operationId").and_then(Value::as_str) {
            Some(id) => id.to_owned(),
            None => format!("{method} {path}"),
        };
        let security = value.get("security").map_or_else(|| self.security.clone(), |own| security::requirements(Some(own)));
        let secured = !security.is_empty() && security.iter().all(|requirement| !requirement.0.is_empty());
        let mut servers = server::servers(operation);
        let mut parameters = IndexMap::new();
        for owner in items.iter().chain([operation]) {
            for parameter in parameter::parameters(self.builder, owner) {
                parameters.insert((parameter.name.clone(), parameter.place), parameter);
            }
        }
        if servers.is_empty() {
            servers = items.iter().map(server::servers).find(|servers| !servers.is_empty()).unwrap_or_default();
        }
        let request_body = body::request_body(self.builder, operation);
        let responses = body::responses(self.builder, operation);
        let deprecated = operation.is("deprecated");
        let callbacks = self.callbacks(operation, depth);
        let (method, path) = (Method(method), PathTemplate(path.to_owned()));
        let parameters = parameters.into_values().collect();
        let location = operation.location.clone();
        Operation { id, method, path, servers, parameters, request_body, secured, security, deprecated, responses, callbacks, location }
    }

    /// Reads the callbacks of an operation. Returns the locations of their operations.
    fn callbacks(&mut self, operation: &Node<'d>, depth: usize) -> Vec<Location> {
        let mut locations = Vec::new();
        if depth >= CALLBACK_DEPTH {
            return locations;
        }
        let security = std::mem::take(&mut self.security);
        for (_, callback) in operation.members("callbacks") {
            let Some(callback) = follow(self.builder, callback) else { continue };
            for (expression, item) in callback.entries().filter(|(expression, _)| !expression.starts_with("x-")) {
                let operations = self.path_item(&item, expression, depth + 1);
                locations.extend(operations.iter().map(|operation| operation.location.clone()));
                self.webhooks.extend(operations);
            }
        }
        self.security = security;
        locations
    }
}

/// Follows references to a component; reports a reference without a target.
fn follow<'d>(builder: &mut Builder<'d>, at: Node<'d>) -> Option<Node<'d>> {
    if at.value.get("$ref").is_none() {
        return Some(at);
    }
    match resolve::follow(builder.documents, &at.location, at.value) {
        Ok((location, value)) => Some(Node::new(location, value)),
        Err(problem) => {
            builder.add(*problem);
            None
        }
    }
}
