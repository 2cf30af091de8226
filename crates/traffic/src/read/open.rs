//! An open source, whose content is detected.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::Arc;

use charter_contract::TrafficColumns;

use super::decode::{Compression, Decoded};
#[cfg(feature = "parquet")]
use super::format::RowGroups;
use super::format::{self, Stream};
use super::lines::{self, Content, Trees};
use super::{Archive, Block, Entry, Item, Limits, ReadError, Source, SourceSummary};
use crate::exchange::Exchange;

/// A source at its beginning.
pub enum Reading {
    /// Lines, delivered in blocks that other threads may parse.
    Archive(Archive),
    /// Any other content.
    Other(Other),
}

/// Content that is delivered entry by entry.
pub struct Other {
    source: Arc<str>,
    limits: Limits,
    decoded: Decoded,
    content: OtherContent,
}

enum OtherContent {
    /// A format that streams its entries.
    Stream(Stream),
    /// A document of several exchanges on each line.
    Trees(Box<Trees>),
    /// Rows of a Parquet file with these columns.
    #[cfg(feature = "parquet")]
    Parquet(Box<(Source, TrafficColumns)>),
    /// Rows of row groups.
    #[cfg(feature = "parquet")]
    RowGroups(Box<RowGroups>),
    /// Documents, which have been read; none in an empty source.
    Documents(VecDeque<Entry>),
}

/// The content of a source whose JSON documents have no known format. They may be the bodies of responses.
#[derive(Clone, Debug)]
pub struct Bare<'r> {
    first: Cow<'r, Exchange>,
}

impl Bare<'_> {
    fn document(&self) -> &[u8] {
        self.first.bare_body().unwrap_or_default()
    }

    /// Whether the first document is an object or an array.
    pub fn is_structured(&self) -> bool {
        matches!(self.document().trim_ascii_start().first(), Some(b'{' | b'['))
    }

    /// The error if the documents are not bodies: no operation is known that they are responses of.
    pub fn unknown_form(&self) -> ReadError {
        let nearest = match format::nearest(self.document()) {
            Some((name, Some(remedy))) => format!("it resembles {name}: {remedy}"),
            Some((name, None)) => format!("it resembles {name}, but lacks a part of this form"),
            None => "no known form has its members".to_owned(),
        };
        ReadError::UnknownForm(format!(
            "the form of this JSON document is not known: {nearest}; if it is the body of a response, name the operation with --operation ID, or with \
             `operation` under [check] in charter.toml"
        ))
    }
}

impl Reading {
    /// Opens a source.
    ///
    /// # Errors
    /// The source cannot be opened or read, or is one document that is not JSON.
    pub fn open(source: &Source, limits: &Limits) -> Result<Self, ReadError> {
        Self::open_with_columns(source, limits, None)
    }

    /// Opens a source that may be a log with these columns.
    ///
    /// # Errors
    /// As [`Reading::open`].
    pub fn open_with_columns(source: &Source, limits: &Limits, columns: Option<&TrafficColumns>) -> Result<Self, ReadError> {
        let decoded = Decoded::open(source, limits)?;
        #[cfg(feature = "parquet")]
        let parquet = columns
            .filter(|_| format::has_parquet_mark(decoded.beginning()))
            .map(|columns| OtherContent::Parquet(Box::new((source.clone(), columns.clone()))));
        let source = source.name();
        let other = |decoded, content| Self::Other(Other { source: source.clone(), limits: *limits, decoded, content });
        if let Some(stream) = format::detect(decoded.beginning()) {
            return Ok(other(decoded, OtherContent::Stream(stream)));
        }
        if format::has_parquet_mark(decoded.beginning()) {
            #[cfg(feature = "parquet")]
            if let Some(content) = parquet {
                return Ok(other(decoded, content));
            }
            return Err(ReadError::UnknownForm(format::unknown_text(decoded.beginning())));
        }
        Ok(match lines::open(decoded, &source, limits, columns)? {
            Content::Archive(archive) => Self::Archive(archive),
            Content::Trees(decoded, trees) => other(decoded, OtherContent::Trees(Box::new(trees))),
            Content::Nothing(decoded) => other(decoded, OtherContent::Documents(VecDeque::new())),
            Content::Documents(decoded, entries) => other(decoded, OtherContent::Documents(entries)),
        })
    }

    /// Whether the source consists of JSON documents without a known format. Its first entry that is not malformed decides.
    pub fn bare(&self) -> Option<Bare<'_>> {
        let first = match self {
            Self::Archive(archive) => archive.head().next().map(Cow::Owned),
            Self::Other(Other { content: OtherContent::Documents(entries), .. }) => {
                entries.iter().find_map(|entry| entry.as_ref().ok()).map(Cow::Borrowed)
            }
            Self::Other(_) => None,
        };
        first.filter(|exchange| exchange.bare).map(|first| Bare { first })
    }

    /// Whether the source is compressed.
    pub fn is_compressed(&self) -> bool {
        match self {
            Self::Archive(archive) => archive.is_compressed(),
            Self::Other(other) => other.decoded.is_compressed(),
        }
    }

    /// The row groups of a Parquet file that is not compressed as a whole; `None` for other content, or if they do not follow each other.
    #[cfg(feature = "parquet")]
    pub(super) fn row_groups(self) -> Result<Option<RowGroups>, ReadError> {
        match self {
            Self::Other(Other { content: OtherContent::Parquet(content), decoded, .. }) if !decoded.is_compressed() => {
                RowGroups::open(&content.0, content.1)
            }
            _ => Ok(None),
        }
    }

    /// Row groups, whose bytes `decoded` hashes.
    #[cfg(feature = "parquet")]
    pub(super) fn of_row_groups(source: &Source, limits: &Limits, decoded: Decoded, groups: RowGroups) -> Self {
        Self::Other(Other { source: source.name(), limits: *limits, decoded, content: OtherContent::RowGroups(Box::new(groups)) })
    }

    /// Passes every item to the sink until the sink breaks.
    ///
    /// # Errors
    /// The source cannot be read to its end. The items before the error have been delivered.
    pub fn items(self, sink: &mut dyn FnMut(Item) -> ControlFlow<()>) -> Result<SourceSummary, ReadError> {
        let mut entries = 0;
        let mut counting = |item: Item| {
            entries += item.entries();
            sink(item)
        };
        let (flow, decoded) = match self {
            Self::Archive(mut archive) => {
                let mut flow = ControlFlow::Continue(());
                while flow.is_continue()
                    && let Some(item) = archive.next_item()?
                {
                    flow = counting(item);
                }
                (flow, archive.decoded)
            }
            Self::Other(Other { source, limits, mut decoded, content }) => {
                let flow = match content {
                    OtherContent::Stream(stream) => (stream.read)(&mut decoded, &source, &limits, &mut counting)?,
                    OtherContent::Trees(trees) => {
                        trees.read(&mut decoded, &source, &limits, &mut |entry| counting(Item::Entry(Box::new(entry))))?
                    }
                    #[cfg(feature = "parquet")]
                    OtherContent::Parquet(rows) => {
                        let (source, columns) = *rows;
                        format::read_parquet(&source, &mut decoded, &columns, &mut |entry| counting(Item::Entry(Box::new(entry))))?
                    }
                    #[cfg(feature = "parquet")]
                    OtherContent::RowGroups(groups) => groups.read(&mut decoded, &mut |entry| counting(Item::Entry(Box::new(entry))))?,
                    OtherContent::Documents(entries) => entries.into_iter().try_for_each(|entry| counting(Item::Entry(Box::new(entry)))),
                };
                (flow, decoded)
            }
        };
        decoded.summary(entries, flow)
    }
}

impl Archive {
    /// The exchanges of the first lines.
    fn head(&self) -> impl Iterator<Item = Exchange> {
        let source: Arc<str> = "".into();
        self.ready_blocks().flat_map(Block::lines).filter_map(move |line| line.entry(&source).ok())
    }

    /// Whether the source is compressed.
    pub fn is_compressed(&self) -> bool {
        self.decoded.is_compressed()
    }

    /// The summary, with the digest if the source was read to its end.
    ///
    /// # Errors
    /// The rest of the source cannot be read.
    pub fn summary(self, entries: usize, flow: ControlFlow<()>) -> Result<SourceSummary, ReadError> {
        self.decoded.summary(entries, flow)
    }
}

impl Decoded {
    fn is_compressed(&self) -> bool {
        self.compression != Compression::None
    }

    fn summary(mut self, entries: usize, flow: ControlFlow<()>) -> Result<SourceSummary, ReadError> {
        let (digest, blocks) = match flow {
            ControlFlow::Continue(()) => {
                let hasher = self.finish()?;
                (hasher.digest(), hasher.blocks())
            }
            ControlFlow::Break(()) => (None, None),
        };
        Ok(SourceSummary { entries, digest, blocks, bytes: self.bytes(), skipped: self.skipped_parts.into_list() })
    }
}
