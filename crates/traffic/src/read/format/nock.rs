//! Recordings of nock: a list of definitions.

use super::Format;
use super::document::{DocumentReader, encoded, field, fields, hex, message};
use super::tree::{Kind, Node};
use crate::exchange::{Body, Exchange, Request, Response};

pub(super) struct Nock;

impl Format for Nock {
    fn members(&self) -> &'static [&'static str] {
        &["scope"]
    }

    fn read_tree(&self, root: &Node, reader: &mut DocumentReader<'_>) -> bool {
        let is_definition =
            |node: &Node| ["scope", "path"].iter().all(|key| node.str(key).is_some()) && node.any(&["method", "response"]).is_some();
        if root.items().is_empty() || !root.items().iter().all(is_definition) {
            return false;
        }
        for node in root.items() {
            reader.add(node, |reader, exchange| definition(reader, node, exchange));
        }
        true
    }
}

fn definition(reader: &DocumentReader<'_>, node: &Node, exchange: &mut Exchange) -> Result<(), String> {
    let url = format!("{}{}", node.str("scope").unwrap_or_default(), node.str("path").unwrap_or_default());
    let request_fields = fields(node.get("reqheaders"));
    let request_body = node.present("body").map_or_else(|| Body::from_bytes(""), |node| body(reader, node, &request_fields));
    exchange.request = Some(Request::new(node.str("method").unwrap_or("GET"), url, message(request_fields, false, request_body)));
    let status = node.get("status").map_or(Some(200), |status| status.integer().and_then(|status| u16::try_from(status).ok()));
    let status = status.ok_or("the status is not a status code")?;
    let response_fields = fields(node.any(&["rawHeaders", "headers"]));
    let is_binary = matches!(node.get("responseIsBinary").map(|node| &node.kind), Some(Kind::Bool(true)));
    let response_body = match node.present("response") {
        None => Body::from_bytes(""),
        Some(response) => {
            let decoded = response.as_str().filter(|_| is_binary).and_then(hex);
            decoded.map_or_else(|| body(reader, response, &response_fields), encoded)
        }
    };
    exchange.response = Some(Response::new(status, message(response_fields, true, response_body)));
    Ok(())
}

/// The body of a message: a text, a JSON value, or chunks of hexadecimal digits if the body has a content coding.
fn body(reader: &DocumentReader<'_>, node: &Node, fields: &[(String, String)]) -> Body {
    let is_coded = field(fields, "content-encoding").is_some();
    let chunks = || node.items().iter().map(|chunk| chunk.as_str().and_then(hex)).collect::<Option<Vec<_>>>();
    match chunks().filter(|chunks| is_coded && !chunks.is_empty()) {
        Some(chunks) => encoded(chunks.concat()),
        None => reader.body(node),
    }
}
