//! Postman collections 2.0 and 2.1 (their saved responses), and the JSON reports of Newman.

use base64::Engine as _;

use super::Format;
use super::document::{DocumentReader, encoded, fields, message, query};
use super::tree::{Kind, Node};
use crate::exchange::{Body, BodyLocation, Exchange, Request, Response};

/// The maximum depth of folders in a collection.
const DEPTH_LIMIT: usize = 100;

pub(super) struct Postman;

impl Format for Postman {
    fn members(&self) -> &'static [&'static str] {
        &["getpostman.com", "_postman_id", "executions"]
    }

    fn read_tree(&self, root: &Node, reader: &mut DocumentReader<'_>) -> bool {
        if let Some(executions) = root.get("run").and_then(|run| run.get("executions")).filter(|node| node.is_array()) {
            for node in executions.items() {
                reader.add(node, |reader, exchange| execution(reader, node, exchange));
            }
            return true;
        }
        // The API of Postman wraps a collection.
        let collection = root.get("collection").unwrap_or(root);
        let Some(info) = collection.get("info").filter(|_| collection.get("item").is_some_and(Node::is_array)) else { return false };
        let has_schema = info.str("schema").is_some_and(|schema| schema.contains("getpostman.com"));
        if !has_schema && info.get("_postman_id").is_none() {
            return false;
        }
        let variables = fields(collection.get("variable"));
        items(collection, &variables, reader, 0);
        true
    }
}

type Variables = [(String, String)];

fn items(folder: &Node, variables: &Variables, reader: &mut DocumentReader<'_>, depth: usize) {
    for item in folder.get("item").map(Node::items).unwrap_or_default() {
        if item.get("item").is_some() {
            if depth < DEPTH_LIMIT {
                items(item, variables, reader, depth + 1);
            }
            continue;
        }
        let responses = item.get("response").map(Node::items).unwrap_or_default();
        if responses.is_empty() {
            reader.skip("request without a saved response");
        }
        for response in responses {
            reader.add(response, |reader, exchange| {
                let request =
                    response.present("originalRequest").or_else(|| item.present("request")).ok_or("the response has no request")?;
                exchange.request = Some(self::request(reader, request, variables));
                let body = response.present("body").map_or_else(|| Body::from_bytes(""), |body| reader.body(body));
                self::response(response, body, exchange)
            });
        }
    }
}

/// One execution of a Newman report.
fn execution(reader: &DocumentReader<'_>, node: &Node, exchange: &mut Exchange) -> Result<(), String> {
    let request = node.present("request").ok_or("the execution has no request")?;
    exchange.request = Some(self::request(reader, request, &[]));
    let Some(response) = node.present("response") else {
        let error = node.get("requestError").and_then(|error| error.any(&["code", "message"])).and_then(Node::as_str);
        exchange.error = Some(error.unwrap_or("no response").to_owned());
        return Ok(());
    };
    exchange.timing.duration_ms = response.get("responseTime").and_then(Node::number);
    self::response(response, stream(reader, response)?, exchange)
}

fn response(node: &Node, body: Body, exchange: &mut Exchange) -> Result<(), String> {
    let code = node.get("code").and_then(Node::integer).and_then(|code| u16::try_from(code).ok()).ok_or("the response has no `code`")?;
    exchange.response = Some(Response::new(code, message(header(node), true, body)));
    Ok(())
}

/// The body of a response of a report: the bytes of a Node.js buffer, or a text.
fn stream(reader: &DocumentReader<'_>, response: &Node) -> Result<Body, String> {
    let Some(stream) = response.present("stream") else {
        return Ok(response.present("body").map_or_else(|| Body::from_bytes(""), |body| reader.body(body)));
    };
    match &stream.get("data").unwrap_or(stream).kind {
        Kind::Array(items) => {
            let bytes = items.iter().map(|item| item.integer().and_then(|byte| u8::try_from(byte).ok())).collect::<Option<Vec<u8>>>();
            bytes.map(encoded).ok_or_else(|| "`stream` is not a list of bytes".to_owned())
        }
        Kind::String(text) => {
            let decoded = base64::engine::general_purpose::STANDARD.decode(text);
            Ok(Body::Bytes { bytes: decoded.unwrap_or_else(|_| text.clone().into_bytes()), location: BodyLocation::Encoded })
        }
        _ => Err("`stream` is not a list of bytes".to_owned()),
    }
}

fn request(reader: &DocumentReader<'_>, node: &Node, variables: &Variables) -> Request {
    if let Some(url) = node.as_str() {
        return Request::new("GET", without_base(&replaced(url, variables)), message(Vec::new(), false, Body::from_bytes("")));
    }
    let url = node.get("url").map(|url| self::url(url, variables)).unwrap_or_default();
    let mut fields = header(node);
    for (_, value) in &mut fields {
        *value = replaced(value, variables);
    }
    let (body, media_type) = body(reader, node, variables);
    if let Some(media_type) = media_type.filter(|_| super::document::field(&fields, "content-type").is_none()) {
        fields.push(("content-type".to_owned(), media_type.to_owned()));
    }
    Request::new(node.str("method").unwrap_or("GET"), url, message(fields, false, body))
}

/// Header fields: a list of objects, or a text of lines.
fn header(node: &Node) -> Vec<(String, String)> {
    match node.str("header") {
        Some(text) => text
            .lines()
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
            .collect(),
        None => fields(node.get("header")),
    }
}

fn body(reader: &DocumentReader<'_>, request: &Node, variables: &Variables) -> (Body, Option<&'static str>) {
    let Some(body) = request.present("body") else { return (Body::from_bytes(""), None) };
    let pairs =
        |key: &str| fields(body.get(key)).into_iter().map(|(name, value)| (replaced(&name, variables), replaced(&value, variables)));
    match body.str("mode") {
        Some("raw") => {
            let language = body.get("options").and_then(|options| options.get("raw")?.str("language"));
            let media_type = (language == Some("json")).then_some("application/json");
            let Some(raw) = body.present("raw") else { return (Body::from_bytes(""), media_type) };
            let text = raw.as_str().unwrap_or_default();
            let plain = replaced(text, variables);
            (if plain == text { reader.body(raw) } else { encoded(plain.into_bytes()) }, media_type)
        }
        Some("urlencoded") => {
            let pairs: Vec<_> = pairs("urlencoded").collect();
            let form = query(pairs.iter().map(|(name, value)| (&**name, &**value)));
            (encoded(form.into_bytes()), Some("application/x-www-form-urlencoded"))
        }
        Some("graphql") => match body.present("graphql") {
            Some(graphql) => (graphql_body(graphql), Some("application/json")),
            None => (Body::from_bytes(""), None),
        },
        // A collection has neither the boundary of a form nor the content of a file.
        Some(_) => (Body::Missing, None),
        None => (Body::from_bytes(""), None),
    }
}

/// The query and its variables, which Postman stores as a text of JSON.
fn graphql_body(graphql: &Node) -> Body {
    let variables = graphql.str("variables").and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok());
    let body = serde_json::json!({"query": graphql.str("query").unwrap_or_default(), "variables": variables});
    encoded(body.to_string().into_bytes())
}

/// A URL: a text, or its parts.
fn url(node: &Node, variables: &Variables) -> String {
    if let Some(text) = node.as_str() {
        return without_base(&replaced(text, variables));
    }
    let own = fields(node.get("variable"));
    let joined = |key: &str, separator: &str| match node.get(key) {
        Some(list) if list.is_array() => {
            let part = |part: &Node| part.text().map(|text| text.into_owned()).or_else(|| part.text_of("value")).unwrap_or_default();
            list.items()
                .iter()
                .map(part)
                .map(|text| text.strip_prefix(':').and_then(|name| variable(name, &own)).unwrap_or(text))
                .collect::<Vec<_>>()
                .join(separator)
        }
        Some(text) => text.as_str().unwrap_or_default().to_owned(),
        None => String::new(),
    };
    let (host, path) = (joined("host", "."), joined("path", "/"));
    if host.is_empty() && path.is_empty() {
        return without_base(&replaced(node.str("raw").unwrap_or_default(), variables));
    }
    let protocol = node.str("protocol").map(|protocol| format!("{protocol}://")).unwrap_or_default();
    let port = node.text_of("port").map(|port| format!(":{port}")).unwrap_or_default();
    let pairs = fields(node.get("query"));
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| (replaced(name, variables), replaced(value, variables))).collect();
    let query = query(pairs.iter().map(|(name, value)| (&**name, &**value)));
    let query = if query.is_empty() { query } else { format!("?{query}") };
    let base = replaced(&format!("{protocol}{host}{port}"), variables);
    let base = if base.is_empty() || base.contains("://") || base.starts_with("{{") { base } else { format!("http://{base}") };
    without_base(&format!("{base}/{}{query}", replaced(path.trim_start_matches('/'), variables)))
}

fn variable(name: &str, variables: &Variables) -> Option<String> {
    variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
}

/// The text with the values of known variables.
fn replaced(text: &str, variables: &Variables) -> String {
    let mut text = text.to_owned();
    for (name, value) in variables.iter().filter(|_| text.contains("{{")).collect::<Vec<_>>() {
        text = text.replace(&format!("{{{{{name}}}}}"), value);
    }
    text
}

/// Removes a variable at the beginning that has no value: it is the base URL.
fn without_base(url: &str) -> String {
    match url.strip_prefix("{{").and_then(|rest| rest.split_once("}}")) {
        Some((_, path)) if path.starts_with('/') => path.to_owned(),
        _ => url.to_owned(),
    }
}
