//! Without a fault there is no finding; with one, only the rule or keyword that it names. Every rule and keyword has a fault.

mod driven;
mod keywords;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Duration;

use charter_contract_tests::mask::Secret;
use charter_contract_tests::report::Report;
use charter_contract_tests::{Judge, Judgeable};
use charter_probe::{Plan, Sections, Subjects, probe};
use charter_simulator::{Simulator, SimulatorOptions, faults};

/// Faults that the probe cannot find, because it sends no starts and cancellations.
const DRIVEN: [&str; 13] = [
    "cancel.agrees-with-the-run-before",
    "cancel.cancelled-at-once",
    "cancel.cancelled-had-not-started",
    "cancel.finished-iff-terminal",
    "cancel.id-is-the-one-asked-for",
    "cancel.requested-in-flight",
    "cancel.terminal-before",
    "cancel.terminal-unchanged",
    "const",
    "run.agrees-with-its-cancellation",
    "run.tells-when-cancelling-was-requested",
    "start.ended-within-the-wait",
    "start.wait-is-over",
];

/// Simulators at the same time.
const THREADS: usize = 3;

/// Probes every listed run; with sections, also the operations around it and error responses.
fn probe_listed(judge: &Judge, simulator: &Simulator, sections: Sections) -> Report {
    let (pause, whole) = (Duration::from_millis(5), sections != Sections::None);
    let mut plan = Plan::new(simulator.base_url(), Subjects::Listed { limit: None });
    plan.key = Some(Secret::new(simulator.key()).expect("a key"));
    (plan.artifacts, plan.related, plan.errors) = (whole, whole, whole);
    plan.sections = sections;
    (plan.sending.retries, plan.sending.interval, plan.sending.wait) = (0, pause, pause);
    probe(judge, &plan).unwrap_or_else(|error| panic!("{error}"))
}

/// The rules and keywords with findings in a report.
fn violated(report: &Report) -> BTreeSet<String> {
    let name = |group: &charter_contract_tests::report::Group| group.rule.clone().or_else(|| group.keyword.clone()).unwrap_or_default();
    report.groups.iter().map(name).collect()
}

fn judge() -> Judge {
    Judge::load("../schema").unwrap_or_else(|error| panic!("{error}"))
}

/// A simulator so slow that runs keep their status during a probe.
fn simulator(fault: &str) -> Simulator {
    let rate_limit = fault.ends_with("when-to-retry").then_some(10);
    let faults = vec![fault.to_owned()];
    Simulator::start(SimulatorOptions { faults, rate_limit, runs: 16, speed: 1.0, ..SimulatorOptions::default() }).expect("a simulator")
}

/// The findings of a probe with every section; if the fault is not among them, also of one without sections.
fn probed(judge: &Judge, fault: &str) -> BTreeSet<String> {
    let simulator = simulator(fault);
    let sections = ["input", "usage", "execution", "debug"].map(str::to_owned);
    let mut found = violated(&probe_listed(judge, &simulator, Sections::Named(sections.into())));
    if !found.contains(fault) {
        found.extend(violated(&probe_listed(judge, &simulator, Sections::None)));
    }
    found
}

#[test]
fn without_a_fault_there_are_no_findings() {
    let judge = judge();
    let options = SimulatorOptions { runs: 40, ..SimulatorOptions::default() };
    let report = probe_listed(&judge, &Simulator::start(options).expect("a simulator"), Sections::AllCombinations);
    assert!(report.summary.exchanges > 900, "{:?}", report.summary);
    assert_eq!(violated(&report), BTreeSet::new(), "{:#?}", report.groups);
    let report = driven::exchanges(None).report(&judge);
    assert_eq!(violated(&report), BTreeSet::new(), "{:#?}", report.groups);
}

#[test]
fn every_rule_and_keyword_has_a_fault() {
    let judge = judge();
    let rules = judge.contract().invariants().invariants.iter().map(|rule| rule.id.clone());
    let promises: BTreeSet<String> = rules.chain(keywords::of_responses(judge.contract())).collect();
    assert_eq!(faults().into_iter().map(str::to_owned).collect::<BTreeSet<_>>(), promises);
}

#[test]
fn a_fault_violates_its_rule_and_no_other() {
    let judge = judge();
    let left = Mutex::new(faults());
    let wrong = Mutex::new(BTreeMap::new());
    let work = || {
        loop {
            let Some(fault) = left.lock().expect("the faults").pop() else { return };
            let mut found = probed(&judge, fault);
            if DRIVEN.contains(&fault) {
                assert_eq!(found, BTreeSet::new(), "the probe finds {fault}: remove it from DRIVEN");
                found = violated(&driven::exchanges(Some(fault)).report(&judge));
            }
            if found != BTreeSet::from([fault.to_owned()]) {
                wrong.lock().expect("the findings").insert(fault, found);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(work);
        }
    });
    let wrong = wrong.into_inner().expect("the findings");
    assert!(wrong.is_empty(), "{wrong:#?}");
}
