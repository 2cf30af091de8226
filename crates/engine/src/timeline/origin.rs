//! The exchange of an observation, and its place.

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

/// The place of an exchange in its source.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct EntryPlace {
    /// The index in the source.
    pub(crate) index: usize,
    pub(crate) line: Option<usize>,
    pub(crate) column: Option<usize>,
    /// Its first byte.
    pub(crate) byte: u64,
}
