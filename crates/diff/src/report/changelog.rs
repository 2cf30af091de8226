//! The entry for a changelog.

use std::fmt::Write as _;

use charter_contract::Level;

use super::entries::{entries, of_level};
use super::list::listed;
use super::model::Report;
use crate::rust::Step;

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
    let entries = entries(report);
    for (level, heading) in [(Level::Error, "Breaking"), (Level::Warning, "Possibly breaking"), (Level::Info, "Compatible")] {
        let lines: Vec<String> = of_level(&entries, level)
            .iter()
            .map(|entry| {
                let place = match (entry.places.as_slice(), entry.operations.as_slice()) {
                    ([place], _) => format!("`{place}`, "),
                    (_, []) => String::new(),
                    (_, operations) => format!("{}, ", listed(operations, 5)),
                };
                format!("- {} ({place}`{}`)", entry.summary, entry.ids[0])
            })
            .collect();
        if !lines.is_empty() {
            let _ = writeln!(out, "### {heading} for {}\n\n{}\n", plural(report), lines.join("\n"));
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

fn plural(report: &Report) -> &'static str {
    match report.policy.party {
        crate::policy::Party::Client => "clients",
        crate::policy::Party::Server => "servers",
        crate::policy::Party::Both => "clients and servers",
    }
}
