//! `drift`: recordings beside the contract, and edits written where they are asked for.

use std::fmt::Write as _;

use charter_diff::drift::{Drift, Edit, apply, drift};
use charter_engine::Judge;
use charter_traffic::read::Limits;

use crate::{arguments, exit, output};

pub(crate) fn run(arguments: &arguments::Drift) -> u8 {
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
            output::complain(&error.to_string());
            return exit::USAGE;
        }
    };
    let limits = Limits { max_body: arguments.max_body.0, ..Limits::default() };
    let found = drift(&contract, &judge, &arguments.paths, &limits);
    for problem in &found.problems {
        output::complain(problem);
    }
    let mut text = told(&found, arguments);
    let mut left = found.novelties.len();
    if arguments.apply {
        let patched = apply(&contract, &found.novelties, arguments.loosen);
        for (name, bytes) in &patched.documents {
            let path = folder.join(name);
            if contract.documents().value(name).is_none_or(|_| !path.exists()) {
                output::complain(&format!("{path} is not there any more"));
                return exit::UNREADABLE;
            }
            if let Err(error) = output::write(&path, &String::from_utf8_lossy(bytes)) {
                output::complain(&format!("{path} cannot be written: {error}"));
                return exit::UNREADABLE;
            }
            let _ = writeln!(text, "written: {path}");
            if name.ends_with(".yaml") || name.ends_with(".yml") {
                let _ = writeln!(text, "  comments and anchors of a YAML document are not kept: look at the difference");
            }
        }
        for (id, why) in &patched.left {
            let _ = writeln!(text, "not applied: {id}: {why}");
        }
        left = patched.left.len();
        if !patched.documents.is_empty() {
            text.push_str(&output::named("run `charter generate`, and `charter lint`\n"));
        }
    }
    let mut code = exit::KEPT;
    for report in &arguments.report {
        let shown = if report.json { format!("{}\n", serde_json::to_string_pretty(&found).unwrap_or_default()) } else { text.clone() };
        code = code.max(match &report.file {
            Some(file) => match output::write(file, &shown) {
                Ok(()) => exit::KEPT,
                Err(error) => {
                    output::complain(&format!("{file} cannot be written: {error}"));
                    exit::UNREADABLE
                }
            },
            None => output::text(&shown),
        });
    }
    if code != exit::KEPT {
        return code;
    }
    if !found.problems.is_empty() {
        return exit::UNREADABLE;
    }
    if found.exchanges == found.passed_over {
        output::complain("nothing was looked at: no exchange belongs to an operation of the contract and has a body of JSON");
        return exit::UNREADABLE;
    }
    if left > 0 { exit::BROKEN } else { exit::KEPT }
}

fn told(found: &Drift, arguments: &arguments::Drift) -> String {
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
        "{} exchanges, {} passed over: {} novelties, {} promises that never occur (--unseen), {} that could be made (--seen)",
        found.exchanges,
        found.passed_over,
        found.novelties.len(),
        found.unseen.len(),
        found.seen.len()
    );
    text
}

fn edits(text: &mut String, patch: &[Edit], note: &str) {
    for edit in patch {
        let value = edit.value.as_ref().map(|value| format!(": {value}")).unwrap_or_default();
        let _ = writeln!(text, "  edit{note}: {} {}#{}{value}", edit.op, edit.document, edit.path);
    }
}
