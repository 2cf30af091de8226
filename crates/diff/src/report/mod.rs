//! The report of a comparison: data, and its renderers. Renderers make no verdict.

mod annotations;
mod changelog;
mod entries;
mod html;
mod list;
mod markdown;
mod model;
mod text;

use charter_contract::Level;

pub use annotations::{github, sarif};
pub use changelog::changelog;
pub use html::html;
pub use markdown::markdown;
pub use model::{Report, ReportOptions, SideInfo, Sides, report};
pub use text::text;

use crate::policy::Party;

/// The verdict of a report in one line.
fn verdict(report: &Report) -> String {
    let party = party(report);
    let reading = report.policy.reading;
    let list = entries::entries(report);
    let of = |level: Level| {
        let entries = entries::of_level(&list, level);
        (entries::changes(&entries), entries.len())
    };
    let ((errors, entries), (warnings, _), (infos, _)) = (of(Level::Error), of(Level::Warning), of(Level::Info));
    let word = match report.worst_level() {
        _ if report.is_empty() => return format!("no changes for {party}"),
        Some(Level::Error) => format!("BREAKING for {party}"),
        Some(Level::Warning) => format!("may break {party}"),
        _ => format!("compatible for {party}"),
    };
    let together = if entries < errors { format!(" in {}", list::counted(entries, "group", "groups")) } else { String::new() };
    let accepted = if report.policy.accepted > 0 { format!(", {} accepted", report.policy.accepted) } else { String::new() };
    let not_compared = match report.diff.not_compared.len() {
        0 => String::new(),
        count => format!(", {count} not compared"),
    };
    format!(
        "{word} (reading: {reading}): {errors} breaking{together}, {warnings} with a warning, {infos} compatible{not_compared}{accepted}"
    )
}

/// The party of the verdicts.
fn party(report: &Report) -> &'static str {
    match report.policy.party {
        Party::Client => "a client",
        Party::Server => "a server",
        Party::Both => "a client or a server",
    }
}

/// The number of notes by kind.
fn note_kinds(report: &Report) -> Vec<String> {
    let mut kinds: Vec<(&str, usize)> = Vec::new();
    for note in &report.diff.notes {
        match kinds.iter_mut().find(|(kind, _)| *kind == note.kind.0) {
            Some((_, count)) => *count += 1,
            None => kinds.push((&note.kind.0, 1)),
        }
    }
    kinds.into_iter().map(|(kind, count)| format!("{count} {kind}")).collect()
}
