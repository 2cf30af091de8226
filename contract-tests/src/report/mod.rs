//! Judgements to a report, and the report to text and JSON. Words only: no verdict is made here.

mod collect;
mod json;
mod model;
mod text;

pub use collect::Collector;
pub use json::render as render_json;
pub use model::{
    BaselineReport, Context, ContractInfo, Definition, ExchangeInfo, Group, InputInfo, Reader, Report, ResourceTimeline, RuleCounts,
    Sample, Summary, TimelineChange, TimelineEntry, Tool,
};
pub use text::{TextOptions, render as render_text};

/// The JSON Schema of the JSON report.
pub const REPORT_SCHEMA: &str = include_str!("../../report.schema.json");
