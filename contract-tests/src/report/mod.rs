//! Judgements to a report, and the report to text, JSON, JUnit, SARIF, annotations, Markdown and HTML. Words only: no verdict is made here.

mod baseline;
mod collect;
mod github;
mod html;
mod json;
mod junit;
mod markdown;
mod merge;
mod model;
mod part;
mod sarif;
mod text;

pub use baseline::{Baseline, BaselineEntry, BaselineError};
pub use collect::Collector;
pub(crate) use collect::context_of;
pub use github::render as render_github;
pub use html::render as render_html;
pub use json::render as render_json;
pub use junit::render as render_junit;
pub use markdown::render as render_markdown;
pub use merge::{MergeError, Merged, merge};
pub use model::{
    BaselineReport, Change, Context, ContractInfo, Definition, ExchangeInfo, Group, InputInfo, Reader, Report, ReportError,
    ResourceTimeline, RuleCounts, Sample, Summary, TimelineChange, TimelineEntry, Tool,
};
pub use part::{Part, PartGroup, Place, Settings};
pub use sarif::render as render_sarif;
pub use text::{TextOptions, render as render_text};

/// The JSON Schema of the JSON report.
pub const REPORT_SCHEMA: &str = include_str!("../../report.schema.json");
