//! The Markdown report: short enough for a comment on GitHub, with details folded.

use std::fmt::Write as _;

use charter_contract::Level;

use super::entries::{Entry, by_kind, by_operation, changes, entries, of_level};
use super::list::{counted, cut, listed};
use super::model::Report;
use crate::change::Verdict;

/// The maximum length of a comment on GitHub, in characters.
const LIMIT: usize = 65_536;
/// The part of it that rows and details may fill; the rest is for the ends of tables and for notes on what is left out.
const FILLED: usize = LIMIT - 4_000;
/// The maximum number of entries with warnings that are not folded.
const UNFOLDED: usize = 10;
/// The maximum length of a row.
const ROW: usize = 1_600;

/// The report as Markdown, with at most 65,536 characters.
pub fn markdown(report: &Report) -> String {
    let mut page = Page::default();
    let entries = entries(report);
    page.line(&format!("## Contract: {} → {}\n", code(&report.old.name), code(&report.new.name)));
    page.line(&format!("**{}**\n", inline(&super::verdict(report))));
    if report.is_empty() {
        page.line(&format!("{} schemas are written differently and proved equal.\n", report.diff.equal));
    }
    let errors = of_level(&entries, Level::Error);
    if !errors.is_empty() {
        let kinds: Vec<String> = by_kind(&errors).iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        let kinds: Vec<&str> = kinds.iter().map(String::as_str).collect();
        page.line(&format!("- kinds: {}", listed(&kinds, 12)));
        let operations = by_operation(&errors);
        if !operations.is_empty() {
            let names: Vec<String> = operations.iter().map(|(name, count)| format!("{} ({count})", code(name))).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            page.line(&format!("- {}: {}", counted(operations.len(), "operation", "operations"), listed(&names, 12)));
        }
    }
    if report.rust.step != crate::rust::Step::None {
        page.line(&format!("- generated crate: **{}**", report.rust.step.as_str()));
    }
    for one in &report.policy.expired {
        page.line(&format!("- no longer accepted: {}", inline(one)));
    }
    for one in &report.policy.unused {
        page.line(&format!("- accepted, but not found: {}", inline(one)));
    }
    page.line("");
    for (level, heading) in [(Level::Error, "Breaking"), (Level::Warning, "Warnings"), (Level::Info, "Compatible")] {
        let of = of_level(&entries, level);
        if !of.is_empty() {
            let is_folded = level == Level::Info || level == Level::Warning && of.len() > UNFOLDED;
            page.entries(&format!("{heading}: {}", changes(&of)), &of, is_folded);
        }
    }
    let accepted: Vec<&Entry<'_>> = entries.iter().filter(|entry| entry.accepted.is_some()).collect();
    if !accepted.is_empty() {
        let rows = accepted
            .iter()
            .map(|entry| format!("- {}: {} — {}", code(entry.kind), inline(&entry.summary), inline(entry.accepted.unwrap_or_default())));
        page.folded(&format!("Accepted: {}", report.policy.accepted), "", rows.collect());
    }
    if !report.diff.not_compared.is_empty() {
        let rows =
            report.diff.not_compared.iter().map(|one| format!("- {}: {}", code(&one.new_location.to_string()), inline(&one.summary)));
        page.folded(&format!("Not compared: {}", report.diff.not_compared.len()), "", rows.collect());
    }
    if !report.rust.changes.is_empty() {
        let rows = report.rust.changes.iter().map(|change| {
            let lint = change.lint.map_or_else(|| "no lint".to_owned(), code);
            format!("| {} | {} | {} | {lint} |", change.step.as_str(), code(&change.item), inline(&change.summary))
        });
        let head = "| step | item | change | cargo semver-checks |\n|---|---|---|---|";
        page.folded(&format!("Generated Rust API: {} changes", report.rust.changes.len()), head, rows.collect());
    }
    if !report.rules.is_empty() {
        let rows = report.rules.iter().map(|rule| format!("- {} {}: {}", rule.kind, code(&rule.rule), inline(&rule.summary)));
        page.folded(&format!("Rules: {}", report.rules.len()), "", rows.collect());
    }
    if let Some(recordings) = &report.recordings {
        let rows = recordings.broken.iter().map(|broken| {
            format!("- {} ({} times): {}, at {}", code(&broken.promise), broken.count, inline(&broken.message), code(&broken.place))
        });
        let heading = format!("Recordings: {} exchanges, {} new violations", recordings.exchanges, recordings.broken.len());
        page.folded(&heading, "", rows.collect());
    }
    if !report.diff.notes.is_empty() {
        page.line(&format!("Notes without an effect on verdicts: {}", super::note_kinds(report).join(", ")));
    }
    page.text
}

/// A page that stays below the limit.
#[derive(Default)]
struct Page {
    text: String,
    /// The number of characters.
    length: usize,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.length += line.chars().count() + 1;
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// Adds rows while there is room, and a note on the others.
    fn rows(&mut self, rows: &[String], is_table: bool) {
        for (index, row) in rows.iter().enumerate() {
            if self.length + row.chars().count() > FILLED {
                let note = format!("… and {} more; the JSON report has all", rows.len() - index);
                self.line(&if is_table { format!("| {note} |") } else { format!("- {note}") });
                return;
            }
            self.line(row);
        }
    }

    fn folded(&mut self, heading: &str, head: &str, rows: Vec<String>) {
        self.line(&format!("<details><summary>{heading}</summary>\n"));
        if !head.is_empty() {
            self.line(head);
        }
        self.rows(&rows, !head.is_empty());
        self.line("\n</details>\n");
    }

    fn entries(&mut self, heading: &str, entries: &[&Entry<'_>], is_folded: bool) {
        let head = "| change | where | evidence |\n|---|---|---|";
        let rows: Vec<String> = entries.iter().map(|entry| row(entry)).collect();
        if is_folded {
            self.folded(heading, head, rows);
        } else {
            self.line(&format!("### {heading}\n\n{head}"));
            self.rows(&rows, true);
            self.line("");
        }
    }
}

fn row(entry: &Entry<'_>) -> String {
    let mut place = String::new();
    if let Some(first) = entry.places.first() {
        place.push_str(&code(&first.to_string()));
    }
    if entry.places.len() > 1 {
        let _ = write!(place, " and {}", counted(entry.places.len() - 1, "other place", "other places"));
    }
    if !entry.operations.is_empty() {
        let names: Vec<String> = entry.operations.iter().map(|name| code(name)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let _ = write!(place, "{}{}", if place.is_empty() { "" } else { "; " }, listed(&names, 4));
    }
    let evidence: Vec<String> = entry.witnesses.iter().map(|(what, witness)| format!("{what}: {}", code(witness))).collect();
    let differs = entry.verdicts[0] != entry.verdict && entry.verdict != Verdict::Unknown;
    let strict = if differs { format!(" (a strict client: {})", entry.verdicts[0].as_str()) } else { String::new() };
    cut(&format!("| `{}` {}: {}{strict} | {place} | {} |", entry.ids[0], entry.kind, inline(&entry.summary), evidence.join("; ")), ROW)
}

/// Text as inline code, at most 160 characters.
pub(super) fn code(text: &str) -> String {
    const SHOWN: usize = 160;
    let text = cut(&text.replace('\n', " "), SHOWN).replace('|', "\\|");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let ticks = "`".repeat(longest + 1);
    let space = if longest > 0 { " " } else { "" };
    format!("{ticks}{space}{text}{space}{ticks}")
}

/// Text with spans of code, for a cell or an item. `<` is escaped outside of code only: within code, an entity is shown as written.
pub(super) fn inline(text: &str) -> String {
    let mut out = String::new();
    let mut is_code = false;
    let closes = text.matches('`').count().is_multiple_of(2);
    for c in cut(text, 400).chars() {
        match c {
            '\n' => out.push(' '),
            '|' => out.push_str("\\|"),
            '`' => {
                is_code = closes && !is_code;
                out.push(c);
            }
            '<' if !is_code => out.push_str("&lt;"),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_escaped_as_commonmark_reads_it() {
        assert_eq!(inline("the type `Option<String>` of a<b | c"), "the type `Option<String>` of a&lt;b \\| c");
        assert_eq!(code("a ` b"), "`` a ` b ``");
        assert_eq!(code("a `` b"), "``` a `` b ```");
    }

    #[test]
    fn a_page_is_filled_up_to_the_limit() {
        let mut page = Page::default();
        page.folded("many", "", (0..2_000).map(|_| "x".repeat(100)).collect());
        assert!(page.text.chars().count() < LIMIT && page.text.contains("more; the JSON report has all"));
    }
}
