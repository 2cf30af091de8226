//! `rules`: lists, shows and tests the rules of a contract.

use std::fmt::Write as _;

use charter_contract::invariant::{Case, Invariant, PromiseKind, Severity, Site};
use charter_contract::{Contract, nearest};
use charter_engine::{Judge, Mutant, MutantOutcome};
use serde_json::{Value, json};

use crate::arguments::{Rules, RulesAction, RulesTest};
use crate::lint::place;
use crate::progress::Step;
use crate::{exit, output};

pub(crate) fn run(arguments: &Rules) -> u8 {
    let folder = output::contract_folder(arguments.contract.contract.as_ref());
    let contract = match output::load(&folder) {
        Ok(contract) => contract,
        Err(code) => return code,
    };
    match &arguments.action {
        None => list(&contract, false),
        Some(RulesAction::List { json }) => list(&contract, *json),
        Some(RulesAction::Show { id }) => show(&contract, id),
        Some(RulesAction::Test(arguments)) => test(&contract, arguments),
    }
}

fn list(contract: &Contract, as_json: bool) -> u8 {
    let rules = &contract.invariants().invariants;
    if as_json {
        let rules: Vec<Value> = rules.iter().map(|rule| described(contract, rule)).collect();
        return output::print(&format!("{}\n", serde_json::to_string_pretty(&rules).unwrap_or_default()));
    }
    let mut text = String::new();
    let widest = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    for rule in rules {
        let _ = writeln!(text, "{:<7} {:<10} {:<widest$}  {}", severity(rule), kind(rule), rule.id, site(contract, rule));
    }
    let errors = rules.iter().filter(|rule| rule.severity == Severity::Error).count();
    let _ = writeln!(text, "{} rules: {errors} errors, {} warnings; `rules show ID` shows one", rules.len(), rules.len() - errors);
    output::print(&text)
}

pub(crate) fn show(contract: &Contract, id: &str) -> u8 {
    let Some(rule) = contract.invariants().get(id) else {
        output::message(&format!("error: unknown rule `{id}`; {}", similar(contract, id)));
        return exit::USAGE;
    };
    let mut text = String::new();
    let _ = writeln!(text, "{} ({}, {})", rule.id, severity(rule), kind(rule));
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(text, "  {name:<9} {value}");
    };
    line("promise", &rule.promise.quote);
    line("source", &rule.promise.where_);
    line("file", &place(contract, &rule.location));
    line("on", &site(contract, rule));
    if let Some(when) = &rule.when {
        line("when", &when.text);
    }
    line("rule", &rule.rule.text);
    if let Some(interest) = &rule.interest {
        line("vacuous", &format!("if it passes and not {interest}"));
    }
    if !rule.path.is_empty() {
        line("blames", &rule.path);
    }
    if let Some(restates) = &rule.restates {
        line("restates", &restates.to_string());
    }
    for (index, site) in rule.uses.iter().enumerate() {
        let excluded = site.excluded.map(|excluded| format!(": never applies there ({})", excluded.as_str())).unwrap_or_default();
        line(if index == 0 { "applies" } else { "" }, &format!("{} {}{excluded}", site.operation, site.status));
    }
    for (index, reason) in may_fail(rule).into_iter().enumerate() {
        line(if index == 0 { "may err" } else { "" }, &reason);
    }
    for (heading, cases) in [("pass", &rule.examples.pass), ("fail", &rule.examples.fail), ("skip", &rule.examples.skip)] {
        for (index, case) in cases.iter().enumerate() {
            line(if index == 0 { heading } else { "" }, &case_text(case));
        }
    }
    for equivalent in &rule.equivalent {
        line("same", &format!("{} ({})", equivalent.mutant, equivalent.reason));
    }
    output::print(&text)
}

/// The remedy for an unknown id: the most similar rule, the rules whose ids contain it, or where the rules are listed.
fn similar(contract: &Contract, id: &str) -> String {
    let ids = || contract.invariants().invariants.iter().map(|rule| rule.id.as_str());
    let near: Vec<&str> = ids().filter(|known| known.contains(id)).take(8).collect();
    match nearest(id, ids()) {
        Some(meant) => format!("{meant} `charter rules list` lists all rules"),
        None if near.is_empty() => "`charter rules list` lists all rules".to_owned(),
        None => format!("similar: {}", near.join(", ")),
    }
}

fn test(contract: &Contract, arguments: &RulesTest) -> u8 {
    let rules = &contract.invariants().invariants;
    if let Some(unknown) = arguments.ids.iter().find(|id| contract.invariants().get(id).is_none()) {
        output::message(&format!("error: unknown rule `{unknown}`; {}", similar(contract, unknown)));
        return exit::USAGE;
    }
    let step = Step::new("testing the rules");
    let judge = match Judge::new(contract) {
        Ok(judge) => judge,
        Err(error) => {
            drop(step);
            output::message(&format!("error: {error}"));
            return exit::USAGE;
        }
    };
    let failures = judge.examples();
    let (mut text, mut examples, mut wrong, mut total, mut survived, mut equivalent) = (String::new(), 0, 0, 0, 0, 0);
    for rule in rules {
        if !arguments.ids.is_empty() && !arguments.ids.contains(&rule.id) {
            continue;
        }
        examples += rule.examples.pass.len() + rule.examples.fail.len() + rule.examples.skip.len();
        let mut lines = String::new();
        for failure in failures.iter().filter(|failure| failure.id == rule.id) {
            wrong += 1;
            let _ = writeln!(lines, "  error: {} {} evaluates to {}", failure.heading, failure.index, failure.outcome);
        }
        // Without examples no mutant can be killed.
        let has_examples = !rule.examples.pass.is_empty() || !rule.examples.fail.is_empty();
        let mutants = if has_examples { judge.mutants(&rule.id).unwrap_or_default() } else { Vec::new() };
        for Mutant { name, outcome, .. } in mutants {
            total += 1;
            match outcome {
                MutantOutcome::Killed if arguments.verbose => {
                    let _ = writeln!(lines, "  killed: {name}");
                }
                MutantOutcome::Killed => {}
                MutantOutcome::Survived => {
                    survived += 1;
                    let _ = writeln!(lines, "  survived: {name}");
                }
                MutantOutcome::Equivalent(reason) => {
                    equivalent += 1;
                    if arguments.verbose {
                        let _ = writeln!(lines, "  equivalent: {name} ({reason})");
                    }
                }
                MutantOutcome::Stale => {
                    survived += 1;
                    let _ = writeln!(
                        lines,
                        "  stale: {name} is listed under `equivalent`, but an example kills it or the rule has no such part"
                    );
                }
            }
        }
        if !lines.is_empty() {
            let _ = write!(text, "{} ({})\n{lines}", rule.id, place(contract, &rule.location));
        }
    }
    drop(step);
    let _ = writeln!(text, "{examples} examples, {wrong} wrong; {total} mutants, {survived} survived, {equivalent} equivalent");
    if survived > 0 {
        let _ = writeln!(text, "add an example that kills each surviving mutant, or list the mutant under `equivalent`");
    }
    match output::print(&text) {
        exit::SUCCESS if wrong > 0 => exit::USAGE,
        exit::SUCCESS if survived > 0 => exit::VIOLATIONS,
        code => code,
    }
}

fn described(contract: &Contract, rule: &Invariant) -> Value {
    json!({
        "id": rule.id,
        "severity": severity(rule),
        "on": site(contract, rule),
        "when": rule.when.as_ref().map(|when| &when.text),
        "rule": rule.rule.text,
        "promise": rule.promise,
        "path": rule.path,
        "old": rule.old,
        "applies": rule.uses,
        "examples": {"pass": rule.examples.pass.len(), "fail": rule.examples.fail.len(), "skip": rule.examples.skip.len()},
        "file": place(contract, &rule.location),
    })
}

fn severity(rule: &Invariant) -> &'static str {
    match rule.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn kind(rule: &Invariant) -> &'static str {
    match rule.promise.kind {
        PromiseKind::Documented => "documented",
        PromiseKind::Implied => "implied",
    }
}

fn site(contract: &Contract, rule: &Invariant) -> String {
    match &rule.on {
        Site::Schema(id) => contract.schema(*id).location.to_string().trim_end_matches('#').to_owned(),
        Site::Response { operations, status } => format!("{} {status}", operations.join(", ")),
    }
}

/// Why the evaluation of a well-typed rule can fail.
fn may_fail(rule: &Invariant) -> Vec<String> {
    let mut reasons: Vec<String> = Vec::new();
    for (typed, expression) in [(&rule.when_types, rule.when.as_ref()), (&rule.rule_types, Some(&rule.rule))] {
        let Some(expression) = expression else { continue };
        let mut open = vec![&expression.root];
        while let Some(node) = open.pop() {
            if let Some(reason) = typed.get(node.id).and_then(|typed| typed.may_fail) {
                reasons.push(format!("{node}: {reason}"));
            }
            open.extend(node.children());
        }
    }
    reasons
}

fn case_text(case: &Case) -> String {
    let mut parts = vec![format!("self {}", case.self_)];
    for (name, value) in [("oldSelf", &case.old_self), ("request", &case.request), ("response", &case.response)] {
        parts.extend(value.as_ref().map(|value| format!("{name} {value}")));
    }
    parts.join("  ")
}
