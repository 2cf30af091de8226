//! Without a fault nothing is broken; with one, the promise it is named after and no other. Asked by the probe, over HTTP.

use std::collections::BTreeSet;
use std::time::Duration;

use charter_contract_tests::Judge;
use charter_contract_tests::mask::Secret;
use charter_contract_tests::report::Report;
use charter_probe::{Expand, Plan, Sending, Subjects, probe};
use charter_simulator::{Simulator, SimulatorOptions, faults};

/// Faults that the probe does not meet: it changes nothing, and is not refused while it lists.
const UNASKED: [&str; 2] = ["cancel.id-is-the-one-asked-for", "operations.say-when-to-retry"];

/// What the probe says of a download by itself, beside the rule that says it.
const BESIDE: [(&str, &str); 3] = [
    ("artifact.can-be-downloaded", "artifact.missing"),
    ("artifact.length-as-stated", "artifact.length"),
    ("artifact.type-as-stated", "artifact.content-type"),
];

/// Everything that the probe can ask: every run that is listed, with every expansion, what belongs to it, and refusals.
fn asked(judge: &Judge, simulator: &Simulator, retries: usize) -> Report {
    let sending = Sending { retries, interval: Duration::from_millis(5), wait: Duration::from_millis(5), ..Sending::default() };
    let plan = Plan {
        key: Some(Secret::new(simulator.key()).expect("a key")),
        expand: Expand::All,
        artifacts: true,
        related: true,
        errors: true,
        sending,
        ..Plan::new(simulator.base_url(), Subjects::Listed { limit: None })
    };
    probe(judge, &plan).unwrap_or_else(|error| panic!("{error}"))
}

fn broken(report: &Report) -> BTreeSet<String> {
    let name = |group: &charter_contract_tests::report::Group| group.rule.clone().or_else(|| group.keyword.clone()).unwrap_or_default();
    report.groups.iter().map(name).collect()
}

fn judge() -> Judge {
    Judge::load("../schema").unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn without_a_fault_nothing_is_broken() {
    let judge = judge();
    let simulator = Simulator::start(SimulatorOptions { runs: 60, ..SimulatorOptions::default() }).expect("a simulator");
    let report = asked(&judge, &simulator, 0);
    assert!(report.summary.exchanges > 1_000, "{:?}", report.summary);
    assert_eq!(broken(&report), BTreeSet::new(), "{:#?}", report.groups);
}

#[test]
fn a_fault_breaks_its_promise_and_no_other() {
    let judge = judge();
    let mut wrong = Vec::new();
    for fault in faults().into_iter().filter(|fault| !UNASKED.contains(fault)) {
        let rate_limit = fault.contains("retry").then_some(20);
        let options = SimulatorOptions { faults: vec![fault.to_owned()], rate_limit, runs: 16, ..SimulatorOptions::default() };
        let simulator = Simulator::start(options).expect("a simulator");
        let found = broken(&asked(&judge, &simulator, 0));
        let beside = BESIDE.iter().find(|(rule, _)| *rule == fault).map(|(_, said)| (*said).to_owned());
        if found != beside.into_iter().chain([fault.to_owned()]).collect() {
            wrong.push(format!("{fault}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
