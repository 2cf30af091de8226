//! Compares recordings with the contract: read → observe each value at its schema → propose edits.
//!
//! A novelty is what the contract refuses or does not describe: a path, a method, a status, a media type, a parameter, a key, a value, a type,
//! a bound. Requests are observed if the server accepted them. Forms, multiple parts, texts and streams are observed as `check` decodes them.
//! Each has a proposed edit. Edits that loosen a bound, a format or `required` are marked, and are applied only on request.

mod body;
mod dialect;
mod first;
mod in_place;
mod infer;
mod layout;
mod observe;
mod patch;
mod propose;
mod render;
mod report;
mod scalar;
mod swagger;
mod unknown;
mod written;

use std::ops::ControlFlow;

use charter_contract::Contract;
use charter_engine::Judge;
use charter_traffic::read::{Forms, Limits, ReadError, Source, find, read_known};

use crate::side::Side;

pub use first::{FirstDocument, first_document};
pub use patch::{NotApplied, Patched, apply};
pub use report::{Drift, Edit, Example, Novelty, Seen, Unseen};
pub use written::as_written;

/// Compares recordings with a contract.
pub fn drift(contract: &Contract, judge: &Judge, arguments: &[String], limits: &Limits) -> Drift {
    let side = Side::new(contract);
    let mut observer = observe::Observer::new(&side);
    let mut drift = Drift { format: "charter-drift/1", ..Drift::default() };
    let mut found: Vec<(Source, bool)> = Vec::new();
    for argument in arguments {
        match find(argument) {
            Ok(list) => {
                drift.skipped_files.extend(list.skipped_files.iter().map(|file| file.source.to_string()));
                found.extend(list.sources.into_iter().map(|source| (source, list.is_folder)));
            }
            Err(error) => drift.problems.push(format!("{argument}: {error}")),
        }
    }
    let forms = Forms { accepts_bare: judge.bare_operation().is_some(), columns: contract.config().traffic.columns.as_ref() };
    for (source, is_folder) in found {
        let (mut exchanges, mut passed_over) = (0, 0);
        let mut problems = Vec::new();
        let outcome = read_known(&source, limits, &forms, &mut |entry| {
            match entry {
                Ok(exchange) => {
                    exchanges += 1;
                    if let Err(reason) = observer.exchange(judge, &exchange, limits) {
                        passed_over += 1;
                        *drift.passed_over_reasons.entry(reason).or_default() += 1;
                    }
                }
                Err(error) => problems.push(format!("{}: entry {}: {error}", source.name(), error.index)),
            }
            ControlFlow::Continue(())
        });
        if is_folder && matches!(outcome, Err(ReadError::UnknownForm(_))) {
            drift.skipped_files.push(source.name().to_string());
        } else if let Err(error) = outcome {
            problems.push(format!("{}: {error}", source.name()));
        }
        drift.exchanges += exchanges;
        drift.passed_over += passed_over;
        drift.problems.extend(problems);
    }
    propose::propose(&observer, &mut drift);
    drift
}
