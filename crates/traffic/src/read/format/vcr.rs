//! Cassettes of VCR for Ruby, vcrpy, Betamax and go-vcr, and the VCR reports of Schemathesis: YAML or JSON.

use super::Format;
use super::document::{DocumentReader, base64, fields, instant, message};
use super::tree::Node;
use crate::exchange::{Body, Exchange, Request, Response};

pub(super) struct Vcr;

impl Format for Vcr {
    fn members(&self) -> &'static [&'static str] {
        &["http_interactions", "interactions"]
    }

    fn read_tree(&self, root: &Node, reader: &mut DocumentReader<'_>) -> bool {
        let Some(interactions) =
            root.get("http_interactions").or_else(|| root.get("interactions")).filter(|_| root.get("consumer").is_none())
        else {
            return false;
        };
        let is_interaction = |node: &Node| node.get("request").is_some_and(|request| request.any(&["uri", "url"]).is_some());
        // Schemathesis writes null if there was no request.
        if !interactions.items().iter().all(is_interaction) || interactions.is_object() {
            return false;
        }
        for node in interactions.items() {
            reader.add(node, |reader, exchange| interaction(reader, node, exchange));
        }
        // YAML that is cut off is still YAML. All these programs write one of the two members, most of them at the end.
        if root.any(&["version", "recorded_with"]).is_none() {
            reader.failure = Some("the cassette may be cut off: it has neither `version` nor `recorded_with`");
        }
        true
    }
}

fn interaction(reader: &DocumentReader<'_>, node: &Node, exchange: &mut Exchange) -> Result<(), String> {
    let request = node.get("request").ok_or("the interaction has no request")?;
    let url = request.any(&["uri", "url"]).and_then(Node::as_str).ok_or("the request has no URI")?;
    let method = request.str("method").unwrap_or("GET").to_ascii_uppercase();
    // Cassettes are often filtered: an absent header field may have been sent.
    let body = body(reader, request)?;
    exchange.request = Some(Request::new(method, url, message(fields(request.get("headers")), false, body)));
    exchange.timing.started = node.str("recorded_at").and_then(instant);
    let Some(response) = node.present("response") else {
        exchange.error = Some("no response".to_owned());
        return Ok(());
    };
    let status = response.get("status").map(|status| status.get("code").unwrap_or(status));
    let status = response.any(&["code", "status_code"]).or(status).and_then(Node::integer);
    let status = status.and_then(|status| u16::try_from(status).ok()).ok_or("the response has no status code")?;
    exchange.timing.duration_ms = response.get("elapsed").and_then(Node::number).map(|seconds| seconds * 1000.0);
    exchange.response = Some(Response::new(status, message(fields(response.get("headers")), true, self::body(reader, response)?)));
    Ok(())
}

fn body(reader: &DocumentReader<'_>, message: &Node) -> Result<Body, String> {
    let Some(body) = message.present("body") else { return Ok(Body::from_bytes("")) };
    if !body.is_object() {
        return Ok(reader.body(body));
    }
    if let Some(encoded) = body.any(&["base64_string"]).and_then(Node::as_str) {
        return base64(encoded);
    }
    Ok(body.present("string").map_or_else(|| Body::from_bytes(""), |text| reader.body(text)))
}
