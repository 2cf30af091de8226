//! Reads exchanges from sources, as a stream. The format is detected from the content, not from the file name; `format` lists the formats.
//!
//! One exchange or block is in memory at a time. An error in one entry does not prevent the others from being read.

mod ahead;
mod block;
mod decode;
mod digest;
mod error;
pub(crate) mod format;
mod interrupt;
mod lines;
mod object;
mod open;
mod range;
mod remote;
mod source;

use std::ops::ControlFlow;

use charter_contract::TrafficColumns;

pub use error::{EntryError, ReadError};
pub(crate) use format::has_no_body_by_default;
pub use format::{EntryBlock, ExchangeView, FORMAT, MARK, MessageView, RECORDING_SCHEMA, ScannedEntry};
pub use source::{Found, SkippedFile, Source, find, reason_to_skip, sources};

use crate::exchange::{Body, Exchange, Request, Response};
pub use ahead::read_ahead;
pub use block::{Archive, Block, Line};
pub use decode::{Compression, Decoded};
pub(crate) use digest::WholeHasher;
pub use digest::{BlockDigest, DIGEST_BLOCK};
pub use interrupt::interrupt;
pub use object::{Object, Ranges};
pub use open::{Bare, Reading};
pub use range::{Division, Extent, LinePosition, RangeSummary, SourceRange, read_line_at};
pub use remote::{Remote, RemoteObject, set_remote};

/// Limits on the size of content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The maximum size of a line, a document or a HAR entry, in decompressed bytes.
    pub max_body: u64,
    /// The maximum ratio of decompressed to compressed size. It applies above 16 MiB of content.
    pub max_ratio: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_body: 64 << 20, max_ratio: 200 }
    }
}

/// An exchange, or the error of a malformed entry.
pub type Entry = Result<Exchange, EntryError>;

/// An entry, or a block of entries that are not parsed yet.
pub enum Item {
    /// An entry.
    Entry(Box<Entry>),
    /// Lines of an archive.
    Block(Block),
    /// Entries of a HAR.
    Entries(EntryBlock),
}

impl From<Entry> for Item {
    fn from(entry: Entry) -> Self {
        Self::Entry(Box::new(entry))
    }
}

impl Item {
    /// The bytes of its bodies or lines.
    pub fn byte_len(&self) -> usize {
        match self {
            Self::Entry(entry) => entry.as_ref().as_ref().map_or(0, bodies_len),
            Self::Block(block) => block.byte_len(),
            Self::Entries(block) => block.byte_len(),
        }
    }

    /// The number of entries.
    pub fn entries(&self) -> usize {
        match self {
            Self::Entry(_) => 1,
            Self::Block(block) => block.entries(),
            Self::Entries(block) => block.entries().len(),
        }
    }

    /// Its end in the source, if known.
    pub fn end(&self) -> Option<u64> {
        match self {
            Self::Entry(entry) => entry.as_ref().as_ref().ok().map(|exchange| exchange.origin.bytes.end),
            Self::Block(block) => Some(block.end()),
            Self::Entries(block) => block.end(),
        }
    }
}

fn bodies_len(exchange: &Exchange) -> usize {
    let bodies = [exchange.request.as_ref().map(Request::body), exchange.response.as_ref().map(Response::body)];
    bodies.into_iter().flatten().filter_map(Body::bytes).map(<[u8]>::len).sum()
}

/// A bare body without a source.
pub fn bare(bytes: Vec<u8>) -> Exchange {
    let start = charter_json::Position { byte: 0, line: 1, column: 1 };
    format::bare(format::Document { bytes, start }, &"".into(), 0)
}

/// The result of reading a source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SourceSummary {
    /// Entries delivered, malformed ones included.
    pub entries: usize,
    /// The digest of the source's bytes, compressed if the source is: SHA-256 of at most [`DIGEST_BLOCK`] bytes, else BLAKE3. `None` if the sink stopped before the end.
    pub digest: Option<String>,
    /// The digests of the blocks of a range; `None` for a whole source, or if the sink stopped before the end.
    pub blocks: Option<Vec<BlockDigest>>,
    /// Bytes delivered, decompressed.
    pub bytes: u64,
    /// Parts that are not exchanges, by kind, such as the messages of a WebSocket. They are not delivered.
    pub skipped: Vec<(&'static str, u64)>,
}

/// Parses one line of a recording.
pub fn read_line(bytes: Vec<u8>, start: charter_json::Position, source: &std::sync::Arc<str>, index: usize) -> Entry {
    format::read(format::Document { bytes, start }, source, index)
}

/// Whether a line of a recording is a bare body, if it is JSON.
pub fn is_bare_body(line: &[u8]) -> bool {
    format::are_bare(line)
}

/// Reads a source and passes every entry to the sink until the sink breaks.
///
/// # Errors
/// The source cannot be opened or read to its end, or has no exchange. The entries before the error have been delivered.
pub fn read(source: &Source, limits: &Limits, sink: &mut dyn FnMut(Entry) -> ControlFlow<()>) -> Result<SourceSummary, ReadError> {
    read_known(source, limits, &Forms::default(), sink)
}

/// The forms of sources that depend on the contract.
#[derive(Clone, Copy, Debug)]
pub struct Forms<'c> {
    /// Whether JSON documents without a format are bodies.
    pub accepts_bare: bool,
    /// The columns of logs.
    pub columns: Option<&'c TrafficColumns>,
}

impl Default for Forms<'_> {
    /// Bodies, and no logs.
    fn default() -> Self {
        Self { accepts_bare: true, columns: None }
    }
}

/// Like [`read()`], with these forms.
///
/// # Errors
/// As [`read()`], and [`ReadError::UnknownForm`] for refused documents.
pub fn read_known(
    source: &Source,
    limits: &Limits,
    forms: &Forms<'_>,
    sink: &mut dyn FnMut(Entry) -> ControlFlow<()>,
) -> Result<SourceSummary, ReadError> {
    let name = source.name();
    let reading = Reading::open_with_columns(source, limits, forms.columns)?;
    if let Some(bare) = reading.bare().filter(|_| !forms.accepts_bare) {
        return Err(bare.unknown_form());
    }
    reading.items(&mut |item| match item {
        Item::Entry(entry) => sink(*entry),
        Item::Block(block) => block.lines().try_for_each(|line| sink(line.entry(&name))),
        Item::Entries(block) => block.entries().try_for_each(|entry| sink(entry.entry(&name))),
    })
}
