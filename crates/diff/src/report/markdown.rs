//! The Markdown report, and the entry for a changelog.

use std::fmt::Write as _;

use super::list::{grouped, listed};
use super::model::Report;
use crate::change::{Evidence, Verdict};
use crate::rust::Step;

/// The report as Markdown.
pub fn markdown(report: &Report) -> String {
    let mut out = String::new();
    let totals = &report.diff.totals;
    let _ = writeln!(out, "## Contract: {} → {}\n", code(&report.old.name), code(&report.new.name));
    if report.is_empty() {
        let _ = writeln!(out, "No semantic differences. {} schemas are written differently and proved equal.\n", report.diff.equal);
    } else {
        let _ = writeln!(
            out,
            "{} changes. **{} break a strict client**, {} a tolerant client, {} a server; {} unknown.",
            totals.changes, totals.breaking_client, totals.breaking_tolerant_client, totals.breaking_server, totals.unknown_client
        );
        let _ = writeln!(out, "Generated crate: **{}**.\n", report.rust.step.as_str());
        let _ = writeln!(out, "| | change | location | client | tolerant | server | witness |");
        let _ = writeln!(out, "|---|---|---|---|---|---|---|");
        for row in rows(report) {
            let _ = writeln!(out, "{row}");
        }
        let _ = writeln!(out);
    }
    if !report.diff.not_compared.is_empty() {
        let _ = writeln!(out, "### Not compared\n");
        for one in &report.diff.not_compared {
            let _ = writeln!(out, "- {}: {}", code(&one.new_location.to_string()), cell(&one.summary));
        }
        let _ = writeln!(out);
    }
    if !report.rust.changes.is_empty() {
        let _ = writeln!(out, "<details><summary>Generated Rust API: {} changes</summary>\n", report.rust.changes.len());
        let _ = writeln!(out, "| step | item | change | cargo semver-checks |");
        let _ = writeln!(out, "|---|---|---|---|");
        for change in &report.rust.changes {
            let lint = change.lint.map_or_else(|| "no lint".to_owned(), code);
            let summary = cell(&change.summary);
            let _ = writeln!(out, "| {} | {} | {summary} | {lint} |", change.step.as_str(), code(&change.item));
        }
        let _ = writeln!(out, "\n</details>\n");
    }
    if !report.rules.is_empty() {
        let _ = writeln!(out, "### Rules\n");
        for rule in &report.rules {
            let _ = writeln!(out, "- {} {}: {}", rule.kind, code(&rule.rule), cell(&rule.summary));
        }
        let _ = writeln!(out);
    }
    if let Some(recordings) = &report.recordings {
        let _ = writeln!(out, "### Recordings\n");
        let _ = writeln!(out, "{} exchanges; {} new violations.\n", recordings.exchanges, recordings.broken.len());
        for broken in &recordings.broken {
            let _ = writeln!(
                out,
                "- {} ({} times): {}, at {}",
                code(&broken.promise),
                broken.count,
                cell(&broken.message),
                code(&broken.place)
            );
        }
    }
    out
}

fn rows(report: &Report) -> Vec<String> {
    let mut rows: Vec<(Verdict, String)> = Vec::new();
    let operations: Vec<_> = report.diff.operations.iter().collect();
    for (change, names) in grouped(&operations) {
        let place = change.new_location.as_ref().or(change.old_location.as_ref()).map(|place| code(&place.to_string())).unwrap_or_default();
        let witness = match (&change.witness, &change.promised_by) {
            (Some(witness), Some(side)) => format!("{side}: {}", code(&serde_json::to_string(witness).unwrap_or_default())),
            _ => String::new(),
        };
        rows.push((
            change.client,
            row(
                &change.id,
                &change.kind.0,
                &format!("{} ({})", change.summary, listed(&names)),
                &place,
                [change.client, change.tolerant_client, change.server],
                &witness,
            ),
        ));
    }
    for change in &report.diff.schemas {
        let inner = &change.change;
        let place = inner.place().map(|place| code(&place.to_string())).unwrap_or_default();
        let shown =
            [("new", &inner.accepts_more), ("old", &inner.accepts_less)].into_iter().filter_map(|(side, evidence)| match evidence {
                Evidence::Yes { witness } => Some(format!("{side}: {}", code(&witness.to_string()))),
                Evidence::Unknown { tried } => Some(format!("{side}: none in {tried} documents")),
                Evidence::No { .. } => None,
            });
        let shown: Vec<String> = shown.collect();
        rows.push((
            change.client,
            row(
                &inner.id,
                &inner.kind.0,
                &inner.summary,
                &place,
                [change.client, change.tolerant_client, change.server],
                &shown.join("; "),
            ),
        ));
    }
    rows.sort_by_key(|(verdict, _)| std::cmp::Reverse(*verdict));
    rows.into_iter().map(|(_, row)| row).collect()
}

fn row(id: &str, kind: &str, summary: &str, place: &str, verdicts: [Verdict; 3], witness: &str) -> String {
    let [client, tolerant, server] = verdicts.map(|verdict| match verdict {
        Verdict::Breaking => "**breaking**",
        other => other.as_str(),
    });
    format!("| `{id}` | {kind}: {} | {place} | {client} | {tolerant} | {server} | {witness} |", cell(summary))
}

/// An entry for a changelog, breaking changes first; `today` is its date.
pub fn changelog(report: &Report, today: &str) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "## {today}: {} → {}\n", report.old.name, report.new.name);
    let step = report.rust.step;
    if step != Step::None {
        let _ = writeln!(out, "Generated crate: {} step.\n", step.as_str());
    }
    if report.is_empty() {
        let _ = writeln!(out, "No semantic differences.\n");
        return out;
    }
    for (verdict, heading) in
        [(Verdict::Breaking, "Breaking"), (Verdict::Unknown, "Possibly breaking"), (Verdict::Compatible, "Compatible")]
    {
        let mut lines = Vec::new();
        let operations: Vec<_> = report.diff.operations.iter().filter(|change| change.client == verdict).collect();
        for (change, names) in grouped(&operations) {
            lines.push(format!("- {} ({}, `{}`)", change.summary, listed(&names), change.id));
        }
        for change in report.diff.schemas.iter().filter(|change| change.client == verdict) {
            let place = change.change.place();
            let place = place.map(ToString::to_string).unwrap_or_default();
            lines.push(format!("- {} (`{place}`, `{}`)", change.change.summary, change.change.id));
        }
        if !lines.is_empty() {
            let _ = writeln!(out, "### {heading} for clients\n\n{}\n", lines.join("\n"));
        }
    }
    let rules: Vec<String> = report
        .rules
        .iter()
        .filter(|rule| matches!(rule.kind, "no-longer-fits" | "added" | "removed" | "changed"))
        .map(|rule| format!("- {} `{}`: {}", rule.kind, rule.rule, rule.summary))
        .collect();
    if !rules.is_empty() {
        let _ = writeln!(out, "### Rules\n\n{}\n", rules.join("\n"));
    }
    out
}

/// Text as inline code, at most 240 characters.
fn code(text: &str) -> String {
    const SHOWN: usize = 240;
    let text = text.replace('\n', " ").replace('|', "\\|");
    let text = match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    };
    let ticks = if text.contains('`') { "``" } else { "`" };
    let space = if text.contains('`') { " " } else { "" };
    format!("{ticks}{space}{text}{space}{ticks}")
}

/// Text for a table cell.
fn cell(text: &str) -> String {
    text.replace('\n', " ").replace('|', "\\|").replace('<', "&lt;")
}
