//! Compares recordings with the contract: read → observe each value at its schema → propose edits.
//!
//! A novelty is a value that the contract refuses or does not describe: a key, a value of an enumeration, a type, a bound, a status.
//! Each has a proposed edit. Edits that loosen a bound, a format or `required` are marked, and are applied only on request.

mod infer;
mod observe;
mod patch;
mod propose;
mod report;

use std::ops::ControlFlow;

use charter_contract::Contract;
use charter_engine::Judge;
use charter_traffic::read::{Limits, Source, read, sources};

use crate::side::Side;

pub use patch::{NotApplied, Patched, apply};
pub use report::{Drift, Edit, Example, Novelty, Seen, Unseen};

/// Compares recordings with a contract.
pub fn drift(contract: &Contract, judge: &Judge, arguments: &[String], limits: &Limits) -> Drift {
    let side = Side::new(contract);
    let mut observer = observe::Observer::new(&side);
    let mut drift = Drift { format: "charter-drift/1", ..Drift::default() };
    let mut found: Vec<Source> = Vec::new();
    for argument in arguments {
        match sources(argument) {
            Ok(list) => found.extend(list),
            Err(error) => drift.problems.push(format!("{argument}: {error}")),
        }
    }
    for source in found {
        let (mut exchanges, mut passed_over) = (0, 0);
        let mut problems = Vec::new();
        let outcome = read(&source, limits, &mut |entry| {
            match entry {
                Ok(exchange) => {
                    exchanges += 1;
                    if !observer.exchange(judge, &exchange) {
                        passed_over += 1;
                    }
                }
                Err(error) => problems.push(format!("{}: entry {}: {error}", source.name(), error.index)),
            }
            ControlFlow::Continue(())
        });
        if let Err(error) = outcome {
            problems.push(format!("{}: {error}", source.name()));
        }
        drift.exchanges += exchanges;
        drift.passed_over += passed_over;
        drift.problems.extend(problems);
    }
    propose::propose(&observer, &mut drift);
    drift
}
