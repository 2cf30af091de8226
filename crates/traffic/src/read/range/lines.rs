//! The lines that begin in a range of the bytes of a source.

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

use super::{BYTE_ORDER_MARK, ReadSeek};
use crate::read::digest::SourceHasher;

/// Reads the lines that begin in a range, and hashes the bytes of the range.
pub(super) struct RangeReader {
    pub(super) reader: BufReader<Box<dyn ReadSeek>>,
    /// The offset of the next byte.
    pub(super) at: u64,
    /// The end of the range.
    pub(super) end: u64,
    /// Whether a line ends before the next byte.
    pub(super) is_line_end: bool,
    pub(super) hasher: Arc<Mutex<SourceHasher>>,
}

impl RangeReader {
    /// Passes over a byte order mark, or over the rest of a line that begins before the range.
    pub(super) fn begin(&mut self) -> io::Result<()> {
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
pub(super) struct FirstLine<R> {
    pub(super) reader: R,
    pub(super) is_over: bool,
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
