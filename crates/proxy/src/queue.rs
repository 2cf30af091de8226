//! Complete exchanges that wait for the engine. If too many wait, new requests wait too.

use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use charter_traffic::Next;
use tokio::sync::Notify;

use crate::sink::{Finished, Sink};

/// The number of exchanges that wait before new requests wait.
const CAPACITY: usize = 1024;
/// How often progress is reported while no exchange ends.
const TICK: Duration = Duration::from_millis(100);

/// How long exchanges gather after the engine has waited for one. Without this pause, every exchange wakes the thread of the engine.
const GATHER: Duration = Duration::from_millis(2);

enum Event {
    Exchange(Finished),
    NotJudged { part: &'static str, reason: &'static str },
    End,
}

/// The side that adds exchanges.
pub(crate) struct Queue {
    // The mutex makes the order of the exchanges that of their ends.
    sender: Mutex<Sender<Event>>,
    shared: Arc<Shared>,
}

/// The side of the engine.
pub(crate) struct Waiting {
    receiver: Receiver<Event>,
    shared: Arc<Shared>,
    /// Whether the engine judges what it has before it waits.
    report_idle: bool,
}

#[derive(Default)]
struct Shared {
    waiting: AtomicUsize,
    space: Notify,
}

/// A queue for exchanges.
pub(crate) fn queue() -> (Queue, Waiting) {
    let (sender, receiver) = channel();
    let shared = Arc::new(Shared::default());
    (Queue { sender: Mutex::new(sender), shared: shared.clone() }, Waiting { receiver, shared, report_idle: false })
}

impl Queue {
    /// Waits until the engine has taken enough exchanges.
    pub(crate) async fn space(&self) {
        loop {
            if self.shared.waiting.load(Ordering::Relaxed) < CAPACITY {
                return;
            }
            let mut notified = pin!(self.shared.space.notified());
            notified.as_mut().enable();
            if self.shared.waiting.load(Ordering::Relaxed) < CAPACITY {
                return;
            }
            notified.await;
        }
    }

    /// Adds the end. Later exchanges are not judged.
    pub(crate) fn end(&self) {
        self.send(Event::End);
    }

    fn send(&self, event: Event) {
        self.shared.waiting.fetch_add(1, Ordering::Relaxed);
        // If the receiver is gone, the run has ended.
        let _ = self.sender.lock().unwrap_or_else(PoisonError::into_inner).send(event);
    }
}

impl Sink for Queue {
    fn finished(&self, finished: Finished) {
        self.send(Event::Exchange(finished));
    }

    fn not_judged(&self, part: &'static str, reason: &'static str) {
        self.send(Event::NotJudged { part, reason });
    }
}

impl Waiting {
    /// The next exchange. Returns `Idle` if there is none for a while.
    pub(crate) fn next(&mut self) -> Next {
        let event = match self.receiver.try_recv() {
            Ok(event) => Ok(event),
            // The engine uses an idle period to judge the exchanges that it has.
            Err(TryRecvError::Empty) if self.report_idle => Err(RecvTimeoutError::Timeout),
            Err(_) => self.receiver.recv_timeout(TICK).inspect(|_| std::thread::sleep(GATHER)),
        };
        self.report_idle = event.is_ok();
        if event.is_ok() && self.shared.waiting.fetch_sub(1, Ordering::Relaxed) <= CAPACITY {
            self.shared.space.notify_waiters();
        }
        match event {
            Ok(Event::Exchange(finished)) => Next::Exchange(finished.decoded()),
            Ok(Event::NotJudged { part, reason }) => Next::NotJudged { part, reason },
            Ok(Event::End) | Err(RecvTimeoutError::Disconnected) => Next::End,
            Err(RecvTimeoutError::Timeout) => Next::Idle,
        }
    }
}
