//! Documents: one on each line, or a single one. The first two lines decide.

use std::collections::VecDeque;
use std::io::BufRead;
use std::ops::ControlFlow;
use std::sync::Arc;

use charter_contract::TrafficColumns;
use serde::de::IgnoredAny;

use super::block::{Archive, Block, LineStart, Spare, cut_off, too_long};
use super::decode::{Decoded, Skipped};
use super::format::{self, Document};
use super::{Entry, Item, Limits, ReadError};

/// One line, or blank lines in a row.
struct Line {
    start: LineStart,
    length: u64,
    /// The bytes with the line breaks; `None` if they exceed the size limit.
    bytes: Option<Vec<u8>>,
    is_blank: bool,
}

impl Line {
    fn is_whole_object(&self) -> bool {
        self.bytes.as_ref().is_some_and(|bytes| bytes.trim_ascii().starts_with(b"{") && is_json(bytes))
    }

    fn is_opening_bracket(&self) -> bool {
        self.bytes.as_ref().is_some_and(|bytes| bytes.trim_ascii() == b"[")
    }

    /// Appends a blank line to blank lines.
    fn append(&mut self, line: Self, limit: u64) {
        self.length += line.length;
        self.bytes = self.bytes.take().filter(|_| self.length <= limit);
        if let (Some(bytes), Some(more)) = (&mut self.bytes, line.bytes) {
            bytes.extend(more);
        }
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
    /// A document of several exchanges on each line.
    Trees(Decoded, Trees),
    /// Documents, which have been read.
    Documents(Decoded, VecDeque<Entry>),
}

/// Detects whether a source is an archive of lines or a document, and reads the document.
pub(super) fn open(
    mut decoded: Decoded,
    source: &Arc<str>,
    limits: &Limits,
    columns: Option<&TrafficColumns>,
) -> Result<Content, ReadError> {
    let start = LineStart { byte: decoded.skipped, line: 1, index: 0 };
    let mut lines = Lines { next: start, decoded: &mut decoded, limit: limits.max_body };
    let Some(first) = lines.next_text()? else { return Ok(Content::Nothing(decoded)) };
    let start = first.start;
    let mut head = vec![first];
    // Blank lines are part of the head: a document is reassembled from its lines.
    while head.iter().filter(|line| !line.is_blank).count() < 2 {
        match lines.next()? {
            Some(line) => match head.last_mut() {
                Some(last) if last.is_blank && line.is_blank => last.append(line, limits.max_body),
                _ => head.push(line),
            },
            None => break,
        }
    }
    let mut texts = head.iter().filter(|line| !line.is_blank);
    let is_archive = match (texts.next(), texts.next()) {
        (Some(first), Some(second)) => !first.is_opening_bracket() && (first.is_whole_object() || second.is_whole_object()),
        _ => false,
    };
    let is_tree = |line: &Line| line.bytes.as_ref().is_some_and(|bytes| format::is_tree(bytes));
    let first = head.iter().find(|line| !line.is_blank).filter(|_| is_archive);
    let next = lines.next;
    if first.is_some_and(is_tree) {
        return Ok(Content::Trees(decoded, Trees { head, next, columns: None }));
    }
    if let (Some(columns), Some(bytes)) = (columns, first.and_then(|line| line.bytes.as_ref()))
        && format::read_rows(columns, bytes, start.position(), source, 0).is_some()
    {
        return Ok(Content::Trees(decoded, Trees { head, next, columns: Some(columns.clone()) }));
    }
    if is_archive {
        return Ok(Content::Archive(archive_of(head, start, decoded, limits)));
    }
    let document = document(head, start, &mut lines)?;
    let entries = format::read_documents(document, source, columns, &mut decoded.skipped_parts)?;
    Ok(Content::Documents(decoded, entries.into()))
}

/// Lines that are documents of several exchanges each.
pub(super) struct Trees {
    head: Vec<Line>,
    next: LineStart,
    /// The columns, if the lines are rows of a log.
    columns: Option<TrafficColumns>,
}

impl Trees {
    pub(super) fn read(
        self,
        decoded: &mut Decoded,
        source: &Arc<str>,
        limits: &Limits,
        sink: &mut dyn FnMut(Entry) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, ReadError> {
        let (mut skipped, mut index) = (Skipped::default(), 0);
        let mut head = self.head.into_iter();
        let mut lines = Lines { decoded, next: self.next, limit: limits.max_body };
        while let Some(line) = head.next().map_or_else(|| lines.next(), |line| Ok(Some(line)))? {
            if line.is_blank {
                continue;
            }
            let start = LineStart { index, ..line.start };
            let entries = match line.bytes {
                None => vec![Err(too_long(&start, limits.max_body))],
                Some(bytes) => match read_tree(self.columns.as_ref(), &bytes, start, source, &mut skipped) {
                    Some(entries) => entries,
                    None => vec![format::read(Document { bytes, start: start.position() }, source, index)],
                },
            };
            index += entries.len();
            if entries.into_iter().try_for_each(&mut *sink).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        decoded.skipped_parts = skipped;
        Ok(ControlFlow::Continue(()))
    }
}

fn read_tree(
    columns: Option<&TrafficColumns>,
    line: &[u8],
    start: LineStart,
    source: &Arc<str>,
    skipped: &mut Skipped,
) -> Option<Vec<Entry>> {
    if let Some(columns) = columns {
        return format::read_rows(columns, line, start.position(), source, start.index);
    }
    let text = std::str::from_utf8(line).ok()?;
    format::read_any_tree(text, start.position(), source, start.index, skipped)
}

fn archive_of(head: Vec<Line>, start: LineStart, decoded: Decoded, limits: &Limits) -> Archive {
    let mut line_start = start;
    let (mut items, mut failure) = (VecDeque::new(), None);
    for line in head {
        // A line without a line break is the last one.
        let last = line.bytes.as_ref().filter(|bytes| !bytes.ends_with(b"\n"));
        if let Some(error) = last.and_then(|bytes| cut_off(bytes, &line_start)) {
            failure = Some(error);
            break;
        }
        match line.bytes {
            Some(bytes) => items.extend(Block::of(bytes, &mut line_start, limits.max_body, &Spare::default()).map(Item::Block)),
            None => {
                items.push_back(Item::Entry(Box::new(Err(too_long(&line_start, limits.max_body)))));
                line_start = LineStart { byte: line_start.byte + line.length, line: line_start.line + 1, index: line_start.index + 1 };
            }
        }
    }
    Archive::new(decoded, line_start, limits.max_body, items).with_failure(failure)
}

fn document(head: Vec<Line>, start: LineStart, lines: &mut Lines<'_>) -> Result<Document, ReadError> {
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
    Ok(Document { bytes, start: start.position() })
}

/// The lines of a source. A line in memory never exceeds the size limit.
struct Lines<'d> {
    decoded: &'d mut Decoded,
    next: LineStart,
    limit: u64,
}

impl Lines<'_> {
    /// The next line that is not blank.
    fn next_text(&mut self) -> Result<Option<Line>, ReadError> {
        let mut blank = 0;
        while let Some(line) = self.next()? {
            if !line.is_blank {
                return Ok(Some(line));
            }
            blank += line.length;
            let limit = self.limit.max(1 << 20);
            if blank > limit {
                return Err(ReadError::Limit(format!("the source begins with more than {limit} bytes of blank lines")));
            }
        }
        Ok(None)
    }

    fn next(&mut self) -> Result<Option<Line>, ReadError> {
        let start = self.next;
        let (mut bytes, mut length) = (Some(Vec::new()), 0);
        loop {
            let available = self.decoded.fill_buf().map_err(ReadError::from_io)?;
            if available.is_empty() {
                break;
            }
            let end = memchr::memchr(b'\n', available);
            let taken = end.map_or(available.len(), |at| at + 1);
            length += taken as u64;
            bytes = bytes.filter(|_| length <= self.limit);
            if let Some(bytes) = &mut bytes {
                bytes.extend_from_slice(&available[..taken]);
            }
            self.decoded.consume(taken);
            if end.is_some() {
                break;
            }
            if length > endless(self.limit) {
                return Err(ReadError::Limit(format!("a line is longer than {} bytes", endless(self.limit))));
            }
        }
        if length == 0 {
            return Ok(None);
        }
        self.next = LineStart { byte: start.byte + length, line: start.line + 1, index: 0 };
        let is_blank = bytes.as_ref().is_some_and(|bytes| bytes.trim_ascii().is_empty());
        Ok(Some(Line { start, length, bytes, is_blank }))
    }
}

/// The length from which a line counts as endless, such as that of `/dev/zero`. Shorter lines above the size limit are passed over.
pub(super) fn endless(limit: u64) -> u64 {
    limit.saturating_mul(16).max(64 << 20)
}
