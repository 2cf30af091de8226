//! The report as Markdown, for job summaries and comments: verdict, findings by group, coverage.

use std::fmt::Write as _;
use std::io::Write;

use charter_contract::invariant::Severity;

use crate::model::{Group, Report};
use crate::render::{RenderError, RenderOptions, ReportFormat};
use crate::snippet::counted;

/// Maximum bytes, below GitHub's limit for a job summary.
const LIMIT: usize = 900_000;
/// Maximum number of cases in the list of cases never seen.
const MISSING: usize = 40;

/// The format `markdown`.
#[derive(Debug)]
pub(super) struct Markdown;

impl ReportFormat for Markdown {
    fn name(&self) -> &'static str {
        "markdown"
    }

    fn help(&self) -> &'static str {
        "A summary for comments and job summaries"
    }

    fn render(&self, report: &Report, _options: &RenderOptions, out: &mut dyn Write) -> Result<(), RenderError> {
        Ok(out.write_all(render(report).as_bytes())?)
    }
}

/// Renders the report.
pub fn render(report: &Report) -> String {
    let mut text = String::new();
    let summary = &report.summary;
    let verdict = report.verdict();
    let part = report.partition.as_ref().map(|part| format!(": part {part}")).unwrap_or_default();
    let _ = writeln!(text, "## {}{}{part}\n", verdict[..1].to_uppercase(), &verdict[1..]);
    let _ = writeln!(text, "| exchanges | kept | broken | not judged | errors | warnings | coverage |\n|--:|--:|--:|--:|--:|--:|--:|");
    let _ = writeln!(
        text,
        "| {} | {} | {} | {} | {} | {} | {:.1} % |\n",
        summary.exchanges, summary.kept, summary.broken, summary.unreadable, summary.errors, summary.warnings, report.coverage.percent
    );
    let mut groups: Vec<&Group> = report.groups.iter().collect();
    groups.sort_by_key(|group| (group.accepted.is_some(), std::cmp::Reverse(group.severity), std::cmp::Reverse(group.count)));
    for (index, group) in groups.iter().enumerate() {
        if text.len() > LIMIT {
            let _ = writeln!(text, "… and {} more groups\n", groups.len() - index);
            break;
        }
        let word = if group.severity == Severity::Error { "error" } else { "warning" };
        let _ = writeln!(text, "### {word}: {}\n", code(&group.name()));
        let accepted = group.accepted.as_ref().map(|reason| format!(" · accepted: {}", escaped(reason))).unwrap_or_default();
        let _ = writeln!(text, "{} · promised by {}{accepted}\n", counted(group.count, "time"), escaped(&group.promise.where_));
        for sample in group.samples.iter().take(3) {
            let place = sample.position.map(|place| format!(":{}:{}", place.line, place.column)).unwrap_or_default();
            let _ = writeln!(text, "- {} {}", code(&format!("{}{place}", sample.exchange.source)), code(&sample.instance_location));
            let _ = writeln!(text, "  {}; expected {}", escaped(&sample.message), escaped(&sample.promised));
        }
        let _ = writeln!(text);
    }
    for (input, trouble) in report.inputs.iter().filter_map(|input| Some((input, input.trouble()?))) {
        let _ = writeln!(text, "- {trouble}: {}: {}", code(&input.source), escaped(input.error.as_deref().unwrap_or_default()));
    }
    let coverage = &report.coverage;
    let _ = writeln!(text, "\n### Coverage\n\n| cases | seen | reachable |\n|---|--:|--:|");
    for part in &coverage.parts {
        let _ = writeln!(text, "| {} | {} | {} |", part.of, part.covered, part.reachable);
    }
    let _ = writeln!(text, "| **all** | **{}** | **{}** |", coverage.covered, coverage.reachable);
    if !coverage.unreachable.is_empty() {
        let _ = writeln!(text, "\n<details><summary>declared unreachable: {}</summary>\n", coverage.unreachable.len());
        for entry in &coverage.unreachable {
            let seen = if entry.seen > 0 { " (but seen)" } else { "" };
            let _ = writeln!(text, "- {}: {}{seen}", code(&entry.case), escaped(&entry.reason));
        }
        let _ = writeln!(text, "\n</details>");
    }
    if !coverage.missing.is_empty() {
        let _ = writeln!(text, "\n<details><summary>never seen: {}</summary>\n", coverage.missing.len());
        for case in coverage.missing.iter().take(MISSING) {
            let _ = writeln!(text, "- {}", code(case));
        }
        if coverage.missing.len() > MISSING {
            let _ = writeln!(text, "- … and {} more", coverage.missing.len() - MISSING);
        }
        let _ = writeln!(text, "\n</details>");
    }
    text
}

/// Escapes all markup.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '@' => safe.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' | '!' => {
                safe.push('\\');
                safe.push(character);
            }
            character if character.is_control() => safe.push(' '),
            character => safe.push(character),
        }
    }
    safe
}

/// A code span, delimited by more backticks than the text contains.
fn code(text: &str) -> String {
    let text: String = text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect();
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    if text.is_empty() {
        "the body".to_owned()
    } else if longest == 0 {
        format!("{fence}{text}{fence}")
    } else {
        format!("{fence} {text} {fence}")
    }
}
