//! Coverage in the terms of the report: cases reached of cases reachable, by schema location and by operation.

use charter_contract::invariant::Severity;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::model::RuleCounts;

/// What was seen at one place of the schema. A case that never was stands there with 0, so that runs add up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SchemaCoverage {
    /// The place.
    pub location: String,
    /// How often a value stood there.
    pub seen: u64,
    /// By type of the value, and `absent`.
    pub kinds: IndexMap<String, u64>,
    /// By value of the enumeration.
    pub values: IndexMap<String, u64>,
    /// By branch of the union, such as `anyOf/0`.
    pub branches: IndexMap<String, u64>,
    /// By limit that was touched, such as `maximum`, and `empty` and `notEmpty` for lists.
    pub bounds: IndexMap<String, u64>,
}

/// What was seen of one operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OperationCoverage {
    /// The operationId.
    pub operation: String,
    /// Exchanges of it.
    pub seen: u64,
    /// By promised status.
    pub statuses: IndexMap<String, u64>,
    /// By the sections asked for and granted, between commas.
    pub expand: IndexMap<String, u64>,
}

/// One kind of case: how many there are, and how many were seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// What is counted.
    pub of: String,
    /// Cases seen at least once.
    pub covered: u64,
    /// Cases that the contract makes reachable.
    pub reachable: u64,
}

/// A case that the contract's owner has said cannot be seen, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreachable {
    /// The case.
    pub case: String,
    /// The reason given.
    pub reason: String,
    /// How often it was seen all the same; then it counts like any other.
    pub seen: u64,
    /// Whether the contract has such a case.
    pub known: bool,
}

/// The figure, what it is made of, and what would raise it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CoverageReport {
    /// Cases seen at least once.
    pub covered: u64,
    /// Cases that the contract makes reachable, those said to be unreachable left out.
    pub reachable: u64,
    /// The one of the other, in per cent.
    pub percent: f64,
    /// The figure by kind of case.
    pub parts: Vec<Part>,
    /// By operation.
    pub operations: Vec<OperationCoverage>,
    /// What the contract's owner has said cannot be seen.
    pub unreachable: Vec<Unreachable>,
    /// Every case that was never seen and might have been.
    pub missing: Vec<String>,
}

impl CoverageReport {
    /// The figure from the counts: of one run, or of several added up.
    pub fn new(schema: &[SchemaCoverage], operations: Vec<OperationCoverage>, rules: &[RuleCounts], said: &[(String, String)]) -> Self {
        let mut tally = Tally { report: Self { operations, ..Self::default() }, said, known: vec![None; said.len()] };
        for entry in schema {
            tally.case("places", || entry.location.clone(), entry.seen);
            // A place with one type shows it whenever it is seen.
            for (word, list, least) in [("kind", &entry.kinds, 2), ("value", &entry.values, 2)] {
                for (key, seen) in list.iter().filter(|_| list.len() >= least) {
                    tally.case(
                        if word == "kind" { "types and absence" } else { "values" },
                        || format!("{} {word} {key}", entry.location),
                        *seen,
                    );
                }
            }
            for (key, seen) in &entry.branches {
                tally.case("branches", || format!("{} branch {key}", entry.location), *seen);
            }
            for (key, seen) in &entry.bounds {
                tally.case("lists and bounds", || format!("{} bound {key}", entry.location), *seen);
            }
        }
        for operation in tally.report.operations.clone() {
            let name = &operation.operation;
            tally.case("operations", || format!("operation {name}"), operation.seen);
            for (status, seen) in &operation.statuses {
                tally.case("statuses", || format!("operation {name} status {status}"), *seen);
            }
            for (combination, seen) in &operation.expand {
                let combination = if combination.is_empty() { "nothing" } else { combination };
                tally.case("expand combinations", || format!("operation {name} expand {combination}"), *seen);
            }
        }
        for rule in rules {
            let word = if rule.severity == Some(Severity::Warning) { "warning rules" } else { "error rules" };
            tally.case(word, || format!("rule {}", rule.id), rule.passed + rule.failed);
        }
        tally.finish()
    }
}

struct Tally<'s> {
    report: CoverageReport,
    said: &'s [(String, String)],
    known: Vec<Option<u64>>,
}

impl Tally<'_> {
    fn case(&mut self, part: &str, name: impl Fn() -> String, seen: u64) {
        if !self.said.is_empty() {
            let name = name();
            if let Some(index) = self.said.iter().position(|(case, _)| *case == name) {
                self.known[index] = Some(seen);
                if seen == 0 {
                    return;
                }
            }
        }
        let index = self.report.parts.iter().position(|known| known.of == part).unwrap_or_else(|| {
            self.report.parts.push(Part { of: part.to_owned(), covered: 0, reachable: 0 });
            self.report.parts.len() - 1
        });
        self.report.parts[index].reachable += 1;
        match seen {
            0 => self.report.missing.push(name()),
            _ => self.report.parts[index].covered += 1,
        }
    }

    fn finish(mut self) -> CoverageReport {
        self.report.covered = self.report.parts.iter().map(|part| part.covered).sum();
        self.report.reachable = self.report.parts.iter().map(|part| part.reachable).sum();
        // Rounded down to a tenth: only what is whole is 100.
        self.report.percent = (self.report.covered * 1000).checked_div(self.report.reachable).unwrap_or(0) as f64 / 10.0;
        let said = self.said.iter().zip(self.known);
        self.report.unreachable = said
            .map(|((case, reason), seen)| Unreachable {
                case: case.clone(),
                reason: reason.clone(),
                seen: seen.unwrap_or(0),
                known: seen.is_some(),
            })
            .collect();
        self.report
    }
}
