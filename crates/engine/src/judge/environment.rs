//! The variables of a rule besides the body: request and response in the form that the contract gives them.

use std::collections::BTreeSet;

use charter_contract::invariant::{BindAs, Literal, Node, NodeKind};
use charter_contract::{Contract, JsonType, Operation, ParameterPlace, SchemaId, Style};
use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::bind::{Binder, NodeId, OPEN};
use super::evaluate::Json;
use super::outcome::SkipReason;
use charter_traffic::exchange::{Body, Exchange, Headers, Request, Response};
use charter_traffic::mask::is_secret;

/// The variables of one exchange.
pub(crate) struct Environment<'x> {
    /// The body, if it is JSON.
    pub(crate) body: Option<Json<'x>>,
    /// `request`, if it is known.
    pub(crate) request: Option<Value>,
    /// `response`, if it was recorded.
    pub(crate) response: Option<Value>,
    operation: &'x str,
    /// Parameters whose text does not match their schema.
    malformed: BTreeSet<String>,
    /// Why the request body is unknown.
    body_unknown: Option<SkipReason>,
    request_complete: bool,
    response_complete: bool,
    /// Whether a recorder masked a cookie.
    are_cookies_masked: bool,
}

impl<'x> Environment<'x> {
    /// `request_body` is the value of the request body, `None` without a body, or the reason why the value is unknown:
    /// see [`request_body`].
    pub(crate) fn new(
        contract: &Contract,
        operation: &'x Operation,
        path: Option<IndexMap<String, String>>,
        exchange: &'x Exchange,
        response: &'x Response,
        body: Option<Json<'x>>,
        request_body: Result<Option<&Value>, SkipReason>,
    ) -> Self {
        let known = exchange.request.as_ref().filter(|_| !exchange.bare);
        let mut parameters = Parameters { contract, operation, malformed: BTreeSet::new() };
        let request = known.map(|request| {
            let path: Vec<(String, String)> = path.unwrap_or_default().into_iter().collect();
            let mut value = json!({
                "method": request.method,
                "path": parameters.of(ParameterPlace::Path, &path),
                "query": parameters.of(ParameterPlace::Query, &request.query()),
                "headers": headers(request.headers()),
            });
            if operation.parameters.iter().any(|parameter| parameter.place == ParameterPlace::Cookie) {
                value["cookies"] = parameters.of(ParameterPlace::Cookie, &cookies(operation, request.headers())).into();
            }
            if let Ok(Some(body)) = request_body {
                value["body"] = body.clone();
            }
            value
        });
        let response_value = (!exchange.bare).then(|| json!({ "status": response.status, "headers": headers(response.headers()) }));
        Self {
            body,
            request,
            response: response_value,
            operation: &operation.id,
            malformed: parameters.malformed,
            body_unknown: request_body.err(),
            request_complete: known.is_some_and(|request| request.headers().complete),
            response_complete: response.headers().complete,
            are_cookies_masked: known.is_some_and(|request| request.headers().get_all("cookie").iter().any(|line| line.contains("***"))),
        }
    }

    /// The binding of a variable.
    pub(crate) fn node(&self, binder: &Binder, variable: &str) -> NodeId {
        if variable == "request" { binder.request(self.operation) } else { OPEN }
    }

    /// Why a rule cannot be evaluated here; `None` if it can.
    pub(crate) fn lacks(&self, needs: &Needs) -> Option<SkipReason> {
        if needs.request && self.request.is_none() {
            return Some("request-unknown");
        }
        if needs.response && self.response.is_none() {
            return Some("response-unknown");
        }
        if needs.request_body && self.body_unknown.is_some() {
            return self.body_unknown;
        }
        if needs.parameters.iter().any(|name| self.malformed.contains(name)) {
            return Some("parameter-malformed");
        }
        let hidden = |names: &BTreeSet<String>, value: &Option<Value>, complete: bool| {
            !complete && names.iter().any(|name| value.as_ref().is_none_or(|value| value["headers"].get(name).is_none()))
        };
        if needs.cookies && self.are_cookies_masked {
            return Some("cookies-masked");
        }
        let has_cookies = self.request.as_ref().is_some_and(|request| request["headers"].get("cookie").is_some());
        if needs.cookies && !self.request_complete && !has_cookies {
            return Some("headers-incomplete");
        }
        if hidden(&needs.request_headers, &self.request, self.request_complete)
            || hidden(&needs.response_headers, &self.response, self.response_complete)
        {
            return Some("headers-incomplete");
        }
        None
    }
}

/// The request body for rules: its value, `None` without a body, or the reason why rules that read it do not apply.
///
/// `value` is the value of the body as its media type describes it.
pub(crate) fn request_body<'v>(
    operation: &Operation,
    request: &Request,
    value: Option<&'v Value>,
    is_valid: impl Fn(SchemaId, &Value) -> bool,
) -> Result<Option<&'v Value>, SkipReason> {
    let headers = request.headers();
    let is_absent = match request.body() {
        Body::Bytes { bytes, .. } => bytes.is_empty(),
        // RFC 9112, section 6.3: without these fields, a request has no body.
        Body::Missing => {
            headers.complete && ["content-length", "transfer-encoding", "content-type"].iter().all(|name| headers.get(name).is_none())
        }
        _ => return Err("request-body-unknown"),
    };
    if is_absent {
        let is_required = operation.request_body.as_ref().is_some_and(|body| body.required);
        return if is_required { Err("request-body-missing") } else { Ok(None) };
    }
    if matches!(request.body(), Body::Missing) {
        return Err("request-body-unknown");
    }
    if !headers.get("content-type").is_some_and(charter_contract::is_json) {
        return Err("request-body-not-json");
    }
    let Some(value) = value else { return Err("request-body-malformed") };
    let mut schemas = operation.json_requests().map(|media_type| media_type.schema);
    // The media type decides the schema; a value that is valid under none of them is invalid in any case.
    let is_described = schemas.any(|schema| schema.is_none_or(|schema| is_valid(schema, value)));
    if is_described { Ok(Some(value)) } else { Err("request-body-invalid") }
}

/// What a rule reads besides the body.
#[derive(Clone, Debug, Default)]
pub(crate) struct Needs {
    /// Whether it reads the body.
    pub(crate) self_: bool,
    request: bool,
    request_body: bool,
    response: bool,
    parameters: BTreeSet<String>,
    cookies: bool,
    request_headers: BTreeSet<String>,
    response_headers: BTreeSet<String>,
}

impl Needs {
    /// Whether it reads a header field of the request, by its name in lower case.
    pub(crate) fn reads_request_header(&self, name: &str) -> bool {
        self.request_headers.contains(name)
    }

    /// What the expressions of a rule read.
    pub(crate) fn of<'n>(nodes: impl IntoIterator<Item = &'n Node>) -> Self {
        let mut needs = Self::default();
        for node in nodes {
            needs.self_ |= node.mentions("self");
            needs.request |= node.mentions("request");
            needs.request_body |= node.reading("request", "body").is_some();
            needs.response |= node.mentions("response");
            needs.parameters.extend(names_below(node, "request", "path"));
            needs.parameters.extend(names_below(node, "request", "query"));
            let cookies = names_below(node, "request", "cookies");
            needs.cookies |= !cookies.is_empty();
            needs.parameters.extend(cookies);
            needs.request_headers.extend(names_below(node, "request", "headers"));
            needs.response_headers.extend(names_below(node, "response", "headers"));
        }
        needs
    }
}

/// One value of a request, such as `path.id`, as rules see it.
pub(crate) fn parameter(
    contract: &Contract,
    operation: &Operation,
    named: &str,
    path: &IndexMap<String, String>,
    request: &Request,
) -> Option<Value> {
    let mut parameters = Parameters { contract, operation, malformed: BTreeSet::new() };
    let (place, name) = named.split_once('.')?;
    let mut values = match place {
        "path" => parameters.of(ParameterPlace::Path, &path.clone().into_iter().collect::<Vec<_>>()),
        "query" => parameters.of(ParameterPlace::Query, &request.query()),
        "headers" => headers(request.headers()),
        _ => return None,
    };
    values.shift_remove(name)
}

/// Parameters as rules see them, converted by their schemas.
struct Parameters<'c> {
    contract: &'c Contract,
    operation: &'c Operation,
    malformed: BTreeSet<String>,
}

impl Parameters<'_> {
    /// The declared parameters of a location. A missing parameter has its default, `[]` for a list, or no value.
    fn of(&mut self, place: ParameterPlace, pairs: &[(String, String)]) -> Map<String, Value> {
        let mut values = Map::new();
        for parameter in self.operation.parameters.iter().filter(|parameter| parameter.place == place) {
            let sent: Vec<&str> = pairs.iter().filter(|(name, _)| *name == parameter.name).map(|(_, value)| value.as_str()).collect();
            match self.value(parameter.schema, &sent) {
                Ok(Some(value)) => {
                    values.insert(parameter.name.clone(), value);
                }
                Ok(None) => {}
                Err(()) => {
                    self.malformed.insert(parameter.name.clone());
                }
            }
        }
        values
    }

    fn value(&self, schema: Option<SchemaId>, sent: &[&str]) -> Result<Option<Value>, ()> {
        let parts = self.contract.in_place(schema);
        let is_list = |bind| bind == Some(&BindAs::CommaList);
        if parts.iter().any(|id| is_list(self.contract.invariants().binds.get(id))) {
            let items = sent.iter().flat_map(|value| value.split(',')).map(str::trim).filter(|item| !item.is_empty());
            return Ok(Some(items.map(Value::from).collect()));
        }
        let types: Vec<JsonType> = parts.iter().flat_map(|id| self.contract.schema(*id).keywords.types.iter().flatten().copied()).collect();
        if types.contains(&JsonType::Array) {
            let items = parts.iter().find_map(|id| self.contract.schema(*id).keywords.items);
            let values = sent.iter().map(|text| self.value(items, &[text])).collect::<Result<Vec<_>, ()>>()?;
            return Ok(Some(values.into_iter().flatten().collect()));
        }
        let Some(text) = sent.first() else {
            return Ok(schema.and_then(|schema| self.contract.parameter_default(schema)).cloned());
        };
        // The first type that the text can be converted to. With `string` or without types, it stays a string.
        let value = if types.is_empty() || types.contains(&JsonType::String) {
            Some(Value::from(*text))
        } else {
            types.iter().find_map(|type_| match type_ {
                JsonType::Integer => text.parse::<i64>().ok().map(Value::from),
                JsonType::Number => text.parse::<f64>().ok().filter(|number| number.is_finite()).map(Value::from),
                JsonType::Boolean => text.parse::<bool>().ok().map(Value::from),
                _ => None,
            })
        };
        value.map(Some).ok_or(())
    }
}

/// The request or response with `***` for the values of secret header fields and of cookies.
pub(crate) fn without_secrets(head: &Value) -> Value {
    let mut head = head.clone();
    for (name, values) in head["headers"].as_object_mut().into_iter().flatten() {
        if is_secret(name) {
            *values = json!(["***"]);
        }
    }
    for (_, value) in head.get_mut("cookies").and_then(Value::as_object_mut).into_iter().flatten() {
        *value = json!("***");
    }
    head
}

/// The names and values of the cookies of a request. `Cookie` can occur several times (RFC 9113, section 8.2.3).
fn cookies(operation: &Operation, headers: &Headers) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for pair in headers.get_all("cookie").iter().flat_map(|line| line.split(';')) {
        let Some((name, value)) = pair.trim().split_once('=') else { continue };
        let declared = operation.parameters.iter().find(|parameter| parameter.place == ParameterPlace::Cookie && parameter.name == name);
        // The style `cookie` does not escape values (OpenAPI 3.2, Appendix D).
        let value = match declared.is_some_and(|parameter| parameter.style == Style::Cookie) {
            true => value.to_owned(),
            false => percent_encoding::percent_decode_str(value).decode_utf8_lossy().into_owned(),
        };
        pairs.push((name.to_owned(), value));
    }
    pairs
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

/// The names that an expression reads below a record of a variable: `v.record.x`, `v.record['x']`, `'x' in v.record`.
fn names_below(node: &Node, variable: &str, record: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    add_names_below(node, variable, record, &mut names);
    names
}

fn add_names_below(node: &Node, variable: &str, record: &str, names: &mut BTreeSet<String>) {
    let is_record = |node: &Node| matches!(&node.kind, NodeKind::Select { of, field } if field == record && matches!(&of.kind, NodeKind::Variable(name) if name == variable));
    let literal = |node: &Node| match &node.kind {
        NodeKind::Literal(Literal::String(name)) => Some(name.clone()),
        _ => None,
    };
    for child in node.children() {
        add_names_below(child, variable, record, names);
    }
    match &node.kind {
        NodeKind::Select { of, field } | NodeKind::Has { of, field } if is_record(of) => {
            names.insert(field.clone());
        }
        NodeKind::Index { of, key } if is_record(of) => names.extend(literal(key)),
        NodeKind::Binary { left, right, .. } if is_record(right) => names.extend(literal(left)),
        _ => {}
    }
}
