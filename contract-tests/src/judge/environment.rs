//! What rules can read of an exchange besides the body: request and response in the form that the contract gives them.

use std::collections::BTreeSet;

use charter_schema::invariant::{BindAs, Literal, Node, NodeKind};
use charter_schema::{Contract, Operation, ParameterPlace};
use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use crate::exchange::{Exchange, Headers, Response};

/// The variables of one exchange.
pub(crate) struct Environment<'x> {
    /// The body, where it is JSON.
    pub(crate) body: Option<&'x Value>,
    /// `request`, where it is known.
    pub(crate) request: Option<Value>,
    /// `response`, where it was recorded.
    pub(crate) response: Option<Value>,
    request_complete: bool,
    response_complete: bool,
}

impl<'x> Environment<'x> {
    pub(crate) fn new(
        contract: &Contract,
        operation: &Operation,
        path: Option<IndexMap<String, String>>,
        exchange: &'x Exchange,
        response: &'x Response,
        body: Option<&'x Value>,
    ) -> Self {
        let known = exchange.request.as_ref().filter(|_| !exchange.bare);
        let request = known.map(|request| {
            let pairs = request.query();
            json!({
                "method": request.method,
                "path": path.unwrap_or_default(),
                "query": query(contract, operation, &pairs),
                "headers": headers(&request.headers),
            })
        });
        let answer = (!exchange.bare).then(|| json!({ "status": response.status, "headers": headers(&response.headers) }));
        Self {
            body,
            request,
            response: answer,
            request_complete: known.is_some_and(|request| request.headers.complete),
            response_complete: response.headers.complete,
        }
    }

    /// Why a rule that needs something cannot be asked here, where it cannot.
    pub(crate) fn lacks(&self, needs: &Needs) -> Option<&'static str> {
        if needs.request && self.request.is_none() {
            return Some("request-unknown");
        }
        if needs.response && self.response.is_none() {
            return Some("response-unknown");
        }
        let hidden = |names: &BTreeSet<String>, value: &Option<Value>, complete: bool| {
            !complete && names.iter().any(|name| value.as_ref().is_none_or(|value| value["headers"].get(name).is_none()))
        };
        if hidden(&needs.request_headers, &self.request, self.request_complete)
            || hidden(&needs.response_headers, &self.response, self.response_complete)
        {
            return Some("headers-incomplete");
        }
        None
    }
}

/// What a rule reads besides the body, found once when it is compiled.
#[derive(Clone, Debug, Default)]
pub(crate) struct Needs {
    /// It reads the body.
    pub(crate) self_: bool,
    request: bool,
    response: bool,
    request_headers: BTreeSet<String>,
    response_headers: BTreeSet<String>,
}

impl Needs {
    /// What the expressions of a rule read together.
    pub(crate) fn of<'n>(nodes: impl IntoIterator<Item = &'n Node>) -> Self {
        let mut needs = Self::default();
        for node in nodes {
            needs.self_ |= node.mentions("self");
            needs.request |= node.mentions("request");
            needs.response |= node.mentions("response");
            needs.request_headers.extend(header_names(node, "request"));
            needs.response_headers.extend(header_names(node, "response"));
        }
        needs
    }
}

/// The query's declared parameters: lists are `[]` when not sent, everything else is absent.
fn query(contract: &Contract, operation: &Operation, pairs: &[(String, String)]) -> Map<String, Value> {
    let mut query = Map::new();
    for parameter in operation.parameters.iter().filter(|parameter| parameter.place == ParameterPlace::Query) {
        let sent: Vec<&str> = pairs.iter().filter(|(name, _)| *name == parameter.name).map(|(_, value)| value.as_str()).collect();
        let bind = parameter.schema.and_then(|schema| contract.invariants().binds.get(&schema));
        if bind == Some(&BindAs::CommaList) {
            let items = sent.iter().flat_map(|value| value.split(',')).map(str::trim).filter(|item| !item.is_empty());
            query.insert(parameter.name.clone(), items.map(Value::from).collect());
        } else if let Some(value) = sent.first() {
            query.insert(parameter.name.clone(), Value::from(*value));
        }
    }
    query
}

/// Header fields by their names in lower case, each with all of its values.
fn headers(headers: &Headers) -> Map<String, Value> {
    let mut fields = Map::new();
    for (name, value) in &headers.fields {
        let values = fields.entry(name.to_ascii_lowercase()).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(values) = values {
            values.push(Value::from(value.as_str()));
        }
    }
    fields
}

/// The header fields that an expression names: `v.headers.x`, `v.headers['x']`, `'x' in v.headers`.
fn header_names(node: &Node, variable: &str) -> BTreeSet<String> {
    let is_headers = |node: &Node| matches!(&node.kind, NodeKind::Select { of, field } if field == "headers" && matches!(&of.kind, NodeKind::Variable(name) if name == variable));
    let literal = |node: &Node| match &node.kind {
        NodeKind::Literal(Literal::String(name)) => Some(name.clone()),
        _ => None,
    };
    let mut names: BTreeSet<String> = node.children().into_iter().flat_map(|child| header_names(child, variable)).collect();
    match &node.kind {
        NodeKind::Select { of, field } | NodeKind::Has { of, field } if is_headers(of) => {
            names.insert(field.clone());
        }
        NodeKind::Index { of, key } if is_headers(of) => names.extend(literal(key)),
        NodeKind::Binary { left, right, .. } if is_headers(right) => names.extend(literal(left)),
        _ => {}
    }
    names
}
