//! Requests that failed or were skipped, summarised at the end as the error of the report's input.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use charter_traffic::exchange::Attempt;

/// If no request has had a response, the probe stops after this many failed requests.
const GIVE_UP_AFTER: usize = 25;
/// How many failures the summary lists; the rest is a count.
const LISTED: usize = 5;

/// Collects requests that failed or were skipped.
#[derive(Debug, Default)]
pub(crate) struct Missed {
    entries: Mutex<Entries>,
    any_response: AtomicBool,
    /// Whether a response has another status than 404.
    any_found: AtomicBool,
    without_response: AtomicUsize,
    /// Operations that were not requested, and responses that were not judged, each with the reason and the number.
    not_judged: Mutex<BTreeMap<(String, String), u64>>,
    /// The base URL that the servers of the contract suggest, and their base path, if the base URL has another path.
    other_base: Option<(String, String)>,
}

#[derive(Debug, Default)]
struct Entries {
    failed: usize,
    /// The first failures, as text.
    listed: Vec<String>,
    skipped: usize,
}

impl Missed {
    pub(crate) fn new(other_base: Option<(String, String)>) -> Self {
        Self { other_base, ..Self::default() }
    }

    /// Records a failure and its reason.
    pub(crate) fn failed(&self, what: &str, why: &str) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.failed += 1;
        if entries.listed.len() < LISTED {
            entries.listed.push(format!("{what}: {why}"));
        }
    }

    /// Records a request that was not sent.
    pub(crate) fn skipped(&self) {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).skipped += 1;
    }

    /// Records why an operation was not requested, or a response of it was not judged.
    pub(crate) fn not_judged(&self, id: &str, reason: String) {
        *self.not_judged.lock().unwrap_or_else(PoisonError::into_inner).entry((id.to_owned(), reason)).or_default() += 1;
    }

    /// Records an attempt whose request was sent again. Its response is not judged.
    pub(crate) fn retried(&self, id: &str, attempt: &Attempt) {
        if let Some(status) = attempt.status {
            self.not_judged(id, format!("retried after status {status}"));
        }
    }

    /// The operations that were not requested and the responses that were not judged, each with the reason and the number.
    pub(crate) fn all_not_judged(&self) -> BTreeMap<(String, String), u64> {
        self.not_judged.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether no request was finished.
    pub(crate) fn is_idle(&self) -> bool {
        !self.any_response.load(Ordering::Relaxed) && self.without_response.load(Ordering::Relaxed) == 0
    }

    /// Records the status of a response, or that a request had none.
    pub(crate) fn finished(&self, status: Option<u16>) {
        match status {
            Some(status) => {
                self.any_response.store(true, Ordering::Relaxed);
                self.any_found.fetch_or(status != 404, Ordering::Relaxed);
            }
            None => {
                self.without_response.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Whether the server seems to be unreachable.
    pub(crate) fn is_unreachable(&self) -> bool {
        !self.any_response.load(Ordering::Relaxed) && self.without_response.load(Ordering::Relaxed) >= GIVE_UP_AFTER
    }

    /// One sentence about all failures; `None` if there are none.
    pub(crate) fn summary(&self) -> Option<String> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.failed == 0 && entries.skipped == 0 {
            return None;
        }
        let mut text = String::new();
        if self.without_response.load(Ordering::Relaxed) > 0 && !self.any_response.load(Ordering::Relaxed) {
            text.push_str("no response from the server; check the base URL, and the trusted certificates if the server uses its own. ");
        }
        let is_missing = self.any_response.load(Ordering::Relaxed) && !self.any_found.load(Ordering::Relaxed);
        if let Some((url, base_path)) = self.other_base.as_ref().filter(|_| is_missing) {
            let path = if base_path.is_empty() { "no base path".to_owned() } else { format!("the base path `{base_path}`") };
            let _ = write!(text, "every response has status 404, and the servers of the contract have {path}; try the base URL {url}. ");
        }
        let _ = write!(text, "not checked: {}", entries.listed.join("; "));
        if entries.failed > entries.listed.len() {
            let _ = write!(text, "; and {} more", entries.failed - entries.listed.len());
        }
        if entries.skipped > 0 {
            let _ = write!(text, "; {} skipped", entries.skipped);
        }
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_failure_has_no_summary() {
        let missed = Missed::default();
        missed.finished(Some(200));
        assert_eq!(missed.summary(), None);
    }

    #[test]
    fn failures_beyond_the_limit_are_counted() {
        let missed = Missed::default();
        missed.finished(Some(200));
        for number in 0..7 {
            missed.failed(&format!("p{number}"), "status 404");
        }
        missed.skipped();
        let wanted = "not checked: p0: status 404; p1: status 404; p2: status 404; p3: status 404; p4: status 404; and 2 more; 1 skipped";
        assert_eq!(missed.summary().as_deref(), Some(wanted));
    }

    #[test]
    fn one_response_means_that_the_server_is_reachable() {
        let missed = Missed::default();
        (0..GIVE_UP_AFTER).for_each(|_| missed.finished(None));
        assert!(missed.is_unreachable());
        missed.finished(Some(200));
        assert!(!missed.is_unreachable());
    }

    #[test]
    fn a_base_url_is_suggested_if_every_response_is_404() {
        let base = ("http://127.0.0.1:1/v1".to_owned(), "/v1".to_owned());
        let missed = Missed::new(Some(base));
        missed.finished(Some(404));
        missed.failed("p1", "status 404: not found");
        let wanted = "every response has status 404, and the servers of the contract have the base path `/v1`; try the base URL \
                      http://127.0.0.1:1/v1. not checked: p1: status 404: not found";
        assert_eq!(missed.summary().as_deref(), Some(wanted));
        missed.finished(Some(401));
        assert_eq!(missed.summary().as_deref(), Some("not checked: p1: status 404: not found"));
    }
}
