//! The report as JSON: two spaces of indentation, a newline at the end.

use super::model::Report;

/// Renders the report as `charter-report/1`.
pub fn render(report: &Report) -> String {
    // A report is plain data with string keys, which always has a JSON form.
    let mut text = serde_json::to_string_pretty(report).unwrap_or_default();
    text.push('\n');
    text
}
