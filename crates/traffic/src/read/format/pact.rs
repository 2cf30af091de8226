//! Pact files of the versions 2 to 4: the interactions of HTTP. Messages are skipped.

use super::Format;
use super::document::{DocumentReader, base64, field, fields, message, query};
use super::tree::Node;
use crate::exchange::{Body, Exchange, Request, Response};

pub(super) struct Pact;

impl Format for Pact {
    fn members(&self) -> &'static [&'static str] {
        &["consumer"]
    }

    fn read_tree(&self, root: &Node, reader: &mut DocumentReader<'_>) -> bool {
        let lists = [root.get("interactions"), root.get("messages")];
        let is_pact =
            root.get("consumer").is_some() && root.get("provider").is_some() && lists.iter().flatten().any(|list| list.is_array());
        if !is_pact {
            return false;
        }
        for node in root.get("interactions").map(Node::items).unwrap_or_default() {
            match node.str("type") {
                None | Some("Synchronous/HTTP") => reader.add(node, |reader, exchange| interaction(reader, node, exchange)),
                Some(_) => reader.skip("message of a Pact file"),
            }
        }
        for _ in root.get("messages").map(Node::items).unwrap_or_default() {
            reader.skip("message of a Pact file");
        }
        true
    }
}

fn interaction(reader: &DocumentReader<'_>, node: &Node, exchange: &mut Exchange) -> Result<(), String> {
    let request = node.present("request").ok_or("the interaction has no request")?;
    let response = node.present("response").ok_or("the interaction has no response")?;
    let path = request.str("path").ok_or("the request has no path")?;
    let query = request.present("query").map(query_text).filter(|query| !query.is_empty());
    let url = query.map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    // A Pact file names the header fields that matter, not all of them.
    let (request_fields, request_body) = content(reader, request)?;
    let request_body = request_body.unwrap_or_else(|| Body::from_bytes(""));
    exchange.request =
        Some(Request::new(request.str("method").unwrap_or("GET").to_ascii_uppercase(), url, message(request_fields, false, request_body)));
    let status = response.get("status").map_or(Some(200), Node::integer).and_then(|status| u16::try_from(status).ok());
    let (response_fields, response_body) = content(reader, response)?;
    exchange.response = Some(Response::new(
        status.ok_or("the status is not a status code")?,
        message(response_fields, false, response_body.unwrap_or_default()),
    ));
    Ok(())
}

/// The query: a text in version 2, an object of lists later.
fn query_text(node: &Node) -> String {
    match node.as_str() {
        Some(text) => text.to_owned(),
        None => {
            let pairs = fields(Some(node));
            query(pairs.iter().map(|(name, value)| (&**name, &**value)))
        }
    }
}

/// Header fields, by line.
type Fields = Vec<(String, String)>;

/// The header fields and the body of a message.
fn content(reader: &DocumentReader<'_>, node: &Node) -> Result<(Fields, Option<Body>), String> {
    let mut fields = fields(node.get("headers"));
    let Some(body) = node.present("body") else { return Ok((fields, None)) };
    // Version 4 describes the encoding of the content.
    let described = body.get("content").filter(|_| body.get("contentType").is_some() || body.get("encoded").is_some());
    let content_type = body.str("contentType").filter(|_| described.is_some());
    let is_json =
        |fields: &[(String, String)]| content_type.or_else(|| field(fields, "content-type")).is_none_or(charter_contract::is_json);
    let content = described.unwrap_or(body);
    let encoding = described.and(body.get("encoded")).and_then(Node::text);
    let read = match (encoding.as_deref(), content.as_str()) {
        (Some("base64"), Some(text)) => base64(text)?,
        (Some("JSON" | "json"), Some(text)) => super::document::encoded(text.as_bytes().to_vec()),
        // A text is a JSON string only if the media type is JSON.
        (_, Some(_)) if !is_json(&fields) => reader.body(content),
        _ => reader.json(content),
    };
    if field(&fields, "content-type").is_none() {
        // Without a media type, the body is JSON.
        fields.push(("content-type".to_owned(), content_type.unwrap_or("application/json").to_owned()));
    }
    Ok((fields, Some(read)))
}
