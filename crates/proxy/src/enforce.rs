//! Judges an exchange before its response is forwarded.

use charter_contract::invariant::Severity;
use charter_engine::Judge;
use charter_traffic::mask::Masker;
use http::Response;

use crate::problem;
use crate::sink::{self, Finished};

/// Replaces responses with errors.
#[derive(Clone)]
pub(crate) struct Enforcer {
    judge: Judge,
    masker: Masker,
    limit: usize,
}

impl Enforcer {
    pub(crate) fn new(judge: Judge, masker: Masker, limit: usize) -> Self {
        Self { judge, masker: masker.for_reports(), limit }
    }

    /// The response that replaces one with errors; `None` if the exchange has none. The engine judges the exchange again, as recorded.
    pub(crate) fn replacement(&self, finished: &Finished) -> Option<Response<Vec<u8>>> {
        let mut exchange = finished.exchange.clone();
        sink::decode(&mut exchange, self.limit);
        let judgement = self.judge.judge(&exchange);
        let errors: Vec<_> = judgement.findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
        (!errors.is_empty()).then(|| problem::violation(&errors, &self.masker))
    }
}
