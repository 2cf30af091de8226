//! Limits the rate of requests by even spacing.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

/// Spaces requests evenly.
pub(super) struct RateLimiter {
    period: Duration,
    next: Mutex<Instant>,
}

impl RateLimiter {
    /// A limiter for a number of requests per second; `None` if the number sets no limit.
    pub(super) fn new(rate: f64) -> Option<Self> {
        let period = Duration::try_from_secs_f64(1.0 / rate).ok().filter(|period| !period.is_zero())?;
        Some(Self { period, next: Mutex::new(Instant::now()) })
    }

    /// Waits until the next request may be sent.
    pub(super) async fn wait(&self) {
        let turn = {
            let mut next = self.next.lock().await;
            let turn = (*next).max(Instant::now());
            *next = turn + self.period;
            turn
        };
        tokio::time::sleep_until(turn).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_without_a_period_sets_no_limit() {
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(RateLimiter::new(rate).is_none(), "{rate}");
        }
        assert_eq!(RateLimiter::new(50.0).map(|limiter| limiter.period), Some(Duration::from_millis(20)));
    }
}
