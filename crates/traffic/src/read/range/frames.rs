//! The lines of the Zstandard frames that begin in a range of the bytes of a source, RFC 8878.
//!
//! The beginning of a frame is found by its signature and by the headers of its blocks, so that a process reads only its range and the rest of the last frame. A line may
//! cross the border of two frames. The previous frame is not decompressed to find out, so the first line of a range is the one after its first line break, and a range also has
//! the line that ends after it.

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use zstd::stream::raw::{Decoder, Operation};

use super::{BUFFER, BYTE_ORDER_MARK, ReadSeek, UNKNOWN, block_start, seekable};
use crate::read::decode::check_ratio;
use crate::read::digest::SourceHasher;
use crate::read::error::DamagedStream;
use crate::read::{ReadError, Source};

/// The first bytes of a frame.
const SIGNATURE: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// Bytes of a read of headers.
const HEADER_BUFFER: usize = 64;
/// Maximum bytes of a block.
const BLOCK: u32 = 128 << 10;
/// The number of blocks whose headers are checked. Other bytes than those of a frame pass with a probability below 2^-60.
const BLOCKS: usize = 8;
/// Bytes that a reader of an object gets with large requests after the end of a range: the rest of the last frame.
const REST: u64 = 1 << 20;

/// The first frame that begins in a range.
pub(super) fn find_frame(source: &Source, range: Range<u64>) -> io::Result<Option<u64>> {
    let mut reader = BufReader::with_capacity(BUFFER, open(source, range.end)?);
    reader.seek(SeekFrom::Start(range.start))?;
    let mut headers = None;
    // Bytes that are not searched yet, and the offset of the first one.
    let (mut bytes, mut at) = (Vec::new(), range.start);
    while at < range.end {
        let available = reader.fill_buf()?;
        if available.is_empty() {
            break;
        }
        let length = available.len();
        bytes.extend_from_slice(available);
        reader.consume(length);
        for found in memchr::memmem::find_iter(&bytes, &SIGNATURE) {
            let start = at + found as u64;
            if start >= range.end {
                return Ok(None);
            }
            let headers = match &mut headers {
                Some(headers) => headers,
                none => none.insert(Headers::open(source, start)?),
            };
            if headers.is_frame(start)? {
                return Ok(Some(start));
            }
        }
        let searched = bytes.len().saturating_sub(SIGNATURE.len() - 1);
        bytes.drain(..searched);
        at += searched as u64;
    }
    Ok(None)
}

fn open(source: &Source, end: u64) -> io::Result<Box<dyn ReadSeek>> {
    seekable(source, end).map_err(|error| match error {
        ReadError::Io(error) => error,
        other => io::Error::new(io::ErrorKind::NotFound, other),
    })
}

/// Reads the headers of frames.
struct Headers(BufReader<Box<dyn ReadSeek>>);

impl Headers {
    fn open(source: &Source, at: u64) -> io::Result<Self> {
        // Few bytes are read at each position.
        Ok(Self(BufReader::with_capacity(HEADER_BUFFER, open(source, at)?)))
    }

    /// Whether a frame begins at an offset. A frame that is cut off is one.
    fn is_frame(&mut self, at: u64) -> io::Result<bool> {
        self.0.seek(SeekFrom::Start(at))?;
        let Some([first, second, third, fourth, descriptor]) = self.next()? else { return Ok(false) };
        if [first, second, third, fourth] != SIGNATURE || descriptor & 0b1000 != 0 {
            return Ok(false);
        }
        let is_single_segment = descriptor & 0b10_0000 != 0;
        let dictionary = [0, 1, 2, 4][usize::from(descriptor & 0b11)];
        let content_size = [i64::from(is_single_segment), 2, 4, 8][usize::from(descriptor >> 6)];
        self.0.seek_relative(i64::from(!is_single_segment) + dictionary + content_size)?;
        for _ in 0..BLOCKS {
            let Some([low, middle, high]) = self.next()? else { return Ok(true) };
            let header = u32::from_le_bytes([low, middle, high, 0]);
            let (is_last, kind, size) = (header & 1 != 0, (header >> 1) & 0b11, header >> 3);
            if kind == 3 || size > BLOCK {
                return Ok(false);
            }
            // A block of one repeated byte has this byte.
            self.0.seek_relative(if kind == 1 { 1 } else { i64::from(size) })?;
            if is_last {
                self.0.seek_relative(if descriptor & 0b100 != 0 { 4 } else { 0 })?;
                return Ok(match self.next()? {
                    Some(next) => next == SIGNATURE || matches!(next, [0x50..=0x5f, 0x2a, 0x4d, 0x18]),
                    None => true,
                });
            }
        }
        Ok(true)
    }

    /// The next bytes; `None` if the source ends before them.
    fn next<const N: usize>(&mut self) -> io::Result<Option<[u8; N]>> {
        let mut bytes = [0; N];
        match self.0.read_exact(&mut bytes) {
            Ok(()) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// What the next decompressed bytes are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The rest of a line that belongs to the range before.
    Head,
    /// Lines of the range.
    Lines,
    /// The rest of the last line, in frames after the range.
    Tail,
    /// Nothing.
    Over,
}

/// Decompresses the lines of a range, and hashes its compressed bytes.
pub(super) struct FrameReader {
    source: Source,
    reader: BufReader<Box<dyn ReadSeek>>,
    /// The offset of the next compressed byte.
    at: u64,
    range_end: u64,
    size: u64,
    /// The first frame after the range, if it has been reached.
    end: Arc<AtomicU64>,
    headers: Option<Headers>,
    decoder: Decoder<'static>,
    /// Whether a frame ends before the next compressed byte.
    is_border: bool,
    phase: Phase,
    decoded: Box<[u8]>,
    /// The part of `decoded` that is not delivered.
    ready: Range<usize>,
    /// The number of bytes so far, and how many times the compressed size they may be.
    delivered: u64,
    max_ratio: u64,
    hasher: Arc<Mutex<SourceHasher>>,
}

impl FrameReader {
    /// Reads the frames that begin in a range, at whose first byte a frame begins.
    pub(super) fn open(
        source: &Source,
        range: Range<u64>,
        size: u64,
        max_ratio: u64,
        end: Arc<AtomicU64>,
        hasher: Arc<Mutex<SourceHasher>>,
    ) -> Result<Self, ReadError> {
        let at = block_start(range.start);
        let mut reader = BufReader::with_capacity(BUFFER, seekable(source, (range.end + REST).min(size))?);
        reader.seek(SeekFrom::Start(at)).map_err(ReadError::from_io)?;
        let mut frames = Self {
            source: source.clone(),
            reader,
            at,
            range_end: range.end,
            size,
            end,
            headers: None,
            decoder: Decoder::new()?,
            is_border: true,
            phase: if range.start == 0 { Phase::Lines } else { Phase::Head },
            decoded: vec![0; BUFFER].into(),
            ready: 0..0,
            delivered: 0,
            max_ratio: max_ratio.max(1),
            hasher,
        };
        // The block in which the first frame begins is hashed whole.
        while frames.at < range.start {
            let available = frames.reader.fill_buf().map_err(ReadError::from_io)?.len() as u64;
            if available == 0 {
                break;
            }
            frames.pass(available.min(range.start - frames.at) as usize);
        }
        Ok(frames)
    }

    /// Passes over a byte order mark at the beginning of the source. Returns its length.
    pub(super) fn pass_byte_order_mark(&mut self) -> io::Result<u64> {
        let is_marked = self.at == 0 && self.decode()? && self.decoded[self.ready.clone()].starts_with(BYTE_ORDER_MARK);
        let length = if is_marked { BYTE_ORDER_MARK.len() } else { 0 };
        self.ready.start += length;
        Ok(length as u64)
    }

    /// Hashes compressed bytes of the buffer and passes over them.
    fn pass(&mut self, length: usize) {
        self.hasher.lock().unwrap_or_else(PoisonError::into_inner).update(&self.reader.buffer()[..length]);
        self.reader.consume(length);
        self.at += length as u64;
    }

    /// Notes whether the range ends at the next compressed byte: the first frame of the next range begins there, or the source ends.
    fn note_end(&mut self) -> io::Result<()> {
        if self.at < self.range_end || self.end.load(Ordering::Relaxed) != UNKNOWN {
            return Ok(());
        }
        let is_end = self.at >= self.size || {
            let headers = match &mut self.headers {
                Some(headers) => headers,
                none => none.insert(Headers::open(&self.source, self.at)?),
            };
            headers.is_frame(self.at)?
        };
        if is_end {
            self.end.store(self.at, Ordering::Relaxed);
            self.phase = if self.phase == Phase::Lines { Phase::Tail } else { Phase::Over };
        }
        Ok(())
    }

    /// Decompresses the next bytes. Returns false at the end.
    fn decode(&mut self) -> io::Result<bool> {
        loop {
            if self.is_border {
                self.note_end()?;
                if self.phase == Phase::Over {
                    return Ok(false);
                }
            }
            let input = self.reader.fill_buf()?;
            let is_source_end = input.is_empty();
            if is_source_end && self.is_border {
                return Ok(false);
            }
            let damaged = |error: io::Error| io::Error::other(DamagedStream { format: "zstd", message: error.to_string() });
            let status = self.decoder.run_on_buffers(input, &mut self.decoded).map_err(damaged)?;
            self.pass(status.bytes_read);
            self.is_border = status.remaining == 0;
            if status.bytes_written > 0 {
                self.ready = 0..status.bytes_written;
                self.delivered += status.bytes_written as u64;
                return check_ratio(self.delivered, self.at, self.max_ratio).map(|()| true);
            }
            if is_source_end && !self.is_border {
                return Err(damaged(io::Error::other("incomplete frame")));
            }
        }
    }
}

impl Read for FrameReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.phase != Phase::Over && !buffer.is_empty() {
            let ready = &self.decoded[self.ready.clone()];
            if ready.is_empty() {
                if !self.decode()? {
                    self.phase = Phase::Over;
                }
                continue;
            }
            let line_end = || memchr::memchr(b'\n', ready).map(|at| at + 1);
            let length = match self.phase {
                Phase::Head => {
                    let head = line_end();
                    self.ready.start += head.unwrap_or(ready.len());
                    if head.is_some() {
                        self.phase = Phase::Lines;
                    }
                    continue;
                }
                Phase::Tail => line_end().unwrap_or(ready.len()).min(buffer.len()),
                Phase::Lines | Phase::Over => ready.len().min(buffer.len()),
            };
            buffer[..length].copy_from_slice(&ready[..length]);
            self.ready.start += length;
            if self.phase == Phase::Tail && buffer[..length].ends_with(b"\n") {
                self.phase = Phase::Over;
            }
            return Ok(length);
        }
        Ok(0)
    }
}
