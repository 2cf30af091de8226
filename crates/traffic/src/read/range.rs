//! The lines of an archive that begin in a range of its bytes.
//!
//! A range begins at a multiple of [`DIGEST_BLOCK`](super::DIGEST_BLOCK) and ends at one or at the end of the source. The last line of a range may end after it. All
//! ranges of a source together have each line once, and hash each byte once.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::ops::{ControlFlow, Range};
use std::sync::{Arc, Mutex, PoisonError};

use charter_contract::missing_path;

use super::block::{Archive, LineStart};
use super::decode::Decoded;
use super::digest::{BlockDigest, SourceHasher};
use super::{Entry, Item, Limits, ReadError, Reading, Source};

/// Bytes per read.
const BUFFER: usize = 128 << 10;
/// A byte order mark in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// Bytes per read of a single line.
const LINE_BUFFER: usize = 16 << 10;

/// A source whose content can be read by ranges.
trait ReadSeek: Read + Seek + Send {}

impl<T: Read + Seek + Send> ReadSeek for T {}

/// The summary of a range.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RangeSummary {
    /// Entries that begin in the range, malformed ones included.
    pub entries: usize,
    /// Lines that begin in the range and end with a line break.
    pub lines: usize,
    /// The digests of the blocks of the range; `None` if the sink stopped before the end.
    pub blocks: Option<Vec<BlockDigest>>,
}

/// A position in an archive of lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinePosition {
    /// The first byte of the line.
    pub byte: u64,
    /// The line, from 1.
    pub line: usize,
    /// The number of entries before it.
    pub index: usize,
}

impl Reading {
    /// Whether the content can be read by ranges: it is an archive of lines that is not compressed.
    pub fn has_ranges(&self) -> bool {
        matches!(self, Self::Archive(archive) if !archive.is_compressed())
    }
}

impl Archive {
    /// The lines that begin in a range of the bytes of an archive. Lines and entries are counted from the beginning of the range.
    ///
    /// # Errors
    /// The source cannot be opened or read.
    pub fn open_range(source: &Source, range: Range<u64>, limits: &Limits) -> Result<Self, ReadError> {
        let hasher = Arc::new(Mutex::new(SourceHasher::default()));
        let reader = BufReader::with_capacity(BUFFER, seekable(source, range.end)?);
        let mut lines = RangeReader { reader, at: range.start, end: range.end, is_line_end: true, hasher: hasher.clone() };
        lines.begin().map_err(ReadError::from_io)?;
        let start = LineStart { byte: lines.at, line: 1, index: 0 };
        Ok(Self::new(Decoded::of_lines(Box::new(lines), hasher), start, limits.max_body, VecDeque::new()))
    }

    /// The summary of a range, after its last item.
    ///
    /// # Errors
    /// The rest of the range cannot be read.
    pub fn range_summary(mut self, entries: usize, flow: ControlFlow<()>) -> Result<RangeSummary, ReadError> {
        let lines = self.lines_read();
        let blocks = if flow.is_continue() { Some(self.decoded.finish_blocks()?) } else { None };
        Ok(RangeSummary { entries, lines, blocks })
    }
}

/// Reads the entry of one line of an archive that is not compressed; `None` at its end.
///
/// # Errors
/// The source cannot be opened or read.
pub fn read_line_at(source: &Source, at: LinePosition, limits: &Limits) -> Result<Option<Entry>, ReadError> {
    let mut seekable = seekable(source, at.byte + LINE_BUFFER as u64)?;
    seekable.seek(SeekFrom::Start(at.byte)).map_err(ReadError::from_io)?;
    let lines = BufReader::with_capacity(LINE_BUFFER, seekable);
    let start = LineStart { byte: at.byte, line: at.line, index: at.index };
    let decoded = Decoded::of_lines(Box::new(FirstLine { reader: lines, is_over: false }), Arc::default());
    let mut archive = Archive::new(decoded, start, limits.max_body, VecDeque::new());
    let name = source.name();
    Ok(match archive.next_item()? {
        Some(Item::Entry(entry)) => Some(*entry),
        Some(Item::Block(block)) => block.lines().next().map(|line| line.entry(&name)),
        Some(Item::Entries(_)) | None => None,
    })
}

/// Opens a source. Few bytes are needed after `end`.
fn seekable(source: &Source, end: u64) -> Result<Box<dyn ReadSeek>, ReadError> {
    Ok(match source {
        Source::File(path) | Source::Live { path, .. } => Box::new(std::fs::File::open(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => ReadError::Missing { remedy: path.to_str().and_then(missing_path) },
            _ => ReadError::Io(error),
        })?),
        Source::Bytes { bytes, .. } => Box::new(io::Cursor::new(bytes.clone())),
        Source::Object(object) => Box::new(object.reader_until(end)),
        Source::Stdin | Source::Remote { .. } => {
            return Err(ReadError::Io(io::Error::new(io::ErrorKind::Unsupported, "this input cannot be read by ranges")));
        }
    })
}

/// Reads the lines that begin in a range, and hashes the bytes of the range.
struct RangeReader {
    reader: BufReader<Box<dyn ReadSeek>>,
    /// The offset of the next byte.
    at: u64,
    /// The end of the range.
    end: u64,
    /// Whether a line ends before the next byte.
    is_line_end: bool,
    hasher: Arc<Mutex<SourceHasher>>,
}

impl RangeReader {
    /// Passes over a byte order mark, or over the rest of a line that begins before the range.
    fn begin(&mut self) -> io::Result<()> {
        if self.at == 0 {
            if self.reader.fill_buf()?.starts_with(BYTE_ORDER_MARK) {
                self.pass(BYTE_ORDER_MARK.len());
            }
            return Ok(());
        }
        self.reader.seek(SeekFrom::Start(self.at - 1))?;
        let mut before = [0];
        self.is_line_end = self.reader.read(&mut before)? == 0 || before == *b"\n";
        while !self.is_line_end {
            let available = self.of_range()?;
            let end = memchr::memchr(b'\n', available);
            let length = end.map_or(available.len(), |at| at + 1);
            // If no line begins in the range, nothing is read.
            self.is_line_end = end.is_some() || length == 0;
            self.pass(length);
        }
        Ok(())
    }

    /// The next bytes that belong to the range; none at its end.
    fn of_range(&mut self) -> io::Result<&[u8]> {
        let left = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let available = if left == 0 { &[] } else { self.reader.fill_buf()? };
        Ok(&available[..available.len().min(left)])
    }

    /// Hashes bytes of the buffer and passes over them.
    fn pass(&mut self, length: usize) {
        self.hasher.lock().unwrap_or_else(PoisonError::into_inner).update(&self.reader.buffer()[..length]);
        self.reader.consume(length);
        self.at += length as u64;
    }
}

impl Read for RangeReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.of_range()?;
        let length = available.len().min(buffer.len());
        if length > 0 {
            buffer[..length].copy_from_slice(&available[..length]);
            self.is_line_end = buffer[length - 1] == b'\n';
            self.pass(length);
            return Ok(length);
        }
        if self.is_line_end || buffer.is_empty() {
            return Ok(0);
        }
        // The rest of the last line. The next range hashes it.
        let available = self.reader.fill_buf()?;
        let end = memchr::memchr(b'\n', available);
        let length = end.map_or(available.len(), |at| at + 1).min(buffer.len());
        buffer[..length].copy_from_slice(&available[..length]);
        self.is_line_end = end.is_some_and(|at| at < length);
        self.reader.consume(length);
        self.at += length as u64;
        Ok(length)
    }
}

/// Reads one line.
struct FirstLine<R> {
    reader: R,
    is_over: bool,
}

impl<R: BufRead> Read for FirstLine<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.is_over {
            return Ok(0);
        }
        let available = self.reader.fill_buf()?;
        let end = memchr::memchr(b'\n', available);
        let length = end.map_or(available.len(), |at| at + 1).min(buffer.len());
        buffer[..length].copy_from_slice(&available[..length]);
        self.is_over = end.is_some_and(|at| at < length);
        self.reader.consume(length);
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::super::digest::{DIGEST_BLOCK, join_digests};
    use super::*;

    /// An archive of several blocks: lines of different lengths, blank lines, a line that is longer than a block, and no line break at the end.
    fn archive(beginning: &str) -> Vec<u8> {
        let mut text = beginning.to_owned();
        let mut number = 0;
        let lines = |text: &mut String, number: &mut usize, until: usize| {
            while text.len() < until {
                let padding = "x".repeat(*number * 7_919 % 5_000);
                text.push_str(&format!("{{\"number\": {number}, \"padding\": \"{padding}\"}}\n"));
                if *number % 10 == 3 {
                    text.push_str("\n \n");
                }
                *number += 1;
            }
        };
        let block = DIGEST_BLOCK as usize;
        lines(&mut text, &mut number, block * 2 - 3_000);
        text.push_str(&format!("{{\"long\": \"{}\"}}\n", "y".repeat(block * 5 / 2)));
        lines(&mut text, &mut number, block * 6);
        // A line that ends with a block.
        let padding = block * 7 - text.len() - "{\"z\":\"\"}\n".len();
        text.push_str(&format!("{{\"z\":\"{}\"}}\n", "z".repeat(padding)));
        assert_eq!(text.len(), block * 7);
        lines(&mut text, &mut number, block * 7 + 9_000);
        text.push_str("{\"last\": true}");
        text.into_bytes()
    }

    /// An index, a line and a range of bytes.
    type Place = (usize, Option<usize>, Range<u64>);

    fn entries(archive: Archive, name: &Arc<str>, shift: (usize, usize)) -> (Vec<Place>, RangeSummary) {
        let (mut archive, mut found) = (archive, Vec::new());
        while let Some(item) = archive.next_item().expect("readable") {
            let Item::Block(block) = item else { panic!("a line is too long") };
            for line in block.lines() {
                let origin = line.origin(name);
                found.push((origin.index + shift.0, origin.line.map(|line| line + shift.1), origin.bytes));
            }
        }
        let count = found.len();
        (found, archive.range_summary(count, ControlFlow::Continue(())).expect("a summary"))
    }

    #[test]
    fn ranges_have_the_lines_of_the_whole_archive() {
        for beginning in ["", "\u{feff}", "\n\n"] {
            let bytes: Arc<[u8]> = archive(beginning).into();
            let size = bytes.len() as u64;
            let name: Arc<str> = "a.ndjson".into();
            let source = Source::Bytes { name: name.clone(), bytes };
            let limits = Limits::default();
            let Reading::Archive(whole) = Reading::open(&source, &limits).expect("an archive") else { panic!("not an archive") };
            let mut whole_entries = Vec::new();
            let summary = Reading::Archive(whole)
                .items(&mut |item| {
                    let Item::Block(block) = item else { panic!("a line is too long") };
                    whole_entries
                        .extend(block.lines().map(|line| line.origin(&name)).map(|origin| (origin.index, origin.line, origin.bytes)));
                    ControlFlow::Continue(())
                })
                .expect("readable");
            let blocks = size.div_ceil(DIGEST_BLOCK);
            for of in 1..=9 {
                let (mut all, mut digests, mut shift) = (Vec::new(), Vec::new(), (0, 0));
                for number in 0..of {
                    let start = blocks * number / of * DIGEST_BLOCK;
                    let end = (blocks * (number + 1) / of * DIGEST_BLOCK).min(size);
                    if start >= end {
                        continue;
                    }
                    let (found, summary) = entries(Archive::open_range(&source, start..end, &limits).expect("a range"), &name, shift);
                    all.extend(found);
                    shift = (shift.0 + summary.entries, shift.1 + summary.lines);
                    digests.extend(summary.blocks.expect("all blocks"));
                }
                assert!(all == whole_entries, "{of} ranges of {beginning:?}");
                assert_eq!(Some(join_digests(&digests)), summary.digest, "{of} ranges of {beginning:?}");
            }
            let (index, line, range) = whole_entries[whole_entries.len() - 1].clone();
            let at = LinePosition { byte: range.start, line: line.expect("a line"), index };
            let entry = read_line_at(&source, at, &limits).expect("readable").expect("an entry").expect("an exchange");
            assert_eq!((entry.origin.index, entry.origin.line, entry.origin.bytes.start), (index, line, range.start));
            assert_eq!(entry.bare_body(), Some(&b"{\"last\": true}"[..]));
        }
    }
}
