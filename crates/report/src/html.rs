//! The report as one page that needs nothing else: the data inside it, shown by a script that only ever sets text.

use super::model::Report;

/// The page; the data takes the place of the slot.
const PAGE: &str = include_str!("page.html");
/// Where the data goes.
const SLOT: &str = "/*data*/null";

/// Renders the page. No byte of a recording is markup there: the data is JSON in which no `<` is left.
pub fn render(report: &Report) -> String {
    let data = serde_json::to_string(report).unwrap_or_default();
    let data = data.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029");
    let (before, after) = PAGE.split_once(SLOT).unwrap_or((PAGE, ""));
    format!("{before}{data}{after}")
}
