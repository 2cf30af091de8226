//! Flow files of mitmproxy: tagged netstrings, one for each flow.

use std::io::{BufRead, Read, Write};
use std::ops::ControlFlow;
use std::sync::Arc;

use charter_json::Position;

use super::document::{epoch, message};
use super::{BEGINNING, Document, Format, Stream};
use crate::exchange::{Body, BodyLocation, Exchange, Request, Response};
use crate::mask::{Known, Masked, Masker};
use crate::position::offset;
use crate::read::decode::Decoded;
use crate::read::{Entry, Item, Limits, ReadError};
use crate::scrub::{ScrubError, Scrubbed};

/// The maximum number of digits of a length.
const LENGTH_DIGITS: usize = 12;
/// The maximum depth of a flow.
const DEPTH_LIMIT: usize = 64;

pub(super) struct Mitmproxy;

impl Format for Mitmproxy {
    fn detect(&self, beginning: &[u8]) -> Option<Stream> {
        // A dictionary whose first key is a text or bytes: `1980:9:websocket;`.
        let after_length = |bytes: &[u8]| -> Option<usize> {
            let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
            ((1..=LENGTH_DIGITS).contains(&digits) && bytes.get(digits) == Some(&b':')).then_some(digits + 1)
        };
        let inner = &beginning[after_length(beginning)?..];
        let start = after_length(inner)?;
        let length: usize = std::str::from_utf8(&inner[..start - 1]).ok()?.parse().ok()?;
        let name = inner.get(start..start.checked_add(length)?)?;
        let is_key =
            name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_') && matches!(inner.get(start + length), Some(b';' | b','));
        is_key.then_some(Stream { read, separator: None, mask: Some(mask) })
    }
}

fn read(
    decoded: &mut Decoded,
    source: &Arc<str>,
    limits: &Limits,
    sink: &mut dyn FnMut(Item) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, ReadError> {
    let (mut position, mut index) = (BEGINNING, 0);
    while let Some((flow, tag)) = next(decoded, position, limits)? {
        let document = Document { bytes: flow, start: position };
        let length = document.bytes.len();
        position = offset(position, Position::of(&document.bytes, length));
        match entry(&document, tag, source, index) {
            Some(entry) => {
                index += 1;
                if sink(entry.into()).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
            None => decoded.skipped_parts.add("flow that is not HTTP", 1),
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// The next flow with its length and tag, and the tag. `None` at the end.
fn next(decoded: &mut Decoded, position: Position, limits: &Limits) -> Result<Option<(Vec<u8>, u8)>, ReadError> {
    let malformed = |message: &str| ReadError::Malformed { message: message.to_owned(), position };
    let mut bytes = Vec::new();
    decoded.by_ref().take(LENGTH_DIGITS as u64 + 1).read_until(b':', &mut bytes).map_err(ReadError::from_io)?;
    if bytes.is_empty() {
        return Ok(None);
    }
    let digits = bytes.strip_suffix(b":").and_then(|digits| std::str::from_utf8(digits).ok());
    let length: u64 =
        digits.and_then(|digits| digits.parse().ok()).ok_or_else(|| malformed("a flow begins with its length and a colon"))?;
    if length > limits.max_body {
        return Err(ReadError::Limit(format!("a flow is larger than {} bytes", limits.max_body)));
    }
    let read = decoded.by_ref().take(length + 1).read_to_end(&mut bytes).map_err(ReadError::from_io)?;
    if read as u64 != length + 1 {
        return Err(malformed("the file ends in the middle of a flow"));
    }
    let tag = bytes.last().copied().unwrap_or_default();
    Ok(Some((bytes, tag)))
}

/// A value of a tagged netstring.
enum Value<'b> {
    Null,
    Bool,
    Number(f64),
    /// Bytes or text.
    Bytes(&'b [u8]),
    List(Vec<Self>),
    Dict(Vec<(&'b [u8], Self)>),
}

impl<'b> Value<'b> {
    /// Reads a value and returns the rest.
    fn read(bytes: &'b [u8], depth: usize) -> Option<(Self, &'b [u8])> {
        let colon = bytes.iter().take(LENGTH_DIGITS + 1).position(|byte| *byte == b':')?;
        let length: usize = std::str::from_utf8(&bytes[..colon]).ok()?.parse().ok()?;
        let payload = bytes.get(colon + 1..colon.checked_add(1)?.checked_add(length)?)?;
        let tag = bytes.get(colon + 1 + length)?;
        Some((Self::of(payload, *tag, depth)?, &bytes[colon + 2 + length..]))
    }

    fn of(payload: &'b [u8], tag: u8, depth: usize) -> Option<Self> {
        let text = || std::str::from_utf8(payload).ok();
        Some(match tag {
            b'~' => Self::Null,
            b'!' => Self::Bool,
            b'#' | b'^' => Self::Number(text()?.parse().ok()?),
            b',' | b';' => Self::Bytes(payload),
            b']' | b'}' if depth >= DEPTH_LIMIT => return None,
            b']' => {
                let (mut rest, mut items) = (payload, Vec::new());
                while !rest.is_empty() {
                    let (item, after) = Self::read(rest, depth + 1)?;
                    items.push(item);
                    rest = after;
                }
                Self::List(items)
            }
            b'}' => {
                let (mut rest, mut members) = (payload, Vec::new());
                while !rest.is_empty() {
                    let (Self::Bytes(key), after) = Self::read(rest, depth + 1)? else { return None };
                    let (value, after) = Self::read(after, depth + 1)?;
                    members.push((key, value));
                    rest = after;
                }
                Self::Dict(members)
            }
            _ => return None,
        })
    }

    fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Dict(members) => members.iter().find(|(name, _)| *name == key.as_bytes()).map(|(_, value)| value),
            _ => None,
        }
    }

    fn bytes(&self, key: &str) -> Option<&'b [u8]> {
        match self.get(key)? {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    fn text(&self, key: &str) -> Option<String> {
        self.bytes(key).map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }

    fn number(&self, key: &str) -> Option<f64> {
        match self.get(key)? {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }
}

/// Masks every flow and writes it.
fn mask(masker: &Masker, decoded: &mut Decoded, limits: &Limits, out: &mut dyn Write) -> Result<Scrubbed, ScrubError> {
    let (mut position, mut scrubbed) = (BEGINNING, Scrubbed { documents: 0, masked: 0 });
    while let Some((flow, _)) = next(decoded, position, limits)? {
        let malformed = || ReadError::Malformed { message: "the flow is malformed".to_owned(), position };
        let (masked, _) = Masking { masker, codings: Vec::new() }.value(&flow, "", 0).ok_or_else(malformed)?;
        out.write_all(&masked).map_err(ScrubError::Write)?;
        scrubbed.documents += 1;
        scrubbed.masked += u64::from(masked != flow);
        position = offset(position, Position::of(&flow, flow.len()));
    }
    Ok(scrubbed)
}

/// Masks the values of a flow.
struct Masking<'m> {
    masker: &'m Masker,
    /// The content codings of the message.
    codings: Vec<String>,
}

impl Masking<'_> {
    /// The masked value of a member, and the rest of the bytes. `None` if the value is malformed.
    fn value<'b>(&self, bytes: &'b [u8], member: &str, depth: usize) -> Option<(Vec<u8>, &'b [u8])> {
        let colon = bytes.iter().take(LENGTH_DIGITS + 1).position(|byte| *byte == b':')?;
        let length: usize = std::str::from_utf8(&bytes[..colon]).ok()?.parse().ok()?;
        let end = colon.checked_add(1)?.checked_add(length)?;
        let (payload, tag) = (bytes.get(colon + 1..end)?, *bytes.get(end)?);
        let masked = match tag {
            b'}' | b']' if depth >= DEPTH_LIMIT => return None,
            b',' | b';' => match self.string(payload, member) {
                Some(masked) => masked,
                None => return Some((b"0:~".to_vec(), &bytes[end + 1..])),
            },
            b'}' => {
                let codings = match Value::of(payload, tag, depth)?.get("headers") {
                    Some(Value::List(fields)) => {
                        let fields = fields.iter().filter_map(header_field);
                        fields.filter(|(name, _)| name.eq_ignore_ascii_case("content-encoding")).map(|(_, value)| value).collect()
                    }
                    _ => Vec::new(),
                };
                let inner = Masking { masker: self.masker, codings };
                let (mut rest, mut out) = (payload, Vec::new());
                while !rest.is_empty() {
                    let (Value::Bytes(key), after) = Value::read(rest, depth + 1)? else { return None };
                    out.extend_from_slice(&rest[..rest.len() - after.len()]);
                    let (value, after) = inner.value(after, &String::from_utf8_lossy(key), depth + 1)?;
                    out.extend(value);
                    rest = after;
                }
                out
            }
            b']' => {
                // A header field, or a list of them.
                let field = header_field(&Value::of(payload, tag, depth)?).filter(|_| member == "headers" || member == "trailers");
                let name = field.map(|(name, _)| format!("field {name}"));
                let (mut rest, mut out, mut index) = (payload, Vec::new(), 0);
                while !rest.is_empty() {
                    let member = name.as_deref().filter(|_| index == 1).unwrap_or(member);
                    let (value, after) = self.value(rest, member, depth + 1)?;
                    out.extend(value);
                    (rest, index) = (after, index + 1);
                }
                out
            }
            _ => payload.to_vec(),
        };
        let mut out = format!("{}:", masked.len()).into_bytes();
        out.extend(masked);
        out.push(tag);
        Some((out, &bytes[end + 1..]))
    }

    /// The masked bytes or text of a member; `None` if it cannot be decoded.
    fn string(&self, payload: &[u8], member: &str) -> Option<Vec<u8>> {
        let known = Known::default();
        let codings: Vec<&str> = self.codings.iter().map(String::as_str).filter(|_| member == "content").collect();
        if let (Some(name), Ok(text)) = (member.strip_prefix("field "), std::str::from_utf8(payload))
            && self.masker.is_secret_field(name, text)
        {
            return Some(self.masker.masked_field(name, text, &known).into_bytes());
        }
        match self.masker.body_bytes(payload, &codings, &known) {
            Masked::Bytes(bytes) => Some(bytes),
            Masked::Unchanged => Some(payload.to_vec()),
            Masked::Undecodable => None,
        }
    }
}

/// The exchange of a flow. `None` if the flow is not HTTP.
fn entry(document: &Document, tag: u8, source: &Arc<str>, index: usize) -> Option<Entry> {
    let refuse = |message: &str| Some(Err(document.error(index, message.to_owned(), BEGINNING, None)));
    let Some(start) = memchr::memchr(b':', &document.bytes).map(|colon| colon + 1) else { return refuse("the flow has no length") };
    let Some(flow) = Value::of(&document.bytes[start..document.bytes.len() - 1], tag, 0) else { return refuse("the flow is malformed") };
    match flow.bytes("type") {
        Some(b"http") => {}
        Some(_) => return None,
        None => return refuse("the flow has no type"),
    }
    let Some(request) = flow.get("request").filter(|request| !matches!(request, Value::Null)) else {
        return refuse("the flow has no request");
    };
    let mut exchange = Exchange::new(document.origin(source, index));
    let method = request.text("method").unwrap_or_else(|| "GET".to_owned());
    let begun = request.number("timestamp_start");
    exchange.request = Some(Request::new(method, url(request), message_of(document, request)));
    exchange.timing.started = begun.and_then(epoch);
    match flow.get("response").filter(|response| !matches!(response, Value::Null)) {
        Some(response) => {
            let status = response.number("status_code").filter(|status| (100.0..1000.0).contains(status));
            let Some(status) = status else { return refuse("the response has no status code") };
            exchange.response = Some(Response::new(status as u16, message_of(document, response)));
            let ended = response.number("timestamp_end");
            exchange.timing.duration_ms = begun.zip(ended).map(|(begun, ended)| (ended - begun) * 1000.0);
        }
        None => exchange.error = Some(flow.get("error").and_then(|error| error.text("msg")).unwrap_or_else(|| "no response".to_owned())),
    }
    Some(Ok(exchange))
}

fn message_of(document: &Document, value: &Value<'_>) -> crate::exchange::Message {
    let fields = match value.get("headers") {
        Some(Value::List(fields)) => fields.iter().filter_map(header_field).filter(|(name, _)| !name.starts_with(':')).collect(),
        _ => Vec::new(),
    };
    let body = match value.bytes("content") {
        Some(bytes) => {
            let at = bytes.as_ptr() as usize - document.bytes.as_ptr() as usize;
            let start = offset(document.start, Position::of(&document.bytes, at));
            Body::Bytes { bytes: bytes.to_vec(), location: BodyLocation::Verbatim(start) }
        }
        None => Body::Missing,
    };
    message(fields, true, body)
}

fn header_field(field: &Value<'_>) -> Option<(String, String)> {
    let Value::List(pair) = field else { return None };
    match pair.as_slice() {
        [Value::Bytes(name), Value::Bytes(value)] => {
            Some((String::from_utf8_lossy(name).into_owned(), String::from_utf8_lossy(value).into_owned()))
        }
        _ => None,
    }
}

fn url(request: &Value<'_>) -> String {
    let path = request.text("path").unwrap_or_default();
    let (scheme, host) = (request.text("scheme").unwrap_or_default(), request.text("host").unwrap_or_default());
    if path.contains("://") || scheme.is_empty() || host.is_empty() {
        return path;
    }
    let port = request.number("port").map(|port| port as u16);
    let port = port.filter(|port| !matches!((&*scheme, port), ("http", 80) | ("https", 443))).map(|port| format!(":{port}"));
    format!("{scheme}://{host}{}{path}", port.unwrap_or_default())
}
