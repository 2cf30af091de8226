//! What the report of a part says beside its findings, so that parts can be joined to the report of the whole.

use serde::{Deserialize, Serialize};

/// Beside the report of a part: by what it was made, and where in the whole its findings stand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Part {
    /// By what it was judged; parts that were judged by something else are not of one whole.
    pub settings: Settings,
    /// Whether samples were left out for the room that they take, though fewer were shown than asked for.
    pub cut: bool,
    /// By input, in their order: the first exchange that could not be judged.
    pub unjudged: Vec<Option<usize>>,
    /// By group, in their order.
    pub groups: Vec<PartGroup>,
    /// By resource that is told, in their order: what sorts resources.
    pub timelines: Vec<String>,
}

/// What decides how a report comes out, beside the contract and the inputs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// The operation that a bare body is an answer of.
    pub operation: String,
    /// Samples shown of each group; `None` shows all.
    pub samples: Option<u64>,
    /// Bytes that one line, document or entry may have.
    pub max_body: u64,
    /// How many times larger content may be than its compressed form.
    pub max_ratio: u64,
}

/// Where the findings of a group stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartGroup {
    /// The first finding, shown or not.
    pub first: ReportPosition,
    /// The findings that are shown, in their order.
    pub samples: Vec<ReportPosition>,
}

/// Where a finding stands among all of the inputs. What comparing over time finds stands behind everything else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportPosition {
    /// Whether it comes of comparing exchanges over time.
    pub over_time: bool,
    /// The exchange, counted through all inputs from 0.
    pub entry: u64,
    /// Which finding of the exchange, from 0.
    pub finding: u64,
}
