//! The text report.

use std::fmt::Write as _;

use serde_json::Value;

use super::list::{grouped, listed};
use super::model::Report;
use crate::change::{Evidence, OperationChange, Verdict};
use crate::diff::{BodyVerdict, Direction, SchemaChange};
use crate::rust::Step;

/// The report as text.
pub fn text(report: &Report, verbose: bool) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{} -> {}", report.old.name, report.new.name);
    for verdict in [Verdict::Breaking, Verdict::Unknown, Verdict::Compatible] {
        let tolerant = report.mode == "client";
        let operations: Vec<&OperationChange> =
            report.diff.operations.iter().filter(|change| client(change.client, change.tolerant_client, tolerant) == verdict).collect();
        let schemas: Vec<&SchemaChange> =
            report.diff.schemas.iter().filter(|change| client(change.client, change.tolerant_client, tolerant) == verdict).collect();
        if operations.is_empty() && schemas.is_empty() {
            continue;
        }
        let heading = match verdict {
            Verdict::Breaking => "breaks a client",
            Verdict::Unknown => "may break a client",
            Verdict::Compatible => "compatible for a client",
        };
        let _ = writeln!(out, "\n{heading}: {}", operations.len() + schemas.len());
        for (change, names) in grouped(&operations) {
            operation(&mut out, change, &names);
        }
        for change in schemas {
            schema(&mut out, change);
        }
    }
    for one in &report.policy.expired {
        let _ = writeln!(out, "\nno longer accepted: {one}");
    }
    not_compared(&mut out, report, verbose);
    bodies(&mut out, report);
    rust(&mut out, report, verbose);
    rules(&mut out, report, verbose);
    recordings(&mut out, report);
    notes(&mut out, report, verbose);
    let totals = &report.diff.totals;
    let _ = writeln!(
        out,
        "\n{} changes: {} break a strict client, {} a tolerant client, {} a server; {} unknown; {} schemas written differently and proved equal",
        totals.changes,
        totals.breaking_client,
        totals.breaking_tolerant_client,
        totals.breaking_server,
        totals.unknown_client,
        report.diff.equal,
    );
    out
}

fn not_compared(out: &mut String, report: &Report, verbose: bool) {
    if report.diff.not_compared.is_empty() {
        return;
    }
    let _ = writeln!(out, "\nnot compared, may break a client: {}", report.diff.not_compared.len());
    let (shown, rest) = first_items(&report.diff.not_compared, verbose);
    for one in shown {
        let _ = writeln!(out, "  {} not compared: {}: {}", one.id, one.new_location, one.summary);
    }
    out.extend(rest.map(|rest| format!("  {rest}\n")));
}

fn client(strict: Verdict, lenient: Verdict, tolerant: bool) -> Verdict {
    if tolerant { lenient } else { strict }
}

fn operation(out: &mut String, change: &OperationChange, names: &[&str]) {
    let _ = writeln!(out, "  {} {}: {} ({})", change.id, change.kind.0, change.summary, listed(names));
    if let Some(place) = change.new_location.as_ref().or(change.old_location.as_ref()) {
        let _ = writeln!(out, "    at {place}");
    }
    let _ = writeln!(
        out,
        "    client {} (tolerant: {}), server {}",
        change.client.as_str(),
        change.tolerant_client.as_str(),
        change.server.as_str()
    );
    if let (Some(witness), Some(side)) = (&change.witness, &change.promised_by) {
        let witness = serde_json::to_string(witness).unwrap_or_default();
        let _ = writeln!(out, "    allowed by the {side} contract only: {witness}");
    }
}

fn schema(out: &mut String, change: &SchemaChange) {
    let inner = &change.change;
    let _ = writeln!(out, "  {} {}: {}", inner.id, inner.kind.0, inner.summary);
    if let Some(place) = inner.place() {
        let _ = writeln!(out, "    at {place}");
    }
    let uses: Vec<String> = change.uses.iter().map(|use_| format!("{} {}", use_.operation, direction(use_.direction))).collect();
    let users = match uses.len() {
        0 => "no operation".to_owned(),
        count if count > 4 => format!("{}, and {} more", uses[..4].join(", "), count - 4),
        _ => uses.join(", "),
    };
    let _ = writeln!(
        out,
        "    client {} (tolerant: {}), server {}; used by {users}",
        change.client.as_str(),
        change.tolerant_client.as_str(),
        change.server.as_str()
    );
    evidence(out, "now accepted, previously refused", &inner.accepts_more);
    evidence(out, "now refused, previously accepted", &inner.accepts_less);
}

fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Request => "request",
        Direction::Response => "response",
    }
}

fn evidence(out: &mut String, what: &str, evidence: &Evidence) {
    match evidence {
        Evidence::Yes { witness } => {
            let _ = writeln!(out, "    {what}: {}", shortened(witness));
        }
        Evidence::No { .. } => {}
        Evidence::Unknown { tried } => {
            let _ = writeln!(out, "    {what}: unknown; no proof, and no witness in {tried} documents");
        }
    }
}

fn shortened(value: &Value) -> String {
    const SHOWN: usize = 600;
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}… ({} bytes; complete in the JSON report)", &text[..end], text.len()),
        None => text,
    }
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
        let _ = writeln!(out, "  {}", listed(&names));
        for (what, found) in
            [("now accepted, previously refused", &body.accepts_more), ("now refused, previously accepted", &body.accepts_less)]
        {
            match found {
                Evidence::No { proof } => {
                    let _ = writeln!(out, "    {what}: none, proved by {}", proof.as_str());
                }
                found => evidence(out, what, found),
            }
        }
    }
}

/// The maximum length of a list, without `verbose`.
const SHOWN: usize = 40;

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

fn recordings(out: &mut String, report: &Report) {
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
    for broken in &recordings.broken {
        let before = if broken.before > 0 { format!(", {} before", broken.before) } else { String::new() };
        let _ = writeln!(out, "  {} ({} times{before}): {}", broken.promise, broken.count, broken.message);
        let _ = writeln!(out, "    at {}", broken.place);
    }
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
    let mut kinds: Vec<(&str, usize)> = Vec::new();
    for note in &report.diff.notes {
        match kinds.iter_mut().find(|(kind, _)| *kind == note.kind.0) {
            Some((_, count)) => *count += 1,
            None => kinds.push((&note.kind.0, 1)),
        }
    }
    let kinds: Vec<String> = kinds.into_iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    let _ = writeln!(out, "\nnotes without an effect on verdicts: {} (--verbose lists all)", kinds.join(", "));
}
