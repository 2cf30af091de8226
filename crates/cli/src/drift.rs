//! `drift`: compares recordings with the contract and applies edits on request.

use std::fmt::Write as _;

use camino::Utf8Path;
use charter_diff::drift::{Drift, Edit, NotApplied, apply, as_written, drift, first_document};
use charter_engine::Judge;
use charter_traffic::read::Limits;

use crate::arguments::FailOnDrift;
use crate::masking::ReportMasker;
use crate::progress::Step;
use crate::{arguments, exit, output};

pub(crate) fn run(arguments: &arguments::Drift) -> u8 {
    if let Some(file) = &arguments.new {
        return new_document(arguments, file);
    }
    let folder = output::contract_folder(arguments.contract.contract.as_ref());
    let contract = match output::load(&folder) {
        Ok(contract) => contract,
        Err(code) => return code,
    };
    let judge = Judge::new(&contract).and_then(|judge| match &arguments.operation {
        Some(id) => judge.for_operation(id),
        None => Ok(judge),
    });
    let judge = match judge {
        Ok(judge) => judge,
        Err(error) => {
            output::message(&format!("error: {error}"));
            return exit::USAGE;
        }
    };
    let limits = Limits { max_body: arguments.max_body.0, ..Limits::default() };
    let step = Step::new("comparing the recordings with the contract");
    let found = drift(&contract, &judge, &arguments.paths, &limits);
    drop(step);
    let masker = ReportMasker::new(Some(&contract));
    let mut shown = found.clone();
    as_written(&contract, &mut shown);
    masker.drift(&mut shown);
    for problem in &found.problems {
        output::message(&masker.text(problem));
    }
    let mut text = summary(&shown, arguments);
    let mut unapplied = found.novelties.len();
    if arguments.apply {
        let patched = apply(&contract, &found.novelties, arguments.loosen);
        for (name, bytes) in &patched.documents {
            let path = output::base_folder(&folder).join(name);
            if contract.documents().value(name).is_none_or(|_| !path.exists()) {
                output::message(&format!("error: {path} no longer exists"));
                return exit::UNREADABLE;
            }
            if let Err(error) = output::write(&path, &String::from_utf8_lossy(bytes)) {
                output::message(&format!("error: cannot write {path}: {error}"));
                return exit::UNREADABLE;
            }
            let _ = writeln!(text, "written: {path}");
            if patched.rewritten.contains(name) {
                let _ = writeln!(
                    text,
                    "  the document could not be edited in place; its comments, anchors and layout are lost: review the difference"
                );
            }
        }
        for (id, why) in &patched.left {
            let remedy = if matches!(why, NotApplied::Loosens) { "; --loosen applies it" } else { "" };
            let _ = writeln!(text, "not applied: {id}: {}{remedy}", output::with_causes(why));
        }
        unapplied = patched.left.len();
        if !patched.documents.is_empty() {
            text.push_str(&output::with_program_name("run `charter generate` and `charter lint`\n"));
        }
    }
    let mut code = exit::SUCCESS;
    for report in &arguments.report {
        let rendered = if report.json { format!("{}\n", serde_json::to_string_pretty(&shown).unwrap_or_default()) } else { text.clone() };
        code = code.max(match &report.file {
            Some(file) => match output::write(file, &rendered) {
                Ok(()) => exit::SUCCESS,
                Err(error) => {
                    output::message(&format!("error: cannot write {file}: {error}"));
                    exit::UNREADABLE
                }
            },
            None => output::print(&rendered),
        });
    }
    if code != exit::SUCCESS {
        return code;
    }
    if !found.problems.is_empty() {
        return exit::UNREADABLE;
    }
    if found.exchanges == found.passed_over {
        output::message("error: no exchanges were compared; the report has the reasons");
        return exit::UNREADABLE;
    }
    if unapplied > 0 && arguments.fail_on == FailOnDrift::Novelty { exit::VIOLATIONS } else { exit::SUCCESS }
}

/// Writes a first document that describes the traffic.
fn new_document(arguments: &arguments::Drift, file: &Utf8Path) -> u8 {
    if file.exists() {
        output::message(&output::with_program_name(&format!(
            "error: {file} exists; `charter drift --apply` edits it, or choose another file"
        )));
        return exit::USAGE;
    }
    let limits = Limits { max_body: arguments.max_body.0, ..Limits::default() };
    let step = Step::new("reading the recordings");
    let first = first_document(&arguments.paths, &limits, None);
    drop(step);
    for problem in &first.problems {
        output::message(&format!("error: {problem}"));
    }
    for (reason, count) in &first.passed_over {
        output::message(&format!("note: {count} exchanges not used: {reason}"));
    }
    let Some(host) = first.host.as_ref().filter(|_| first.problems.is_empty()) else {
        output::message(
            "error: nothing was written: the recordings cannot be read, or have no exchange with a JSON body and a URL with a host",
        );
        return exit::UNREADABLE;
    };
    if let Err(error) = output::write(file, &String::from_utf8_lossy(&first.yaml)) {
        output::message(&format!("error: cannot write {file}: {error}"));
        return exit::UNREADABLE;
    }
    output::print(&format!("written: {file}: {} operations of {host}, from {} exchanges\n", first.operations, first.exchanges))
}

fn summary(found: &Drift, arguments: &arguments::Drift) -> String {
    let mut text = String::new();
    for novelty in &found.novelties {
        let _ = writeln!(text, "{} {}: {}", novelty.id, novelty.kind, novelty.summary);
        let _ = writeln!(text, "  at {}; {} of {} times", novelty.location, novelty.count, novelty.of);
        for example in &novelty.examples {
            let _ = writeln!(text, "  {}#{}: {}", example.place, example.instance_location, example.value);
        }
        let loosens = if novelty.loosens { ", with --loosen" } else { "" };
        edits(&mut text, &novelty.patch, loosens);
    }
    if arguments.unseen {
        for unseen in &found.unseen {
            let _ = writeln!(text, "unseen {}: {} in {} values, at {}", unseen.kind, unseen.summary, unseen.of, unseen.location);
        }
    }
    if arguments.seen {
        for seen in &found.seen {
            let _ = writeln!(text, "seen {}: {} in {} values, at {}", seen.kind, seen.summary, seen.of, seen.location);
        }
    }
    let _ = writeln!(
        text,
        "{} exchanges, {} passed over: {} novelties, {} unused parts of the contract (--unseen), {} possible constraints (--seen)",
        found.exchanges,
        found.passed_over,
        found.novelties.len(),
        found.unseen.len(),
        found.seen.len()
    );
    for (reason, count) in &found.passed_over_reasons {
        let _ = writeln!(text, "  passed over: {count} with {reason}");
    }
    if !found.skipped_files.is_empty() {
        let _ = writeln!(text, "{} files of folders skipped: {}", found.skipped_files.len(), found.skipped_files.join(", "));
    }
    text
}

fn edits(text: &mut String, patch: &[Edit], note: &str) {
    for edit in patch {
        let value = edit.value.as_ref().map(|value| format!(": {value}")).unwrap_or_default();
        let _ = writeln!(text, "  edit{note}: {} {}#{}{value}", edit.op, edit.document, edit.path);
    }
}
