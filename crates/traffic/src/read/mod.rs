//! Sources to exchanges, streamed: what a source is, is told by its content and not by its name.
//!
//! | content | exchanges |
//! |---|---|
//! | gzip, zstd | what they hold |
//! | an object that begins with `log` | the entries of a HAR |
//! | JSON objects, one a line | our own recording (`format: charter-exchange/1`) or bare bodies |
//! | any other JSON document | one bare body |
//!
//! One exchange is held at a time. What is wrong with one entry is told, and the others are read.

mod ahead;
mod block;
mod decode;
mod error;
pub(crate) mod format;
mod lines;
mod open;
mod source;

use std::ops::ControlFlow;

pub use error::{EntryError, ReadError};
pub(crate) use format::has_no_body_by_default;
pub use format::{FORMAT, MARK, RECORDING_SCHEMA};
pub use source::{Source, sources};

use crate::exchange::{Body, Exchange, Request, Response};
pub use ahead::read_ahead;
pub use block::{Archive, Block, Line};
pub use decode::{Compression, Decoded};
pub use open::Reading;

/// What reading may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes that one line, document or HAR entry may have, decompressed.
    pub max_body: u64,
    /// How many times larger the content may be than its compressed form, once it is larger than 16 MiB.
    pub max_ratio: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_body: 64 << 20, max_ratio: 200 }
    }
}

/// An exchange, or why an entry is none.
pub type Entry = Result<Exchange, EntryError>;

/// An entry, or lines that have still to be read as entries.
pub enum Item {
    /// Read.
    Entry(Box<Entry>),
    /// Lines of an archive.
    Block(Block),
}

impl Item {
    /// Bytes that it takes, bodies alone.
    pub fn byte_len(&self) -> usize {
        match self {
            Self::Entry(entry) => entry.as_ref().as_ref().map_or(0, bodies_len),
            Self::Block(block) => block.byte_len(),
        }
    }

    /// Entries that it stands for.
    pub fn entries(&self) -> usize {
        match self {
            Self::Entry(_) => 1,
            Self::Block(block) => block.entries(),
        }
    }

    /// Where it ends in its source, where that is known.
    pub fn end(&self) -> Option<u64> {
        match self {
            Self::Entry(entry) => entry.as_ref().as_ref().ok().map(|exchange| exchange.origin.bytes.end),
            Self::Block(block) => Some(block.end()),
        }
    }
}

fn bodies_len(exchange: &Exchange) -> usize {
    let bodies = [exchange.request.as_ref().map(Request::body), exchange.response.as_ref().map(Response::body)];
    bodies.into_iter().flatten().filter_map(Body::bytes).map(<[u8]>::len).sum()
}

/// A body of which nothing else is known, from nowhere.
pub fn bare(bytes: Vec<u8>) -> Exchange {
    let start = charter_json::Position { byte: 0, line: 1, column: 1 };
    format::bare(format::Document { bytes, start }, &"".into(), 0)
}

/// What a source came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceSummary {
    /// Entries delivered, malformed ones included.
    pub entries: usize,
    /// The SHA-256 of the source's bytes as they are; `None` where the sink stopped before the end.
    pub digest: Option<String>,
    /// Bytes delivered, decompressed.
    pub bytes: u64,
}

/// The entry that one line of a recording stands for.
pub fn read_line(bytes: Vec<u8>, start: charter_json::Position, source: &std::sync::Arc<str>, index: usize) -> Entry {
    format::read(format::Document { bytes, start }, source, index)
}

/// Reads a source and hands every entry to the sink, until the sink breaks off.
///
/// # Errors
/// The source cannot be opened or read on, or nothing in it is an exchange. Entries before that have been delivered.
pub fn read(source: &Source, limits: &Limits, sink: &mut dyn FnMut(Entry) -> ControlFlow<()>) -> Result<SourceSummary, ReadError> {
    let name = source.name();
    Reading::open(source, limits)?.items(&mut |item| match item {
        Item::Entry(entry) => sink(*entry),
        Item::Block(block) => block.lines().try_for_each(|line| sink(line.entry(&name))),
    })
}
