//! When a request is sent again.

use std::time::{Duration, SystemTime};

use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Method, StatusCode};

/// How requests with idempotent methods are sent again, if the connection fails or the status is 429, 502, 503 or 504. The wait doubles with
/// each attempt, unless the server sends `Retry-After`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retry {
    /// How often a request is sent at most.
    pub attempts: u32,
    /// The wait after the first attempt.
    pub wait: Duration,
    /// The longest wait. If the server asks for a longer one, the request is not sent again.
    pub longest: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self { attempts: 3, wait: Duration::from_millis(250), longest: Duration::from_secs(30) }
    }
}

impl Retry {
    /// At most this number of attempts.
    #[must_use]
    pub fn attempts(attempts: u32) -> Self {
        Self { attempts, ..Self::default() }
    }

    /// How long to wait after an attempt, from 1; `None` if the request is not sent again.
    pub(crate) fn after(&self, attempt: u32, status: Option<StatusCode>, headers: Option<&HeaderMap>) -> Option<Duration> {
        let temporary = status.is_none_or(|status| matches!(status.as_u16(), 429 | 502 | 503 | 504));
        if attempt >= self.attempts || !temporary {
            return None;
        }
        let wait = headers.and_then(|headers| retry_after(headers, SystemTime::now()));
        let wait = wait.unwrap_or_else(|| self.wait.saturating_mul(2_u32.saturating_pow(attempt - 1)).min(self.longest));
        (wait <= self.longest).then_some(wait)
    }
}

/// Whether a method may be sent twice.
///
/// # Source
/// RFC 9110, section 9.2.2.
pub(crate) fn is_idempotent(method: &Method) -> bool {
    [Method::GET, Method::HEAD, Method::OPTIONS, Method::TRACE, Method::PUT, Method::DELETE].contains(method)
}

/// # Source
/// RFC 9110, section 10.2.3.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    match text.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => Some(httpdate::parse_http_date(text).ok()?.duration_since(now).unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_is_that_of_the_server_or_doubles() {
        let retry = Retry { attempts: 4, wait: Duration::from_secs(1), longest: Duration::from_secs(3) };
        let seconds = |attempt| retry.after(attempt, Some(StatusCode::SERVICE_UNAVAILABLE), None).map(|wait| wait.as_secs());
        assert_eq!((1..=4).map(seconds).collect::<Vec<_>>(), [Some(1), Some(2), Some(3), None]);
        assert_eq!(retry.after(1, Some(StatusCode::NOT_FOUND), None), None);
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, "2".parse().expect("a value"));
        assert_eq!(retry.after(1, Some(StatusCode::TOO_MANY_REQUESTS), Some(&headers)), Some(Duration::from_secs(2)));
        headers.insert(RETRY_AFTER, "4".parse().expect("a value"));
        assert_eq!(retry.after(1, Some(StatusCode::TOO_MANY_REQUESTS), Some(&headers)), None);
        headers.insert(RETRY_AFTER, "Fri, 31 Dec 1999 23:59:59 GMT".parse().expect("a value"));
        assert_eq!(retry.after(1, None, Some(&headers)), Some(Duration::ZERO));
    }
}
