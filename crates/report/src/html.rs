//! The report as a single HTML page with embedded data. Its script sets text only, never markup.

use super::model::Report;

/// The page, with a slot for the data.
const PAGE: &str = include_str!("page.html");
/// The slot.
const SLOT: &str = "/*data*/null";

/// Renders the page. Data from a recording cannot become markup: the JSON contains no `<`.
pub fn render(report: &Report) -> String {
    let data = serde_json::to_string(report).unwrap_or_default();
    let data = data.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029");
    let (before, after) = PAGE.split_once(SLOT).unwrap_or((PAGE, ""));
    format!("{before}{data}{after}")
}
