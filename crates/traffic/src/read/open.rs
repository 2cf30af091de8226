//! An open source, whose content is detected.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::decode::{Compression, Decoded};
use super::format::{self, Stream};
use super::lines::{self, Content};
use super::{Archive, Entry, Item, Limits, ReadError, Source, SourceSummary};

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
    /// One document, which has been read; none in an empty source.
    Document(Option<Box<Entry>>),
}

impl Reading {
    /// Opens a source.
    ///
    /// # Errors
    /// The source cannot be opened or read, or is one document that is not JSON.
    pub fn open(source: &Source, limits: &Limits) -> Result<Self, ReadError> {
        let (decoded, source) = (Decoded::open(source, limits)?, source.name());
        let other = |decoded, content| Self::Other(Other { source: source.clone(), limits: *limits, decoded, content });
        if let Some(stream) = format::detect(decoded.beginning()) {
            return Ok(other(decoded, OtherContent::Stream(stream)));
        }
        Ok(match lines::open(decoded, &source, limits)? {
            Content::Archive(archive) => Self::Archive(archive),
            Content::Nothing(decoded) => other(decoded, OtherContent::Document(None)),
            Content::Document(decoded, entry) => other(decoded, OtherContent::Document(Some(entry))),
        })
    }

    /// Whether the source is compressed.
    pub fn is_compressed(&self) -> bool {
        match self {
            Self::Archive(archive) => archive.is_compressed(),
            Self::Other(other) => other.decoded.is_compressed(),
        }
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
                    OtherContent::Stream(stream) => {
                        (stream.read)(&mut decoded, &source, &limits, &mut |entry| counting(Item::Entry(Box::new(entry))))?
                    }
                    OtherContent::Document(None) => ControlFlow::Continue(()),
                    OtherContent::Document(Some(entry)) => counting(Item::Entry(entry)),
                };
                (flow, decoded)
            }
        };
        decoded.summary(entries, flow)
    }
}

impl Archive {
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
        let digest = if flow.is_continue() { Some(self.finish()?) } else { None };
        Ok(SourceSummary { entries, digest, bytes: self.bytes() })
    }
}
