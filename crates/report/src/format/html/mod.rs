//! The report as a single HTML page with embedded data. Its script sets text only, never markup.
//!
//! | file | owns |
//! |---|---|
//! | `data` | the report as compact JSON |
//! | `fallback` | the first findings as markup, for readers without scripts |
//! | `page.html`, `page.css`, `page.js` | the page |

mod data;
mod fallback;

use std::io::Write;

use crate::model::Report;
use crate::render::{RenderError, RenderOptions, ReportFormat};

/// The page, with slots.
const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

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

    fn has_run_facts(&self) -> bool {
        true
    }

    fn has_contract_details(&self) -> bool {
        true
    }

    fn render(&self, report: &Report, options: &RenderOptions, out: &mut dyn Write) -> Result<(), RenderError> {
        Ok(out.write_all(render_with(report, options).as_bytes())?)
    }
}

/// Renders the page without facts about the run.
pub fn render(report: &Report) -> String {
    render_with(report, &RenderOptions::default())
}

/// Data from a recording cannot become markup: the JSON contains no `<`, and the rest is escaped.
fn render_with(report: &Report, options: &RenderOptions) -> String {
    let (data, omitted) = data::of(report, options);
    let data = data.to_string().replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029");
    let title = fallback::title(report, options);
    let slots = [
        ("<!--title-->", title.as_str()),
        ("/*style*/", STYLE),
        ("<!--head-->", &fallback::head(report, options)),
        ("<!--findings-->", &fallback::findings(report, omitted)),
        ("/*data*/null", &data),
        ("/*script*/", SCRIPT),
    ];
    // Each slot is replaced in the page alone, because a recording may contain the text of a slot.
    let mut page = String::new();
    let mut rest = PAGE;
    for (slot, text) in slots {
        let (before, after) = rest.split_once(slot).unwrap_or((rest, ""));
        page.push_str(before);
        page.push_str(text);
        rest = after;
    }
    page + rest
}

#[cfg(test)]
mod tests {
    use charter_contract::invariant::Severity;

    use super::*;
    use crate::model::{ExchangeInfo, Sample};
    use crate::testing::{group, report};

    #[test]
    fn a_recording_cannot_add_markup_or_slots() {
        let exchange = ExchangeInfo {
            source: "</script><script>alert(1)</script>".to_owned(),
            index: 0,
            line: None,
            column: None,
            url: Some("/*script*/".to_owned()),
            status: None,
            method: None,
        };
        let mut sample = Sample::new(exchange, "<img src=x onerror=alert(1)> /*data*/null");
        sample.excerpt = Some("</script>\u{2028}<!--head-->".to_owned());
        let page = render(&report(Vec::new(), vec![group("a", Severity::Error, vec![sample])]));
        assert_eq!(page.matches("<script").count(), 2);
        assert_eq!(page.matches("</script>").count(), 2);
        assert!(!page.contains("<img") && page.contains("&lt;img src=x onerror=alert(1)&gt;"));
    }

    #[test]
    fn the_page_is_read_without_scripts() {
        let exchange = ExchangeInfo {
            source: "a.har".to_owned(),
            index: 3,
            line: Some(7),
            column: Some(2),
            url: None,
            status: Some(200),
            method: None,
        };
        let mut options = RenderOptions::default();
        options.run.title = Some("Orders & more".to_owned());
        options.run.command = Some("charter check a.har".to_owned());
        let report = report(Vec::new(), vec![group("a", Severity::Error, vec![Sample::new(exchange, "1, expected a string")])]);
        let page = render_with(&report, &options);
        let markup = page.split("<script").next().expect("markup");
        for text in ["Orders &amp; more", "charter check a.har", "schema.type", "1, expected a string", "a.har:7:2"] {
            assert!(markup.contains(text), "{text}");
        }
    }
}
