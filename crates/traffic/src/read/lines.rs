//! JSON documents: one on each line, or a single one. The first two lines decide.

use std::collections::VecDeque;
use std::io::BufRead;
use std::sync::Arc;

use charter_json::Position;
use serde::de::IgnoredAny;

use super::block::{Archive, Block, LineStart, Spare, too_long};
use super::decode::Decoded;
use super::format::{self, Document};
use super::{Entry, Item, Limits, ReadError};

/// One line: its range, and its bytes with the line break; `None` if it exceeds the size limit.
struct Line {
    start: u64,
    end: u64,
    bytes: Option<Vec<u8>>,
}

impl Line {
    fn is_blank(&self) -> bool {
        self.bytes.as_ref().is_some_and(|bytes| bytes.trim_ascii().is_empty())
    }

    fn is_whole_object(&self) -> bool {
        self.bytes.as_ref().is_some_and(|bytes| bytes.trim_ascii().starts_with(b"{") && is_json(bytes))
    }

    fn is_opening_bracket(&self) -> bool {
        self.bytes.as_ref().is_some_and(|bytes| bytes.trim_ascii() == b"[")
    }
}

/// Whether a text is JSON. Strict JSON is not required.
fn is_json(bytes: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(bytes).is_ok()
}

/// The content, detected from the first lines.
pub(super) enum Content {
    /// No line.
    Nothing(Decoded),
    /// One document on each line.
    Archive(Archive),
    /// A single document, which has been read.
    Document(Decoded, Box<Entry>),
}

/// Detects whether a source is an archive of lines or a document, and reads the document.
pub(super) fn open(mut decoded: Decoded, source: &Arc<str>, limits: &Limits) -> Result<Content, ReadError> {
    let mut lines = Lines { byte: decoded.skipped, decoded: &mut decoded, limit: limits.max_body };
    let mut head: Vec<Line> = Vec::new();
    // Blank lines are part of `head`: a document is reassembled from its lines.
    while head.iter().filter(|line| !line.is_blank()).count() < 2 {
        match lines.next()? {
            Some(line) => head.push(line),
            None => break,
        }
    }
    let texts: Vec<&Line> = head.iter().filter(|line| !line.is_blank()).collect();
    let archive = match texts.as_slice() {
        [] => return Ok(Content::Nothing(decoded)),
        [_] => false,
        [first, second, ..] => !first.is_opening_bracket() && (first.is_whole_object() || second.is_whole_object()),
    };
    if archive {
        return Ok(Content::Archive(archive_of(head, decoded, limits)));
    }
    let entry = document(head, &mut lines, source)?;
    Ok(Content::Document(decoded, Box::new(entry)))
}

fn archive_of(head: Vec<Line>, decoded: Decoded, limits: &Limits) -> Archive {
    let mut line_start = LineStart { byte: decoded.skipped, line: 1, index: 0 };
    let mut items = VecDeque::new();
    for line in head {
        let length = line.end - line.start;
        match line.bytes {
            Some(bytes) => items.extend(Block::of(bytes, &mut line_start, limits.max_body, &Spare::default()).map(Item::Block)),
            None => {
                items.push_back(Item::Entry(Box::new(Err(too_long(&line_start, limits.max_body)))));
                line_start = LineStart { byte: line_start.byte + length, line: line_start.line + 1, index: line_start.index + 1 };
            }
        }
    }
    Archive::new(decoded, line_start, limits.max_body, items)
}

fn document(head: Vec<Line>, lines: &mut Lines<'_>, source: &Arc<str>) -> Result<Entry, ReadError> {
    let start = Position { byte: head.first().map_or(0, |line| line.start as usize), line: 1, column: 1 };
    let limit = lines.limit;
    let too_large = || ReadError::Limit(format!("the document is larger than {limit} bytes"));
    let mut bytes = Vec::new();
    for line in head {
        bytes.extend(line.bytes.ok_or_else(too_large)?);
    }
    while let Some(line) = lines.next()? {
        bytes.extend(line.bytes.ok_or_else(too_large)?);
        if bytes.len() as u64 > limit {
            return Err(too_large());
        }
    }
    if !is_json(&bytes) {
        let error = charter_json::parse(&bytes).err();
        let (message, position) = error.map_or_else(|| ("not JSON".to_owned(), start), |error| (error.message, error.position));
        return Err(ReadError::Malformed { message, position });
    }
    Ok(format::read_json(Document { bytes, start }, source, 0))
}

/// The lines of a source. A line in memory never exceeds the size limit.
struct Lines<'d> {
    decoded: &'d mut Decoded,
    byte: u64,
    limit: u64,
}

impl Lines<'_> {
    fn next(&mut self) -> Result<Option<Line>, ReadError> {
        let start = self.byte;
        let (mut bytes, mut too_long) = (Vec::new(), false);
        loop {
            let available = self.decoded.fill_buf().map_err(ReadError::from_io)?;
            if available.is_empty() {
                break;
            }
            let end = memchr::memchr(b'\n', available);
            let taken = end.map_or(available.len(), |at| at + 1);
            if bytes.len() as u64 + taken as u64 > self.limit {
                too_long = true;
                bytes = Vec::new();
            }
            if !too_long {
                bytes.extend_from_slice(&available[..taken]);
            }
            self.decoded.consume(taken);
            self.byte += taken as u64;
            if end.is_some() {
                break;
            }
        }
        if self.byte == start {
            return Ok(None);
        }
        Ok(Some(Line { start, end: self.byte, bytes: (!too_long).then_some(bytes) }))
    }
}
