//! The counts of a rule.

use charter_contract::invariant::Severity;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::finding::{Definition, PromiseSource};

/// The verdicts of a rule, over all instances and exchanges.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RuleCounts {
    /// The rule's id.
    pub id: String,
    /// Its severity.
    pub severity: Option<Severity>,
    /// The source of the promise.
    pub promise: Option<PromiseSource>,
    /// A quote of the promise.
    pub quote: String,
    /// The rule as text.
    pub rule: String,
    /// The position of the rule.
    pub definition: Option<Definition>,
    /// Passed.
    pub passed: u64,
    /// Failed.
    pub failed: u64,
    /// Passed without a value to examine.
    pub vacuous: u64,
    /// Not applicable.
    pub not_applicable: u64,
    /// Blocked by a schema violation.
    pub blocked: u64,
    /// Could not be evaluated.
    pub errored: u64,
    /// Counts by reason.
    pub reasons: IndexMap<String, u64>,
}

impl RuleCounts {
    /// The counts of a rule that was never evaluated.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), ..Self::default() }
    }
}
