//! Findings and reports as data, and what is made of them: renderers, baselines, and merged reports of partitions.
//!
//! | module | owns |
//! |---|---|
//! | `finding` | one violation of the contract in one exchange |
//! | `model`, `part`, `coverage`, `partition` | the report, version 1 |
//! | `limits` | how much of it is shown |
//! | `text`, `json`, `junit`, `sarif`, `github`, `markdown`, `html` | one renderer each |
//! | `baseline` | findings that a review has accepted |
//! | `merge` | reports of partitions → the report of a single run |
//!
//! No verdict is made here, and nothing here reads traffic or schemas: `charter-engine` fills the report.

mod baseline;
mod coverage;
mod digest;
mod finding;
mod github;
mod html;
mod json;
mod junit;
mod limits;
mod markdown;
mod merge;
mod model;
mod part;
mod partition;
mod sarif;
mod snippet;
mod text;

pub use baseline::{Baseline, BaselineEntry, BaselineError};
pub use coverage::{CoverageReport, OperationCoverage, Part as CoveragePart, SchemaCoverage, Unreachable};
pub use digest::short as short_digest;
pub use finding::{Caret, Finding, FindingKind, PromiseSource};
pub use github::render as render_github;
pub use html::render as render_html;
pub use json::render as render_json;
pub use junit::{JunitError, render as render_junit};
pub use limits::{CONTEXTS, OTHER_REASONS, REASONS, RESOURCES, Room, SHOWN, fold_reasons};
pub use markdown::render as render_markdown;
pub use merge::{MergeError, Merged, merge};
pub use model::{
    BaselineReport, Change, Context, ContractInfo, Definition, ExchangeInfo, Group, INCOMPLETE, InputInfo, NotJudgedCount, Reader, Report,
    ReportError, ResourceTimeline, RuleCounts, Sample, Summary, TimelineChange, TimelineEntry, Tool, UNREADABLE,
};
pub use part::{Part, PartGroup, ReportPosition, Settings};
pub use partition::{Partition, PartitionError};
pub use sarif::render as render_sarif;
pub use snippet::{counted, snippet};
pub use text::{TextOptions, render as render_text};

/// The JSON Schema of the JSON report.
pub const REPORT_SCHEMA: &str = include_str!("../report.schema.json");
