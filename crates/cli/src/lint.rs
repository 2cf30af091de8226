//! `lint`: checks the contract itself. A rule with a failing example is an error, and a documented example that violates its schema is a
//! warning; all other problems are hints.

mod documents;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use charter_contract::{Contract, Location, SchemaId};
use charter_engine::{Error, Judge, broken_examples};
use charter_report::counted;

use crate::arguments::Lint;
use crate::progress::Step;
use crate::{exit, output};

pub(crate) fn run(arguments: &Lint) -> u8 {
    let folder = output::contract_folder(arguments.contract.contract.as_ref());
    let contract = match output::load(&folder) {
        Ok(contract) => contract,
        Err(code) => return code,
    };
    let step = Step::new("checking the contract");
    let (mut errors, mut warnings, mut hints) = (Vec::new(), Vec::new(), Vec::new());
    invalid_parts(&contract, &mut errors, &mut warnings);
    documents::keywords(&contract, &mut warnings, &mut hints);
    documents::styles(&contract, &mut hints);
    unused_definitions(&contract, &mut hints);
    missing_examples(&contract, &mut hints);
    for problem in charter_probe::setting_problems(&contract) {
        let text = format!("charter.toml: {}", problem.message);
        if problem.is_error { errors.push(text) } else { warnings.push(text) }
    }
    if contract.judged_operations().next().is_none() {
        hints.push("the contract has no operations: only types can be generated".to_owned());
    } else {
        match Judge::new(&contract).and_then(|judge| judge.check_schemas().map(|()| judge)) {
            Ok(judge) => errors.extend(judge.examples().into_iter().map(|failure| {
                let at = contract.invariants().get(&failure.id).map(|invariant| place(&contract, &invariant.location)).unwrap_or_default();
                format!("{at}: the rule {} under {} {} evaluates to {}", failure.id, failure.heading, failure.index, failure.outcome)
            })),
            Err(Error::Schema { .. }) => errors.extend(Judge::schema_errors(&contract).iter().map(ToString::to_string)),
            Err(error) => errors.push(error.to_string()),
        }
    }
    match broken_examples(&contract) {
        Ok(examples) => {
            warnings.extend(examples.into_iter().map(|broken| match broken.position {
                Some(at) => format!("{}:{}:{}: {}", broken.location.document(), at.line, at.column, broken.message),
                None => format!("{}: {}", broken.location, broken.message),
            }));
        }
        // The judge reports the same error.
        Err(error) => {
            let error = error.to_string();
            if !errors.contains(&error) {
                errors.push(error);
            }
        }
    }
    drop(step);
    let mut text = String::new();
    for error in &errors {
        let _ = writeln!(text, "error: {error}");
    }
    for warning in &warnings {
        let _ = writeln!(text, "warning: {warning}");
    }
    for hint in &hints {
        let _ = writeln!(text, "hint: {hint}");
    }
    let count = |number: usize, noun| counted(number as u64, noun);
    let _ = writeln!(
        text,
        "{}, {}, {}: {}, {}, {}",
        count(contract.schemas().len(), "schema"),
        count(contract.operations().len(), "operation"),
        count(contract.invariants().invariants.len(), "rule"),
        count(errors.len(), "error"),
        count(warnings.len(), "warning"),
        count(hints.len(), "hint")
    );
    output::leak(contract);
    match output::print(&text) {
        exit::SUCCESS if !errors.is_empty() => exit::USAGE,
        code => code,
    }
}

/// Problems that an operation reaches are errors, the others are warnings. With `[check] operation`, that operation counts alone.
fn invalid_parts(contract: &Contract, errors: &mut Vec<String>, warnings: &mut Vec<String>) {
    let chosen = contract.config().check.operation.as_ref();
    let operations = contract.judged_operations().filter(|operation| chosen.is_none_or(|id| *id == operation.id));
    let reached: BTreeSet<String> = operations.flat_map(|operation| contract.problems_of(operation)).map(ToString::to_string).collect();
    for problem in contract.problems() {
        let text = problem.to_string();
        if reached.contains(&text) { errors.push(text) } else { warnings.push(text) }
    }
}

/// A location as `document:line:column`.
pub(crate) fn place(contract: &Contract, location: &Location) -> String {
    match contract.position(location) {
        Some(position) => format!("{}:{}:{}", location.document(), position.line, position.column),
        None => location.to_string(),
    }
}

fn unused_definitions(contract: &Contract, hints: &mut Vec<String>) {
    let referred: BTreeSet<SchemaId> = contract.schemas().iter().filter_map(|(_, schema)| schema.keywords.reference).collect();
    for (id, schema) in contract.schemas().iter() {
        let is_definition = schema.location.pointer().rsplit_once('/').is_some_and(|(parent, _)| parent.ends_with("/$defs"));
        if is_definition && !referred.contains(&id) {
            hints.push(format!("{}: unused definition", place(contract, &schema.location)));
        }
    }
}

fn missing_examples(contract: &Contract, hints: &mut Vec<String>) {
    for invariant in &contract.invariants().invariants {
        if invariant.examples.pass.is_empty() || invariant.examples.fail.is_empty() {
            hints.push(format!(
                "{}: the rule {} has no example under `pass` or `fail`",
                place(contract, &invariant.location),
                invariant.id
            ));
        }
    }
}
