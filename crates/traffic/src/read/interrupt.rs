//! Ends reading when the process is asked to end, also while a pipe delivers no bytes.

use std::io::{self, Cursor, Read};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use super::Source;

/// The number of interruptions so far.
static INTERRUPTIONS: AtomicUsize = AtomicUsize::new(0);

/// How often a reader that waits for bytes looks for an interruption.
const INTERVAL: Duration = Duration::from_millis(50);
/// The size of the parts that a pipe is read in.
const PART: usize = 64 << 10;
/// The number of parts that are read ahead.
const PARTS: usize = 4;

/// Ends the reading of every source that is open in this process, with [`ReadError::Interrupted`](super::ReadError::Interrupted). For handlers
/// of signals. Sources that are opened later are read.
pub fn interrupt() {
    INTERRUPTIONS.fetch_add(1, Ordering::Relaxed);
}

/// An interruption, as a payload of [`io::Error`].
#[derive(Debug, thiserror::Error)]
#[error("interrupted")]
pub(super) struct Interruption;

/// Whether an error is an interruption.
pub(super) fn is_interruption(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|payload| payload.is::<Interruption>())
}

/// The number of interruptions when a source was opened.
#[derive(Clone, Copy)]
struct Opened(usize);

impl Opened {
    fn now() -> Self {
        Self(INTERRUPTIONS.load(Ordering::Relaxed))
    }

    fn check(self) -> io::Result<()> {
        if INTERRUPTIONS.load(Ordering::Relaxed) == self.0 { Ok(()) } else { Err(io::Error::other(Interruption)) }
    }
}

/// The bytes of a source until the process is interrupted.
pub(super) fn interruptible(source: &Source, bytes: Box<dyn Read + Send>) -> Box<dyn Read + Send> {
    let may_wait = match source {
        Source::Stdin | Source::Remote { .. } => true,
        Source::File(path) | Source::Live { path, .. } => !path.is_file(),
        Source::Bytes { .. } | Source::Object(_) => false,
    };
    if may_wait { Box::new(Waiting::new(bytes)) } else { Box::new(Interruptible { bytes, opened: Opened::now() }) }
}

/// Bytes that are always there.
struct Interruptible {
    bytes: Box<dyn Read + Send>,
    opened: Opened,
}

impl Read for Interruptible {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.opened.check()?;
        self.bytes.read(buffer)
    }
}

/// Bytes of a pipe or a device. A thread reads them, because a read cannot be ended while it waits.
struct Waiting {
    parts: Receiver<io::Result<Vec<u8>>>,
    part: Cursor<Vec<u8>>,
    opened: Opened,
}

impl Waiting {
    fn new(mut bytes: Box<dyn Read + Send>) -> Self {
        let (sender, parts) = mpsc::sync_channel(PARTS);
        std::thread::spawn(move || {
            loop {
                let mut part = vec![0; PART];
                let read = match bytes.read(&mut part) {
                    Ok(0) => break,
                    Ok(length) => {
                        part.truncate(length);
                        sender.send(Ok(part))
                    }
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    Err(error) => {
                        let _ = sender.send(Err(error));
                        break;
                    }
                };
                if read.is_err() {
                    break;
                }
            }
        });
        Self { parts, part: Cursor::default(), opened: Opened::now() }
    }
}

impl Read for Waiting {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            self.opened.check()?;
            let read = self.part.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            match self.parts.recv_timeout(INTERVAL) {
                Ok(part) => self.part = Cursor::new(part?),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(0),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_waiting_reader_delivers_all_bytes_and_then_the_end() {
        let bytes: Vec<u8> = (0..200_000u32).map(|number| number as u8).collect();
        let mut read = Vec::new();
        Waiting::new(Box::new(Cursor::new(bytes.clone()))).read_to_end(&mut read).expect("bytes");
        assert_eq!(read, bytes);
    }
}
