//! The recording formats: one file each, and one line each in [`FORMATS`].
//!
//! | content | exchanges |
//! |---|---|
//! | gzip, zstd | those of the decompressed content |
//! | an object that begins with `log` | the entries of a HAR |
//! | JSON texts, each after a record separator (RFC 7464) | recorded exchanges or bare bodies |
//! | JSON objects, one on each line | recorded exchanges (`format: charter-exchange/1`) or bare bodies |
//! | any other JSON document | one bare body |

mod bare;
mod har;
mod json_seq;
mod recording;

use std::ops::ControlFlow;
use std::sync::Arc;

use charter_json::Position;

use super::decode::Decoded;
use super::{Entry, EntryError, Limits, ReadError};
use crate::exchange::Origin;
use crate::mask::Masker;
use crate::position::offset;
use charter_json::edit::Node;

pub(super) use bare::exchange as bare;
pub(crate) use recording::has_no_body_by_default;
pub use recording::{FORMAT, MARK, RECORDING_SCHEMA};

/// Every format, in the order in which they are tried. The last one accepts every JSON document.
#[rustfmt::skip]
static FORMATS: &[&dyn Format] = &[
    &har::Har,
    &json_seq::JsonSeq,
    &recording::Recording,
    &bare::Bare,
];

/// A source that is one stream of a format.
#[derive(Clone, Copy)]
pub(crate) struct Stream {
    /// Passes the entries to the sink until the sink breaks.
    pub(super) read: ReadStream,
    /// The byte before each JSON text, if the stream consists of several texts. Each text is masked by itself.
    pub(crate) separator: Option<u8>,
}

pub(super) type ReadStream =
    fn(&mut Decoded, &Arc<str>, &Limits, &mut dyn FnMut(Entry) -> ControlFlow<()>) -> Result<ControlFlow<()>, ReadError>;

/// A recording format.
///
/// A source is either one stream of a format, detected from its first bytes, or JSON documents: a single one, or one on each line.
/// Each document is read and masked by the first format that accepts it, so that the lines of a source may differ in format.
trait Format: Sync {
    /// Detects a stream of this format from the first bytes of a source, without a byte order mark.
    fn detect(&self, _beginning: &[u8]) -> Option<Stream> {
        None
    }

    /// Bytes that every document of this format contains. Lines without the marks of all formats are bare bodies.
    fn mark(&self) -> Option<&'static [u8]> {
        None
    }

    /// Reads a document. Returns it unchanged if it has another format.
    fn read(&self, document: Document, _source: &Arc<str>, _index: usize) -> Result<Entry, Document> {
        Err(document)
    }

    /// Masks a document and writes it back; every other byte stays. `None` if it has another format.
    fn mask(&self, _masker: &Masker, _text: &str, _root: &Node<'_>) -> Option<String> {
        None
    }
}

/// Detects the stream of a source from its first bytes. `None` if the source consists of JSON documents.
pub(crate) fn detect(beginning: &[u8]) -> Option<Stream> {
    FORMATS.iter().find_map(|format| format.detect(beginning))
}

/// Whether every line is a bare body, if it is JSON.
pub(super) fn are_bare(lines: &[u8]) -> bool {
    FORMATS.iter().filter_map(|format| format.mark()).all(|mark| memchr::memmem::find(lines, mark).is_none())
}

/// Reads a document that may not be JSON.
pub(super) fn read(document: Document, source: &Arc<str>, index: usize) -> Entry {
    if let Some(exchange) = recording::scan(&document, source, index) {
        return Ok(exchange);
    }
    if serde_json::from_slice::<serde::de::IgnoredAny>(&document.bytes).is_err() {
        let error = charter_json::parse(&document.bytes).err();
        let (message, position) = error.map_or_else(|| ("not JSON".to_owned(), BEGINNING), |error| (error.message, error.position));
        return Err(document.error(index, message, position, None));
    }
    read_json(document, source, index)
}

/// Reads a document that is JSON.
pub(super) fn read_json(mut document: Document, source: &Arc<str>, index: usize) -> Entry {
    for format in FORMATS {
        match format.read(document, source, index) {
            Ok(entry) => return entry,
            Err(other) => document = other,
        }
    }
    Ok(bare(document, source, index))
}

/// Whether a text is an instant. Personal data may look like a part of a time, but the times of a recording have to be read again.
fn is_instant(text: &str) -> bool {
    text.parse::<jiff::Timestamp>().is_ok()
}

/// Masks a JSON document in the first format that accepts it.
pub(crate) fn mask(masker: &Masker, text: &str, root: &Node<'_>) -> Option<String> {
    FORMATS.iter().find_map(|format| format.mask(masker, text, root))
}

const BEGINNING: Position = Position { byte: 0, line: 1, column: 1 };

/// A JSON document and its location in the source.
pub(super) struct Document {
    pub(super) bytes: Vec<u8>,
    pub(super) start: Position,
}

impl Document {
    fn origin(&self, source: &Arc<str>, index: usize) -> Origin {
        let start = self.start.byte as u64;
        Origin {
            source: source.clone(),
            index,
            line: Some(self.start.line),
            column: Some(self.start.column),
            bytes: start..start + self.bytes.len() as u64,
        }
    }

    /// An error at a position of the document.
    fn error(&self, index: usize, message: String, within: Position, remedy: Option<&'static str>) -> EntryError {
        EntryError { message, remedy, position: offset(self.start, within), index, line: Some(self.start.line) }
    }
}
