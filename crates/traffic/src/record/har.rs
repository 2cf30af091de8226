//! Writes an exchange as an entry of a HAR 1.2.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use url::Url;

use crate::exchange::{Attempt, Body, Exchange, Headers, Message, Request, Response};

/// The text before the entries.
pub(super) fn head() -> String {
    let creator = json!({"name": "charter", "version": env!("CARGO_PKG_VERSION")});
    format!("{{\"log\":{{\"version\":\"1.2\",\"creator\":{creator},\"entries\":[")
}

/// The text after the entries.
pub(super) const FOOT: &str = "\n]}}\n";

/// One entry, of an exchange that is masked already.
pub(super) fn entry(exchange: &Exchange) -> Value {
    let time = exchange.timing.duration_ms.unwrap_or(0.0);
    let mut entry = json!({
        "startedDateTime": exchange.timing.started.map(|started| started.to_string()).unwrap_or_default(),
        "time": time,
        "request": request(exchange.request.as_ref()),
        "response": response(exchange.response.as_ref(), exchange.error.as_deref()),
        "cache": {},
        "timings": {"send": 0, "wait": time, "receive": 0},
    });
    if !exchange.attempts.is_empty() {
        entry["_attempts"] = exchange.attempts.iter().map(attempt).collect();
    }
    entry
}

fn attempt(attempt: &Attempt) -> Value {
    json!({
        "startedDateTime": attempt.timing.started.map(|started| started.to_string()),
        "time": attempt.timing.duration_ms,
        "status": attempt.status,
        "_error": attempt.error,
    })
}

fn request(request: Option<&Request>) -> Value {
    let query = request.map(Request::query).unwrap_or_default();
    let query: Vec<Value> = query.into_iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
    let none = Message::default();
    let message = request.map_or(&none, |request| &request.message);
    let mut body_size = if matches!(message.body, Body::Missing) { -1 } else { 0 };
    let mut post_data = None;
    if !matches!(message.body, Body::Missing) && message.body.bytes() != Some(&[]) {
        let (mut content, size) = content(message);
        // `size` is a member of the content of a response only.
        content.as_object_mut().map(|content| content.remove("size"));
        (post_data, body_size) = (Some(content), size);
    }
    let mut value = json!({
        "method": request.map(|request| request.method.as_str()).unwrap_or_default(),
        "url": request.map(|request| absolute(&request.url)).unwrap_or_default(),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": fields(&message.headers),
        "queryString": query,
        "headersSize": -1,
        "bodySize": body_size,
    });
    if let Some(post_data) = post_data {
        value["postData"] = post_data;
    }
    value
}

fn response(response: Option<&Response>, error: Option<&str>) -> Value {
    let none = Message::default();
    let message = response.map_or(&none, |response| &response.message);
    let (content, size) = content(message);
    let mut value = json!({
        "status": response.map_or(0, |response| response.status),
        "statusText": "",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": fields(&message.headers),
        "content": content,
        "redirectURL": message.headers.get("location").unwrap_or_default(),
        "headersSize": -1,
        "bodySize": size,
    });
    if let Some(error) = error {
        value["_error"] = json!(error);
    }
    value
}

/// The body of a message as HAR has it, and its length; -1 if that is not known.
fn content(message: &Message) -> (Value, i64) {
    let mut content = json!({"size": 0, "mimeType": message.headers.get("content-type").unwrap_or_default()});
    let size = match &message.body {
        Body::Bytes { bytes, .. } => {
            content["size"] = json!(bytes.len());
            match std::str::from_utf8(bytes) {
                Ok(text) => content["text"] = json!(text),
                Err(_) => {
                    content["text"] = json!(STANDARD.encode(bytes));
                    content["encoding"] = json!("base64");
                }
            }
            i64::try_from(bytes.len()).unwrap_or(-1)
        }
        Body::Digest { digest, size } => {
            content["size"] = json!(size);
            content["comment"] = json!(format!("not kept; {digest}"));
            i64::try_from(*size).unwrap_or(-1)
        }
        Body::Truncated => {
            content["comment"] = json!("cut off");
            -1
        }
        Body::Missing => -1,
    };
    (content, size)
}

fn fields(headers: &Headers) -> Vec<Value> {
    headers.fields.iter().map(|(name, value)| json!({"name": name, "value": value})).collect()
}

/// A URL without its fragment, which HAR does not allow.
fn absolute(url: &str) -> String {
    match Url::parse(url) {
        Ok(mut parsed) if parsed.fragment().is_some() => {
            parsed.set_fragment(None);
            parsed.into()
        }
        _ => url.to_owned(),
    }
}
