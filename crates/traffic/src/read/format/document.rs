//! Builds exchanges from the values of a document, with their positions in the source.

use std::cell::Cell;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use charter_json::Position;

use super::tree::{Kind, Node, Syntax, steps};
use crate::exchange::{Body, BodyLocation, Exchange, Headers, Message, Origin};
use crate::position::offset;
use crate::read::decode::Skipped;
use crate::read::{Entry, EntryError};

/// A document whose exchanges are being read.
pub(super) struct DocumentReader<'t> {
    pub(super) text: &'t str,
    pub(super) syntax: Syntax,
    /// The beginning of the document in the source.
    start: Position,
    pub(super) source: &'t Arc<str>,
    /// The index of the first entry.
    first: usize,
    pub(super) entries: Vec<Entry>,
    pub(super) skipped: &'t mut Skipped,
    /// Why the document is not complete.
    pub(super) failure: Option<&'static str>,
    /// The position of the exchange that is being read, from which later positions are counted.
    near: Cell<Position>,
}

impl<'t> DocumentReader<'t> {
    pub(super) fn new(
        text: &'t str,
        syntax: Syntax,
        start: Position,
        source: &'t Arc<str>,
        first: usize,
        skipped: &'t mut Skipped,
    ) -> Self {
        let near = Cell::new(Position { byte: 0, line: 1, column: 1 });
        Self { text, syntax, start, source, first, entries: Vec::new(), skipped, failure: None, near }
    }

    /// The position in the source of a byte of the document.
    pub(super) fn position(&self, byte: usize) -> Position {
        offset(self.start, self.within(byte))
    }

    fn within(&self, byte: usize) -> Position {
        let near = self.near.get();
        let bytes = self.text.as_bytes();
        match byte.checked_sub(near.byte) {
            Some(distance) => offset(near, Position::of(&bytes[near.byte..], distance)),
            None => Position::of(bytes, byte),
        }
    }

    /// The index of the next entry.
    pub(super) fn index(&self) -> usize {
        self.first + self.entries.len()
    }

    /// Adds the exchange of a value, or the reason why the value is not an exchange.
    pub(super) fn add(&mut self, node: &Node, build: impl FnOnce(&Self, &mut Exchange) -> Result<(), String>) {
        self.near.set(self.within(node.range.start));
        let position = self.position(node.range.start);
        let bytes = position.byte as u64..(position.byte + node.range.len()) as u64;
        let origin =
            Origin { source: self.source.clone(), index: self.index(), line: Some(position.line), column: Some(position.column), bytes };
        let mut exchange = Exchange::new(origin);
        let entry = match build(self, &mut exchange) {
            Ok(()) => Ok(exchange),
            Err(message) => Err(EntryError { message, remedy: None, position, index: self.index(), line: Some(position.line) }),
        };
        self.entries.push(entry);
    }

    /// Counts a part that is not an exchange.
    pub(super) fn skip(&mut self, kind: &'static str) {
        self.skipped.add(kind, 1);
    }

    /// The body that a string or bytes hold.
    pub(super) fn body(&self, node: &Node) -> Body {
        match &node.kind {
            Kind::String(text) => Body::Bytes { bytes: text.clone().into_bytes(), location: self.location(node, text) },
            Kind::Binary(bytes) => encoded(bytes.clone()),
            Kind::Null => Body::from_bytes(""),
            _ => self.json(node),
        }
    }

    /// The body that is a JSON value of the document.
    pub(super) fn json(&self, node: &Node) -> Body {
        match self.syntax {
            Syntax::Json => Body::Bytes {
                bytes: self.text[node.range.clone()].as_bytes().to_vec(),
                location: BodyLocation::Verbatim(self.position(node.range.start)),
            },
            Syntax::Yaml => encoded(node.to_value().to_string().into_bytes()),
        }
    }

    fn location(&self, node: &Node, value: &str) -> BodyLocation {
        let raw = &self.text[node.range.clone()];
        let start = self.position(node.range.start);
        match self.syntax {
            Syntax::Json if raw.len() >= 2 => {
                BodyLocation::Escaped { start: self.position(node.range.start + 1), raw: raw[1..raw.len() - 1].into() }
            }
            Syntax::Yaml => steps(self.text, &node.range, value).map_or(BodyLocation::Encoded, |steps| BodyLocation::Stepped {
                start,
                raw: raw.into(),
                steps,
            }),
            Syntax::Json => BodyLocation::Encoded,
        }
    }
}

/// A body that is not in the source as such.
pub(super) fn encoded(bytes: Vec<u8>) -> Body {
    Body::Bytes { bytes, location: BodyLocation::Encoded }
}

/// A body of base64.
pub(super) fn base64(text: &str) -> Result<Body, String> {
    let compact: String = text.split_ascii_whitespace().collect();
    STANDARD.decode(compact).map(encoded).map_err(|error| format!("the body is not valid base64: {error}"))
}

/// The bytes of hexadecimal digits.
pub(super) fn hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    let is_hex = digits.len().is_multiple_of(2) && digits.iter().all(u8::is_ascii_hexdigit);
    is_hex.then(|| digits.chunks(2).filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect())
}

/// A message.
pub(super) fn message(fields: Vec<(String, String)>, complete: bool, body: Body) -> Message {
    Message { headers: Headers { fields, complete }, body }
}

/// The first value of a field.
pub(super) fn field<'f>(fields: &'f [(String, String)], name: &str) -> Option<&'f str> {
    fields.iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// Header fields in any of the forms that recorders write: an object of texts or lists, a list of objects with `name` or `key` and
/// `value` or `values`, a list of pairs, or names and values in turn.
pub(super) fn fields(node: Option<&Node>) -> Vec<(String, String)> {
    let Some(node) = node else { return Vec::new() };
    let mut fields = Vec::new();
    for (name, value) in node.members() {
        // Pseudo header fields of HTTP/2 are not header fields.
        if !name.starts_with(':') {
            push_values(&mut fields, name, value);
        }
    }
    let items = node.items();
    if let Some(texts) = items.iter().map(Node::as_str).collect::<Option<Vec<_>>>() {
        fields.extend(texts.chunks_exact(2).map(|pair| (pair[0].to_owned(), pair[1].to_owned())));
        return fields;
    }
    for item in items {
        match item.items() {
            [name, value] => fields.extend(name.text().zip(value.text()).map(|(name, value)| (name.into_owned(), value.into_owned()))),
            _ => {
                let is_disabled = matches!(item.get("disabled").map(|node| &node.kind), Some(Kind::Bool(true)));
                if let (Some(name), Some(value), false) =
                    (item.any(&["name", "key"]).and_then(Node::text), item.any(&["value", "values"]), is_disabled)
                {
                    push_values(&mut fields, &name, value);
                }
            }
        }
    }
    fields
}

fn push_values(fields: &mut Vec<(String, String)>, name: &str, value: &Node) {
    match value.text() {
        Some(text) => fields.push((name.to_owned(), text.into_owned())),
        None => fields.extend(value.items().iter().filter_map(Node::text).map(|text| (name.to_owned(), text.into_owned()))),
    }
}

/// A query of names and values.
pub(super) fn query<'q>(pairs: impl Iterator<Item = (&'q str, &'q str)>) -> String {
    let mut serializer = url::form_urlencoded::Serializer::new(String::new());
    pairs.for_each(|(name, value)| {
        serializer.append_pair(name, value);
    });
    serializer.finish()
}

/// An instant in the forms of RFC 3339, RFC 9557 and RFC 9110. A time without an offset is in UTC.
pub(super) fn instant(text: &str) -> Option<jiff::Timestamp> {
    let zoned = || jiff::fmt::rfc2822::parse(text).ok().map(|zoned| zoned.timestamp());
    let civil = || jiff::tz::TimeZone::UTC.to_timestamp(text.parse().ok()?).ok();
    text.parse().ok().or_else(zoned).or_else(civil)
}

/// An instant of seconds since the epoch.
pub(super) fn epoch(seconds: f64) -> Option<jiff::Timestamp> {
    jiff::Timestamp::from_microsecond((seconds * 1e6).round() as i64).ok()
}
