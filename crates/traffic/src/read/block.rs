//! An archive of lines, in blocks of whole lines that another thread can parse.

use std::collections::VecDeque;
use std::io::{BufRead, ErrorKind, Read};
use std::sync::{Arc, Mutex, PoisonError};

use charter_json::Position;
use serde::de::IgnoredAny;

use super::decode::Decoded;
use super::format::{self, Document};
use super::lines::endless;
use super::{Entry, EntryError, Item, ReadError};
use crate::exchange::Origin;

/// Bytes per block: small enough to be in the processor's cache when the block is checked.
const BLOCK: usize = 128 << 10;

/// Whole lines of an archive.
pub struct Block {
    bytes: Vec<u8>,
    /// Its beginning in the source.
    start: LineStart,
    entries: usize,
    /// The maximum length of a line.
    limit: u64,
    spare: Spare,
}

/// A position in an archive, at the beginning of a line.
#[derive(Clone, Copy)]
pub(super) struct LineStart {
    pub(super) byte: u64,
    pub(super) line: usize,
    /// The number of entries before it.
    pub(super) index: usize,
}

/// A line that is not blank, without its line break.
pub struct Line<'b> {
    bytes: &'b [u8],
    line_start: LineStart,
    limit: u64,
    is_too_long: bool,
}

impl LineStart {
    pub(super) fn position(&self) -> Position {
        Position { byte: self.byte as usize, line: self.line, column: 1 }
    }
}

impl Block {
    /// Whole lines; `None` if all are blank. Advances `line_start` past them.
    pub(super) fn of(bytes: Vec<u8>, line_start: &mut LineStart, limit: u64, spare: &Spare) -> Option<Self> {
        let (mut lines, mut entries, mut from) = (0, 0, 0);
        for at in memchr::memchr_iter(b'\n', &bytes) {
            entries += usize::from(!is_blank(&bytes[from..at]));
            lines += 1;
            from = at + 1;
        }
        entries += usize::from(!is_blank(&bytes[from..]));
        let start = *line_start;
        *line_start = LineStart { byte: start.byte + bytes.len() as u64, line: start.line + lines, index: start.index + entries };
        let block = Self { bytes, start, entries, limit, spare: spare.clone() };
        // Dropping a block of blank lines returns its buffer.
        (entries > 0).then_some(block)
    }

    /// The lines of a recording that is being written, from a position and an index on; `None` if all are blank.
    pub(crate) fn of_lines(bytes: Vec<u8>, start: Position, index: usize) -> Option<Self> {
        let mut start = LineStart { byte: start.byte as u64, line: start.line, index };
        Self::of(bytes, &mut start, u64::MAX, &Spare::default())
    }

    /// The lines that are not blank.
    pub fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        let ends = memchr::memchr_iter(b'\n', &self.bytes).map(|at| at + 1).chain(std::iter::once(self.bytes.len()));
        let (mut from, mut index) = (0, self.start.index);
        ends.enumerate().filter_map(move |(number, end)| {
            let (line, at) = (&self.bytes[from..end], from);
            from = end;
            if is_blank(line) {
                return None;
            }
            index += 1;
            Some(Line {
                // Without its line break, an error at the end of a truncated line has the position of that line.
                bytes: line.trim_ascii_end(),
                line_start: LineStart { byte: self.start.byte + at as u64, line: self.start.line + number, index: index - 1 },
                limit: self.limit,
                is_too_long: line.len() as u64 > self.limit,
            })
        })
    }

    /// Whether every line is a bare body, if it is JSON.
    pub fn is_bare(&self) -> bool {
        format::are_bare(&self.bytes)
    }

    /// The number of lines that are not blank.
    pub fn entries(&self) -> usize {
        self.entries
    }

    /// Its end in the source.
    pub fn end(&self) -> u64 {
        self.start.byte + self.bytes.len() as u64
    }

    /// Its length in bytes.
    pub fn byte_len(&self) -> usize {
        self.bytes.len()
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        self.spare.give(std::mem::take(&mut self.bytes));
    }
}

/// Buffers for reuse: memory that one thread allocates and another frees costs both time.
#[derive(Clone, Default)]
pub(super) struct Spare(Arc<Mutex<Vec<Vec<u8>>>>);

impl Spare {
    fn take(&self) -> Vec<u8> {
        let spare = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        spare.unwrap_or_else(|| Vec::with_capacity(BLOCK))
    }

    fn give(&self, mut bytes: Vec<u8>) {
        // Buffers of long lines are freed.
        if (BLOCK..2 * BLOCK).contains(&bytes.capacity()) {
            bytes.clear();
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(bytes);
        }
    }
}

impl Line<'_> {
    /// Its bytes. `None` if it exceeds the size limit.
    pub fn bytes(&self) -> Option<&[u8]> {
        (!self.is_too_long).then_some(self.bytes)
    }

    /// The index of the entry in its source.
    pub fn index(&self) -> usize {
        self.line_start.index
    }

    /// Its location in its source.
    pub fn origin(&self, source: &Arc<str>) -> Origin {
        let LineStart { byte, line, index } = self.line_start;
        Origin { source: source.clone(), index, line: Some(line), column: Some(1), bytes: byte..byte + self.bytes.len() as u64 }
    }

    /// Parses the line.
    pub fn entry(&self, source: &Arc<str>) -> Entry {
        match self.bytes() {
            Some(bytes) => {
                format::read(Document { bytes: bytes.to_vec(), start: self.line_start.position() }, source, self.line_start.index)
            }
            None => Err(too_long(&self.line_start, self.limit)),
        }
    }
}

fn is_blank(line: &[u8]) -> bool {
    line.first().is_none_or(|first| first.is_ascii_whitespace() && line.trim_ascii().is_empty())
}

/// The error for a line that exceeds the size limit.
pub(super) fn too_long(line_start: &LineStart, limit: u64) -> EntryError {
    EntryError {
        message: format!("the line is longer than {limit} bytes"),
        remedy: Some("raise --max-body if the source can be trusted"),
        position: line_start.position(),
        index: line_start.index,
        line: Some(line_start.line),
    }
}

/// An open archive, read block by block.
pub struct Archive {
    pub(super) decoded: Decoded,
    line_start: LineStart,
    limit: u64,
    spare: Spare,
    /// Items that are read and not yet delivered.
    ready: VecDeque<Item>,
    /// The first bytes of the next block.
    bytes: Vec<u8>,
    /// Bytes of blank lines since the last block.
    blank: u64,
    /// The error that ends the archive, to be returned after the items before it.
    failure: Option<ReadError>,
    is_over: bool,
}

impl Archive {
    /// An archive whose first lines have been read.
    pub(super) fn new(decoded: Decoded, line_start: LineStart, limit: u64, ready: VecDeque<Item>) -> Self {
        let spare = Spare::default();
        let bytes = spare.take();
        Self { decoded, line_start, limit, spare, ready, bytes, blank: 0, failure: None, is_over: false }
    }

    /// The same archive, whose lines so far are followed by an error.
    pub(super) fn with_failure(self, failure: Option<ReadError>) -> Self {
        Self { failure, ..self }
    }

    /// The number of lines so far that end with a line break.
    pub(super) fn lines_read(&self) -> usize {
        self.line_start.line - 1
    }

    /// The number of bytes before the next line.
    pub(super) fn bytes_read(&self) -> u64 {
        self.line_start.byte
    }

    /// The blocks that are read and not yet delivered.
    pub(super) fn ready_blocks(&self) -> impl Iterator<Item = &Block> {
        self.ready.iter().filter_map(|item| match item {
            Item::Block(block) => Some(block),
            _ => None,
        })
    }

    /// The next block, or the error of one entry. `None` at the end.
    ///
    /// # Errors
    /// The source cannot be read.
    pub fn next_item(&mut self) -> Result<Option<Item>, ReadError> {
        loop {
            if let Some(item) = self.ready.pop_front() {
                return Ok(Some(item));
            }
            if let Some(error) = self.failure.take() {
                return Err(error);
            }
            if self.is_over {
                return Ok(None);
            }
            self.advance()?;
        }
    }

    fn advance(&mut self) -> Result<(), ReadError> {
        let before = self.bytes.len();
        let outcome = fill(&mut self.decoded, &mut self.bytes);
        // The lines before a failure are delivered.
        self.is_over = *outcome.as_ref().unwrap_or(&true);
        if let Some(at) = memchr::memrchr(b'\n', &self.bytes[before..]) {
            let mut rest = self.spare.take();
            rest.extend_from_slice(&self.bytes[before + at + 1..]);
            self.bytes.truncate(before + at + 1);
            self.give(rest);
        } else if self.bytes.len() as u64 > self.limit && !self.is_over {
            let error = too_long(&self.line_start, self.limit);
            let skipped = self.bytes.len() as u64 + skip_line(&mut self.decoded, endless(self.limit))?;
            self.bytes = self.spare.take();
            let LineStart { byte, line, index } = self.line_start;
            self.line_start = LineStart { byte: byte + skipped, line: line + 1, index: index + 1 };
            self.ready.push_back(Item::Entry(Box::new(Err(error))));
        }
        match outcome {
            Err(error) => self.failure = Some(ReadError::from_io(error)),
            // The last line may have no line break.
            Ok(true) => match cut_off(&self.bytes, &self.line_start) {
                Some(error) => self.failure = Some(error),
                None => self.give(Vec::new()),
            },
            Ok(false) => {}
        }
        Ok(())
    }

    /// Queues the bytes so far as a block, and continues with `rest`.
    fn give(&mut self, rest: Vec<u8>) {
        let bytes = std::mem::replace(&mut self.bytes, rest);
        let length = bytes.len() as u64;
        let block = Block::of(bytes, &mut self.line_start, self.limit, &self.spare);
        self.blank = if block.is_some() { 0 } else { self.blank + length };
        self.ready.extend(block.map(Item::Block));
        if self.blank > endless(self.limit) {
            self.failure = Some(ReadError::Limit(format!("more than {} bytes of blank lines follow", endless(self.limit))));
            self.is_over = true;
        }
    }
}

/// Fills `bytes` to a multiple of the block size. Returns whether the archive ends there.
fn fill(decoded: &mut Decoded, bytes: &mut Vec<u8>) -> std::io::Result<bool> {
    let (mut length, end) = (bytes.len(), (bytes.len() / BLOCK + 1) * BLOCK);
    bytes.reserve_exact(end - length);
    bytes.resize(end, 0);
    let mut outcome = Ok(false);
    while length < end {
        match decoded.read(&mut bytes[length..]) {
            Ok(0) => outcome = Ok(true),
            Ok(read) => {
                length += read;
                continue;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => outcome = Err(error),
        }
        break;
    }
    bytes.truncate(length);
    outcome
}

/// The error of a last line that is the beginning of a JSON text.
pub(super) fn cut_off(line: &[u8], start: &LineStart) -> Option<ReadError> {
    if is_blank(line) {
        return None;
    }
    let error = serde_json::from_slice::<IgnoredAny>(line).err().filter(serde_json::Error::is_eof)?;
    let column = error.column().max(1);
    let position = Position { byte: start.byte as usize + column - 1, line: start.line, column };
    Some(ReadError::BreaksOff { message: "the last line breaks off".to_owned(), position })
}

/// Skips the rest of a line and returns its length.
fn skip_line(decoded: &mut Decoded, limit: u64) -> Result<u64, ReadError> {
    let mut skipped = 0;
    loop {
        let available = decoded.fill_buf().map_err(ReadError::from_io)?;
        let end = memchr::memchr(b'\n', available);
        let taken = end.map_or(available.len(), |at| at + 1);
        decoded.consume(taken);
        skipped += taken as u64;
        if end.is_some() || taken == 0 {
            return Ok(skipped);
        }
        if skipped > limit {
            return Err(ReadError::Limit(format!("a line is longer than {limit} bytes")));
        }
    }
}
