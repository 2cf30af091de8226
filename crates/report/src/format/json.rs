//! The report as JSON: two spaces of indentation, a newline at the end.

use std::io::Write;

use crate::model::Report;
use crate::render::{RenderError, RenderOptions, ReportFormat};

/// The format `json`.
#[derive(Debug)]
pub(super) struct Json;

impl ReportFormat for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn help(&self) -> &'static str {
        "All data, for programs and for merging partitions"
    }

    fn has_contract_details(&self) -> bool {
        true
    }

    fn render(&self, report: &Report, _options: &RenderOptions, out: &mut dyn Write) -> Result<(), RenderError> {
        Ok(out.write_all(render(report).as_bytes())?)
    }
}

/// Renders the report as `charter-report/1`.
pub fn render(report: &Report) -> String {
    // A report is plain data with string keys, which always has a JSON form.
    let mut text = serde_json::to_string_pretty(report).unwrap_or_default();
    text.push('\n');
    text
}
