//! Our own recording: one exchange a line, with HAR's names. Unknown keys are refused, so that nothing is overlooked.

use std::sync::Arc;

use base64::Engine as _;
use charter_json::Position;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::Entry;
use super::document::Text;
use crate::exchange::{Body, BodyPlace, Exchange, Headers, Message, Provoked, Request, Response, Timing};
use crate::position::offset;

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
    #[serde(borrow)]
    request: Option<RawRequest<'a>>,
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

// A macro, because `#[serde(flatten)]` cannot refuse unknown members.
macro_rules! raw_message {
    ($name:ident { $($field:ident: $type:ty),+ }) => {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        struct $name<'a> {
            $($field: $type,)+
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

        impl<'a> $name<'a> {
            /// The header fields, and the members that describe the body.
            fn message(&mut self) -> (Vec<RawHeader>, RawBody<'a>) {
                let body = RawBody {
                    json: self.body,
                    text: self.body_text,
                    base64: self.body_base64.take(),
                    digest: self.body_digest.take(),
                    size: self.body_size,
                    is_truncated: self.body_truncated,
                };
                (std::mem::take(&mut self.headers), body)
            }
        }
    };
}

raw_message!(RawRequest { method: String, url: String });
raw_message!(RawResponse { status: u16 });

/// The members that describe a body.
struct RawBody<'a> {
    json: Option<&'a RawValue>,
    text: Option<&'a RawValue>,
    base64: Option<String>,
    digest: Option<String>,
    size: Option<u64>,
    is_truncated: bool,
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
    let message = |side: &str, (fields, body): (Vec<RawHeader>, RawBody<'_>)| {
        let fields = fields.into_iter().map(|field| (field.name, field.value)).collect();
        let body = body.read(&text).map_err(|fault| refuse(format!("{side}: {fault}"), beginning, None))?;
        Ok(Message { headers: Headers { fields, complete: raw.headers_complete }, body })
    };
    let mut exchange = Exchange::new(text.origin(source, index));
    if let Some(mut request) = raw.request {
        let mut message = message("request", request.message())?;
        // The recorder writes no empty body for a method that seldom has one.
        if matches!(message.body, Body::Missing) && has_no_body_by_default(&request.method) {
            message.body = Body::from_bytes("");
        }
        exchange.request = Some(Request::new(request.method, request.url, message));
    }
    if let Some(mut response) = raw.response {
        exchange.response = Some(Response::new(response.status, message("response", response.message())?));
    }
    exchange.timing = Timing { started, duration_ms: raw.time };
    exchange.error = raw.error.map(|error| error.kind);
    exchange.masked = raw.masked;
    exchange.provoked = raw.provoked;
    Ok(exchange)
}

/// Whether a request of this method has no body unless the recording has one.
pub(crate) fn has_no_body_by_default(method: &str) -> bool {
    ["GET", "HEAD"].iter().any(|known| method.eq_ignore_ascii_case(known))
}

impl RawBody<'_> {
    fn read(self, text: &Text) -> Result<Body, String> {
        let given = [self.json.is_some(), self.text.is_some(), self.base64.is_some(), self.digest.is_some()];
        match given.into_iter().filter(|given| *given).count() {
            0 | 1 if self.is_truncated => return Ok(Body::Truncated),
            0 => return Ok(Body::Missing),
            1 => {}
            _ => return Err("more than one of body, bodyText, bodyBase64 and bodyDigest".to_owned()),
        }
        if let Some(digest) = self.digest {
            let size = self.size.ok_or("bodyDigest requires bodySize")?;
            return Ok(Body::Digest { digest, size });
        }
        if let Some(encoded) = &self.base64 {
            let bytes = base64::engine::general_purpose::STANDARD.decode(encoded).map_err(|error| format!("bodyBase64: {error}"))?;
            return Ok(Body::Bytes { bytes, place: BodyPlace::Encoded });
        }
        if let Some(json) = self.json {
            return Ok(Body::Bytes { bytes: json.get().as_bytes().to_vec(), place: BodyPlace::Verbatim(within(text, json.get(), 0)) });
        }
        let raw = self.text.map_or("\"\"", RawValue::get);
        let plain: String = serde_json::from_str(raw).map_err(|error| format!("bodyText: {error}"))?;
        let place = BodyPlace::Escaped { start: within(text, raw, 1), raw: raw[1..raw.len() - 1].into() };
        Ok(Body::Bytes { bytes: plain.into_bytes(), place })
    }
}

/// The position in the source of a part of the text, `skip` bytes into it.
fn within(text: &Text, part: &str, skip: usize) -> Position {
    let at = part.as_ptr() as usize - text.bytes.as_ptr() as usize + skip;
    offset(text.start, Position::of(&text.bytes, at))
}
