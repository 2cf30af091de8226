//! The text report: the verdict first, then what breaks, then the rest.
//!
//! Without `verbose`, a report of any size has at most 60 lines, unless it lists affected rules or recordings.

use std::fmt::Write as _;

use charter_contract::Level;

use super::entries::{Entry, by_kind, by_operation, changes, entries, of_level};
use super::list::{counted, cut, listed};
use super::model::Report;
use crate::change::Evidence;
use crate::diff::BodyVerdict;
use crate::rust::Step;

/// The maximum number of entries with details, without `verbose`.
const DETAILED: usize = 8;
/// The number of lines of a page. A longer report has fewer entries with details.
const PAGE: usize = 60;
/// The maximum number of lines for the other entries of a level.
const LINES: usize = 8;
/// The maximum number of lines of the other parts, without `verbose`.
const SHOWN: usize = 4;
/// The maximum length of a witness, without and with `verbose`.
const WITNESS: (usize, usize) = (140, 600);

/// The report as text.
pub fn text(report: &Report, verbose: bool) -> String {
    let entries = entries(report);
    let sizes = [DETAILED, 6, 4, 2];
    let fits = |text: &String| verbose || text.lines().count() <= PAGE;
    sizes
        .into_iter()
        .map(|detailed| page(report, &entries, verbose, detailed))
        .find(fits)
        .unwrap_or_else(|| page(report, &entries, verbose, 0))
}

fn page(report: &Report, entries: &[Entry<'_>], verbose: bool, detailed: usize) -> String {
    let mut out = String::new();
    headline(&mut out, report, entries);
    for level in [Level::Error, Level::Warning, Level::Info] {
        section(&mut out, report, entries, level, if verbose { usize::MAX } else { detailed });
    }
    accepted(&mut out, report, entries, verbose);
    not_compared(&mut out, report, verbose);
    if verbose {
        bodies(&mut out, report);
    }
    rust(&mut out, report, verbose);
    rules(&mut out, report, verbose);
    recordings(&mut out, report, verbose);
    notes(&mut out, report, verbose);
    let totals = &report.diff.totals;
    let _ = writeln!(
        out,
        "\n{} changes: {} break a strict client, {} a tolerant client, {} in the reading described, {} a server; {} unknown; {} schemas written \
         differently and proved equal",
        totals.changes,
        totals.breaking_client,
        totals.breaking_tolerant_client,
        totals.breaking_described_client,
        totals.breaking_server,
        totals.unknown_client,
        report.diff.equal,
    );
    out
}

fn headline(out: &mut String, report: &Report, entries: &[Entry<'_>]) {
    let _ = writeln!(out, "{} -> {}", report.old.name, report.new.name);
    let _ = writeln!(out, "{}", super::verdict(report));
    let errors = of_level(entries, Level::Error);
    if !errors.is_empty() {
        let kinds: Vec<String> = by_kind(&errors).iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        let kinds: Vec<&str> = kinds.iter().map(String::as_str).collect();
        let _ = writeln!(out, "  kinds: {}", listed(&kinds, kinds.len()));
        let operations = by_operation(&errors);
        if !operations.is_empty() {
            let names: Vec<String> = operations.iter().map(|(name, count)| format!("{name} ({count})")).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let _ = writeln!(out, "  {}: {}", counted(operations.len(), "operation", "operations"), listed(&names, 6));
        }
    }
    for one in &report.policy.expired {
        let _ = writeln!(out, "  no longer accepted: {one}");
    }
    for one in &report.policy.unused {
        let _ = writeln!(out, "  accepted, but not found: {one}");
    }
}

fn section(out: &mut String, report: &Report, entries: &[Entry<'_>], level: Level, most: usize) {
    let verbose = most == usize::MAX;
    let of = of_level(entries, level);
    if of.is_empty() {
        return;
    }
    let party = super::party(report);
    let heading = match level {
        Level::Error => format!("breaks {party}"),
        Level::Warning => format!("may break {party}"),
        _ => format!("compatible for {party}"),
    };
    let _ = writeln!(out, "\n{heading}: {}", changes(&of));
    let detailed = match level {
        _ if verbose => of.len(),
        Level::Error => most,
        _ => 0,
    };
    // A small report has room for its details.
    let detailed = if of.len() <= 3 && level != Level::Error && entries.len() <= DETAILED { of.len() } else { detailed };
    for entry in of.iter().take(detailed) {
        entry_lines(out, entry, verbose);
    }
    by_kind_lines(out, &of[detailed.min(of.len())..], if level == Level::Error { LINES } else { SHOWN });
}

/// Entries, one line for each kind.
fn by_kind_lines(out: &mut String, rest: &[&Entry<'_>], lines: usize) {
    let mut kinds: Vec<&str> = Vec::new();
    for entry in rest {
        if !kinds.contains(&entry.kind) {
            kinds.push(entry.kind);
        }
    }
    for kind in kinds.iter().take(lines) {
        let list: Vec<&&Entry<'_>> = rest.iter().filter(|entry| entry.kind == *kind).collect();
        let count: usize = list.iter().map(|entry| entry.ids.len()).sum();
        let summaries: Vec<String> = list.iter().map(|entry| summary_at(entry)).collect();
        let summaries: Vec<&str> = summaries.iter().map(String::as_str).collect();
        let _ = writeln!(out, "  {count} {kind}: {}", cut(&listed(&summaries, 3), 320));
    }
    if kinds.len() > lines {
        let count: usize = rest.iter().filter(|entry| !kinds[..lines].contains(&entry.kind)).map(|entry| entry.ids.len()).sum();
        let _ = writeln!(out, "  … and {count} more of {} other kinds (--verbose lists all)", kinds.len() - lines);
    }
}

/// The summary, and the component or operation.
fn summary_at(entry: &Entry<'_>) -> String {
    let summary = cut(&entry.summary, 80);
    match (entry.places.as_slice(), entry.operations.as_slice()) {
        (_, [operation]) => format!("{summary} ({operation})"),
        ([place], _) => format!("{summary} at {}", cut(place.pointer(), 80)),
        ([first, rest @ ..], _) => {
            format!("{summary} at {} and {}", cut(first.pointer(), 80), counted(rest.len(), "other place", "other places"))
        }
        ([], operations) => format!("{summary} ({} operations)", operations.len()),
    }
}

fn entry_lines(out: &mut String, entry: &Entry<'_>, verbose: bool) {
    let _ = writeln!(out, "  {} {}: {}", entry.id(), entry.kind, entry.summary);
    let place = match (entry.places.as_slice(), verbose) {
        ([], _) => String::new(),
        ([place], _) => format!("at {place}"),
        (places, true) => places.iter().map(|place| format!("at {place}")).collect::<Vec<_>>().join("\n    "),
        ([first, rest @ ..], false) => format!("at {first} and {}", counted(rest.len(), "other place", "other places")),
    };
    let users = match entry.operations.as_slice() {
        [] => String::new(),
        operations => format!("used by {}", listed(operations, if verbose { 12 } else { 3 })),
    };
    let parts: Vec<&str> = [place.as_str(), users.as_str()].into_iter().filter(|part| !part.is_empty()).collect();
    if !parts.is_empty() {
        let _ = writeln!(out, "    {}", parts.join("; "));
    }
    if verbose {
        let _ = writeln!(out, "    {}", entry.verdicts());
    }
    for (what, witness) in &entry.witnesses {
        let _ = writeln!(out, "    {what}: {}", witness_text(witness, verbose));
    }
}

fn witness_text(witness: &str, verbose: bool) -> String {
    let limit = if verbose { WITNESS.1 } else { WITNESS.0 };
    if witness.chars().count() <= limit {
        return witness.to_owned();
    }
    format!("{} ({} bytes; complete in the JSON report)", cut(witness, limit), witness.len())
}

fn accepted(out: &mut String, report: &Report, entries: &[Entry<'_>], verbose: bool) {
    let list: Vec<&Entry<'_>> = entries.iter().filter(|entry| entry.accepted.is_some()).collect();
    if report.policy.accepted == 0 {
        return;
    }
    let _ = writeln!(out, "\naccepted: {}", report.policy.accepted);
    let (shown, rest) = first_items(&list, verbose);
    for entry in shown {
        let _ = writeln!(out, "  {} {}: {} ({})", entry.id(), entry.kind, entry.summary, entry.accepted.unwrap_or_default());
    }
    out.extend(rest.map(|rest| format!("  {rest}\n")));
}

fn not_compared(out: &mut String, report: &Report, verbose: bool) {
    if report.diff.not_compared.is_empty() {
        return;
    }
    let _ = writeln!(out, "\nnot compared, may break a client: {}", report.diff.not_compared.len());
    let (shown, rest) = first_items(&report.diff.not_compared, verbose);
    for one in shown {
        let reason = one.accepted.as_ref().map(|reason| format!(" (accepted: {reason})")).unwrap_or_default();
        let _ = writeln!(out, "  {} not compared: {}: {}{reason}", one.id, one.new_location, one.summary);
    }
    out.extend(rest.map(|rest| format!("  {rest}\n")));
}

fn bodies(out: &mut String, report: &Report) {
    if report.diff.bodies.is_empty() {
        return;
    }
    let _ = writeln!(out, "\nbodies");
    // Several responses can have the same schema.
    let mut groups: Vec<(&BodyVerdict, Vec<String>)> = Vec::new();
    for body in &report.diff.bodies {
        let name = format!("{} {}", body.operation, body.body);
        let same = |(first, _): &&mut (&BodyVerdict, Vec<String>)| {
            first.accepts_more == body.accepts_more && first.accepts_less == body.accepts_less
        };
        match groups.iter_mut().find(same) {
            Some((_, names)) => names.push(name),
            None => groups.push((body, vec![name])),
        }
    }
    for (body, names) in groups {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let _ = writeln!(out, "  {}", listed(&names, 5));
        for (what, found) in
            [("now accepted, previously refused", &body.accepts_more), ("now refused, previously accepted", &body.accepts_less)]
        {
            let text = match found {
                Evidence::Yes { witness } => witness_text(&witness.to_string(), true),
                Evidence::No { proof } => format!("none, proved by {}", proof.as_str()),
                Evidence::Unknown { tried } => format!("unknown; no proof, and no witness in {tried} documents"),
            };
            let _ = writeln!(out, "    {what}: {text}");
        }
    }
}

/// The first items of a list, and a note on the others.
fn first_items<T>(list: &[T], verbose: bool) -> (&[T], Option<String>) {
    if verbose || list.len() <= SHOWN {
        return (list, None);
    }
    (&list[..SHOWN], Some(format!("… and {} more (--verbose lists all)", list.len() - SHOWN)))
}

fn rust(out: &mut String, report: &Report, verbose: bool) {
    let rust = &report.rust;
    if let Some(problem) = &rust.problem {
        let _ = writeln!(out, "\ngenerated Rust API: not compared; cannot generate types from {problem}");
        return;
    }
    if rust.step == Step::None {
        return;
    }
    let _ = writeln!(out, "\ngenerated Rust API: {}", rust.step.as_str());
    let _ = writeln!(
        out,
        "  signatures {}, values {}; expected from cargo semver-checks: {}",
        rust.api_step.as_str(),
        rust.behaviour_step.as_str(),
        rust.linted_step.as_str()
    );
    let (changes, rest) = first_items(&rust.changes, verbose);
    for change in changes {
        let lint = change.lint.map(|lint| format!(" [{lint}]")).unwrap_or_default();
        let _ = writeln!(out, "  {:5} {} {}: {}{lint}", change.step.as_str(), change.kind, change.item, change.summary);
    }
    out.extend(rest.map(|rest| format!("  {rest}\n")));
}

fn rules(out: &mut String, report: &Report, verbose: bool) {
    if report.rules.is_empty() {
        return;
    }
    let _ = writeln!(out, "\nrules");
    let (rules, rest) = first_items(&report.rules, verbose);
    for rule in rules {
        let _ = writeln!(out, "  {} {}: {}", rule.kind, rule.rule, rule.summary);
    }
    out.extend(rest.map(|rest| format!("  {rest}\n")));
}

fn recordings(out: &mut String, report: &Report, verbose: bool) {
    let Some(recordings) = &report.recordings else { return };
    let _ = writeln!(
        out,
        "\nrecordings: {} exchanges, {} new violations, {} fixed",
        recordings.exchanges,
        recordings.broken.len(),
        recordings.mended
    );
    if let Some(problem) = &recordings.problem {
        let _ = writeln!(out, "  {problem}");
    }
    let (shown, rest) = first_items(&recordings.broken, verbose);
    for broken in shown {
        let before = if broken.before > 0 { format!(", {} before", broken.before) } else { String::new() };
        let _ = writeln!(out, "  {} ({} times{before}): {}", broken.promise, broken.count, broken.message);
        let _ = writeln!(out, "    at {}", broken.place);
    }
    out.extend(rest.map(|rest| format!("  {rest}\n")));
}

fn notes(out: &mut String, report: &Report, verbose: bool) {
    if report.diff.notes.is_empty() {
        return;
    }
    if verbose {
        let _ = writeln!(out, "\nnotes");
        for note in &report.diff.notes {
            let _ = writeln!(out, "  {} {} at {}: {}", note.id, note.kind.0, note.new_location, note.summary);
        }
        return;
    }
    let kinds = super::note_kinds(report);
    let kinds: Vec<&str> = kinds.iter().map(String::as_str).collect();
    let _ = writeln!(out, "\nnotes without an effect on verdicts: {} (--verbose lists all)", listed(&kinds, 8));
}
