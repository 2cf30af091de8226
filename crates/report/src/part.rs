//! The data for merging in the report of a partition.

use serde::{Deserialize, Serialize};

use crate::split::SplitPart;

/// The data for merging: settings, and the positions of findings among all inputs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Part {
    /// The settings. Only partitions with equal settings can be merged.
    pub settings: Settings,
    /// Whether samples are missing because there was no room for them.
    pub cut: bool,
    /// By input: the index of the first exchange that could not be judged.
    pub unjudged: Vec<Option<usize>>,
    /// By group, in the order of the report.
    pub groups: Vec<PartGroup>,
    /// By timeline, in the order of the report: its sort key.
    pub timelines: Vec<String>,
    /// For a split of the inputs, or the rules over time of splits; `None` for a partition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split: Option<SplitPart>,
}

/// The settings that determine a report, besides contract and inputs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// The operation that bare bodies are responses of.
    pub operation: String,
    /// Samples shown of each group; `None` shows all.
    pub samples: Option<u64>,
    /// Maximum bytes of a line, document or entry.
    pub max_body: u64,
    /// Maximum compression ratio.
    pub max_ratio: u64,
}

/// The positions of the findings of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartGroup {
    /// The first finding, shown or not.
    pub first: ReportPosition,
    /// The samples, in order.
    pub samples: Vec<ReportPosition>,
}

/// The position of a finding among all inputs. Findings over time follow all others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportPosition {
    /// Whether it is a finding over time.
    pub over_time: bool,
    /// The index of the exchange among all inputs, from 0.
    pub entry: u64,
    /// The index of the finding in its exchange, from 0.
    pub finding: u64,
}
