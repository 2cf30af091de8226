//! Writes an exchange as one line of a recording.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use crate::exchange::{Attempt, Body, Exchange, Headers, Request, Response};
use crate::read::has_no_body_by_default;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'e> {
    format: &'static str,
    started_date_time: Option<String>,
    time: Option<f64>,
    request: Option<LineRequest<'e>>,
    response: Option<LineResponse<'e>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<LineError<'e>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provoked: Option<&'static str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    masked: &'e [String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attempts: Vec<LineAttempt<'e>>,
    headers_complete: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LineAttempt<'e> {
    started_date_time: Option<String>,
    time: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<LineError<'e>>,
}

#[derive(Serialize)]
struct LineRequest<'e> {
    method: &'e str,
    url: &'e str,
    headers: Vec<LineHeader<'e>>,
    #[serde(flatten)]
    body: LineBody<'e>,
}

#[derive(Serialize)]
struct LineResponse<'e> {
    status: u16,
    headers: Vec<LineHeader<'e>>,
    #[serde(flatten)]
    body: LineBody<'e>,
}

#[derive(Serialize)]
struct LineHeader<'e> {
    name: &'e str,
    value: &'e str,
}

#[derive(Serialize)]
struct LineError<'e> {
    kind: &'e str,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct LineBody<'e> {
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'e RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body_text: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body_base64: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body_digest: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body_size: Option<u64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    body_truncated: bool,
}

/// The number of brackets up to which a line is not too deep to be read back: serde reads 128 levels.
const FLAT: usize = 120;

/// The line without its line break.
pub(super) fn line(exchange: &Exchange) -> serde_json::Result<String> {
    let verbatim = render(exchange, true)?;
    let bytes = verbatim.as_bytes();
    // JSON that is nested too deeply to be read back, or has line breaks, is written as a string. With few brackets, it is not nested deeply.
    let is_flat = || memchr::memchr2_iter(b'{', b'[', bytes).nth(FLAT).is_none();
    if memchr::memchr2(b'\n', b'\r', bytes).is_none() && (is_flat() || serde_json::from_str::<IgnoredAny>(&verbatim).is_ok()) {
        return Ok(verbatim);
    }
    render(exchange, false)
}

fn render(exchange: &Exchange, verbatim: bool) -> serde_json::Result<String> {
    serde_json::to_string(&Line {
        format: crate::read::FORMAT,
        started_date_time: exchange.timing.started.map(|started| started.to_string()),
        time: exchange.timing.duration_ms,
        request: exchange.request.as_ref().map(|request| LineRequest {
            method: &request.method,
            url: &request.url,
            headers: fields(request.headers()),
            body: match request.body().bytes() {
                Some([]) if has_no_body_by_default(&request.method) => LineBody::default(),
                _ => body(request.body(), verbatim),
            },
        }),
        response: exchange.response.as_ref().map(|response| LineResponse {
            status: response.status,
            headers: fields(response.headers()),
            body: body(response.body(), verbatim),
        }),
        error: exchange.error.as_deref().map(|kind| LineError { kind }),
        provoked: exchange.provoked.map(|provoked| provoked.as_str()),
        masked: &exchange.masked,
        attempts: exchange.attempts.iter().map(attempt).collect(),
        headers_complete: exchange
            .response
            .as_ref()
            .map(Response::headers)
            .or(exchange.request.as_ref().map(Request::headers))
            .is_some_and(|headers| headers.complete),
    })
}

fn attempt(attempt: &Attempt) -> LineAttempt<'_> {
    LineAttempt {
        started_date_time: attempt.timing.started.map(|started| started.to_string()),
        time: attempt.timing.duration_ms,
        status: attempt.status,
        error: attempt.error.as_deref().map(|kind| LineError { kind }),
    }
}

fn fields(headers: &Headers) -> Vec<LineHeader<'_>> {
    headers.fields.iter().map(|(name, value)| LineHeader { name, value }).collect()
}

fn body(body: &Body, verbatim: bool) -> LineBody<'_> {
    let line = LineBody::default();
    match body {
        Body::Missing => line,
        Body::Digest { digest, size } => LineBody { body_digest: Some(digest), body_size: Some(*size), ..line },
        Body::Truncated => LineBody { body_truncated: true, ..line },
        Body::Bytes { bytes, .. } => match std::str::from_utf8(bytes) {
            Ok(text) => match raw(text).filter(|_| verbatim) {
                Some(body) => LineBody { body: Some(body), ..line },
                None => LineBody { body_text: Some(text), ..line },
            },
            Err(_) => LineBody { body_base64: Some(STANDARD.encode(bytes)), ..line },
        },
    }
}

/// The text as JSON to be embedded; `None` if it is not JSON.
fn raw(text: &str) -> Option<&RawValue> {
    serde_json::from_str(text.trim_matches([' ', '\t', '\n', '\r'])).ok()
}
