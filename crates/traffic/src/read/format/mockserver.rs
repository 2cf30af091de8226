//! Expectations and logs of MockServer: objects with `httpRequest` and `httpResponse`.

use super::Format;
use super::document::{DocumentReader, base64, fields, instant, message, query};
use super::tree::{Kind, Node};
use crate::exchange::{Body, Exchange, Request, Response};

pub(super) struct MockServer;

impl Format for MockServer {
    fn members(&self) -> &'static [&'static str] {
        &["httpRequest"]
    }

    fn read_tree(&self, root: &Node, reader: &mut DocumentReader<'_>) -> bool {
        let one = std::slice::from_ref(root);
        let list = if root.is_array() { root.items() } else { one };
        if list.is_empty() || !list.iter().all(|node| node.get("httpRequest").is_some()) {
            return false;
        }
        for node in list {
            match (node.present("httpRequest"), node.present("httpResponse")) {
                (Some(request), Some(response)) if request.str("path").is_some() => {
                    reader.add(node, |reader, exchange| expectation(reader, node, request, response, exchange));
                }
                _ => reader.skip("expectation that is not one exchange"),
            }
        }
        true
    }
}

fn expectation(reader: &DocumentReader<'_>, node: &Node, request: &Node, response: &Node, exchange: &mut Exchange) -> Result<(), String> {
    let path = request.str("path").unwrap_or_default();
    let pairs = fields(request.get("queryStringParameters"));
    let query = query(pairs.iter().map(|(name, value)| (&**name, &**value)));
    let url = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    let (request_fields, request_body) = content(reader, request)?;
    exchange.request = Some(Request::new(request.str("method").unwrap_or("GET"), url, message(request_fields, false, request_body)));
    exchange.timing.started = node.str("timestamp").and_then(instant);
    let status = response.get("statusCode").map_or(Some(200), Node::integer).and_then(|status| u16::try_from(status).ok());
    let (response_fields, response_body) = content(reader, response)?;
    exchange.response =
        Some(Response::new(status.ok_or("`statusCode` is not a status code")?, message(response_fields, true, response_body)));
    Ok(())
}

/// The header fields and the body: a text, an object with the body's type, or a JSON value.
fn content(reader: &DocumentReader<'_>, node: &Node) -> Result<(Vec<(String, String)>, Body), String> {
    let mut fields = fields(node.get("headers"));
    let Some(body) = node.present("body") else { return Ok((fields, Body::from_bytes(""))) };
    let has_type = super::document::field(&fields, "content-type").is_some();
    if let Some(content_type) = body.str("contentType").filter(|_| !has_type) {
        fields.push(("content-type".to_owned(), content_type.to_owned()));
    }
    let read = match body.str("type") {
        Some("JSON") => {
            if body.str("contentType").is_none() && !has_type {
                fields.push(("content-type".to_owned(), "application/json".to_owned()));
            }
            // `json` is the value, or a text that holds it.
            body.get("json").map_or_else(|| Body::from_bytes(""), |json| reader.body(json))
        }
        Some("STRING") => body.get("string").map_or_else(|| Body::from_bytes(""), |text| reader.body(text)),
        Some("XML") => body.get("xml").map_or_else(|| Body::from_bytes(""), |text| reader.body(text)),
        Some("BINARY") => base64(body.str("base64Bytes").unwrap_or_default())?,
        // A matcher of requests, such as JSON_SCHEMA or REGEX.
        Some(kind) if kind.chars().all(|character| character.is_ascii_uppercase() || character == '_') => Body::Missing,
        _ => match &body.kind {
            Kind::String(_) => reader.body(body),
            _ => {
                if !has_type {
                    fields.push(("content-type".to_owned(), "application/json".to_owned()));
                }
                reader.json(body)
            }
        },
    };
    Ok((fields, read))
}
