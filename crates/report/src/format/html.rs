//! The report as a single HTML page with embedded data. Its script sets text only, never markup.

use std::io::Write;

use crate::model::Report;
use crate::render::{RenderError, RenderOptions, ReportFormat};

/// The page, with a slot for the data.
const PAGE: &str = include_str!("page.html");
/// The slot.
const SLOT: &str = "/*data*/null";

/// The format `html`.
#[derive(Debug)]
pub(super) struct Html;

impl ReportFormat for Html {
    fn name(&self) -> &'static str {
        "html"
    }

    fn help(&self) -> &'static str {
        "One page to read in a browser"
    }

    fn has_contract_details(&self) -> bool {
        true
    }

    fn render(&self, report: &Report, _options: &RenderOptions, out: &mut dyn Write) -> Result<(), RenderError> {
        Ok(out.write_all(render(report).as_bytes())?)
    }
}

/// Renders the page. Data from a recording cannot become markup: the JSON contains no `<`.
pub fn render(report: &Report) -> String {
    let data = serde_json::to_string(report).unwrap_or_default();
    let data = data.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029");
    let (before, after) = PAGE.split_once(SLOT).unwrap_or((PAGE, ""));
    format!("{before}{data}{after}")
}
