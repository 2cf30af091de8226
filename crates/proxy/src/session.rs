//! Exchanges of a test, which are judged together.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use charter_engine::{Judge, check_exchanges};
use charter_report::{Report, TextOptions, render_text};
use charter_traffic::Exchange;
use charter_traffic::mask::{MaskError, Masker};
use charter_traffic::record::{RecordError, Recorder};

use crate::capture::{Budget, Capture};
use crate::sink::{Finished, Sink};

/// The name of the exchanges in reports.
const NAME: &str = "<session>";
/// The maximum size of a body that is judged.
const MAX_BODY: usize = 16 << 20;
/// The bytes that the bodies of open exchanges may have together.
const BUDGET: usize = 128 << 20;

/// Collects the exchanges of a test, masked, and judges them. Clones share the exchanges.
#[derive(Clone)]
pub struct Session {
    judge: Judge,
    shared: Arc<Shared>,
    budget: Arc<Budget>,
}

/// A session cannot begin.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// `[mask]` is malformed.
    #[error(transparent)]
    Mask(#[from] MaskError),
    /// The masked exchanges cannot be stored.
    #[error(transparent)]
    Record(#[from] RecordError),
}

struct Shared {
    state: Mutex<State>,
}

struct State {
    /// Masks exchanges.
    recorder: Recorder,
    exchanges: Vec<Exchange>,
    not_judged: Vec<(&'static str, &'static str)>,
    /// Why exchanges could not be stored.
    failed: Option<String>,
}

impl Session {
    /// A session without exchanges.
    ///
    /// # Errors
    /// `[mask]` is malformed, or there is no folder for temporary files.
    pub fn new(judge: &Judge) -> Result<Self, SessionError> {
        let contract = judge.contract();
        let masker = Masker::new(&contract.config().mask, &[])?.with_contract(contract);
        let recorder = Recorder::new(masker, None, None)?;
        let state = State { recorder, exchanges: Vec::new(), not_judged: Vec::new(), failed: None };
        Ok(Self { judge: judge.clone(), shared: Arc::new(Shared { state: Mutex::new(state) }), budget: Budget::new(BUDGET) })
    }

    /// The report of the exchanges so far. An exchange is complete when the body of its response was read to its end.
    pub fn report(&self) -> Report {
        let state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut report = check_exchanges(&self.judge, &state.exchanges);
        for (part, reason) in &state.not_judged {
            report.count_not_judged(part, reason, 1);
        }
        if let (Some(failed), Some(input)) = (&state.failed, report.inputs.first_mut()) {
            input.error = Some(failed.clone());
        }
        report
    }

    /// Panics with the report as text if there is a violation, or if there was no exchange.
    ///
    /// # Panics
    /// As above.
    #[track_caller]
    pub fn assert_kept(&self) {
        let report = self.report();
        assert!(report.judged_anything(), "no exchanges were judged; send requests, and read the bodies of the responses to their end");
        let is_kept = report.is_kept() && !report.has_input_errors();
        assert!(is_kept, "the contract is violated\n{}", render_text(&report, TextOptions::default()));
    }

    pub(crate) fn sink(&self) -> Arc<dyn Sink> {
        self.shared.clone()
    }

    pub(crate) fn copy(&self) -> Capture {
        Capture::new(MAX_BODY, &self.budget)
    }

    /// The maximum size of a decoded body.
    pub(crate) fn limit(&self) -> usize {
        MAX_BODY
    }
}

impl Sink for Shared {
    fn finished(&self, finished: Finished) {
        let exchange = finished.decoded();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match state.recorder.record(&exchange, &NAME.into()) {
            Ok(Ok(mut masked)) => {
                // A recording has one value for both messages.
                if let (Some(masked), Some(sent)) = (&mut masked.request, &exchange.request) {
                    masked.message.headers.complete = sent.headers().complete;
                }
                state.exchanges.push(masked);
            }
            Ok(Err(error)) => state.failed = Some(error.message),
            Err(error) => state.failed = Some(error.to_string()),
        }
    }

    fn not_judged(&self, part: &'static str, reason: &'static str) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).not_judged.push((part, reason));
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Session").finish_non_exhaustive()
    }
}
