//! HAR 1.1 to 1.3, streamed entry by entry.
//!
//! Only the members that are checked are read, and most may be absent: browsers omit members that the standard requires.

use std::cell::Cell;
use std::fmt;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::Arc;

use base64::Engine as _;
use charter_json::{self as json, Position};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{Format, Stream};
use crate::exchange::{Body, BodyPlace, Exchange, Headers, Message, Origin, Request, Response, Timing};
use crate::mask::{Known, Masker};
use crate::position::offset;
use crate::read::decode::Decoded;
use crate::read::error::LimitExceeded;
use crate::read::{Entry, EntryError, Limits, ReadError};
use charter_json::edit::{Edits, Node, NodeKind};

/// The position of the reader, shared with the deserializer's visitors.
#[derive(Clone, Debug, Default)]
struct Progress {
    byte: Rc<Cell<u64>>,
    line: Rc<Cell<usize>>,
    column: Rc<Cell<usize>>,
    /// The offset at which the current entry exceeds its size limit.
    limit: Rc<Cell<u64>>,
}

impl Progress {
    /// The position of the last byte read.
    fn last(&self) -> Position {
        Position {
            byte: self.byte.get().saturating_sub(1) as usize,
            line: self.line.get(),
            column: self.column.get().saturating_sub(1).max(1),
        }
    }
}

struct Counting<'d> {
    inner: &'d mut Decoded,
    progress: Progress,
}

impl Read for Counting<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        for byte in &buffer[..read] {
            if *byte == b'\n' {
                self.progress.line.set(self.progress.line.get() + 1);
                self.progress.column.set(1);
            } else if byte & 0xC0 != 0x80 {
                self.progress.column.set(self.progress.column.get() + 1);
            }
        }
        self.progress.byte.set(self.progress.byte.get() + read as u64);
        if self.progress.byte.get() > self.progress.limit.get() {
            return Err(io::Error::other(LimitExceeded("an entry is larger than --max-body allows".to_owned())));
        }
        Ok(read)
    }
}

/// HAR 1.1 to 1.3.
pub(super) struct Har;

impl Format for Har {
    fn detect(&self, beginning: &[u8]) -> Option<Stream> {
        begins_like_har(beginning).then_some(Stream { read, separator: None })
    }

    fn mask(&self, masker: &Masker, text: &str, root: &Node<'_>) -> Option<String> {
        let log = root.get("log").filter(|log| log.get("entries").is_some())?;
        Some(masked(masker, text, root, log))
    }
}

/// Whether a source begins with an object whose first member is `log`, an object.
fn begins_like_har(beginning: &[u8]) -> bool {
    let mut rest = beginning;
    for token in [&b"{"[..], b"\"log\"", b":", b"{"] {
        rest = rest.trim_ascii_start();
        let Some(after) = rest.strip_prefix(token) else { return false };
        rest = after;
    }
    true
}

fn read(
    decoded: &mut Decoded,
    source: &Arc<str>,
    limits: &Limits,
    sink: &mut dyn FnMut(Entry) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, ReadError> {
    let progress = Progress::default();
    progress.byte.set(decoded.skipped);
    progress.line.set(1);
    progress.column.set(1);
    progress.limit.set(u64::MAX);
    let mut state = State { source, limits, progress: progress.clone(), sink, index: 0, broke: false, entries: false };
    let reader = Counting { inner: decoded, progress: progress.clone() };
    let mut deserializer = serde_json::Deserializer::from_reader(reader);
    let result = Object { key: "log", state: &mut state, inner: Log }.deserialize(&mut deserializer).and_then(|()| deserializer.end());
    let (broke, index, entries) = (state.broke, state.index, state.entries);
    match result {
        _ if broke => Ok(ControlFlow::Break(())),
        Ok(()) if !entries => {
            Err(ReadError::Malformed { message: "a HAR without entries".to_owned(), position: Position { byte: 0, line: 1, column: 1 } })
        }
        Ok(()) => Ok(ControlFlow::Continue(())),
        Err(error) if error.is_io() => Err(ReadError::from_io(error.into())),
        Err(error) => {
            let message = error.to_string();
            let message = message.rsplit_once(" at line ").map_or(&*message, |(message, _)| message).to_owned();
            let position = progress.last();
            if index == 0 {
                return Err(ReadError::Malformed { message, position });
            }
            // The entries before the damage have been delivered. The error is the last entry.
            Ok(sink(Err(EntryError {
                message: format!("the HAR breaks off: {message}"),
                remedy: Some("export the HAR again"),
                position,
                index,
                line: Some(position.line),
            })))
        }
    }
}

struct State<'s> {
    source: &'s Arc<str>,
    limits: &'s Limits,
    progress: Progress,
    sink: &'s mut dyn FnMut(Entry) -> ControlFlow<()>,
    index: usize,
    broke: bool,
    entries: bool,
}

/// Reads the value of a member.
trait Inside: Copy {
    fn read<'de, D: Deserializer<'de>>(self, state: &mut State<'_>, deserializer: D) -> Result<(), D::Error>;
}

/// Reads one member of an object and skips the others.
struct Object<'a, 's, I> {
    key: &'static str,
    state: &'a mut State<'s>,
    inner: I,
}

impl<'de, I: Inside> DeserializeSeed<'de> for Object<'_, '_, I> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, I: Inside> Visitor<'de> for Object<'_, '_, I> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "an object with {}", self.key)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if key == self.key {
                map.next_value_seed(At { inner: self.inner, state: self.state })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

struct At<'a, 's, I> {
    inner: I,
    state: &'a mut State<'s>,
}

impl<'de, I: Inside> DeserializeSeed<'de> for At<'_, '_, I> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.inner.read(self.state, deserializer)
    }
}

#[derive(Clone, Copy)]
struct Log;

impl Inside for Log {
    fn read<'de, D: Deserializer<'de>>(self, state: &mut State<'_>, deserializer: D) -> Result<(), D::Error> {
        Object { key: "entries", state, inner: Entries }.deserialize(deserializer)
    }
}

#[derive(Clone, Copy)]
struct Entries;

impl Inside for Entries {
    fn read<'de, D: Deserializer<'de>>(self, state: &mut State<'_>, deserializer: D) -> Result<(), D::Error> {
        state.entries = true;
        deserializer.deserialize_seq(EntryList { state })
    }
}

struct EntryList<'a, 's> {
    state: &'a mut State<'s>,
}

impl<'de> Visitor<'de> for EntryList<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array of entries")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while entries.next_element_seed(OneEntry { state: self.state })?.is_some() {}
        Ok(())
    }
}

struct OneEntry<'a, 's> {
    state: &'a mut State<'s>,
}

impl<'de> DeserializeSeed<'de> for OneEntry<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        // At this point the reader has read exactly the first byte of the entry.
        let state = self.state;
        let start = state.progress.last();
        state.progress.limit.set(start.byte as u64 + state.limits.max_body);
        let raw = <Box<RawValue>>::deserialize(deserializer)?;
        state.progress.limit.set(u64::MAX);
        let entry = exchange(raw.get(), start, state.source, state.index);
        state.index += 1;
        if (state.sink)(entry).is_break() {
            state.broke = true;
            return Err(serde::de::Error::custom("stopped"));
        }
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HarEntry {
    started_date_time: Option<String>,
    time: Option<f64>,
    request: HarRequest,
    response: HarResponse,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HarRequest {
    method: String,
    url: String,
    #[serde(default)]
    headers: Vec<HarHeader>,
    post_data: Option<PostData>,
    body_size: Option<f64>,
}

#[derive(Deserialize)]
struct HarHeader {
    name: String,
    value: String,
}

#[derive(Deserialize)]
struct HarResponse {
    status: i64,
    #[serde(default)]
    headers: Vec<HarHeader>,
    #[serde(default)]
    content: HarContent,
    #[serde(rename = "_error")]
    error: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct HarContent {
    mime_type: Option<String>,
    text: Option<String>,
    encoding: Option<String>,
}

#[derive(Deserialize)]
struct PostData {
    #[serde(flatten)]
    content: HarContent,
    params: Option<Vec<Param>>,
}

/// A parameter of a form. That of a file may have no value.
#[derive(Deserialize)]
struct Param {
    name: String,
    value: Option<String>,
}

/// An entry in its source.
struct HarText<'r> {
    raw: &'r str,
    start: Position,
    index: usize,
}

impl HarText<'_> {
    fn refuse(&self, message: String) -> EntryError {
        EntryError { message, remedy: None, position: self.start, index: self.index, line: Some(self.start.line) }
    }

    /// The body of one side. `pointer` is the place of its text in the entry.
    fn body(&self, content: HarContent, pointer: &str) -> Result<Body, EntryError> {
        match (content.text, content.encoding.as_deref()) {
            (None, _) => Ok(Body::Missing),
            (Some(text), Some("base64")) => {
                let bytes = base64::engine::general_purpose::STANDARD
                    .decode(text.trim())
                    .map_err(|error| self.refuse(format!("the body is not valid base64: {error}")))?;
                Ok(Body::Bytes { bytes, place: BodyPlace::Encoded })
            }
            (Some(text), None | Some("")) => {
                let place = json::locate(self.raw.as_bytes(), pointer).map(|range| BodyPlace::Escaped {
                    start: offset(self.start, Position::of(self.raw.as_bytes(), range.start + 1)),
                    raw: self.raw[range.start + 1..range.end - 1].into(),
                });
                Ok(Body::Bytes { bytes: text.into_bytes(), place: place.unwrap_or(BodyPlace::Encoded) })
            }
            (Some(_), Some(other)) => Err(self.refuse(format!("unknown encoding `{other}` of the body"))),
        }
    }

    fn request_body(&self, post_data: Option<PostData>, size: Option<f64>) -> Result<Body, EntryError> {
        match post_data {
            None if size == Some(0.0) => Ok(Body::from_bytes("")),
            None => Ok(Body::Missing),
            // Browsers write the parameters of a form instead of its text, or both.
            Some(PostData { content, params: Some(params) }) if content.text.is_none() && is_form(&content) => {
                let pairs = params.iter().map(|param| (&*param.name, param.value.as_deref().unwrap_or_default()));
                let bytes = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into_bytes();
                Ok(Body::Bytes { bytes, place: BodyPlace::Encoded })
            }
            Some(PostData { content, .. }) => self.body(content, "/request/postData/text"),
        }
    }
}

fn is_form(content: &HarContent) -> bool {
    let essence = content.mime_type.as_deref().and_then(|field| field.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
}

/// The header fields, with the content type that HAR has in another place too.
fn fields(headers: Vec<HarHeader>, mime_type: Option<String>) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = headers.into_iter().map(|header| (header.name, header.value)).collect();
    if let Some(mime_type) = mime_type.filter(|_| !fields.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"))) {
        fields.push(("content-type".to_owned(), mime_type));
    }
    fields
}

fn exchange(raw: &str, start: Position, source: &Arc<str>, index: usize) -> Entry {
    let text = HarText { raw, start, index };
    let entry: HarEntry = serde_json::from_str(raw).map_err(|error| text.refuse(format!("not a HAR entry: {error}")))?;
    let mut exchange = Exchange::new(Origin {
        source: source.clone(),
        index,
        line: Some(start.line),
        column: Some(start.column),
        bytes: start.byte as u64..start.byte as u64 + raw.len() as u64,
    });
    exchange.timing = Timing { started: entry.started_date_time.and_then(|text| text.parse().ok()), duration_ms: entry.time };
    let HarRequest { method, url, headers, mut post_data, body_size } = entry.request;
    let mime_type = post_data.as_mut().and_then(|data| data.content.mime_type.clone()).filter(|mime_type| !mime_type.is_empty());
    // Browsers leave credentials out of an export: an absent header field of a request may have been sent.
    let headers = Headers { fields: fields(headers, mime_type), complete: false };
    exchange.request = Some(Request::new(method, url, Message { headers, body: text.request_body(post_data, body_size)? }));
    let HarResponse { status, headers, mut content, error } = entry.response;
    let headers = Headers::complete(fields(headers, content.mime_type.take()));
    let body = text.body(content, "/response/content/text")?;
    // Browsers write the status 0 when no response arrived.
    match u16::try_from(status).ok().filter(|status| *status >= 100) {
        Some(status) => exchange.response = Some(Response::new(status, Message { headers, body })),
        None => exchange.error = Some(error.unwrap_or_else(|| "not answered".to_owned())),
    }
    Ok(exchange)
}

/// Masks every entry by itself, then the strings outside the entries.
fn masked(masker: &Masker, text: &str, root: &Node<'_>, log: &Node<'_>) -> String {
    let mut edits = Edits::default();
    let nothing = Known::default();
    let entries = log.get("entries");
    masker.strings(root, &nothing, &mut edits, &mut |node| entries.is_some_and(|entries| std::ptr::eq(node, entries)));
    for entry in entries.map(Node::items).unwrap_or_default() {
        let mut known = Known::default();
        let content = |side: &str, holder: &str| entry.get(side).and_then(|message| message.get(holder)?.get("text"));
        for body in [content("request", "postData"), content("response", "content")].into_iter().flatten().filter_map(Node::as_str) {
            masker.note_text(body, &mut known);
        }
        mask_part(masker, entry, "", &known.ready(), &mut edits);
    }
    edits.apply(text)
}

/// Masks the value of the member `key` of an entry.
fn mask_part(masker: &Masker, node: &Node<'_>, key: &str, known: &Known, edits: &mut Edits) {
    match &node.kind {
        NodeKind::Object(entries) => {
            let is_base64 = node.get("encoding").and_then(Node::as_str) == Some("base64");
            for (name, value) in entries {
                let name = name.as_str().unwrap_or_default();
                match (key, name, value.as_str()) {
                    ("content" | "postData", "text", Some(body)) if is_base64 => {
                        masker.put(value, body, masker.encoded(body, known), edits);
                    }
                    ("content" | "postData", "text", Some(body)) => masker.put(value, body, masker.body_text(body, known), edits),
                    _ => mask_part(masker, value, name, known, edits),
                }
            }
        }
        NodeKind::Array(items) => {
            for item in items {
                match key {
                    "headers" => {
                        masker.field(item, known, edits);
                    }
                    "cookies" | "queryString" | "params" => masker.pair(item, key, known, edits),
                    _ => mask_part(masker, item, key, known, edits),
                }
            }
        }
        NodeKind::String(text) => masker.put(node, text, masker.cleaned(text, known), edits),
        NodeKind::Number | NodeKind::Literal => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mask::test_masker;
    use crate::read::{Source, read};

    fn request(members: &str) -> Request {
        let request = format!(r#"{{"method": "POST", "url": "/orders", "headers": []{members}}}"#);
        let har = format!(r#"{{"log": {{"entries": [{{"request": {request}, "response": {{"status": 201}}}}]}}}}"#);
        let source = Source::Bytes { name: "a.har".into(), bytes: har.into_bytes().into() };
        let mut requests = Vec::new();
        let summary = read(&source, &Limits::default(), &mut |entry| {
            requests.extend(entry.expect("an entry").request);
            ControlFlow::Continue(())
        });
        assert_eq!(summary.expect("a HAR").entries, 1);
        requests.remove(0)
    }

    #[test]
    fn a_request_body_is_read_from_post_data() {
        let bodies = [
            (r#"{"mimeType": "application/json", "text": "{\"a\":1}"}"#, &b"{\"a\":1}"[..]),
            (r#"{"mimeType": "image/png", "text": "/wA=", "encoding": "base64"}"#, b"\xff\x00"),
            (
                r#"{"mimeType": "application/x-www-form-urlencoded; charset=utf-8", "params": [{"name": "a b", "value": "c&d"}, {"name": "e"}]}"#,
                b"a+b=c%26d&e=",
            ),
        ];
        for (post_data, expected) in bodies {
            let request = request(&format!(r#", "postData": {post_data}"#));
            assert_eq!(request.body().bytes(), Some(expected), "{post_data}");
            assert!(request.headers().get("content-type").is_some_and(|field| post_data.contains(field)));
        }
    }

    #[test]
    fn a_request_without_post_data_has_an_empty_body_only_if_its_size_says_so() {
        assert_eq!(request(r#", "bodySize": 0"#).body().bytes(), Some(&b""[..]));
        assert!(matches!(request(r#", "bodySize": 12"#).body(), Body::Missing));
        assert!(matches!(request("").body(), Body::Missing));
        assert!(matches!(request(r#", "postData": {"mimeType": "multipart/form-data", "params": []}"#).body(), Body::Missing));
    }

    #[test]
    fn masking_removes_cookies_and_leaves_the_layout() {
        let har = r#"{"log": {"version": "1.2", "comment": "by ann@example.com", "entries": [{"request": {"url": "https://h/?api_key=k", "cookies": [{"name": "sid", "value": "1"}], "queryString": [{"name": "api_key", "value": "k"}], "headers": [{"name": "Cookie", "value": "sid=1"}], "postData": {"mimeType": "application/json", "text": "{\"by\":{\"name\":\"Ann Bee\"}}"}}, "response": {"content": {"text": "{\"k\":\"sk_live\\u005f42\"}"}, "cookies": []}}]}}"#;
        let masked = test_masker().document(har);
        for gone in ["ann@", "Ann Bee", "sk_live", "\"k\"}", "sid=1", "\"value\": \"1\""] {
            assert!(!masked.contains(gone), "{gone}: {masked}");
        }
        assert!(
            masked.contains(r#""value": "sid=***""#)
                && masked.contains("api_key=***")
                && masked.starts_with(r#"{"log": {"version": "1.2""#),
            "{masked}"
        );
    }
}
