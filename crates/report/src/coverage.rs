//! Coverage in the terms of the report: cases reached of cases reachable, by schema location and by operation.

use charter_contract::invariant::Severity;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::rule::RuleCounts;

/// The counts of one schema location. Cases that were never seen have the count 0, so that reports can be added.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SchemaCoverage {
    /// The location.
    pub location: String,
    /// Number of values at the location.
    pub seen: u64,
    /// By type of the value; `absent` for optional properties.
    pub kinds: IndexMap<String, u64>,
    /// By value of the enumeration.
    pub values: IndexMap<String, u64>,
    /// By union branch, such as `anyOf/0`.
    pub branches: IndexMap<String, u64>,
    /// By bound that a value equals, such as `maximum`; `empty` and `notEmpty` for lists.
    pub bounds: IndexMap<String, u64>,
}

/// The counts of one operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OperationCoverage {
    /// The operationId.
    pub operation: String,
    /// Number of exchanges.
    pub seen: u64,
    /// By documented status.
    pub statuses: IndexMap<String, u64>,
    /// By combination of the requested sections of the response, separated by commas; the empty string is the combination of none. The
    /// member has this name in every report: the format is stable, and the parameter was called so when it was defined.
    #[serde(rename = "expand")]
    pub sections: IndexMap<String, u64>,
    /// By parameter, such as `query limit`.
    #[serde(default)]
    pub parameters: IndexMap<String, u64>,
    /// By media type of the request body; `none` if the body is optional.
    #[serde(default, rename = "requestBodies")]
    pub request_bodies: IndexMap<String, u64>,
    /// By status and media type of the response, such as `200 application/json`.
    #[serde(default, rename = "mediaTypes")]
    pub media_types: IndexMap<String, u64>,
    /// By alternative of the security requirements; `none` if credentials are optional.
    #[serde(default)]
    pub security: IndexMap<String, u64>,
}

/// One kind of case: how many exist, and how many were seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// What is counted.
    pub of: String,
    /// Cases seen at least once.
    pub covered: u64,
    /// Cases that the contract makes reachable.
    pub reachable: u64,
}

/// A case that the contract declares unreachable, with the reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreachable {
    /// The case.
    pub case: String,
    /// The reason given.
    pub reason: String,
    /// How often it was seen nevertheless; a case that was seen counts as reachable.
    pub seen: u64,
    /// Whether the contract has such a case.
    pub known: bool,
}

/// Coverage: cases reached of cases reachable.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CoverageReport {
    /// Cases seen at least once.
    pub covered: u64,
    /// Reachable cases, without those declared unreachable.
    pub reachable: u64,
    /// The ratio in percent.
    pub percent: f64,
    /// The coverage by kind of case.
    pub parts: Vec<Part>,
    /// By operation.
    pub operations: Vec<OperationCoverage>,
    /// Cases that the contract declares unreachable.
    pub unreachable: Vec<Unreachable>,
    /// Every reachable case that was never seen.
    pub missing: Vec<String>,
}

impl CoverageReport {
    /// Coverage from the counts of one run, or of several added up.
    ///
    /// `sections_parameter` is the query parameter that selects sections of a response; `unreachable` are the cases that the contract
    /// declares unreachable, each with the reason.
    pub fn new(
        schema: &[SchemaCoverage],
        operations: Vec<OperationCoverage>,
        sections_parameter: &str,
        rules: &[RuleCounts],
        unreachable: &[(String, String)],
    ) -> Self {
        let mut counter = CaseCounter { report: Self { operations, ..Self::default() }, unreachable, known: vec![None; unreachable.len()] };
        for entry in schema {
            counter.case("places", || entry.location.clone(), entry.seen);
            // A location with a single type shows that type whenever it is seen.
            for (word, list, least) in [("kind", &entry.kinds, 2), ("value", &entry.values, 2)] {
                for (key, seen) in list.iter().filter(|_| list.len() >= least) {
                    counter.case(
                        if word == "kind" { "types and absence" } else { "values" },
                        || [&entry.location, " ", word, " ", key].concat(),
                        *seen,
                    );
                }
            }
            for (key, seen) in &entry.branches {
                counter.case("branches", || [&entry.location, " branch ", key].concat(), *seen);
            }
            for (key, seen) in &entry.bounds {
                counter.case("lists and bounds", || [&entry.location, " bound ", key].concat(), *seen);
            }
        }
        let combinations = format!("{sections_parameter} combinations");
        for operation in counter.report.operations.clone() {
            let name = &operation.operation;
            counter.case("operations", || format!("operation {name}"), operation.seen);
            for (status, seen) in &operation.statuses {
                counter.case("statuses", || format!("operation {name} status {status}"), *seen);
            }
            for (combination, seen) in &operation.sections {
                let combination = if combination.is_empty() { "nothing" } else { combination };
                counter.case(&combinations, || format!("operation {name} {sections_parameter} {combination}"), *seen);
            }
            let lists = [
                ("parameters", "parameter", &operation.parameters),
                ("request bodies", "request body", &operation.request_bodies),
                ("media types", "media type", &operation.media_types),
                ("credentials", "credentials", &operation.security),
            ];
            for (part, word, list) in lists {
                for (key, seen) in list {
                    counter.case(part, || format!("operation {name} {word} {key}"), *seen);
                }
            }
        }
        for rule in rules {
            let word = if rule.severity == Some(Severity::Warning) { "warning rules" } else { "error rules" };
            counter.case(word, || format!("rule {}", rule.id), rule.passed + rule.failed);
        }
        counter.finish()
    }
}

struct CaseCounter<'s> {
    report: CoverageReport,
    unreachable: &'s [(String, String)],
    known: Vec<Option<u64>>,
}

impl CaseCounter<'_> {
    fn case(&mut self, part: &str, name: impl Fn() -> String, seen: u64) {
        if !self.unreachable.is_empty() {
            let name = name();
            if let Some(index) = self.unreachable.iter().position(|(case, _)| *case == name) {
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
        // Rounded down to a tenth, so that only full coverage is 100.
        self.report.percent = (self.report.covered * 1000).checked_div(self.report.reachable).unwrap_or(0) as f64 / 10.0;
        let cases = self.unreachable.iter().zip(self.known);
        self.report.unreachable = cases
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

/// The name of the query parameter that selects sections of a response, found in the names of cases: a report has no other place for it.
pub(crate) fn sections_parameter<'r>(reports: impl IntoIterator<Item = &'r CoverageReport>) -> Option<String> {
    reports.into_iter().find_map(|report| {
        let part = report.parts.iter().find_map(|part| part.of.strip_suffix(" combinations"));
        part.map(str::to_owned).or_else(|| {
            report.unreachable.iter().find_map(|entry| {
                report.operations.iter().find_map(|operation| {
                    let rest = entry.case.strip_prefix("operation ")?.strip_prefix(&operation.operation)?.strip_prefix(' ')?;
                    let (parameter, combination) = rest.split_once(' ')?;
                    let key = if combination == "nothing" { "" } else { combination };
                    operation.sections.contains_key(key).then(|| parameter.to_owned())
                })
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operation() -> OperationCoverage {
        let sections = [("", 1), ("lines", 0)].into_iter().map(|(key, seen)| (key.to_owned(), seen)).collect();
        let statuses = [("200".to_owned(), 1)].into_iter().collect();
        let parameters = [("query limit".to_owned(), 0)].into_iter().collect();
        let (request_bodies, media_types, security) = Default::default();
        OperationCoverage {
            operation: "orders.get".to_owned(),
            seen: 1,
            statuses,
            sections,
            parameters,
            request_bodies,
            media_types,
            security,
        }
    }

    #[test]
    fn combinations_are_named_after_the_parameter_of_the_contract() {
        let report = CoverageReport::new(&[], vec![operation()], "include", &[], &[]);
        assert_eq!(report.missing, ["operation orders.get include lines", "operation orders.get parameter query limit"]);
        assert!(report.parts.iter().any(|part| part.of == "include combinations"), "{:?}", report.parts);
        assert_eq!(serde_json::to_value(operation()).expect("JSON")["expand"]["lines"], 0);
    }

    #[test]
    fn the_parameter_is_found_again_in_a_report() {
        let found = |unreachable: &[(String, String)]| {
            sections_parameter([&CoverageReport::new(
                &[],
                vec![OperationCoverage { sections: only_unseen(), ..operation() }],
                "include",
                &[],
                unreachable,
            )])
        };
        fn only_unseen() -> IndexMap<String, u64> {
            [("lines".to_owned(), 0)].into_iter().collect()
        }
        assert_eq!(found(&[]).as_deref(), Some("include"));
        assert_eq!(found(&[("operation orders.get include lines".to_owned(), "never".to_owned())]).as_deref(), Some("include"));
    }
}
