//! Reports of Schemathesis as NDJSON: one event on each line. Its VCR reports are cassettes.

use super::Format;
use super::document::{DocumentReader, base64, epoch, fields, message};
use super::tree::Node;
use crate::exchange::{Body, Exchange, Request, Response};

/// Names of events, which are the only members of their lines.
const EVENTS: [&str; 13] = [
    "Initialize",
    "LoadingStarted",
    "LoadingFinished",
    "EngineStarted",
    "EngineFinished",
    "PhaseStarted",
    "PhaseFinished",
    "SuiteStarted",
    "SuiteFinished",
    "ScenarioStarted",
    "ScenarioFinished",
    "NonFatalError",
    "FatalError",
];

pub(super) struct Schemathesis;

impl Format for Schemathesis {
    fn members(&self) -> &'static [&'static str] {
        &["schemathesis_version", "\"LoadingStarted\"", "\"ScenarioFinished\""]
    }

    fn read_tree(&self, root: &Node, reader: &mut DocumentReader<'_>) -> bool {
        let [(name, event)] = root.members() else { return false };
        if !EVENTS.contains(&&**name) || !event.is_object() {
            return false;
        }
        let interactions = event.get("recorder").and_then(|recorder| recorder.get("interactions"));
        for (_, node) in interactions.map(Node::members).unwrap_or_default() {
            reader.add(node, |reader, exchange| interaction(reader, node, exchange));
        }
        true
    }
}

fn interaction(reader: &DocumentReader<'_>, node: &Node, exchange: &mut Exchange) -> Result<(), String> {
    let request = node.present("request").ok_or("the interaction has no request")?;
    let url = request.any(&["uri", "url"]).and_then(Node::as_str).ok_or("the request has no URI")?;
    let request_body = body(reader, request.any(&["body", "encoded_body", "content"]))?;
    exchange.request =
        Some(Request::new(request.str("method").unwrap_or("GET"), url, message(fields(request.get("headers")), false, request_body)));
    exchange.timing.started = node.get("timestamp").and_then(Node::number).and_then(epoch);
    let Some(response) = node.present("response") else {
        exchange.error = Some("no response".to_owned());
        return Ok(());
    };
    let status = response.get("status_code").and_then(Node::integer).and_then(|status| u16::try_from(status).ok());
    exchange.timing.duration_ms = response.get("elapsed").and_then(Node::number).map(|seconds| seconds * 1000.0);
    let response_body = body(reader, response.any(&["content", "body"]))?;
    exchange.response = Some(Response::new(
        status.ok_or("the response has no `status_code`")?,
        message(fields(response.get("headers")), true, response_body),
    ));
    Ok(())
}

/// A body: null, a text, or an object with base64.
fn body(reader: &DocumentReader<'_>, node: Option<&Node>) -> Result<Body, String> {
    match node {
        None => Ok(Body::from_bytes("")),
        Some(node) => match node.any(&["$base64"]).and_then(Node::as_str) {
            Some(encoded) => base64(encoded),
            None => Ok(reader.body(node)),
        },
    }
}
