//! When to ask again: what the server says, else exponentially longer pauses with jitter.

use std::time::{Duration, SystemTime};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};

use crate::client::Answer;
use crate::failure::TIMEOUT;

const SHORTEST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(30);

/// The pauses before each repetition of one request.
pub(crate) struct Pauses {
    backoff: ExponentialBackoff,
    longest_retry_after: Duration,
    /// Whether time has run out once.
    timed_out: bool,
}

/// What to do after an answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// It stands.
    Done,
    /// Ask again after this.
    Again(Duration),
    /// Asking again would be of use, but it has been asked often enough, or it would take too long.
    GiveUp(Option<Duration>),
}

impl Pauses {
    pub(crate) fn new(retries: usize, longest_retry_after: Duration) -> Self {
        let builder = ExponentialBuilder::default().with_min_delay(SHORTEST).with_max_delay(LONGEST).with_max_times(retries).with_jitter();
        Self { backoff: builder.build(), longest_retry_after, timed_out: false }
    }

    pub(crate) fn after(&mut self, answer: &Answer) -> Decision {
        let again = match answer.status() {
            // An answer that broke off is as good as none.
            Some(_) if answer.exchange.error.is_some() => answer.is_passing,
            Some(status) => matches!(status, 408 | 429 | 500 | 502..=504),
            None => answer.is_passing,
        };
        if !again {
            return Decision::Done;
        }
        // Time that runs out a second time would run out again: nobody waits for all repetitions.
        if answer.exchange.error.as_deref() == Some(TIMEOUT) && std::mem::replace(&mut self.timed_out, true) {
            return Decision::GiveUp(None);
        }
        let asked = answer.header("retry-after").and_then(|value| retry_after(value, answer.header("date"), SystemTime::now()));
        if let Some(pause) = asked.filter(|pause| *pause > self.longest_retry_after) {
            return Decision::GiveUp(Some(pause));
        }
        match self.backoff.next() {
            // Never sooner than asked, and never all at once.
            Some(pause) => Decision::Again(asked.map_or(pause, |asked| asked.max(Duration::ZERO) + pause.min(SHORTEST))),
            None => Decision::GiveUp(None),
        }
    }
}

/// How long `Retry-After` asks to wait: seconds, or a date, which is read by the server's own clock where it shows one.
fn retry_after(value: &str, date: Option<&str>, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(value.parse().map_or(Duration::MAX, Duration::from_secs));
    }
    let until = httpdate::parse_http_date(value).ok()?;
    let now = date.and_then(|date| httpdate::parse_http_date(date.trim()).ok()).unwrap_or(now);
    // A date that has passed asks for nothing.
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
    fn a_date_is_read_by_the_clock_of_the_server() {
        // The server's clock is a day behind: its pause is ten seconds all the same.
        let now = httpdate::parse_http_date("Tue, 14 Jul 2026 09:00:00 GMT").expect("a date");
        let pause = retry_after("Mon, 13 Jul 2026 09:00:10 GMT", Some("Mon, 13 Jul 2026 09:00:00 GMT"), now);
        assert_eq!(pause, Some(Duration::from_secs(10)));
    }
}
