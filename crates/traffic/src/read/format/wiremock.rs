//! Stub mappings and request journals of WireMock. A mapping is an exchange if its request names one URL and one method. The file of a body
//! (`bodyFileName`) is in the folder `__files` next to the folder of the mappings.

use super::Format;
use super::attachment::attachment;
use super::document::{DocumentReader, base64, encoded, fields, message, query};
use super::tree::{Kind, Node};
use crate::exchange::{Body, Exchange, Request, Response};

/// The members of a request that names one URL.
const URLS: &[&str] = &["url", "urlPath"];

/// The members of a request that name one URL or several.
const PATTERNS: &[&str] = &["url", "urlPath", "urlPattern", "urlPathPattern", "urlPathTemplate"];

pub(super) struct WireMock;

impl Format for WireMock {
    fn members(&self) -> &'static [&'static str] {
        &["mappings", "responseDefinition", "urlPath", "\"response\""]
    }

    fn read_tree(&self, root: &Node, reader: &mut DocumentReader<'_>) -> bool {
        let list = |key: &str, is_one: fn(&Node) -> bool| root.get(key).filter(|list| list.is_array() && list.items().iter().all(is_one));
        if let Some(events) = list("requests", is_event).or_else(|| list("serveEvents", is_event)).filter(|list| !list.items().is_empty()) {
            for node in events.items() {
                reader.add(node, |reader, exchange| event(reader, node, exchange));
            }
            return true;
        }
        let one = std::slice::from_ref(root);
        let mappings = match list("mappings", is_mapping) {
            Some(list) => list.items(),
            None if is_mapping(root) && root.get("request").is_some_and(|request| request.any(PATTERNS).is_some()) => one,
            None => return false,
        };
        for node in mappings {
            match (node.get("request"), node.get("response")) {
                (Some(request), Some(response)) if is_exchange(request, response) => {
                    reader.add(node, |reader, exchange| mapping(reader, request, response, exchange));
                }
                _ => reader.skip("mapping that is not one exchange"),
            }
        }
        true
    }
}

fn is_event(node: &Node) -> bool {
    node.get("responseDefinition").is_some() && node.get("request").is_some_and(|request| request.get("url").is_some())
}

fn is_mapping(node: &Node) -> bool {
    const RESPONSES: &[&str] = &["status", "body", "jsonBody", "base64Body", "bodyFileName", "proxyBaseUrl", "fault", "headers"];
    // A HAR entry has its URL in the request as well, but its response has `content`.
    let has_pattern = |request: &Node| request.present("method").is_some() || request.any(PATTERNS).is_some();
    let is_response = |response: &Node| response.any(RESPONSES).is_some() && response.get("content").is_none();
    node.get("request").is_some_and(has_pattern) && node.get("response").is_some_and(is_response)
}

fn is_exchange(request: &Node, response: &Node) -> bool {
    let has_method = request.str("method").is_some_and(|method| method != "ANY");
    has_method && request.any(URLS).is_some() && response.any(&["proxyBaseUrl", "fault"]).is_none()
}

fn mapping(reader: &DocumentReader<'_>, request: &Node, response: &Node, exchange: &mut Exchange) -> Result<(), String> {
    let url = request.any(URLS).and_then(Node::as_str).ok_or("the request has no URL")?;
    let parameters = equal_to(request.get("queryParameters"));
    let query = query(parameters.iter().map(|(name, value)| (&**name, &**value)));
    let url = if query.is_empty() { url.to_owned() } else { format!("{url}?{query}") };
    let pattern = request.get("bodyPatterns").and_then(|patterns| patterns.items().first());
    let body = match pattern.and_then(|pattern| pattern.any(&["equalToJson", "equalTo"])) {
        Some(body) => reader.body(body),
        None if pattern.is_some() => Body::Missing,
        None => Body::from_bytes(""),
    };
    let method = request.str("method").unwrap_or_default();
    exchange.request = Some(Request::new(method, url, message(equal_to(request.get("headers")), false, body)));
    exchange.response = Some(self::response(reader, response)?);
    Ok(())
}

/// Names and the values that matchers compare with.
fn equal_to(node: Option<&Node>) -> Vec<(String, String)> {
    let members = node.map(Node::members).unwrap_or_default();
    members.iter().filter_map(|(name, matcher)| Some((name.clone(), matcher.text_of("equalTo")?))).collect()
}

fn response(reader: &DocumentReader<'_>, node: &Node) -> Result<Response, String> {
    let status = node.get("status").map_or(Some(200), Node::integer).and_then(|status| u16::try_from(status).ok());
    let body = match node.any(&["jsonBody", "base64Body", "bodyAsBase64", "body", "bodyFileName"]) {
        Some(body) if node.present("jsonBody").is_some() => reader.json(body),
        Some(body) if node.any(&["base64Body"]).is_some() => base64(body.as_str().unwrap_or_default())?,
        // A journal has the body as text and as base64. The text has a position.
        Some(encoded) if node.present("bodyAsBase64").is_some() => text_or_base64(reader, node, encoded)?,
        Some(body) if node.present("body").is_some() => reader.body(body),
        Some(file) => {
            let content = file.as_str().and_then(|file| attachment(reader.source, &["__files", "../__files"], file));
            content.map_or(Body::Missing, encoded)
        }
        None => Body::from_bytes(""),
    };
    Ok(Response::new(status.ok_or("the status is not a status code")?, message(fields(node.get("headers")), true, body)))
}

/// The text of a body if its bytes are those of the base64, else these bytes.
fn text_or_base64(reader: &DocumentReader<'_>, node: &Node, encoded: &Node) -> Result<Body, String> {
    let body = base64(encoded.as_str().unwrap_or_default())?;
    let text = node.get("body").filter(|text| text.as_str().map(str::as_bytes) == body.bytes());
    Ok(text.map_or(body, |text| reader.body(text)))
}

/// One request of a journal, with the response that was sent or its definition.
fn event(reader: &DocumentReader<'_>, node: &Node, exchange: &mut Exchange) -> Result<(), String> {
    let request = node.get("request").ok_or("the event has no request")?;
    let url = request.any(&["absoluteUrl", "url"]).and_then(Node::as_str).ok_or("the request has no URL")?;
    let body = match (request.present("bodyAsBase64"), request.present("body")) {
        (Some(encoded), _) => text_or_base64(reader, request, encoded)?,
        (None, Some(body)) => reader.body(body),
        (None, None) => encoded(Vec::new()),
    };
    exchange.request = Some(Request::new(request.str("method").unwrap_or("GET"), url, message(fields(request.get("headers")), true, body)));
    exchange.timing.started = request
        .get("loggedDate")
        .filter(|date| matches!(date.kind, Kind::Number(_)))
        .and_then(Node::integer)
        .and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok());
    let response = node.present("response").or_else(|| node.present("responseDefinition")).ok_or("the event has no response")?;
    exchange.response = Some(self::response(reader, response)?);
    Ok(())
}
