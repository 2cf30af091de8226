//! GitHub workflow commands for annotations: one per group, the most severe first, up to GitHub's limit.

use std::fmt::Write as _;
use std::io::Write;

use charter_contract::invariant::Severity;

use super::markdown::Markdown;
use crate::model::{Group, Report};
use crate::render::{RenderError, RenderOptions, ReportFormat};

/// The number of annotations of each level that GitHub shows per step.
const SHOWN: usize = 10;
/// The number of them for inputs that could not be read.
const UNREADABLE: usize = 3;

/// The format `github`.
#[derive(Debug)]
pub(super) struct Github;

impl ReportFormat for Github {
    fn name(&self) -> &'static str {
        "github"
    }

    fn help(&self) -> &'static str {
        "Annotations and a job summary in GitHub Actions"
    }

    /// Annotations are limited in number and length; the summary has the rest.
    fn job_summary(&self) -> Option<(&'static str, &'static dyn ReportFormat)> {
        Some(("GITHUB_STEP_SUMMARY", &Markdown))
    }

    fn render(&self, report: &Report, _options: &RenderOptions, out: &mut dyn Write) -> Result<(), RenderError> {
        Ok(out.write_all(render(report).as_bytes())?)
    }
}

/// Renders the annotations. The Markdown report in the job summary has the rest.
fn render(report: &Report) -> String {
    let mut text = String::new();
    // Unreadable inputs come first: their findings are unknown.
    let unreadable: Vec<_> = report.inputs.iter().filter_map(|input| Some((input, input.trouble()?, input.error.as_ref()?))).collect();
    for (input, trouble, error) in unreadable.iter().take(UNREADABLE) {
        let _ = writeln!(text, "::error file={},title={trouble}::{}", property(&input.source), data(error));
    }
    if unreadable.len() > UNREADABLE {
        let _ =
            writeln!(text, "::notice title=charter::{} more inputs could not be read or judged completely", unreadable.len() - UNREADABLE);
    }
    let shown = SHOWN - unreadable.len().min(UNREADABLE);
    let mut groups: Vec<&Group> = report.open_groups().collect();
    groups.sort_by_key(|group| (std::cmp::Reverse(group.severity), std::cmp::Reverse(group.count)));
    for group in groups.iter().take(shown) {
        let command = if group.severity == Severity::Error { "error" } else { "warning" };
        let mut properties = Vec::new();
        if let Some(sample) = group.samples.first() {
            properties.push(format!("file={}", property(&sample.exchange.source)));
            if let Some(line) = sample.position.map(|position| position.line).or(sample.exchange.line) {
                properties.push(format!("line={line}"));
            }
            if let Some(column) = sample.position.map(|position| position.column).or(sample.exchange.column) {
                properties.push(format!("col={column}"));
            }
        }
        let times = if group.count == 1 { String::new() } else { format!(" ({} times)", group.count) };
        properties.push(format!("title={}", property(&format!("{}{times}", group.name()))));
        let message = group.samples.first().map_or_else(String::new, |sample| {
            format!(
                "{}: {}\nexpected: {}\npromised by: {}",
                sample.instance_location, sample.message, sample.promised, group.promise.where_
            )
        });
        let _ = writeln!(text, "::{command} {}::{}", properties.join(","), data(&message));
    }
    if groups.len() > shown {
        let _ = writeln!(text, "::notice title=charter::{} more groups of findings are in the job summary", groups.len() - shown);
    }
    text
}

/// Escapes the text after the second `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes the value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
