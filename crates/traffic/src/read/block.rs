//! An archive of lines in blocks that end where a line ends: cheap to hand to another thread, and read line by line there.

use std::collections::VecDeque;
use std::io::{BufRead, ErrorKind, Read};
use std::sync::{Arc, Mutex, PoisonError};

use charter_json::Position;

use super::decode::Decoded;
use super::format::{self, Document};
use super::{Entry, EntryError, Item, ReadError};

/// Bytes that a block is filled with: few enough to be in the processor's cache still when they are judged.
const BLOCK: usize = 128 << 10;

/// Whole lines of an archive.
pub struct Block {
    bytes: Vec<u8>,
    /// Where it begins in its source.
    start: Place,
    entries: usize,
    /// How long a line may be.
    limit: u64,
    spare: Spare,
}

/// How far an archive has been read.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) byte: u64,
    pub(super) line: usize,
    /// Entries before it.
    pub(super) index: usize,
}

/// A line that is not blank, without its end.
pub struct Line<'b> {
    bytes: &'b [u8],
    place: Place,
    limit: u64,
    is_too_long: bool,
}

impl Place {
    fn position(&self) -> Position {
        Position { byte: self.byte as usize, line: self.line, column: 1 }
    }
}

impl Block {
    /// Some whole lines, unless all of them are blank; `place` goes behind them.
    pub(super) fn of(bytes: Vec<u8>, place: &mut Place, limit: u64, spare: &Spare) -> Option<Self> {
        let (mut lines, mut entries, mut from) = (0, 0, 0);
        for at in memchr::memchr_iter(b'\n', &bytes) {
            entries += usize::from(!is_blank(&bytes[from..at]));
            lines += 1;
            from = at + 1;
        }
        entries += usize::from(!is_blank(&bytes[from..]));
        let start = *place;
        *place = Place { byte: start.byte + bytes.len() as u64, line: start.line + lines, index: start.index + entries };
        let block = Self { bytes, start, entries, limit, spare: spare.clone() };
        // Even so its buffer is of use.
        (entries > 0).then_some(block)
    }

    /// Its lines, but for blank ones.
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
                // Without its end a cut line breaks off on its own line, not on the next.
                bytes: line.trim_ascii_end(),
                place: Place { byte: self.start.byte + at as u64, line: self.start.line + number, index: index - 1 },
                limit: self.limit,
                is_too_long: line.len() as u64 > self.limit,
            })
        })
    }

    /// Whether every line is a bare body, if it is JSON.
    pub fn is_bare(&self) -> bool {
        format::are_bare(&self.bytes)
    }

    /// Lines that are not blank.
    pub fn entries(&self) -> usize {
        self.entries
    }

    /// Where it ends in its source.
    pub fn end(&self) -> u64 {
        self.start.byte + self.bytes.len() as u64
    }

    /// How long it is.
    pub fn byte_len(&self) -> usize {
        self.bytes.len()
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        self.spare.give(std::mem::take(&mut self.bytes));
    }
}

/// Buffers of blocks that are done with, to be filled again: what one thread allocates and another frees costs both.
#[derive(Clone, Default)]
pub(super) struct Spare(Arc<Mutex<Vec<Vec<u8>>>>);

impl Spare {
    fn take(&self) -> Vec<u8> {
        let spare = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        spare.unwrap_or_else(|| Vec::with_capacity(BLOCK))
    }

    fn give(&self, mut bytes: Vec<u8>) {
        // What held a long line is not kept.
        if (BLOCK..2 * BLOCK).contains(&bytes.capacity()) {
            bytes.clear();
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(bytes);
        }
    }
}

impl Line<'_> {
    /// Its bytes, where it may be judged at all.
    pub fn bytes(&self) -> Option<&[u8]> {
        (!self.is_too_long).then_some(self.bytes)
    }

    /// Which entry of its source it is.
    pub fn index(&self) -> usize {
        self.place.index
    }

    /// The entry that it stands for.
    pub fn entry(&self, source: &Arc<str>) -> Entry {
        match self.bytes() {
            Some(bytes) => format::read(Document { bytes: bytes.to_vec(), start: self.place.position() }, source, self.place.index),
            None => Err(too_long(&self.place, self.limit)),
        }
    }
}

fn is_blank(line: &[u8]) -> bool {
    line.first().is_none_or(|first| first.is_ascii_whitespace() && line.trim_ascii().is_empty())
}

/// Why a line at a place is no entry.
pub(super) fn too_long(place: &Place, limit: u64) -> EntryError {
    EntryError {
        message: format!("the line is longer than {limit} bytes"),
        remedy: Some("raise --max-body if the source can be trusted"),
        position: place.position(),
        index: place.index,
        line: Some(place.line),
    }
}

/// An archive that is open, block by block.
pub struct Archive {
    pub(super) decoded: Decoded,
    place: Place,
    limit: u64,
    spare: Spare,
    /// Read and not yet given.
    ready: VecDeque<Item>,
    /// The beginning of the next block.
    bytes: Vec<u8>,
    /// Why there is no more, where that is not the end.
    failure: Option<ReadError>,
    is_over: bool,
}

impl Archive {
    /// An archive of which some lines have been read.
    pub(super) fn new(decoded: Decoded, place: Place, limit: u64, ready: VecDeque<Item>) -> Self {
        let spare = Spare::default();
        let bytes = spare.take();
        Self { decoded, place, limit, spare, ready, bytes, failure: None, is_over: false }
    }

    /// The next lines, or why some are no entry; `None` at the end.
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
        // What was read before a failure counts.
        self.is_over = *outcome.as_ref().unwrap_or(&true);
        if let Some(at) = memchr::memrchr(b'\n', &self.bytes[before..]) {
            let mut rest = self.spare.take();
            rest.extend_from_slice(&self.bytes[before + at + 1..]);
            self.bytes.truncate(before + at + 1);
            self.give(rest);
        } else if self.bytes.len() as u64 > self.limit && !self.is_over {
            let error = too_long(&self.place, self.limit);
            let skipped = self.bytes.len() as u64 + skip_line(&mut self.decoded)?;
            self.bytes = self.spare.take();
            let Place { byte, line, index } = self.place;
            self.place = Place { byte: byte + skipped, line: line + 1, index: index + 1 };
            self.ready.push_back(Item::Entry(Box::new(Err(error))));
        }
        match outcome {
            Err(error) => self.failure = Some(ReadError::from_io(error)),
            // The last line may have no end.
            Ok(true) => self.give(Vec::new()),
            Ok(false) => {}
        }
        Ok(())
    }

    /// Makes a block of what was read, and goes on with what belongs to the next.
    fn give(&mut self, rest: Vec<u8>) {
        let bytes = std::mem::replace(&mut self.bytes, rest);
        self.ready.extend(Block::of(bytes, &mut self.place, self.limit, &self.spare).map(Item::Block));
    }
}

/// Adds what a block has room for, or one more behind a long line; whether the archive ends there.
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

/// Passes over the rest of a line; how long it was.
fn skip_line(decoded: &mut Decoded) -> Result<u64, ReadError> {
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
    }
}
