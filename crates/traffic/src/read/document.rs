//! One JSON text to an exchange: a line of our own recording where it says so, else a bare body.

use std::sync::Arc;

use charter_json::{self as json, Position};

use super::recording;
use super::{Entry, EntryError};
use crate::exchange::{Body, BodyPlace, Exchange, Headers, Message, Origin, Response};
use crate::position::offset;

/// A JSON text and where it begins.
pub(super) struct Text {
    pub(super) bytes: Vec<u8>,
    pub(super) start: Position,
}

impl Text {
    /// Whether the text is an exchange of our own format, of whatever version.
    pub(super) fn is_exchange(&self) -> bool {
        memchr::memmem::find(&self.bytes, recording::MARK.as_bytes()).is_some() && recording::names_format(&self.bytes)
    }

    pub(super) fn origin(&self, source: &Arc<str>, index: usize) -> Origin {
        let start = self.start.byte as u64;
        Origin {
            source: source.clone(),
            index,
            line: Some(self.start.line),
            column: Some(self.start.column),
            bytes: start..start + self.bytes.len() as u64,
        }
    }

    /// An error at a position of the text.
    pub(super) fn error(&self, index: usize, message: String, within: Position, remedy: Option<&'static str>) -> EntryError {
        let position = offset(self.start, within);
        EntryError { message, remedy, position, index, line: Some(self.start.line) }
    }
}

/// The exchange that a line stands for.
pub(super) fn deliver(text: Text, source: &Arc<str>, index: usize) -> Entry {
    if serde_json::from_slice::<serde::de::IgnoredAny>(&text.bytes).is_err() {
        let error = json::parse(&text.bytes).err();
        let (message, position) = error
            .map_or_else(|| ("not JSON".to_owned(), Position { byte: 0, line: 1, column: 1 }), |error| (error.message, error.position));
        return Err(text.error(index, message, position, None));
    }
    if text.is_exchange() { recording::exchange(text, source, index) } else { Ok(bare(text, source, index)) }
}

/// A body of which nothing else is known: taken for an answer of status 200.
pub(super) fn bare(text: Text, source: &Arc<str>, index: usize) -> Exchange {
    let mut exchange = Exchange::new(text.origin(source, index));
    let body = Body::Bytes { bytes: text.bytes, place: BodyPlace::Verbatim(text.start) };
    exchange.response = Some(Response::new(200, Message { headers: Headers::default(), body }));
    exchange.bare = true;
    exchange
}
