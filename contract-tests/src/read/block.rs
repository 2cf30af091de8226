//! An archive of lines in blocks that end where a line ends: cheap to hand to another thread, and read line by line there.

use std::io::BufRead;
use std::ops::ControlFlow;
use std::sync::Arc;

use charter_schema::Position;

use super::decode::Decoded;
use super::document::{Text, deliver};
use super::{Entry, EntryError, Item, ReadError, recording};

/// Bytes that a block is filled with: few enough to be in the processor's cache still when they are judged.
const BLOCK: usize = 128 << 10;

/// Whole lines of an archive.
pub(crate) struct Block {
    bytes: Vec<u8>,
    /// Where it begins in its source.
    start: Place,
    entries: usize,
    /// How long a line may be.
    limit: u64,
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
pub(crate) struct Line<'b> {
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
    pub(super) fn of(bytes: Vec<u8>, place: &mut Place, limit: u64) -> Option<Self> {
        let (mut lines, mut entries, mut from) = (0, 0, 0);
        for at in memchr::memchr_iter(b'\n', &bytes) {
            entries += usize::from(!is_blank(&bytes[from..at]));
            lines += 1;
            from = at + 1;
        }
        entries += usize::from(!is_blank(&bytes[from..]));
        let start = *place;
        *place = Place { byte: start.byte + bytes.len() as u64, line: start.line + lines, index: start.index + entries };
        (entries > 0).then_some(Self { bytes, start, entries, limit })
    }

    /// Its lines, but for blank ones.
    pub(crate) fn lines(&self) -> impl Iterator<Item = Line<'_>> {
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

    /// Whether every line is a bare body if anything: none names our own format.
    pub(crate) fn is_bare(&self) -> bool {
        memchr::memmem::find(&self.bytes, recording::MARK.as_bytes()).is_none()
    }

    /// Lines that are not blank.
    pub(crate) fn entries(&self) -> usize {
        self.entries
    }

    /// Where it ends in its source.
    pub(crate) fn end(&self) -> u64 {
        self.start.byte + self.bytes.len() as u64
    }

    /// How long it is.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }
}

impl Line<'_> {
    /// Its bytes, where it may be judged at all.
    pub(crate) fn bytes(&self) -> Option<&[u8]> {
        (!self.is_too_long).then_some(self.bytes)
    }

    /// Which entry of its source it is.
    pub(crate) fn index(&self) -> usize {
        self.place.index
    }

    /// The entry that it stands for.
    pub(crate) fn entry(&self, source: &Arc<str>) -> Entry {
        match self.bytes() {
            Some(bytes) => deliver(Text { bytes: bytes.to_vec(), start: self.place.position() }, source, self.place.index),
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

/// Reads the rest of an archive.
pub(super) fn read(
    decoded: &mut Decoded,
    mut place: Place,
    limit: u64,
    sink: &mut dyn FnMut(Item) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, ReadError> {
    let mut bytes = Vec::new();
    loop {
        let before = bytes.len();
        let outcome = fill(decoded, &mut bytes);
        // What was read before a failure counts.
        let is_last = *outcome.as_ref().unwrap_or(&true);
        if let Some(at) = memchr::memrchr(b'\n', &bytes[before..]) {
            let rest = bytes.split_off(before + at + 1);
            let block = Block::of(std::mem::replace(&mut bytes, rest), &mut place, limit);
            if block.is_some_and(|block| sink(Item::Block(block)).is_break()) {
                return Ok(ControlFlow::Break(()));
            }
        } else if bytes.len() as u64 > limit && !is_last {
            let error = too_long(&place, limit);
            let skipped = bytes.len() as u64 + skip_line(decoded)?;
            bytes = Vec::new();
            place = Place { byte: place.byte + skipped, line: place.line + 1, index: place.index + 1 };
            if sink(Item::Entry(Box::new(Err(error)))).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        outcome.map_err(ReadError::from_io)?;
        if is_last {
            // The last line may have no end.
            let block = Block::of(bytes, &mut place, limit);
            return Ok(block.map_or(ControlFlow::Continue(()), |block| sink(Item::Block(block))));
        }
    }
}

/// Adds what a block has room for; whether the archive ends there.
fn fill(decoded: &mut Decoded, bytes: &mut Vec<u8>) -> std::io::Result<bool> {
    let end = bytes.len() + BLOCK;
    bytes.reserve_exact(BLOCK);
    while bytes.len() < end {
        let available = decoded.fill_buf()?;
        if available.is_empty() {
            return Ok(true);
        }
        let taken = available.len().min(end - bytes.len());
        bytes.extend_from_slice(&available[..taken]);
        decoded.consume(taken);
    }
    Ok(false)
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
