//! The exchange of an observation.

use charter_report::ExchangeInfo;
use serde::{Deserialize, Serialize};

/// The exchange of an observation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Origin {
    /// The exchange's index among the entries of all inputs.
    pub(crate) sequence: u64,
    pub(crate) info: ExchangeInfo,
    /// The first byte of its line, if the source can be read from there.
    pub(crate) byte: Option<u64>,
    /// The operation, for findings.
    pub(crate) operation: String,
    /// Whether the exchange has no violation other than of rules over time.
    pub(crate) kept: bool,
}
