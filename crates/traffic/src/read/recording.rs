//! Our own recording: one exchange a line, with HAR's names. Unknown keys are refused, so that nothing is overlooked.

use std::sync::Arc;

use base64::Engine as _;
use charter_json::Position;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::Entry;
use super::document::Text;
use crate::exchange::{Body, BodyPlace, Exchange, Headers, Provoked, Request, Response};

/// What every version of the format's name begins with.
pub const MARK: &str = "charter-exchange/";
/// The version that is read and written.
pub const FORMAT: &str = "charter-exchange/1";

/// The JSON Schema of one line of a recording.
pub const RECORDING_SCHEMA: &str = include_str!("../../recording.schema.json");

#[derive(Deserialize)]
struct Probe<'a> {
    #[serde(borrow)]
    format: Option<&'a RawValue>,
}

/// Whether an object names our format, of whatever version.
pub(super) fn names_format(bytes: &[u8]) -> bool {
    serde_json::from_slice::<Probe<'_>>(bytes)
        .is_ok_and(|probe| probe.format.is_some_and(|format| format.get().starts_with(&format!("\"{MARK}"))))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RawExchange<'a> {
    format: String,
    started_date_time: Option<String>,
    time: Option<f64>,
    request: Option<RawRequest>,
    #[serde(borrow)]
    response: Option<RawResponse<'a>>,
    #[serde(default)]
    error: Option<RawError>,
    #[serde(default)]
    provoked: Option<Provoked>,
    #[serde(default)]
    masked: Vec<String>,
    #[serde(default)]
    headers_complete: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRequest {
    method: String,
    url: String,
    #[serde(default)]
    headers: Vec<RawHeader>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawHeader {
    name: String,
    value: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawError {
    kind: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RawResponse<'a> {
    status: u16,
    #[serde(default)]
    headers: Vec<RawHeader>,
    #[serde(borrow, default, deserialize_with = "present")]
    body: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    body_text: Option<&'a RawValue>,
    body_base64: Option<String>,
    body_digest: Option<String>,
    body_size: Option<u64>,
    #[serde(default)]
    body_truncated: bool,
}

/// A value that is there, `null` included.
fn present<'de: 'a, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'a RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

/// Reads one line as an exchange.
pub(super) fn exchange(text: Text, source: &Arc<str>, index: usize) -> Entry {
    let refuse = |message: String, within: Position, remedy| text.error(index, message, within, remedy);
    let beginning = Position { byte: 0, line: 1, column: 1 };
    let raw: RawExchange<'_> = serde_json::from_slice(&text.bytes).map_err(|error| {
        let line_start =
            text.bytes.split_inclusive(|byte| *byte == b'\n').take(error.line().saturating_sub(1)).map(<[u8]>::len).sum::<usize>();
        let within = Position::of(&text.bytes, line_start + error.column().saturating_sub(1));
        let message = error.to_string();
        let message = message.rsplit_once(" at line ").map_or(&*message, |(message, _)| message).to_owned();
        refuse(message, within, Some("`charter schema recording` prints what an exchange may hold"))
    })?;
    if raw.format != FORMAT {
        return Err(refuse(format!("the format `{}` is not known", raw.format), beginning, Some("this version reads charter-exchange/1")));
    }
    let started = match raw.started_date_time.as_deref().map(str::parse::<jiff::Timestamp>) {
        Some(Err(_)) => return Err(refuse("startedDateTime is no instant".to_owned(), beginning, None)),
        Some(Ok(started)) => Some(started),
        None => None,
    };
    let headers = |fields: Vec<RawHeader>| Headers {
        fields: fields.into_iter().map(|field| (field.name, field.value)).collect(),
        complete: raw.headers_complete,
    };
    let response = match raw.response {
        Some(response) => {
            let body = body(&text, &response).map_err(|message| refuse(message, beginning, None))?;
            Some(Response { status: response.status, headers: headers(response.headers), body })
        }
        None => None,
    };
    Ok(Exchange {
        origin: text.origin(source, index),
        started,
        time_ms: raw.time,
        request: raw.request.map(|request| Request { method: request.method, url: request.url, headers: headers(request.headers) }),
        response,
        error: raw.error.map(|error| error.kind),
        masked: raw.masked,
        bare: false,
        provoked: raw.provoked,
    })
}

fn body(text: &Text, response: &RawResponse<'_>) -> Result<Body, String> {
    let given = [response.body.is_some(), response.body_text.is_some(), response.body_base64.is_some(), response.body_digest.is_some()];
    match given.iter().filter(|given| **given).count() {
        0 if response.body_truncated => return Ok(Body::Truncated),
        0 => return Ok(Body::Missing),
        1 => {}
        _ => return Err("an answer has one of body, bodyText, bodyBase64 and bodyDigest".to_owned()),
    }
    if response.body_truncated {
        return Ok(Body::Truncated);
    }
    if let Some(digest) = &response.body_digest {
        let size = response.body_size.ok_or("bodyDigest needs bodySize beside it")?;
        return Ok(Body::Digest { digest: digest.clone(), size });
    }
    if let Some(encoded) = &response.body_base64 {
        let bytes = base64::engine::general_purpose::STANDARD.decode(encoded).map_err(|error| format!("bodyBase64: {error}"))?;
        return Ok(Body::Bytes { bytes, place: BodyPlace::Encoded });
    }
    if let Some(raw) = response.body {
        return Ok(Body::Bytes { bytes: raw.get().as_bytes().to_vec(), place: BodyPlace::Verbatim(within(text, raw.get(), 0)) });
    }
    let raw = response.body_text.map_or("\"\"", RawValue::get);
    let plain: String = serde_json::from_str(raw).map_err(|error| format!("bodyText: {error}"))?;
    let place = BodyPlace::Escaped { start: within(text, raw, 1), raw: raw[1..raw.len() - 1].into() };
    Ok(Body::Bytes { bytes: plain.into_bytes(), place })
}

/// Where a part of the text stands in the source, a few bytes into it.
fn within(text: &Text, part: &str, skip: usize) -> Position {
    let offset = part.as_ptr() as usize - text.bytes.as_ptr() as usize + skip;
    let position = Position::of(&text.bytes, offset);
    let column = if position.line == 1 { text.start.column + position.column - 1 } else { position.column };
    Position { byte: text.start.byte + offset, line: text.start.line + position.line - 1, column }
}
