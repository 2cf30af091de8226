//! Judgements to a report, and the report to text and JSON. Words only: no verdict is made here.

mod collect;
mod json;
mod model;
mod text;

pub use collect::Collector;
pub use json::render as render_json;
pub use model::{ContractInfo, ExchangeInfo, Group, InputInfo, Reader, Report, RuleCounts, Sample, Summary, Tool};
pub use text::{TextOptions, render as render_text};

/// The JSON Schema of the JSON report.
pub const REPORT_SCHEMA: &str = include_str!("../../report.schema.json");
