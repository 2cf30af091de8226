//! Read-ahead: a thread reads and decompresses while the caller checks.

use std::ops::ControlFlow;
use std::sync::{Condvar, Mutex, PoisonError, mpsc};

use super::{Item, ReadError, Reading, SourceSummary};

/// The maximum number of bytes that are read and not yet taken.
const AHEAD: usize = 8 << 20;

/// Delivers every item of a source in order, while a second thread reads the next ones.
///
/// # Errors
/// As [`Reading::items`].
pub fn read_ahead(reading: Reading, sink: &mut dyn FnMut(Item) -> ControlFlow<()>) -> Result<SourceSummary, ReadError> {
    read_within(AHEAD, reading, sink)
}

fn read_within(room: usize, reading: Reading, sink: &mut dyn FnMut(Item) -> ControlFlow<()>) -> Result<SourceSummary, ReadError> {
    let reading = Mutex::new(Some(reading));
    let waiting = Waiting { room, state: Mutex::default(), taken: Condvar::new() };
    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|scope| {
        let reader = std::thread::Builder::new().spawn_scoped(scope, || {
            let sender = sender;
            read(&reading, &mut |item| {
                waiting.add(item.byte_len());
                if sender.send(item).is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })
        });
        let Ok(reader) = reader else {
            // Without a second thread the result is the same, only slower.
            return read(&reading, sink);
        };
        let end = End(&waiting);
        for item in &receiver {
            waiting.take(item.byte_len());
            if sink(item).is_break() {
                break;
            }
        }
        drop(receiver);
        drop(end);
        reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn read(reading: &Mutex<Option<Reading>>, sink: &mut dyn FnMut(Item) -> ControlFlow<()>) -> Result<SourceSummary, ReadError> {
    let reading = reading.lock().unwrap_or_else(PoisonError::into_inner).take();
    reading.map_or(Ok(SourceSummary::default()), |reading| reading.items(sink))
}

/// The amount of data that is read and not yet taken.
struct Waiting {
    room: usize,
    /// The number of bytes, and whether the consumer has stopped.
    state: Mutex<(usize, bool)>,
    taken: Condvar,
}

impl Waiting {
    /// Adds an item when the buffer has room. An item larger than the limit waits until the buffer is empty.
    fn add(&self, bytes: usize) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while state.0 > 0 && state.0 + bytes > self.room && !state.1 {
            state = self.taken.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.0 += bytes;
    }

    fn take(&self, bytes: usize) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).0 -= bytes;
        self.taken.notify_one();
    }
}

/// Releases the reader, which may wait for room, on every exit of the consumer, including panics.
struct End<'w>(&'w Waiting);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner).1 = true;
        self.0.taken.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::read::{Limits, Source};

    #[test]
    fn a_panic_in_the_sink_stops_the_reader() {
        let line = format!("{{\"text\": \"{}\"}}\n", "x".repeat(1_000));
        let bytes = line.repeat(1_000).into_bytes();
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            let source = Source::Bytes { name: "lines".into(), bytes: bytes.into() };
            let panicking = std::panic::AssertUnwindSafe(|| {
                // There is room for one item, so that the reader waits with the next one by then.
                read_within(1, Reading::open(&source, &Limits::default()).expect("lines"), &mut |_| {
                    std::thread::sleep(Duration::from_millis(200));
                    panic!("no more")
                })
            });
            sender.send(std::panic::catch_unwind(panicking).map_err(|panic| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())))
        });
        let Ok(outcome) = receiver.recv_timeout(Duration::from_secs(60)) else { panic!("the reader waits for ever") };
        assert_eq!(outcome.expect_err("a panic").as_deref(), Some("no more"));
    }
}
