//! Findings and reports as data, and what is made of them: renderers, baselines, and merged reports of partitions.
//!
//! | module | owns |
//! |---|---|
//! | `finding`, `rule` | one violation of the contract in one exchange; the counts of one rule |
//! | `model`, `part`, `split`, `coverage`, `partition` | the report, version 1 |
//! | `limits` | how much of it is shown |
//! | `run`, `reproduce` | facts about the run for readers; commands that reproduce a finding |
//! | `render`, `format` | what a report format implements; the table of formats, one file each |
//! | `pages` | the page of every built-in finding id, for `explain` |
//! | `baseline` | findings that a review has accepted |
//! | `merge` | reports of partitions → the report of a single run |
//!
//! No verdict is made here, and nothing here reads traffic or schemas: `charter-engine` fills the report.

mod baseline;
mod coverage;
mod digest;
mod finding;
mod format;
mod limits;
mod merge;
mod model;
mod pages;
mod part;
mod partition;
mod render;
mod reproduce;
mod rule;
mod run;
mod snippet;
mod split;
#[cfg(test)]
mod testing;

pub use baseline::{Baseline, BaselineEntry, BaselineError};
pub use coverage::{CoverageReport, OperationCoverage, Part as CoveragePart, SchemaCoverage, Unreachable};
pub use digest::short as short_digest;
pub use finding::{Caret, Definition, Finding, FindingKind, PromiseSource};
pub use format::{FORMATS, find as find_format, render_html, render_json, render_markdown, render_text};
pub use limits::{CONTEXTS, OTHER_REASONS, REASONS, RESOURCES, Room, SHOWN, fold_reasons};
pub use merge::{MergeError, Merged, merge};
pub use model::{
    BaselineReport, Change, Context, ContractInfo, ExchangeInfo, Group, INCOMPLETE, InputInfo, NotJudgedCount, Reader, Report, ReportError,
    RequestInfo, ResourceTimeline, Sample, SkippedFile, Summary, TimelineChange, TimelineEntry, Tool, UNREADABLE,
};
pub use pages::{FindingPage, PAGES};
pub use part::{Part, PartGroup, ReportPosition, Settings};
pub use partition::{Partition, PartitionError};
pub use render::{RenderError, RenderOptions, ReportFormat, TextOptions};
pub use reproduce::{curl, extract_command, shell_word};
pub use rule::RuleCounts;
pub use run::{RunFacts, Selection};
pub use snippet::{counted, snippet};
pub use split::{CutInput, MapPart, OverTimePart, Shift, SplitArgument, SplitInput, SplitPart, shifts};

/// The JSON Schema of the JSON report.
pub const REPORT_SCHEMA: &str = include_str!("../report.schema.json");
