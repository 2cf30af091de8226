//! Copies of bodies that pass, with a limit for each body and one for all of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use charter_traffic::exchange::Body;

/// The bytes that all copies may have together.
#[derive(Debug)]
pub(crate) struct Budget {
    left: AtomicUsize,
}

impl Budget {
    pub(crate) fn new(bytes: usize) -> Arc<Self> {
        Arc::new(Self { left: AtomicUsize::new(bytes) })
    }

    fn take(&self, bytes: usize) -> bool {
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes)).is_ok()
    }
}

/// Bytes of a budget, which are given back when the value is dropped.
#[derive(Debug)]
pub(crate) struct Held {
    budget: Arc<Budget>,
    bytes: usize,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.budget.left.fetch_add(self.bytes, Ordering::Relaxed);
    }
}

/// The copy of a body.
#[derive(Debug)]
pub(crate) struct Capture {
    bytes: Vec<u8>,
    limit: usize,
    held: Held,
    is_complete: bool,
    is_too_large: bool,
}

impl Capture {
    /// An empty copy of at most `limit` bytes.
    pub(crate) fn new(limit: usize, budget: &Arc<Budget>) -> Self {
        let held = Held { budget: budget.clone(), bytes: 0 };
        Self { bytes: Vec::new(), limit, held, is_complete: false, is_too_large: false }
    }

    /// Adds a part of the body. Drops the whole copy if it is longer than a limit.
    pub(crate) fn push(&mut self, part: &[u8]) {
        if self.is_too_large || part.is_empty() {
            return;
        }
        if self.bytes.len() + part.len() > self.limit || !self.held.budget.take(part.len()) {
            self.give_up();
            return;
        }
        self.held.bytes += part.len();
        self.bytes.extend_from_slice(part);
    }

    /// Drops the copy. The body is then not judged.
    pub(crate) fn give_up(&mut self) {
        self.is_too_large = true;
        self.bytes = Vec::new();
        self.held = Held { budget: self.held.budget.clone(), bytes: 0 };
    }

    /// Marks the end of the body.
    pub(crate) fn complete(&mut self) {
        self.is_complete = true;
    }

    /// Takes the copy; what passes later is not copied.
    pub(crate) fn take(&mut self) -> Self {
        let empty = Self { is_too_large: true, ..Self::new(0, &self.held.budget) };
        std::mem::replace(self, empty)
    }

    /// Whether the body is longer than a limit.
    #[cfg(feature = "proxy")]
    pub(crate) fn is_too_large(&self) -> bool {
        self.is_too_large
    }

    /// The body, and the part of the budget that it uses.
    pub(crate) fn into_body(self) -> (Body, Held) {
        let body = if self.is_complete && !self.is_too_large { Body::from_bytes(self.bytes) } else { Body::Truncated };
        (body, self.held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_beyond_a_limit_is_dropped_and_uses_no_budget() {
        let budget = Budget::new(10);
        let mut first = Capture::new(8, &budget);
        first.push(b"12345");
        let mut second = Capture::new(8, &budget);
        second.push(b"123456");
        assert!(second.is_too_large() && !first.is_too_large());
        first.push(b"6789");
        assert!(first.is_too_large());
        assert_eq!(budget.left.load(Ordering::Relaxed), 10);
        first.complete();
        assert!(matches!(first.into_body().0, Body::Truncated));
    }

    #[test]
    fn a_complete_body_holds_its_part_of_the_budget_until_it_is_dropped() {
        let budget = Budget::new(10);
        let mut capture = Capture::new(8, &budget);
        capture.push(b"1234");
        capture.complete();
        let (body, held) = capture.into_body();
        assert_eq!((body.bytes(), budget.left.load(Ordering::Relaxed)), (Some(&b"1234"[..]), 6));
        drop(held);
        assert_eq!(budget.left.load(Ordering::Relaxed), 10);
    }

    #[test]
    fn an_incomplete_body_is_truncated() {
        let mut capture = Capture::new(8, &Budget::new(10));
        capture.push(b"1234");
        assert!(matches!(capture.into_body().0, Body::Truncated));
    }
}
