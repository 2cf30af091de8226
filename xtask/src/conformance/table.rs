//! Renders outcomes as tables: one line per draft and keyword, and one per draft.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Outcome;
use super::program::Verdict;
use super::reader::Reading;
use super::suite::Group;

/// The counts of one line.
#[derive(Clone, Copy, Default)]
struct Line {
    groups: usize,
    generated: usize,
    compiled: usize,
    valid: usize,
    accepted: usize,
    unchanged: usize,
    invalid: usize,
    refused: usize,
    schemas: usize,
    native: usize,
    /// Groups with a compiled reader, and the valid documents that it decided.
    readers: usize,
    decided: usize,
}

impl Line {
    fn add(&mut self, group: &Group, outcome: &Outcome) {
        self.groups += 1;
        self.generated += usize::from(outcome.refused.is_none());
        self.compiled += usize::from(outcome.compiled);
        self.schemas += outcome.census.0;
        self.native += outcome.census.1;
        self.readers += usize::from(matches!(outcome.reading, Reading::Read(_)));
        self.decided += outcome.decided(group);
        for (index, test) in group.tests.iter().enumerate() {
            let verdict = outcome.verdicts.get(index);
            if test.valid {
                self.valid += 1;
                self.accepted += usize::from(matches!(verdict, Some(Verdict::Unchanged | Verdict::Changed(_))));
                self.unchanged += usize::from(matches!(verdict, Some(Verdict::Unchanged)));
            } else {
                self.invalid += 1;
                self.refused += usize::from(matches!(verdict, Some(Verdict::Refused(_))));
            }
        }
    }

    fn row(&self, name: &str) -> String {
        let of = |count: usize, all: usize| if count == all { format!("{all}") } else { format!("{count}/{all}") };
        format!(
            "| {name} | {} | {} | {} | {} | {} | {} | {} % | {} | {} |",
            self.groups,
            of(self.generated, self.groups),
            of(self.compiled, self.groups),
            of(self.accepted, self.valid),
            of(self.unchanged, self.valid),
            of(self.refused, self.invalid),
            (100 * self.native).checked_div(self.schemas).unwrap_or(100),
            of(self.readers, self.groups),
            of(self.decided, self.valid),
        )
    }
}

pub(super) fn render(groups: &[Group], outcomes: &[Outcome]) -> String {
    let mut text = String::new();
    let mut drafts: Vec<&str> = groups.iter().map(|group| group.draft.as_str()).collect();
    drafts.dedup();
    let head = "| groups | generated | compiled | valid accepted | valid unchanged | invalid refused | native | readers | valid decided |\n\
                |---|---|---|---|---|---|---|---|---|---|\n";
    for draft in &drafts {
        let _ = write!(text, "| {draft} {head}");
        let of_draft: Vec<_> = groups.iter().zip(outcomes).filter(|(group, _)| group.draft == *draft).collect();
        let mut files: Vec<&str> = of_draft.iter().map(|(group, _)| group.file.as_str()).collect();
        files.dedup();
        for file in files {
            let mut line = Line::default();
            of_draft.iter().filter(|(group, _)| group.file == file).for_each(|(group, outcome)| line.add(group, outcome));
            let _ = writeln!(text, "{}", line.row(file));
        }
        text.push('\n');
    }
    let _ = write!(text, "| draft {head}");
    for draft in &drafts {
        let mut line = Line::default();
        groups.iter().zip(outcomes).filter(|(group, _)| group.draft == *draft).for_each(|(group, outcome)| line.add(group, outcome));
        let _ = writeln!(text, "{}", line.row(draft));
    }
    without_reader(outcomes, &mut text);
    text
}

/// The groups without a compiled reader, by reason.
fn without_reader(outcomes: &[Outcome], text: &mut String) {
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for outcome in outcomes {
        if let Reading::Left(reason) = &outcome.reading {
            *reasons.entry(reason).or_default() += 1;
        }
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    text.push_str("\n| groups without a compiled reader, decided by the reference path | |\n|---|---|\n");
    for (reason, count) in reasons {
        let _ = writeln!(text, "| {reason} | {count} |");
    }
}
