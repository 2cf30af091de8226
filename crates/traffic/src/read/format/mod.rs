//! The recording formats: one file each, and one line each in [`FORMATS`].
//!
//! | content | exchanges |
//! |---|---|
//! | gzip, zstd, br, bzip2, xz | those of the decompressed content |
//! | an object that begins with `log` | the entries of a HAR |
//! | a cassette of VCR, vcrpy or Betamax, in YAML or JSON | its interactions |
//! | a recording of nock, a Postman collection, a Newman report, a Pact file | its saved exchanges |
//! | mappings and journals of WireMock, expectations and logs of MockServer | those that are one exchange |
//! | a flow file of mitmproxy | its HTTP flows |
//! | an OpenAPI document with examples of responses | its examples |
//! | OTLP JSON, a report of Schemathesis: one document, or one on each line | its spans and log records, its interactions |
//! | JSON texts one after the other | those of each text |
//! | JSON texts, each after a record separator (RFC 7464) | recorded exchanges or bare bodies |
//! | JSON objects, one on each line | recorded exchanges (`format: charter-exchange/1`) or bare bodies |
//! | an object with the members of `[traffic.columns]`, a list or lines of them, a Parquet file with such columns | one for each row |
//! | any other JSON document | one bare body |

mod attachment;
mod bare;
mod columns;
mod document;
mod foreign;
mod har;
mod json_seq;
mod mitmproxy;
mod mockserver;
mod nearest;
mod nock;
mod openapi;
mod otlp;
mod pact;
#[cfg(feature = "parquet")]
mod parquet;
mod postman;
mod recording;
mod schemathesis;
mod tree;
mod vcr;
mod wiremock;

use std::io::Write;
use std::ops::ControlFlow;
use std::sync::{Arc, LazyLock};

use aho_corasick::AhoCorasick;
use charter_contract::TrafficColumns;
use charter_json::Position;

use super::decode::{Decoded, Skipped};
use super::{Entry, EntryError, Item, Limits, ReadError};
use crate::exchange::Origin;
use crate::mask::Masker;
use crate::position::offset;
use crate::scrub::{ScrubError, Scrubbed};
use charter_json::edit;
use document::DocumentReader;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use tree::{Node, Syntax};

pub(super) use bare::exchange as bare;
pub use har::{EntryBlock, ScannedEntry};
pub(super) use nearest::{has_parquet_mark, nearest, unknown_text};
#[cfg(feature = "parquet")]
pub(super) use parquet::{RowGroups, read as read_parquet};
pub(crate) use recording::has_no_body_by_default;
pub use recording::{ExchangeView, FORMAT, MARK, MessageView, RECORDING_SCHEMA};

/// Every format, in the order in which they are tried. The last one accepts every JSON document.
#[rustfmt::skip]
static FORMATS: &[&dyn Format] = &[
    &har::Har,
    &json_seq::JsonSeq,
    &mitmproxy::Mitmproxy,
    &recording::Recording,
    &vcr::Vcr,
    &nock::Nock,
    &postman::Postman,
    &pact::Pact,
    &mockserver::MockServer,
    &wiremock::WireMock,
    &otlp::Otlp,
    &schemathesis::Schemathesis,
    &openapi::OpenApi,
    &bare::Bare,
];

/// A source that is one stream of a format.
#[derive(Clone, Copy)]
pub(crate) struct Stream {
    /// Passes the entries to the sink until the sink breaks.
    pub(super) read: ReadStream,
    /// The byte before each JSON text, if the stream consists of several texts. Each text is masked by itself.
    pub(crate) separator: Option<u8>,
    /// Masks the stream. Other streams are masked text by text.
    pub(crate) mask: Option<MaskStream>,
}

/// Masks a stream and writes it.
pub(crate) type MaskStream = fn(&Masker, &mut Decoded, &Limits, &mut dyn Write) -> Result<Scrubbed, ScrubError>;

pub(super) type ReadStream =
    fn(&mut Decoded, &Arc<str>, &Limits, &mut dyn FnMut(Item) -> ControlFlow<()>) -> Result<ControlFlow<()>, ReadError>;

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

    /// Texts of which every document of several exchanges contains at least one, so that other documents are not read as a tree.
    fn members(&self) -> &'static [&'static str] {
        &[]
    }

    /// Reads the exchanges of a document. Returns false, without an entry, if it has another format.
    fn read_tree(&self, _root: &Node, _reader: &mut DocumentReader<'_>) -> bool {
        false
    }

    /// Masks a document and writes it back; every other byte stays. `None` if it has another format.
    fn mask(&self, _masker: &Masker, _text: &str, _root: &edit::Node<'_>) -> Option<String> {
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
    if serde_json::from_slice::<IgnoredAny>(&document.bytes).is_err() {
        let error = charter_json::parse(&document.bytes).err();
        let (message, position) = error.map_or_else(|| ("not JSON".to_owned(), BEGINNING), |error| (error.message, error.position));
        return Err(document.error(index, message, position, None));
    }
    read_json(document, source, index)
}

/// Reads the documents of a source that is not an archive of lines.
pub(super) fn read_documents(
    document: Document,
    source: &Arc<str>,
    columns: Option<&TrafficColumns>,
    skipped: &mut Skipped,
) -> Result<Vec<Entry>, ReadError> {
    let Document { bytes, start } = &document;
    let begins_like_json = matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'['));
    if serde_json::from_slice::<IgnoredAny>(bytes).is_ok() {
        return Ok(match read_tree(bytes, *start, source, 0, skipped) {
            Some(entries) => entries,
            None => match columns.and_then(|columns| read_rows(columns, bytes, *start, source, 0)) {
                Some(rows) => rows,
                None => vec![read_json(document, source, 0)],
            },
        });
    }
    if begins_like_json && let Some(entries) = read_concatenated(bytes, *start, source, skipped) {
        return Ok(entries);
    }
    if let Some(text) = std::str::from_utf8(bytes).ok().filter(|text| !begins_like_json && may_be_tree(text)) {
        let root = Node::yaml(text)
            .map_err(|error| ReadError::Malformed { message: error.message, position: offset(*start, Position::of(bytes, error.byte)) })?;
        let mut reader = DocumentReader::new(text, Syntax::Yaml, *start, source, 0, skipped);
        if FORMATS.iter().any(|format| format.read_tree(&root, &mut reader)) {
            let end = Position::of(bytes, bytes.len());
            return match reader.failure {
                Some(failure) => Err(ReadError::Malformed { message: failure.to_owned(), position: offset(*start, end) }),
                None => Ok(reader.entries),
            };
        }
    }
    if !begins_like_json {
        return Err(ReadError::UnknownForm(unknown_text(bytes)));
    }
    let error = charter_json::parse(bytes).err();
    let (message, position) = error.map_or_else(|| ("not JSON".to_owned(), BEGINNING), |error| (error.message, error.position));
    Err(ReadError::Malformed { message, position: offset(*start, position) })
}

/// Whether a text may be a document of several exchanges.
fn may_be_tree(text: &str) -> bool {
    static MEMBERS: LazyLock<Option<AhoCorasick>> =
        LazyLock::new(|| AhoCorasick::new(FORMATS.iter().flat_map(|format| format.members())).ok());
    MEMBERS.as_ref().is_none_or(|members| members.is_match(text)) && !recording::names_format(text.as_bytes())
}

/// Whether a line is a document of several exchanges.
pub(crate) fn is_tree(line: &[u8]) -> bool {
    read_tree(line, BEGINNING, &"".into(), 0, &mut Skipped::default()).is_some()
}

/// The entries of a JSON document of several exchanges. `None` if it has another format.
pub(super) fn read_tree(bytes: &[u8], start: Position, source: &Arc<str>, first: usize, skipped: &mut Skipped) -> Option<Vec<Entry>> {
    let text = std::str::from_utf8(bytes).ok()?;
    if may_be_tree(text) { read_any_tree(text, start, source, first, skipped) } else { None }
}

/// Like [`read_tree`], without the test that makes it fast for documents of other formats.
pub(super) fn read_any_tree(text: &str, start: Position, source: &Arc<str>, first: usize, skipped: &mut Skipped) -> Option<Vec<Entry>> {
    let root = Node::json(text)?;
    let mut reader = DocumentReader::new(text, Syntax::Json, start, source, first, skipped);
    FORMATS.iter().any(|format| format.read_tree(&root, &mut reader)).then_some(reader.entries)
}

/// The exchanges of a row of a log, or of a list of rows. `None` if it is not one.
pub(super) fn read_rows(columns: &TrafficColumns, bytes: &[u8], start: Position, source: &Arc<str>, first: usize) -> Option<Vec<Entry>> {
    let text = std::str::from_utf8(bytes).ok().filter(|text| !recording::names_format(text.as_bytes()))?;
    let root = Node::json(text)?;
    let mut skipped = Skipped::default();
    let mut reader = DocumentReader::new(text, Syntax::Json, start, source, first, &mut skipped);
    let rows = if root.is_array() { root.items() } else { std::slice::from_ref(&root) };
    let are_rows = rows.iter().all(|row| columns::read_row(columns, row, &mut reader));
    (are_rows && !rows.is_empty()).then_some(reader.entries)
}

/// The entries of JSON texts one after the other. An error ends them. `None` if the first text is not complete, or nothing follows it that may be a
/// second text.
fn read_concatenated(bytes: &[u8], start: Position, source: &Arc<str>, skipped: &mut Skipped) -> Option<Vec<Entry>> {
    let mut texts = serde_json::Deserializer::from_slice(bytes).into_iter::<&RawValue>();
    let mut entries = Vec::new();
    let (mut position, mut at) = (start, 0);
    loop {
        let next = texts.next();
        let begun = at + bytes[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        position = offset(position, Position::of(&bytes[at..], begun - at));
        let error = match next {
            None => return (entries.len() > 1).then_some(entries),
            Some(Ok(raw)) if at == 0 || matches!(raw.get().as_bytes()[0], b'{' | b'[') => {
                let text = raw.get().as_bytes();
                match read_tree(text, position, source, entries.len(), skipped) {
                    Some(more) => entries.extend(more),
                    None => entries.push(read_json(Document { bytes: text.to_vec(), start: position }, source, entries.len())),
                }
                position = offset(position, Position::of(text, text.len()));
                at = begun + text.len();
                continue;
            }
            Some(Ok(_)) => "a JSON text that is neither an object nor an array".to_owned(),
            Some(Err(_)) => charter_json::parse(&bytes[begun..]).err().map_or_else(|| "not JSON".to_owned(), |error| error.message),
        };
        if at == 0 || !matches!(bytes.get(begun), Some(b'{' | b'[')) {
            return None;
        }
        let index = entries.len();
        entries.push(Err(EntryError {
            message: format!("the text is malformed: {error}"),
            remedy: None,
            position,
            index,
            line: Some(position.line),
        }));
        return Some(entries);
    }
}

/// Reads a document that is JSON.
fn read_json(mut document: Document, source: &Arc<str>, index: usize) -> Entry {
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
pub(crate) fn mask(masker: &Masker, text: &str, root: &edit::Node<'_>) -> Option<String> {
    // The last format accepts every document.
    let (last, others) = FORMATS.split_last()?;
    let masked = others.iter().find_map(|format| format.mask(masker, text, root));
    masked.or_else(|| mask_tree(masker, text)).or_else(|| last.mask(masker, text, root))
}

/// Masks a JSON document of another program. `None` if it has a format of this program, or is a bare body.
fn mask_tree(masker: &Masker, text: &str) -> Option<String> {
    let root = may_be_tree(text).then(|| Node::json(text)).flatten()?;
    let mut skipped = Skipped::default();
    let source = "".into();
    let mut reader = DocumentReader::new(text, Syntax::Json, BEGINNING, &source, 0, &mut skipped);
    let is_tree = FORMATS.iter().any(|format| format.read_tree(&root, &mut reader));
    is_tree.then(|| foreign::masked(masker, text, &root, Syntax::Json)).flatten()
}

/// Masks a YAML document of another program. `None` if it is not one.
pub(crate) fn mask_yaml(masker: &Masker, text: &str) -> Option<String> {
    let root = may_be_tree(text).then(|| Node::yaml(text).ok()).flatten()?;
    let mut skipped = Skipped::default();
    let source = "".into();
    let mut reader = DocumentReader::new(text, Syntax::Yaml, BEGINNING, &source, 0, &mut skipped);
    let is_tree = FORMATS.iter().any(|format| format.read_tree(&root, &mut reader)) && reader.failure.is_none();
    is_tree.then(|| foreign::masked(masker, text, &root, Syntax::Yaml)).flatten()
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
