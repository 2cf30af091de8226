//! Opens a source, decompresses it within limits and hashes its bytes.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use charter_contract::missing_path;

use super::digest::SourceHasher;
use super::error::{DamagedStream, LimitExceeded, SourceFailure};
use super::interrupt::{interruptible, is_interruption};
use super::{Limits, ReadError, Source};
use crate::coding::Coding;

/// The maximum ratio applies to decompressed content above this size.
const BOMB_FLOOR: u64 = 16 << 20;
/// Bytes per buffer. Larger reads bypass it.
const BUFFER: usize = 32 << 10;
/// Bytes from which the compression is detected.
const MAGIC: u64 = 6;
/// The memory that a decoder of xz may use, in bytes. The largest preset needs 65 MiB.
const XZ_MEMORY: u64 = 128 << 20;
/// Bytes from which the format is detected.
const PREFIX: usize = 4096;

/// The compression of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Not compressed.
    None,
    /// gzip, RFC 1952.
    Gzip,
    /// Zstandard, RFC 8878.
    Zstd,
    /// Brotli, RFC 7932. It has no signature; the name of the file ends with `.br`.
    Brotli,
    /// bzip2.
    Bzip2,
    /// xz.
    Xz,
}

impl Compression {
    /// Detects the compression from the first bytes, and from the name of the source.
    pub(super) fn of(magic: &[u8], name: &str) -> Self {
        match magic {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            // A skippable frame, with which `pzstd` begins.
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, ..] => Self::Bzip2,
            [0xfd, b'7', b'z', b'X', b'Z', 0x00, ..] => Self::Xz,
            _ if name.ends_with(".br") => Self::Brotli,
            _ => Self::None,
        }
    }
}

/// The decompressed bytes of a source, without a byte order mark.
pub struct Decoded {
    reader: BufReader<Box<dyn Read + Send>>,
    /// The first bytes, to detect the format from.
    prefix: Vec<u8>,
    /// The compression.
    pub compression: Compression,
    /// Bytes of a byte order mark that were skipped.
    pub(super) skipped: u64,
    /// Parts that are not exchanges.
    pub(super) skipped_parts: Skipped,
    hasher: Arc<Mutex<SourceHasher>>,
    delivered: Arc<AtomicU64>,
}

/// The parts of a source that are not exchanges, by kind, such as the messages of a WebSocket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Skipped(Vec<(&'static str, u64)>);

impl Skipped {
    pub(super) fn add(&mut self, kind: &'static str, count: u64) {
        match self.0.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, total)) => *total += count,
            None if count > 0 => self.0.push((kind, count)),
            None => {}
        }
    }

    pub(super) fn into_list(self) -> Vec<(&'static str, u64)> {
        self.0
    }
}

impl Decoded {
    /// Opens a source and detects its compression.
    ///
    /// # Errors
    /// The source cannot be opened or read.
    pub fn open(source: &Source, limits: &Limits) -> Result<Self, ReadError> {
        let raw: Box<dyn Read + Send> = match source {
            Source::Stdin => Box::new(io::stdin()),
            Source::File(path) | Source::Live { path, .. } => Box::new(File::open(path).map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => ReadError::Missing { remedy: path.to_str().and_then(missing_path) },
                _ => ReadError::Io(error),
            })?),
            Source::Remote { url, .. } => super::remote::open(url)?,
            Source::Bytes { bytes, .. } => Box::new(Cursor::new(bytes.clone())),
            Source::Object(object) => Box::new(object.reader()),
        };
        let hasher = Arc::new(Mutex::new(SourceHasher::default()));
        let (taken, delivered) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let mut raw = Hashing { inner: interruptible(source, raw), hasher: hasher.clone(), count: taken.clone() };
        // The first read of a pipe may return fewer bytes.
        let mut magic = Vec::new();
        (&mut raw).take(MAGIC).read_to_end(&mut magic).map_err(ReadError::from_io)?;
        let compression = Compression::of(&magic, &source.name());
        let raw = BufReader::with_capacity(BUFFER, Cursor::new(magic).chain(raw));
        let plain: Box<dyn Read + Send> = match compression {
            Compression::Gzip => Box::new(Labelled { format: "gzip", inner: Coding::Gzip.reader(raw)? }),
            Compression::Zstd => Box::new(Labelled { format: "zstd", inner: Coding::Zstd.reader(raw)? }),
            Compression::Brotli => Box::new(Labelled { format: "br", inner: Coding::Brotli.reader(raw)? }),
            Compression::Bzip2 => Box::new(Labelled { format: "bzip2", inner: bzip2::bufread::MultiBzDecoder::new(raw) }),
            Compression::Xz => {
                let stream = liblzma::stream::Stream::new_stream_decoder(XZ_MEMORY, liblzma::stream::CONCATENATED)
                    .map_err(|error| ReadError::Damaged { format: "xz", message: error.to_string() })?;
                Box::new(Labelled { format: "xz", inner: liblzma::bufread::XzDecoder::new_stream(raw, stream) })
            }
            Compression::None => Box::new(raw),
        };
        let guarded = Guard { inner: plain, taken, delivered: delivered.clone(), max_ratio: limits.max_ratio.max(1) };
        let (mut reader, mut skipped) = (guarded, 0);
        let mut prefix = Vec::new();
        (&mut reader).take(PREFIX as u64).read_to_end(&mut prefix).map_err(ReadError::from_io)?;
        if prefix.starts_with(b"\xef\xbb\xbf") {
            prefix.drain(..3);
            skipped = 3;
        }
        let chained: Box<dyn Read + Send> = Box::new(Cursor::new(prefix.clone()).chain(reader));
        Ok(Self {
            reader: BufReader::with_capacity(BUFFER, chained),
            prefix,
            compression,
            skipped,
            skipped_parts: Skipped::default(),
            hasher,
            delivered,
        })
    }

    /// Lines that are not compressed.
    pub(super) fn of_lines(lines: Box<dyn Read + Send>, hasher: Arc<Mutex<SourceHasher>>) -> Self {
        Self {
            reader: BufReader::with_capacity(BUFFER, lines),
            prefix: Vec::new(),
            compression: Compression::None,
            skipped: 0,
            skipped_parts: Skipped::default(),
            hasher,
            delivered: Arc::new(AtomicU64::new(0)),
        }
    }

    /// The first bytes, at most 4096, to detect the format from.
    pub(crate) fn beginning(&self) -> &[u8] {
        &self.prefix
    }

    /// Reads the rest. Returns what was hashed.
    pub(super) fn finish(&mut self) -> Result<MutexGuard<'_, SourceHasher>, ReadError> {
        io::copy(&mut self.reader, &mut io::sink()).map_err(ReadError::from_io)?;
        Ok(self.hasher.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Bytes delivered so far, decompressed.
    pub(super) fn bytes(&self) -> u64 {
        self.delivered.load(Ordering::Relaxed)
    }
}

impl Read for Decoded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reader.read(buffer)
    }
}

impl BufRead for Decoded {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.reader.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.reader.consume(amount);
    }
}

/// Hashes and counts the bytes.
struct Hashing {
    inner: Box<dyn Read + Send>,
    hasher: Arc<Mutex<SourceHasher>>,
    count: Arc<AtomicU64>,
}

impl Read for Hashing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer).map_err(SourceFailure::wrap)?;
        self.hasher.lock().unwrap_or_else(PoisonError::into_inner).update(&buffer[..read]);
        self.count.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// Adds the name of the compression format to a decoder's errors.
struct Labelled<R> {
    format: &'static str,
    inner: R,
}

impl<R: Read> Read for Labelled<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buffer).map_err(|error| match is_interruption(&error) || SourceFailure::is_in(&error) {
            true => error,
            false => io::Error::other(DamagedStream { format: self.format, message: error.to_string() }),
        })
    }
}

/// Limits the ratio of decompressed to compressed size, against decompression bombs.
struct Guard {
    inner: Box<dyn Read + Send>,
    taken: Arc<AtomicU64>,
    delivered: Arc<AtomicU64>,
    max_ratio: u64,
}

impl Read for Guard {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let delivered = self.delivered.fetch_add(read as u64, Ordering::Relaxed) + read as u64;
        check_ratio(delivered, self.taken.load(Ordering::Relaxed), self.max_ratio).map(|()| read)
    }
}

/// Checks the size of decompressed content, from the number of compressed bytes.
pub(super) fn check_ratio(delivered: u64, taken: u64, max_ratio: u64) -> io::Result<()> {
    if delivered <= taken.saturating_mul(max_ratio).max(BOMB_FLOOR) {
        return Ok(());
    }
    Err(io::Error::other(LimitExceeded(format!("the content is more than {max_ratio} times as large as its compressed form"))))
}
