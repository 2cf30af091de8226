//! Entries of a HAR that were scanned once: the parts of each entry are ranges of its text, so that most entries are decided without a copy of them.

use std::ops::Range;
use std::sync::Arc;

use charter_json::Position;

use super::scan::{self, FieldName, Parts, Place};
use crate::exchange::{Body, BodyLocation, Exchange, Headers, Message, Origin, Request, Response, Timing};
use crate::position::offset;
use crate::read::format::{ExchangeView, MessageView};
use crate::read::{Entry, Limits};

/// Entries of a HAR, in a part of its text.
#[derive(Debug, Default)]
pub struct EntryBlock {
    text: String,
    /// The values of strings with escapes.
    values: Vec<u8>,
    fields: Vec<(FieldName, Range<usize>)>,
    entries: Vec<Scanned>,
}

/// An entry of a block.
#[derive(Debug)]
struct Scanned {
    start: Position,
    index: usize,
    /// Its bytes in the text.
    range: Range<usize>,
    parts: Parts,
}

/// An entry whose exchange is not made yet.
#[derive(Clone, Copy, Debug)]
pub struct ScannedEntry<'b> {
    block: &'b EntryBlock,
    scanned: &'b Scanned,
}

impl EntryBlock {
    /// Scans the entry that begins at `from` in a text, and returns its end. `None`, without a change, if the entry is not complete in the text, is too large,
    /// or has a form that only serde reads.
    pub(super) fn scan(&mut self, text: &str, from: usize, start: Position, index: usize, limits: &Limits) -> Option<usize> {
        let (fields, values) = (self.fields.len(), self.values.len());
        let scanned = scan::scan(text, from, &mut self.fields, &mut self.values);
        match scanned.ok().filter(|(_, end)| (end - from) as u64 <= limits.max_body) {
            Some((parts, end)) => {
                self.entries.push(Scanned { start, index, range: from..end, parts });
                Some(end)
            }
            None => {
                self.fields.truncate(fields);
                self.values.truncate(values);
                None
            }
        }
    }

    /// Takes the entries that were scanned, with the text that they are in. `None` if there are none.
    pub(super) fn take(&mut self, text: String) -> Option<Self> {
        let taken = Self { text, ..std::mem::take(self) };
        if taken.entries.is_empty() {
            return None;
        }
        // The next block needs about as much room.
        self.values.reserve(taken.values.len());
        self.fields.reserve(taken.fields.len());
        self.entries.reserve(taken.entries.len());
        Some(taken)
    }

    /// The entries.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = ScannedEntry<'_>> {
        self.entries.iter().map(|scanned| ScannedEntry { block: self, scanned })
    }

    /// Its length in bytes.
    pub fn byte_len(&self) -> usize {
        self.text.len()
    }

    /// The end of its last entry in the source.
    pub fn end(&self) -> Option<u64> {
        self.entries.last().map(|last| (last.start.byte + last.range.len()) as u64)
    }
}

impl<'b> ScannedEntry<'b> {
    fn text(&self, range: &Range<usize>) -> &'b str {
        self.block.text.get(range.clone()).unwrap_or_default()
    }

    fn field(&self, (name, value): &(FieldName, Range<usize>)) -> (&'b str, &'b str) {
        let name = match name {
            FieldName::Written(name) => self.text(name),
            FieldName::ContentType => "content-type",
        };
        (name, self.text(value))
    }

    fn fields(&self, fields: &Range<usize>) -> impl Iterator<Item = (&'b str, &'b str)> {
        self.block.fields.get(fields.clone()).unwrap_or_default().iter().map(|field| self.field(field))
    }

    fn bytes(&self, place: &Place) -> Option<&'b [u8]> {
        match place {
            Place::Nowhere => None,
            Place::Empty => Some(b""),
            Place::Value { value, .. } => self.block.values.get(value.clone()),
        }
    }

    /// The exchange as a view.
    pub fn view(&self) -> ExchangeView<'b> {
        let parts = &self.scanned.parts;
        let message = |fields: &Range<usize>, is_complete, body: &Place| MessageView {
            fields: self.fields(fields).collect(),
            is_complete,
            body: self.bytes(body),
            text: None,
        };
        ExchangeView {
            method: self.text(&parts.method),
            url: self.text(&parts.url),
            request: message(&parts.request_fields, false, &parts.request_body),
            status: parts.status,
            response: message(&parts.response_fields, true, &parts.response_body),
            started: parts.started,
            duration_ms: parts.duration_ms,
        }
    }

    /// The location of the entry in its source.
    pub fn origin(&self, source: &Arc<str>) -> Origin {
        let Scanned { start, index, range, .. } = self.scanned;
        let byte = start.byte as u64;
        Origin {
            source: source.clone(),
            index: *index,
            line: Some(start.line),
            column: Some(start.column),
            bytes: byte..byte + range.len() as u64,
        }
    }

    /// The exchange.
    pub fn entry(&self, source: &Arc<str>) -> Entry {
        let Parts { started, duration_ms, method, url, request_fields, request_body, status, response_fields, response_body } =
            &self.scanned.parts;
        let fields = |fields: &Range<usize>| self.fields(fields).map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let mut exchange = Exchange::new(self.origin(source));
        exchange.timing = Timing { started: *started, duration_ms: *duration_ms };
        let headers = Headers { fields: fields(request_fields), complete: false };
        exchange.request = Some(Request::new(self.text(method), self.text(url), Message { headers, body: self.body(request_body) }));
        let headers = Headers::complete(fields(response_fields));
        exchange.response = Some(Response::new(*status, Message { headers, body: self.body(response_body) }));
        Ok(exchange)
    }

    fn body(&self, place: &Place) -> Body {
        match place {
            Place::Nowhere => Body::Missing,
            Place::Empty => Body::from_bytes(""),
            Place::Value { text, .. } => {
                let before = self.text(&(self.scanned.range.start..text.start)).as_bytes();
                let start = offset(self.scanned.start, Position::of(before, before.len()));
                let location = BodyLocation::Escaped { start, raw: self.text(text).into() };
                Body::Bytes { bytes: self.bytes(place).unwrap_or_default().to_vec(), location }
            }
        }
    }
}
