//! Retries: the pause that the server requests, else exponential backoff with jitter.

use std::time::{Duration, SystemTime};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};

use crate::client::Outcome;
use crate::failure::TIMEOUT;

const MIN_PAUSE: Duration = Duration::from_millis(250);
const MAX_PAUSE: Duration = Duration::from_secs(30);

/// The retries of one request.
pub(crate) struct Retries {
    backoff: ExponentialBackoff,
    longest_retry_after: Duration,
    /// Whether the request has timed out before.
    timed_out: bool,
}

/// What to do after a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Use this outcome.
    Done,
    /// Send the request again after this pause.
    Retry(Duration),
    /// A retry may succeed, but there are no retries left, or the requested pause is too long.
    GiveUp(Option<Duration>),
}

impl Retries {
    pub(crate) fn new(retries: usize, longest_retry_after: Duration) -> Self {
        let builder =
            ExponentialBuilder::default().with_min_delay(MIN_PAUSE).with_max_delay(MAX_PAUSE).with_max_times(retries).with_jitter();
        Self { backoff: builder.build(), longest_retry_after, timed_out: false }
    }

    pub(crate) fn after(&mut self, outcome: &Outcome) -> Decision {
        let may_succeed = match outcome.status() {
            // An incomplete response counts as a failed request.
            Some(_) if outcome.exchange.error.is_some() => outcome.is_transient,
            Some(status) => matches!(status, 408 | 429 | 500 | 502..=504),
            None => outcome.is_transient,
        };
        if !may_succeed {
            return Decision::Done;
        }
        // A second timeout ends the retries: all of them would take many times the time limit.
        if outcome.exchange.error.as_deref() == Some(TIMEOUT) && std::mem::replace(&mut self.timed_out, true) {
            return Decision::GiveUp(None);
        }
        let requested = outcome.header("retry-after").and_then(|value| retry_after(value, outcome.header("date"), SystemTime::now()));
        if let Some(pause) = requested.filter(|pause| *pause > self.longest_retry_after) {
            return Decision::GiveUp(Some(pause));
        }
        match self.backoff.next() {
            // The jitter on top of the requested pause spreads concurrent requests.
            Some(pause) => Decision::Retry(requested.map_or(pause, |requested| requested + pause.min(MIN_PAUSE))),
            None => Decision::GiveUp(None),
        }
    }
}

/// The pause that `Retry-After` requests: seconds, or a date, relative to the server's `Date` if the response has one.
fn retry_after(value: &str, date: Option<&str>, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(value.parse().map_or(Duration::MAX, Duration::from_secs));
    }
    let until = httpdate::parse_http_date(value).ok()?;
    let now = date.and_then(|date| httpdate::parse_http_date(date.trim()).ok()).unwrap_or(now);
    // A date in the past requests no pause.
    Some(until.duration_since(now).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = httpdate::parse_http_date("Tue, 14 Jul 2026 09:00:00 GMT").expect("a date");
        let seconds = |value, date| retry_after(value, date, now).map(|pause| pause.as_secs());
        assert_eq!(seconds("7", None), Some(7));
        assert_eq!(seconds(" 0 ", None), Some(0));
        assert_eq!(seconds("Tue, 14 Jul 2026 09:00:30 GMT", None), Some(30));
        assert_eq!(seconds("Tue, 14 Jul 2026 08:00:00 GMT", None), Some(0));
        assert_eq!(seconds("99999999999999999999999", None), Some(u64::MAX));
        for text in ["-1", "soon", "", "1.5"] {
            assert_eq!(seconds(text, None), None, "{text}");
        }
    }

    #[test]
    fn a_retry_after_date_is_relative_to_the_date_header() {
        // The server's clock is a day behind; the pause is still ten seconds.
        let now = httpdate::parse_http_date("Tue, 14 Jul 2026 09:00:00 GMT").expect("a date");
        let pause = retry_after("Mon, 13 Jul 2026 09:00:10 GMT", Some("Mon, 13 Jul 2026 09:00:00 GMT"), now);
        assert_eq!(pause, Some(Duration::from_secs(10)));
    }
}
