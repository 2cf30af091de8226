//! A manual clock, advanced once per request.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;

/// A clock that advances by one step per request. A server on the same clock gives the same responses in every run, if requests
/// are sent one after the other.
#[derive(Debug)]
pub struct ManualClock {
    start: Timestamp,
    step: Duration,
    count: AtomicU64,
}

impl ManualClock {
    /// A clock that starts at an instant.
    pub fn new(start: Timestamp, step: Duration) -> Self {
        Self { start, step, count: AtomicU64::new(0) }
    }

    /// The current instant.
    pub fn now(&self) -> Timestamp {
        self.at(self.count.load(Ordering::SeqCst))
    }

    /// Advances the clock by one step and returns the new instant.
    pub fn tick(&self) -> Timestamp {
        self.at(self.count.fetch_add(1, Ordering::SeqCst).saturating_add(1))
    }

    fn at(&self, count: u64) -> Timestamp {
        let step = i64::try_from(self.step.as_nanos()).unwrap_or(i64::MAX);
        let passed = jiff::SignedDuration::from_nanos(step.saturating_mul(i64::try_from(count).unwrap_or(i64::MAX)));
        self.start.saturating_add(passed).unwrap_or(Timestamp::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_advances_per_request_and_saturates() {
        let start: Timestamp = "2026-07-14T09:00:00Z".parse().expect("an instant");
        let clock = ManualClock::new(start, Duration::from_millis(1_500));
        assert_eq!(clock.now(), start);
        assert_eq!(clock.tick().to_string(), "2026-07-14T09:00:01.5Z");
        assert_eq!(clock.now().to_string(), "2026-07-14T09:00:01.5Z");
        let last = ManualClock::new(Timestamp::MAX, Duration::MAX);
        assert_eq!((last.tick(), last.tick()), (Timestamp::MAX, Timestamp::MAX));
    }
}
