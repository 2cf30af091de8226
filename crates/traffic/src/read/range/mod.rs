//! Ranges of a source, each of which another process can read: the lines, Zstandard frames or row groups that begin in a range of its bytes.
//!
//! | file | owns |
//! |---|---|
//! | `lines` | the lines of content that is not compressed |
//! | `frames` | the lines of Zstandard frames |
//! | `format/parquet` | the rows of row groups |
//!
//! A range begins at a multiple of [`DIGEST_BLOCK`] and ends at one or at the end of the source. All ranges of a source together have each line or row once, and hash each
//! byte once.

mod frames;
mod lines;

use std::collections::VecDeque;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::ops::{ControlFlow, Range};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use charter_contract::missing_path;

use super::block::{Archive, LineStart};
use super::decode::{Compression, Decoded};
use super::digest::{BlockDigest, DIGEST_BLOCK, SourceHasher};
#[cfg(feature = "parquet")]
use super::format::RowGroups;
use super::{Entry, Item, Limits, ReadError, Reading, Source, SourceSummary};
use frames::{FrameReader, find_frame};
use lines::{FirstLine, RangeReader};

/// Bytes per read.
const BUFFER: usize = 128 << 10;
/// A byte order mark in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// Bytes per read of a single line.
const LINE_BUFFER: usize = 16 << 10;
/// The end of frames that are not read yet.
const UNKNOWN: u64 = u64::MAX;

/// A source whose content can be read by ranges.
pub(super) trait ReadSeek: Read + Seek + Send {}

impl<T: Read + Seek + Send> ReadSeek for T {}

/// How the content of a source is divided into ranges.
pub struct Division(Kind);

enum Kind {
    Lines,
    Frames,
    #[cfg(feature = "parquet")]
    RowGroups(Box<RowGroups>),
}

/// A range of a source, at its beginning. Lines and entries are counted from the beginning of the range.
#[non_exhaustive]
pub struct SourceRange {
    /// Its content.
    pub reading: Reading,
    /// Its bytes.
    pub extent: Extent,
}

/// The bytes of a source that belong to a range: from the first line, frame or row group that begins in it to that of the next range.
#[derive(Debug)]
pub struct Extent {
    start: u64,
    /// [`UNKNOWN`] until the last frame is read.
    end: Arc<AtomicU64>,
    /// The end of the range that was asked for.
    range_end: u64,
    /// The size of the source.
    size: u64,
    /// Whether positions are counted in the decompressed content.
    is_compressed: bool,
}

/// The summary of a range.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RangeSummary {
    /// Entries of the range, malformed ones included.
    pub entries: usize,
    /// Lines of the range that end with a line break.
    pub lines: usize,
    /// The decompressed bytes of its lines, if positions are counted in them, otherwise 0.
    pub decompressed: u64,
    /// The bytes of the source that belong to the range.
    pub bytes: Range<u64>,
    /// The digests of the blocks that begin in these bytes; `None` if the sink stopped before the end. If the bytes begin within a block, that block is included, and the block
    /// in which they end is not, unless the source ends there.
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
    /// Whether a line can be read again by its position: the content is an archive of lines that is not compressed.
    pub fn has_ranges(&self) -> bool {
        matches!(self, Self::Archive(archive) if !archive.is_compressed())
    }

    /// How the content can be divided; `None` if one process has to read all of it.
    ///
    /// # Errors
    /// The source cannot be read, or the footer of a Parquet file is damaged.
    pub fn division(self, source: &Source) -> Result<Option<Division>, ReadError> {
        if matches!(source, Source::Stdin | Source::Remote { .. } | Source::Live { .. }) {
            return Ok(None);
        }
        let compression = match &self {
            Self::Archive(archive) => archive.decoded.compression,
            #[cfg(feature = "parquet")]
            Self::Other(_) => return Ok(self.row_groups()?.map(|groups| Division(Kind::RowGroups(Box::new(groups))))),
            #[cfg(not(feature = "parquet"))]
            Self::Other(_) => return Ok(None),
        };
        Ok(match compression {
            Compression::None => Some(Division(Kind::Lines)),
            Compression::Zstd => Some(Division(Kind::Frames)),
            _ => None,
        })
    }
}

impl Division {
    /// Whether a line can be read again by its position.
    pub fn has_positions(&self) -> bool {
        matches!(self.0, Kind::Lines)
    }

    /// Opens a range of a source of `size` bytes; `None` if no frame and no row group begins in it.
    ///
    /// # Errors
    /// The source cannot be opened or read.
    pub fn open(self, source: &Source, range: Range<u64>, size: u64, limits: &Limits) -> Result<Option<SourceRange>, ReadError> {
        match self.0 {
            Kind::Lines => open_lines(source, range, size, limits).map(Some),
            Kind::Frames => open_frames(source, range, size, limits),
            #[cfg(feature = "parquet")]
            Kind::RowGroups(groups) => open_row_groups(source, *groups, range, size, limits),
        }
    }
}

/// The lines that begin in a range.
fn open_lines(source: &Source, range: Range<u64>, size: u64, limits: &Limits) -> Result<SourceRange, ReadError> {
    let hasher = Arc::new(Mutex::new(SourceHasher::of_blocks(range.start)));
    let reader = BufReader::with_capacity(BUFFER, seekable(source, range.end)?);
    let mut lines = RangeReader { reader, at: range.start, end: range.end, is_line_end: true, hasher: hasher.clone() };
    lines.begin().map_err(ReadError::from_io)?;
    let start = LineStart { byte: lines.at, line: 1, index: 0 };
    let archive = Archive::new(Decoded::of_lines(Box::new(lines), hasher), start, limits.max_body, VecDeque::new());
    Ok(SourceRange { reading: Reading::Archive(archive), extent: Extent::known(range, size) })
}

/// The lines of the frames that begin in a range.
fn open_frames(source: &Source, range: Range<u64>, size: u64, limits: &Limits) -> Result<Option<SourceRange>, ReadError> {
    let start = match range.start {
        0 => Some(0),
        _ => find_frame(source, range.clone()).map_err(ReadError::from_io)?,
    };
    let Some(start) = start else { return Ok(None) };
    let hasher = Arc::new(Mutex::new(SourceHasher::of_blocks(block_start(start))));
    let end = Arc::new(AtomicU64::new(UNKNOWN));
    let mut frames = FrameReader::open(source, start..range.end, size, limits.max_ratio, end.clone(), hasher.clone())?;
    let byte = frames.pass_byte_order_mark().map_err(ReadError::from_io)?;
    let extent = Extent { start, end, range_end: range.end, size, is_compressed: true };
    let start = LineStart { byte, line: 1, index: 0 };
    let archive = Archive::new(Decoded::of_lines(Box::new(frames), hasher), start, limits.max_body, VecDeque::new());
    Ok(Some(SourceRange { reading: Reading::Archive(archive), extent }))
}

/// The rows of the row groups that begin in a range.
#[cfg(feature = "parquet")]
fn open_row_groups(
    source: &Source,
    groups: RowGroups,
    range: Range<u64>,
    size: u64,
    limits: &Limits,
) -> Result<Option<SourceRange>, ReadError> {
    let (groups, bytes) = groups.in_range(range, size);
    if bytes.is_empty() {
        return Ok(None);
    }

    // The block in which the first group begins is hashed whole.
    let first = block_start(bytes.start);
    let hasher = Arc::new(Mutex::new(SourceHasher::of_blocks(first)));
    let mut reader = seekable(source, bytes.end)?;
    reader.seek(SeekFrom::Start(first)).map_err(ReadError::from_io)?;
    let reader = HashingReader { reader: reader.take(bytes.end - first), hasher: hasher.clone() };
    let decoded = Decoded::of_lines(Box::new(reader), hasher);
    let reading = Reading::of_row_groups(source, limits, decoded, groups);
    Ok(Some(SourceRange { reading, extent: Extent::known(bytes, size) }))
}

impl Extent {
    fn known(bytes: Range<u64>, size: u64) -> Self {
        let end = Arc::new(AtomicU64::new(bytes.end));
        Self { start: bytes.start, end, range_end: bytes.end, size, is_compressed: false }
    }

    /// Its first byte.
    pub fn start(&self) -> u64 {
        self.start
    }

    /// The summary of lines, after their last item.
    ///
    /// # Errors
    /// The rest of the range cannot be read.
    pub fn of_archive(&self, mut archive: Archive, entries: usize, flow: ControlFlow<()>) -> Result<RangeSummary, ReadError> {
        let (lines, decompressed) = (archive.lines_read(), if self.is_compressed { archive.bytes_read() } else { 0 });
        let blocks = if flow.is_continue() { archive.decoded.finish()?.blocks() } else { None };
        Ok(self.summary(entries, (lines, decompressed), blocks))
    }

    /// The summary of other content.
    pub fn of_content(&self, summary: SourceSummary) -> RangeSummary {
        self.summary(summary.entries, (0, 0), summary.blocks)
    }

    fn summary(&self, entries: usize, (lines, decompressed): (usize, u64), blocks: Option<Vec<BlockDigest>>) -> RangeSummary {
        // A reader may be ahead of the last block.
        let end = self.end.load(Ordering::Relaxed).min(self.size);
        let own = if end == self.size { usize::MAX } else { ((block_start(end) - block_start(self.start)) / DIGEST_BLOCK) as usize };
        let blocks = blocks.map(|blocks| blocks.into_iter().take(own).collect());
        RangeSummary { entries, lines, decompressed, bytes: self.start..end, blocks }
    }

    /// The end, after an error of the content.
    ///
    /// # Errors
    /// The source cannot be read.
    pub fn end_after_failure(&self, source: &Source) -> Result<u64, ReadError> {
        match self.end.load(Ordering::Relaxed) {
            UNKNOWN => Ok(find_frame(source, self.range_end..self.size).map_err(ReadError::from_io)?.unwrap_or(self.size)),
            end => Ok(end),
        }
    }
}

/// The beginning of the block in which a byte is.
fn block_start(byte: u64) -> u64 {
    byte / DIGEST_BLOCK * DIGEST_BLOCK
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
pub(super) fn seekable(source: &Source, end: u64) -> Result<Box<dyn ReadSeek>, ReadError> {
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

/// Hashes the bytes that are read.
#[cfg(feature = "parquet")]
struct HashingReader<R> {
    reader: R,
    hasher: Arc<Mutex<SourceHasher>>,
}

#[cfg(feature = "parquet")]
impl<R: Read> Read for HashingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.reader.read(buffer)?;
        self.hasher.lock().unwrap_or_else(std::sync::PoisonError::into_inner).update(&buffer[..length]);
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::super::digest::join;
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

    fn entries(range: SourceRange, name: &Arc<str>, shift: (usize, usize)) -> (Vec<Place>, RangeSummary) {
        let Reading::Archive(mut archive) = range.reading else { panic!("not an archive") };
        let mut found = Vec::new();
        while let Some(item) = archive.next_item().expect("readable") {
            let Item::Block(block) = item else { panic!("a line is too long") };
            for line in block.lines() {
                let origin = line.origin(name);
                found.push((origin.index + shift.0, origin.line.map(|line| line + shift.1), origin.bytes));
            }
        }
        let count = found.len();
        (found, range.extent.of_archive(archive, count, ControlFlow::Continue(())).expect("a summary"))
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
                    let (found, summary) = entries(open_lines(&source, start..end, size, &limits).expect("a range"), &name, shift);
                    all.extend(found);
                    shift = (shift.0 + summary.entries, shift.1 + summary.lines);
                    digests.extend(summary.blocks.expect("all blocks"));
                }
                assert!(all == whole_entries, "{of} ranges of {beginning:?}");
                assert_eq!(Some(join(&digests)), summary.digest, "{of} ranges of {beginning:?}");
            }
            let (index, line, range) = whole_entries[whole_entries.len() - 1].clone();
            let at = LinePosition { byte: range.start, line: line.expect("a line"), index };
            let entry = read_line_at(&source, at, &limits).expect("readable").expect("an entry").expect("an exchange");
            assert_eq!((entry.origin.index, entry.origin.line, entry.origin.bytes.start), (index, line, range.start));
            assert_eq!(entry.bare_body(), Some(&b"{\"last\": true}"[..]));
        }
    }
}
