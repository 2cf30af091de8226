//! Requests that belong to no operation of the contract, and the operations that describe them.

use std::collections::{BTreeMap, BTreeSet};

use charter_contract::{Contract, Location, NoRoute};
use charter_traffic::exchange::Exchange;
use charter_traffic::read::Limits;
use serde_json::{Map, Value, json};

use super::body::undocumented;
use super::first::{self, Call, Segment};
use super::report::{Edit, Example, Novelty};
use crate::change::fingerprint;

/// The maximum number of examples of a novelty.
const EXAMPLES: usize = 3;

/// The requests without an operation.
#[derive(Default)]
pub(super) struct Unknown {
    /// Requests to paths that the contract does not describe, and where each was recorded.
    paths: Vec<Call>,
    /// Requests with a method that the path does not describe, by the template of the path.
    methods: BTreeMap<String, Vec<Call>>,
    /// The places of the requests, by method and path.
    places: BTreeMap<String, Vec<String>>,
}

impl Unknown {
    /// Adds a request, or returns why it is passed over.
    pub(super) fn add(&mut self, contract: &Contract, exchange: &Exchange, limits: &Limits, place: &str) -> Result<(), &'static str> {
        let (Some(request), Some(response)) = (&exchange.request, &exchange.response) else { return Err("no request or no response") };
        let method = request.method.to_lowercase();
        if !["get", "put", "post", "delete", "patch", "head", "options", "trace"].contains(&method.as_str()) {
            return Err("a method that OpenAPI cannot describe");
        }
        let (host, path) = first::host_and_path(&request.url);
        let route = contract.route(&request.method.to_uppercase(), host, &format!("/{path}"));
        let path = without_base(contract, path);
        // A server without the resource also responds to typing errors.
        let known = match route {
            Err(NoRoute::Path) if matches!(response.status, 404 | 405 | 501) => {
                return Err("an unknown path that the server does not have");
            }
            Err(NoRoute::Method(_)) if matches!(response.status, 404 | 405 | 501) => return Err("a method that the server does not have"),
            Err(NoRoute::Host(_)) => return Err("another host"),
            Err(NoRoute::Method(_)) => {
                let found = contract.operations().iter().find(|operation| operation.captures(&format!("/{path}")).is_some());
                Some(found.ok_or("an unknown path")?.path.0.clone())
            }
            Err(NoRoute::Path) => None,
            _ => return Err("no operation"),
        };
        if matches!(method.as_str(), "head" | "options" | "trace") {
            return Err("a method that is not proposed: HEAD, OPTIONS or TRACE");
        }
        self.places.entry(format!("{method} /{path}")).or_default().push(place.to_owned());
        let call = Call {
            method,
            segments: first::segments(path),
            query: request.query(),
            request: undocumented(&request.message, limits),
            status: response.status,
            response: undocumented(&response.message, limits),
        };
        match known {
            Some(template) => self.methods.entry(template).or_default().push(call),
            None => self.paths.push(call),
        }
        Ok(())
    }

    /// Adds a novelty for each operation.
    pub(super) fn propose(&self, contract: &Contract, novelties: &mut Vec<Novelty>) {
        let mut ids: BTreeSet<String> = contract.operations().iter().map(|operation| operation.id.clone()).collect();
        for (template, calls) in &self.methods {
            let Some(known) = contract.operations().iter().find(|operation| operation.path.0 == *template) else { continue };
            let item = parent(&known.location);
            let segments: Vec<Segment> = template.trim_start_matches('/').split('/').map(segment).collect();
            self.operations("method", &item, &segments, &calls.iter().collect::<Vec<_>>(), true, &mut ids, novelties);
        }
        let Some(document) = main_document(contract) else { return };
        let paths = Location::new(document, "/paths");
        for (template, calls) in first::templates(&self.paths) {
            self.operations("path", &paths.child(first::path_of(&template)), &template, &calls, false, &mut ids, novelties);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "a kind, a place, a template and its calls")]
    fn operations(
        &self,
        kind: &'static str,
        item: &Location,
        template: &[Segment],
        calls: &[&Call],
        is_known: bool,
        ids: &mut BTreeSet<String>,
        novelties: &mut Vec<Novelty>,
    ) {
        let mut methods: BTreeMap<&str, Vec<&Call>> = BTreeMap::new();
        for call in calls {
            methods.entry(&call.method).or_default().push(call);
        }
        for (method, calls) in methods {
            let id = first::unique(first::operation_id(method, template), ids);
            let mut schemas = Map::new();
            let mut operation = first::operation(&id, template, &calls, &mut schemas);
            if calls.len() < 3 {
                schemas.values_mut().for_each(without_required);
            }
            inline(&mut operation, &schemas);
            let mut patch = Vec::new();
            let edit = |location: &Location, value: Value| Edit {
                document: location.document().to_owned(),
                op: "add",
                path: location.pointer().to_owned(),
                value: Some(value),
            };
            if !is_known {
                patch.push(edit(item, json!({})));
            }
            patch.push(edit(&item.child(method), operation));
            let summary = format!("{} {} is not described", method.to_uppercase(), first::path_of(template));
            let mut examples = Vec::new();
            for call in &calls {
                let path = format!("/{}", call.segments.join("/"));
                let place = self.places.get(&format!("{method} {path}")).and_then(|places| places.first()).cloned().unwrap_or_default();
                if examples.len() < EXAMPLES && !examples.iter().any(|known: &Example| known.value == path) {
                    examples.push(Example { value: Value::from(path), instance_location: String::new(), place, secrets: Vec::new() });
                }
            }
            let count = calls.len() as u64;
            novelties.push(Novelty {
                id: fingerprint([kind, &item.to_string(), &summary]),
                kind,
                location: item.clone(),
                summary,
                count,
                of: count,
                examples,
                patch,
                loosens: false,
            });
        }
    }
}

/// A path below the base path of a server, without its first slash.
fn without_base<'p>(contract: &Contract, path: &'p str) -> &'p str {
    let bases = contract.servers().iter().map(|server| server.base_path.trim_matches('/')).filter(|base| !base.is_empty());
    let rest = bases.filter_map(|base| path.strip_prefix(base).and_then(|rest| rest.strip_prefix('/'))).min_by_key(|rest| rest.len());
    rest.unwrap_or(path)
}

fn segment(text: &str) -> Segment {
    match text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
        Some(name) => Segment::Parameter(name.to_owned()),
        None => Segment::Literal(text.to_owned()),
    }
}

fn parent(location: &Location) -> Location {
    let pointer = location.pointer();
    Location::new(location.document(), &pointer[..pointer.rfind('/').unwrap_or(0)])
}

/// The name of the OpenAPI document.
fn main_document(contract: &Contract) -> Option<String> {
    let is_openapi = |name: &&str| contract.documents().value(name).is_some_and(|value| value.get("paths").is_some());
    contract.documents().names().map(|name| &**name).find(is_openapi).map(str::to_owned)
}

/// Replaces references to inferred components by the components.
fn inline(value: &mut Value, schemas: &Map<String, Value>) {
    let referred = value.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix("#/components/schemas/"));
    if let Some(schema) = referred.and_then(|name| schemas.get(name)) {
        *value = schema.clone();
    }
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| inline(item, schemas)),
        Value::Object(entries) => entries.values_mut().for_each(|entry| inline(entry, schemas)),
        _ => {}
    }
}

/// Removes `required`: few objects do not show that a key is always there.
fn without_required(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(without_required),
        Value::Object(entries) => {
            if entries.get("required").is_some_and(Value::is_array) {
                entries.shift_remove("required");
            }
            entries.values_mut().for_each(without_required);
        }
        _ => {}
    }
}
