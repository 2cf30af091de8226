//! The result of judging one exchange.

use charter_contract::invariant::Severity;
use charter_report::Finding;

use super::observation::Observation;
use super::outcome::{Outcome, Verdict};
use crate::scope::OutOfScope;

/// The result of judging one exchange.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Judgement {
    /// Every violation, in the order of the stages.
    pub findings: Vec<Finding>,
    /// Why the body could not be judged; `None` if it was.
    pub unreadable: Option<String>,
    /// Why the exchange does not belong to the API; `None` if it does.
    pub out_of_scope: Option<OutOfScope>,
    /// Parts of the exchange that were not judged, with the reason.
    pub not_judged: Vec<NotJudged>,
    /// Whether the request is wrong and the server refused it, as it should.
    pub refused_request: bool,
    /// The operation that the exchange was matched to.
    pub operation: Option<String>,
    /// What rules over time compare with other exchanges. Their outcomes and findings are not in this judgement.
    pub observation: Option<Box<Observation>>,
    /// The verdict of each rule at each instance it applies to; at least one entry for every rule of the contract.
    pub(crate) outcomes: Vec<Outcome>,
    /// Whether a program accepted the body of the response.
    pub(crate) decided: bool,
    /// The coverage cases of the contract that the exchange reached.
    pub(crate) seen: Vec<u32>,
}

/// A part of an exchange that was not judged.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotJudged {
    /// The part: `response body`, `request body`, …
    pub part: &'static str,
    /// The reason.
    pub reason: String,
}

impl Judgement {
    /// Whether the exchange has no violation (warnings do not count) and could be judged completely.
    pub fn is_kept(&self) -> bool {
        self.unreadable.is_none() && !self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// Whether a rule, given by its index in the contract, failed.
    pub(crate) fn breaks(&self, rule: usize) -> bool {
        self.outcomes.iter().any(|outcome| outcome.rule == rule && outcome.verdict == Verdict::Failed)
    }

    /// Whether a rule, given by its index in the contract, will be evaluated when observations are compared.
    pub(crate) fn is_compared_over_time(&self, rule: usize) -> bool {
        self.observation.iter().flat_map(|observation| &observation.instances).any(|instance| instance.rules.contains(&rule))
    }
}
