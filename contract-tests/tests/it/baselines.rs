//! Baselines: which groups of findings an entry accepts.

use std::ops::ControlFlow;

use charter_contract_tests::report::{Baseline, Report};
use charter_contract_tests::{CheckOptions, Judge, check};

fn report(names: &[&str]) -> Report {
    let judge = Judge::load("../schema").unwrap_or_else(|error| panic!("{error}"));
    let paths: Vec<String> = names.iter().map(|name| format!("recordings/broken/{name}.ndjson")).collect();
    check(&judge, &paths, &CheckOptions::default(), &mut |_| ControlFlow::Continue(()))
}

#[test]
fn an_entry_accepts_only_the_group_with_its_fingerprint() {
    let today = "2026-07-14".parse().expect("a date");
    for (accepted, other) in [("maximum.sample-rank", "required.trigger"), ("required.trigger", "maximum.sample-rank")] {
        let baseline = Baseline::of(&report(&[accepted]), None);
        let mut both = report(&[accepted, other]);
        assert_eq!((baseline.entries.len(), both.groups.len()), (1, 2));
        baseline.apply(&mut both, today);
        for group in &both.groups {
            assert_eq!(group.accepted.is_some(), group.fingerprint == baseline.entries[0].fingerprint, "{group:?}");
        }
    }
}
