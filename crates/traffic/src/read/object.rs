//! Content of a store that is read by ranges, such as an object of an object store.

use std::fmt;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

/// Bytes of each range but the first. A request to a store takes much longer than its bytes, so a reader asks for many at once.
const RANGE: usize = 4 << 20;
/// Bytes of the first range after a seek: the beginning of a source is also read to detect its form.
const FIRST_RANGE: usize = 256 << 10;
/// Bytes of each range after the end that is expected: the rest of a line.
const LAST_RANGE: usize = 64 << 10;

/// Bytes that are read by ranges.
pub trait Ranges: Send + Sync {
    /// The bytes from an offset; fewer than `length` only at the end.
    ///
    /// # Errors
    /// They cannot be read. `NotFound` and `PermissionDenied` are errors that another attempt does not change.
    fn read_range(&self, offset: u64, length: usize) -> io::Result<Vec<u8>>;
}

/// Content of a store, with its name for reports and its size.
#[derive(Clone)]
pub struct Object {
    name: Arc<str>,
    size: u64,
    content: Arc<dyn Ranges>,
}

impl Object {
    /// Content with a name for reports and a size in bytes.
    pub fn new(name: Arc<str>, size: u64, content: Arc<dyn Ranges>) -> Self {
        Self { name, size, content }
    }

    /// The name in reports.
    pub fn name(&self) -> Arc<str> {
        self.name.clone()
    }

    /// The size in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Reads all bytes.
    pub(super) fn reader(&self) -> ObjectReader {
        self.reader_until(self.size)
    }

    /// Reads few bytes after an offset, unless they are needed.
    pub(super) fn reader_until(&self, end: u64) -> ObjectReader {
        ObjectReader { object: self.clone(), end, at: 0, next: FIRST_RANGE, buffer: Vec::new(), position: 0 }
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Object").field("name", &self.name).field("size", &self.size).finish_non_exhaustive()
    }
}

impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.size == other.size
    }
}

impl Eq for Object {}

/// Reads content in order, with a request for each range.
pub(super) struct ObjectReader {
    object: Object,
    /// The offset from which few bytes are needed.
    end: u64,
    /// The offset after the buffer.
    at: u64,
    /// The length of the next range.
    next: usize,
    buffer: Vec<u8>,
    position: usize,
}

impl Read for ObjectReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.position == self.buffer.len() && !out.is_empty() {
            let left = |end: u64| usize::try_from(end.saturating_sub(self.at)).unwrap_or(usize::MAX);
            let wanted = if self.at < self.end { left(self.end).min(self.next) } else { LAST_RANGE };
            let length = wanted.min(left(self.object.size));
            if length == 0 {
                return Ok(0);
            }
            let buffer = self.object.content.read_range(self.at, length)?;
            if buffer.len() != length {
                let message = format!("{} bytes instead of {length} at offset {}: the object has changed", buffer.len(), self.at);
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, message));
            }
            (self.buffer, self.position, self.next) = (buffer, 0, RANGE);
            self.at += length as u64;
        }
        let rest = &self.buffer[self.position..];
        let length = rest.len().min(out.len());
        out[..length].copy_from_slice(&rest[..length]);
        self.position += length;
        Ok(length)
    }
}

impl Seek for ObjectReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let current = self.at - (self.buffer.len() - self.position) as u64;
        let target = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(offset) => self.object.size.checked_add_signed(offset),
            SeekFrom::Current(offset) => current.checked_add_signed(offset),
        };
        let target = target.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        let begin = self.at - self.buffer.len() as u64;
        if (begin..=self.at).contains(&target) {
            self.position = usize::try_from(target - begin).map_err(io::Error::other)?;
        } else {
            (self.at, self.next, self.buffer, self.position) = (target, FIRST_RANGE, Vec::new(), 0);
        }
        Ok(target)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::super::{Decoded, Limits, ReadError, Source};
    use super::*;

    /// Bytes, and the ranges that were requested.
    struct Memory(Vec<u8>, Mutex<Vec<(u64, usize)>>);

    impl Ranges for Memory {
        fn read_range(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
            self.1.lock().expect("a lock").push((offset, length));
            let start = usize::try_from(offset).expect("an offset").min(self.0.len());
            Ok(self.0[start..self.0.len().min(start + length)].to_vec())
        }
    }

    fn object(length: usize, size: u64) -> (Vec<u8>, Arc<Memory>, Object) {
        let bytes: Vec<u8> = (0..length).map(|number| (number * number % 251) as u8).collect();
        let memory = Arc::new(Memory(bytes.clone(), Mutex::default()));
        (bytes, memory.clone(), Object::new("x".into(), size, memory))
    }

    #[test]
    fn an_object_is_read_in_order_with_few_requests() {
        let (bytes, memory, object) = object(9_000_001, 9_000_001);
        let mut read = Vec::new();
        object.reader().read_to_end(&mut read).expect("bytes");
        assert!(read == bytes);
        let requests = memory.1.lock().expect("a lock");
        assert_eq!(*requests, [(0, FIRST_RANGE), (FIRST_RANGE as u64, RANGE), ((FIRST_RANGE + RANGE) as u64, RANGE), (8_650_752, 349_249)]);
    }

    #[test]
    fn few_bytes_are_read_after_the_end_that_is_expected() {
        let (bytes, memory, object) = object(2_000_000, 2_000_000);
        let mut reader = object.reader_until(1_000_000);
        reader.seek(SeekFrom::Start(500_000)).expect("a position");
        let mut part = vec![0; 500_010];
        reader.read_exact(&mut part).expect("bytes");
        assert!(part == bytes[500_000..1_000_010]);
        assert_eq!(*memory.1.lock().expect("a lock"), [(500_000, FIRST_RANGE), (762_144, 237_856), (1_000_000, LAST_RANGE)]);
    }

    #[test]
    fn a_seek_within_the_buffer_needs_no_request() {
        let (bytes, memory, object) = object(600_000, 600_000);
        let mut reader = object.reader();
        let mut part = [0; 4];
        for (to, offset, requests) in [
            (SeekFrom::Start(10), 10, 1),
            (SeekFrom::Current(100), 114, 1),
            (SeekFrom::Start(10), 10, 1),
            (SeekFrom::End(-8), 599_992, 2),
            (SeekFrom::Current(-4), 599_992, 2),
            (SeekFrom::Start(400_000), 400_000, 3),
        ] {
            assert_eq!(reader.seek(to).expect("a position"), offset);
            reader.read_exact(&mut part).expect("bytes");
            let start = offset as usize;
            assert_eq!(part, bytes[start..start + 4]);
            assert_eq!(memory.1.lock().expect("a lock").len(), requests, "{to:?}");
        }
        assert!(reader.seek(SeekFrom::Current(-500_000)).is_err());
    }

    /// Content that fails after some bytes.
    struct Failing(Vec<u8>);

    impl Ranges for Failing {
        fn read_range(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
            if offset == 0 { Ok(self.0[..length].to_vec()) } else { Err(io::Error::other("the connection was closed")) }
        }
    }

    #[test]
    fn an_error_of_a_store_is_not_a_damaged_stream() {
        // Bytes that cannot be compressed (xorshift).
        let mut state = 1_u64;
        let mut random = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 32) as u8
        };
        let noise: Vec<u8> = (0..900_000).map(|_| random()).collect();
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
        io::Write::write_all(
            &mut gzip,
            format!("{{\"text\": \"{}\"}}\n", noise.iter().map(|byte| format!("{byte:02x}")).collect::<String>()).as_bytes(),
        )
        .expect("memory");
        let gzip = gzip.finish().expect("memory");
        let zstd = zstd::encode_all(noise.as_slice(), 1).expect("memory");
        for bytes in [gzip, zstd, noise] {
            let size = bytes.len() as u64;
            let source = Source::Object(Object::new("x".into(), size, Arc::new(Failing(bytes))));
            let mut out = Vec::new();
            let error = Decoded::open(&source, &Limits::default())
                .and_then(|mut decoded| decoded.read_to_end(&mut out).map_err(ReadError::from_io));
            let error = error.expect_err("the store fails");
            assert!(error.may_pass(), "{error:?}");
            assert_eq!(error.to_string(), "the connection was closed");
        }
    }

    #[test]
    fn an_object_that_became_shorter_is_an_error() {
        let (_, _, object) = object(100, 200);
        let error = object.reader().read_to_end(&mut Vec::new()).expect_err("too short");
        assert_eq!(error.to_string(), "100 bytes instead of 200 at offset 0: the object has changed");
    }
}
