//! `charter-exchange/1`: one exchange on each line, with HAR's member names. Unknown members are refused, so that none is overlooked.

mod scan;
mod view;

use std::sync::Arc;

use base64::Engine as _;
use charter_json::{Position, push_token};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::{BEGINNING, Document, Format, is_instant};
use crate::exchange::{Attempt, Body, BodyLocation, Exchange, Headers, Message, Provoked, Request, Response, Timing};
use crate::mask::{Known, MaskedLocations, Masker, Replacement, codings};
use crate::position::offset;
use crate::read::Entry;
use charter_json::edit::{Edits, Node, NodeKind};

pub use view::{ExchangeView, MessageView};

/// The beginning of the format's name in every version.
pub const MARK: &str = "charter-exchange/";
/// The version that this crate reads and writes.
pub const FORMAT: &str = "charter-exchange/1";

/// The JSON Schema of one line of a recording.
pub const RECORDING_SCHEMA: &str = include_str!("../../../../recording.schema.json");

/// One line of `charter-exchange/1`.
pub(super) struct Recording;

impl Format for Recording {
    fn mark(&self) -> Option<&'static [u8]> {
        Some(MARK.as_bytes())
    }

    fn read(&self, document: Document, source: &Arc<str>, index: usize) -> Result<Entry, Document> {
        if names_format(&document.bytes) { Ok(exchange(document, source, index)) } else { Err(document) }
    }

    fn mask(&self, masker: &Masker, text: &str, root: &Node<'_>) -> Option<String> {
        let is_recording = root.get("format").and_then(Node::as_str).is_some_and(|format| format.starts_with(MARK));
        is_recording.then(|| masked(masker, text, root))
    }
}

#[derive(Deserialize)]
struct Probe<'a> {
    #[serde(borrow)]
    format: Option<&'a RawValue>,
}

/// Whether a JSON object has this format, in any version. Most other documents are passed over without parsing.
pub(super) fn names_format(bytes: &[u8]) -> bool {
    if memchr::memmem::find(bytes, MARK.as_bytes()).is_none() {
        return false;
    }
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
    attempts: Vec<RawAttempt>,
    #[serde(default)]
    headers_complete: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RawAttempt {
    started_date_time: Option<jiff::Timestamp>,
    time: Option<f64>,
    status: Option<u16>,
    error: Option<RawError>,
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

/// A present value, `null` included.
fn present<'de: 'a, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'a RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

/// Reads a line in one pass, if a recorder wrote it in the usual form.
pub(super) fn scan(document: &Document, source: &Arc<str>, index: usize) -> Option<Exchange> {
    scan::scan(document, source, index)
}

/// Reads one line.
fn exchange(text: Document, source: &Arc<str>, index: usize) -> Entry {
    let refuse = |message: String, within: Position, remedy| text.error(index, message, within, remedy);
    let raw: RawExchange<'_> = serde_json::from_slice(&text.bytes).map_err(|error| {
        let line_start =
            text.bytes.split_inclusive(|byte| *byte == b'\n').take(error.line().saturating_sub(1)).map(<[u8]>::len).sum::<usize>();
        let within = Position::of(&text.bytes, line_start + error.column().saturating_sub(1));
        let message = error.to_string();
        let message = message.rsplit_once(" at line ").map_or(&*message, |(message, _)| message).to_owned();
        refuse(message, within, Some("`charter schema recording` prints the JSON Schema of a line"))
    })?;
    if raw.format != FORMAT {
        return Err(refuse(format!("unknown format `{}`", raw.format), BEGINNING, Some("this version reads charter-exchange/1")));
    }
    let started = match raw.started_date_time.as_deref().map(str::parse::<jiff::Timestamp>) {
        Some(Err(_)) => return Err(refuse("startedDateTime is not a date-time".to_owned(), BEGINNING, None)),
        Some(Ok(started)) => Some(started),
        None => None,
    };
    let message = |side: &str, (fields, body): (Vec<RawHeader>, RawBody<'_>)| {
        let fields = fields.into_iter().map(|field| (field.name, field.value)).collect();
        let body = body.read(&text).map_err(|fault| refuse(format!("{side}: {fault}"), BEGINNING, None))?;
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
    exchange.attempts = raw.attempts.into_iter().map(RawAttempt::read).collect();
    Ok(exchange)
}

/// Whether a request of this method has no body unless the recording has one.
pub(crate) fn has_no_body_by_default(method: &str) -> bool {
    ["GET", "HEAD"].iter().any(|known| method.eq_ignore_ascii_case(known))
}

impl RawAttempt {
    fn read(self) -> Attempt {
        let timing = Timing { started: self.started_date_time, duration_ms: self.time };
        Attempt { timing, status: self.status, error: self.error.map(|error| error.kind) }
    }
}

impl RawBody<'_> {
    fn read(self, text: &Document) -> Result<Body, String> {
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
            return Ok(Body::Bytes { bytes, location: BodyLocation::Encoded });
        }
        if let Some(json) = self.json {
            return Ok(Body::Bytes {
                bytes: json.get().as_bytes().to_vec(),
                location: BodyLocation::Verbatim(within(text, json.get(), 0)),
            });
        }
        let raw = self.text.map_or("\"\"", RawValue::get);
        let plain: String = serde_json::from_str(raw).map_err(|error| format!("bodyText: {error}"))?;
        let location = BodyLocation::Escaped { start: within(text, raw, 1), raw: raw[1..raw.len() - 1].into() };
        Ok(Body::Bytes { bytes: plain.into_bytes(), location })
    }
}

/// The position in the source of a part of the text, `skip` bytes into it.
fn within(text: &Document, part: &str, skip: usize) -> Position {
    let at = part.as_ptr() as usize - text.bytes.as_ptr() as usize + skip;
    offset(text.start, Position::of(&text.bytes, at))
}

/// Masks one line, and adds the masked locations to its member `masked`.
fn masked(masker: &Masker, text: &str, root: &Node<'_>) -> String {
    let mut noted = Noted { pointers: Vec::new(), prefix: String::new() };
    for pointer in root.get("masked").map(Node::items).unwrap_or_default() {
        noted.pointers.extend(pointer.as_str().map(str::to_owned));
    }
    let before = noted.pointers.len();
    let mut known = Known::default();
    for side in ["request", "response"] {
        let member = |name: &str| root.get(side).and_then(|message| message.get(name));
        if let Some(body) = member("body") {
            noted.prefix = format!("/{side}/body");
            masker.note_personal(body, &noted, &mut known);
        }
        if let Some(body) = member("bodyText").and_then(Node::as_str) {
            masker.note_text(body, &mut known);
        }
    }
    let known = known.ready();
    let mut edits = Edits::default();
    let NodeKind::Object(members) = &root.kind else { return text.to_owned() };
    // Every member is masked, duplicates included.
    for (key, member) in members {
        match key.as_str().unwrap_or_default() {
            "format" | "masked" => {}
            "startedDateTime" if member.as_str().is_some_and(is_instant) => {}
            side @ ("request" | "response") => mask_message(masker, text, side, member, &known, &mut edits, &mut noted),
            "error" => {
                if let Some(kind) = member.get("kind")
                    && let Some(cleaned) = kind.as_str().and_then(|text| masker.cleaned(text, &known))
                {
                    edits.set(kind.range.clone(), &cleaned);
                    noted.note("/error/kind".to_owned());
                }
            }
            name => masker.member(text, name, member, &known, &mut edits),
        }
    }
    if noted.pointers.len() > before {
        let list = serde_json::Value::from(noted.pointers).to_string();
        match root.get("masked") {
            Some(node) => edits.push(node.range.clone(), list),
            None => edits.push(root.range.end - 1..root.range.end - 1, format!(",\"masked\":{list}")),
        }
    }
    edits.apply(text)
}

/// Masks a request or a response.
fn mask_message(masker: &Masker, text: &str, side: &str, message: &Node<'_>, known: &Known, edits: &mut Edits, noted: &mut Noted) {
    let NodeKind::Object(members) = &message.kind else { return };
    let codings = codings(message.get("headers"));
    for (key, member) in members {
        let name = key.as_str().unwrap_or_default();
        let cleaned = match (name, member.as_str()) {
            ("headers", _) => {
                for (index, field) in member.items().iter().enumerate() {
                    if masker.field(field, known, edits) {
                        noted.note(format!("/{side}/headers/{index}/value"));
                    }
                }
                None
            }
            ("body", _) => {
                noted.prefix = format!("/{side}/body");
                masker.json(text, member, known, edits, noted);
                None
            }
            ("bodyText", Some(value)) => masker.body_text(value, known),
            ("bodyBase64", Some(value)) => match masker.encoded(value, &codings, known) {
                Some(Replacement::Text(text)) => Some(text),
                Some(Replacement::Digest { digest, size }) => {
                    edits.set(key.range.clone(), "bodyDigest");
                    edits.push(member.range.clone(), format!("\"{digest}\",\"bodySize\":{size}"));
                    noted.note(format!("/{side}/bodyDigest"));
                    None
                }
                None => None,
            },
            // The digest of a body that is not recorded.
            ("bodyDigest", _) => None,
            (_, Some(value)) => masker.cleaned(value, known),
            (_, None) => None,
        };
        if let Some(cleaned) = cleaned {
            edits.set(member.range.clone(), &cleaned);
            noted.note(format!("/{side}/{name}"));
        }
    }
}

/// The JSON Pointers in the member `masked`, those of this run included.
struct Noted {
    pointers: Vec<String>,
    /// The JSON Pointer of the body that is masked now.
    prefix: String,
}

impl Noted {
    fn note(&mut self, pointer: String) {
        if !self.pointers.contains(&pointer) {
            self.pointers.push(pointer);
        }
    }

    fn pointer(&self, path: &[String]) -> String {
        let mut pointer = self.prefix.clone();
        path.iter().for_each(|token| push_token(&mut pointer, token));
        pointer
    }
}

impl MaskedLocations for Noted {
    fn is_masked(&self, path: &[String]) -> bool {
        !self.pointers.is_empty() && self.pointers.contains(&self.pointer(path))
    }

    fn changed(&mut self, path: &[String]) {
        self.note(self.pointer(path));
    }
}

#[cfg(test)]
mod tests {
    use crate::mask::test_masker;

    #[test]
    fn masking_a_line_leaves_every_other_byte() {
        let line = r#"{"format":"charter-exchange/1","request":{"method":"GET","url":"/orders/1?token=t&by=Ann%20Bee","headers":[{"name":"Authorization","value":"Bearer sk_live_42"}]},"response":{"status":200,"headers":[{"name":"x-echo","value":"sk_live_42"}],"body":{ "n": 1.50, "by":{"name":"Ann Bee"},"note":"Ann Bee <ann@example.com>","sk_live_42":[true,"c2tfbGl2ZV80Mg=="] }},"headersComplete":true}"#;
        let masked = test_masker().document(line);
        assert!(
            !masked.contains("sk_live") && !masked.contains("Ann") && !masked.contains("ann@") && !masked.contains("c2tfbGl2ZV80"),
            "{masked}"
        );
        assert!(
            masked.contains(r#""value":"Bearer ***""#) && masked.contains("token=***&") && masked.contains(r#""body":{ "n": 1.50, "by""#),
            "{masked}"
        );
        let value: serde_json::Value = serde_json::from_str(&masked).expect("JSON");
        let name = value["response"]["body"]["by"]["name"].as_str().expect("a name");
        assert!(value["response"]["body"]["note"].as_str().is_some_and(|note| note.starts_with(name)), "equal values stay equal: {masked}");
        let wanted = [
            "/request/url",
            "/request/headers/0/value",
            "/response/headers/0/value",
            "/response/body/by/name",
            "/response/body/note",
            "/response/body/***/1",
        ];
        assert_eq!(value["masked"], serde_json::json!(wanted));
    }

    #[test]
    fn a_long_value_after_a_secret_name_in_a_list_is_masked() {
        let masked = test_masker()
            .document(r#"{"rawHeaders":["Accept","*/*","X-Api-Key","a1b2c3d4e5f6a7b8c9"],"required":["password","username"]}"#);
        assert!(!masked.contains("a1b2c3") && masked.contains("[\"password\",\"username\"]"), "{masked}");
    }

    #[test]
    fn personal_data_that_looks_like_a_part_of_the_time_leaves_the_time() {
        let line = r#"{"format":"charter-exchange/1","startedDateTime":"2026-07-14T11:20:10Z","request":null,"response":{"status":200,"headers":[],"body":{"by":{"name":"2026-07"}}}}"#;
        let masked = test_masker().document(line);
        assert!(masked.contains(r#""startedDateTime":"2026-07-14T11:20:10Z""#) && !masked.contains(r#""name":"2026-07""#), "{masked}");
        let har = r#"{"log":{"version":"1.2","entries":[{"startedDateTime":"2026-07-14T11:20:10Z","request":{"method":"GET","url":"/"},"response":{"status":200,"content":{"text":"{\"by\":{\"name\":\"2026-07\"}}"}}}]}}"#;
        let masked = test_masker().document(har);
        assert!(masked.contains(r#""startedDateTime":"2026-07-14T11:20:10Z""#) && !masked.contains(r#"name\":\"2026-07"#), "{masked}");
    }
}
