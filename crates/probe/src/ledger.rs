//! What the run was to see and did not: told at its end, as the error of the input.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Requests without any answer after which nothing more is asked, where nothing was ever answered.
const HOPELESS: usize = 25;
/// What is told one by one before the rest is counted.
const TOLD: usize = 5;

/// Notes what was not seen.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    unseen: Mutex<Unseen>,
    answered: AtomicBool,
    unanswered: AtomicUsize,
}

#[derive(Debug, Default)]
struct Unseen {
    count: usize,
    told: Vec<String>,
    skipped: usize,
}

impl Ledger {
    /// Notes that something was not seen, and why.
    pub(crate) fn unseen(&self, what: &str, why: &str) {
        let mut unseen = self.unseen.lock().unwrap_or_else(PoisonError::into_inner);
        unseen.count += 1;
        if unseen.told.len() < TOLD {
            unseen.told.push(format!("{what}: {why}"));
        }
    }

    /// Notes that something was not even asked for.
    pub(crate) fn skipped(&self) {
        self.unseen.lock().unwrap_or_else(PoisonError::into_inner).skipped += 1;
    }

    /// Notes how a request ended.
    pub(crate) fn ended(&self, answered: bool) {
        if answered {
            self.answered.store(true, Ordering::Relaxed);
        } else {
            self.unanswered.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Whether the server seems not to be there.
    pub(crate) fn is_hopeless(&self) -> bool {
        !self.answered.load(Ordering::Relaxed) && self.unanswered.load(Ordering::Relaxed) >= HOPELESS
    }

    /// All of it in a sentence; `None` where everything was seen.
    pub(crate) fn told(&self) -> Option<String> {
        let unseen = self.unseen.lock().unwrap_or_else(PoisonError::into_inner);
        if unseen.count == 0 && unseen.skipped == 0 {
            return None;
        }
        let mut text = String::new();
        if !self.answered.load(Ordering::Relaxed) {
            text.push_str("the server answers nothing; check the base URL, and a --ca-file where its certificate is your own. ");
        }
        let _ = write!(text, "not seen: {}", unseen.told.join("; "));
        if unseen.count > unseen.told.len() {
            let _ = write!(text, "; and {} more", unseen.count - unseen.told.len());
        }
        if unseen.skipped > 0 {
            let _ = write!(text, "; {} were not asked for any more", unseen.skipped);
        }
        Some(text)
    }
}
