//! An exchange as an entry of a HAR 1.2.

use serde_json::{Value, json};
use url::Url;

use crate::exchange::{Body, Exchange, Headers};

/// What stands before the entries.
pub(super) fn head() -> String {
    let creator = json!({"name": "charter", "version": env!("CARGO_PKG_VERSION")});
    format!("{{\"log\":{{\"version\":\"1.2\",\"creator\":{creator},\"entries\":[")
}

/// What stands behind them.
pub(super) const FOOT: &str = "\n]}}\n";

/// One entry. It is made of an exchange that is masked already.
pub(super) fn entry(exchange: &Exchange) -> Value {
    let request = exchange.request.as_ref();
    let response = exchange.response.as_ref();
    let time = exchange.time_ms.unwrap_or(0.0);
    let nothing = Headers::default();
    let asked = request.map_or(&nothing, |request| &request.headers);
    let answered = response.map_or(&nothing, |response| &response.headers);
    let mime_type = answered.get_all("content-type").first().copied().unwrap_or_default();
    let mut content = json!({"size": 0, "mimeType": mime_type});
    let mut size = -1;
    match response.map(|response| &response.body) {
        Some(Body::Bytes { bytes, .. }) => {
            size = i64::try_from(bytes.len()).unwrap_or(-1);
            content["size"] = json!(bytes.len());
            match std::str::from_utf8(bytes) {
                Ok(text) => content["text"] = json!(text),
                Err(_) => {
                    use base64::Engine as _;
                    content["text"] = json!(base64::engine::general_purpose::STANDARD.encode(bytes));
                    content["encoding"] = json!("base64");
                }
            }
        }
        Some(Body::Digest { digest, size: length }) => {
            size = i64::try_from(*length).unwrap_or(-1);
            content["size"] = json!(length);
            content["comment"] = json!(format!("not kept; {digest}"));
        }
        Some(Body::Truncated) => content["comment"] = json!("cut off"),
        Some(Body::Missing) | None => {}
    }
    let query: Vec<Value> = request
        .map(|request| request.query())
        .unwrap_or_default()
        .into_iter()
        .map(|(name, value)| json!({"name": name, "value": value}))
        .collect();
    let mut entry = json!({
        "startedDateTime": exchange.started.map(|started| started.to_string()).unwrap_or_default(),
        "time": time,
        "request": {
            "method": request.map(|request| request.method.as_str()).unwrap_or_default(),
            "url": request.map(|request| absolute(&request.url)).unwrap_or_default(),
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": fields(asked),
            "queryString": query,
            "headersSize": -1,
            "bodySize": 0,
        },
        "response": {
            "status": response.map_or(0, |response| response.status),
            "statusText": "",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": fields(answered),
            "content": content,
            "redirectURL": answered.get_all("location").first().copied().unwrap_or_default(),
            "headersSize": -1,
            "bodySize": size,
        },
        "cache": {},
        "timings": {"send": 0, "wait": time, "receive": 0},
    });
    if let Some(error) = &exchange.error {
        entry["response"]["_error"] = json!(error);
    }
    entry
}

fn fields(headers: &Headers) -> Vec<Value> {
    headers.fields.iter().map(|(name, value)| json!({"name": name, "value": value})).collect()
}

/// A URL without a fragment, as HAR wants it.
fn absolute(url: &str) -> String {
    match Url::parse(url) {
        Ok(mut parsed) if parsed.fragment().is_some() => {
            parsed.set_fragment(None);
            parsed.into()
        }
        _ => url.to_owned(),
    }
}
