//! The exchange of an observation.

use charter_report::ExchangeInfo;
use serde::{Deserialize, Serialize};

/// The exchange of an observation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Origin {
    /// The exchange's index among the entries of all inputs.
    pub(super) sequence: u64,
    pub(super) info: ExchangeInfo,
    /// The operation, for findings.
    pub(super) operation: String,
    /// Whether the exchange has no violation other than of rules over time.
    pub(super) kept: bool,
}
