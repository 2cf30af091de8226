//! The compiled reader beside the reference reader: reports are the same in every member but `reader`, over every bundled body,
//! every change of one of its keys, and bytes that are cut and turned.

use std::ops::ControlFlow;

use charter_contract_tests::report::Report;
use charter_contract_tests::{CheckOptions, Contract, Judge, check};
use charter_generated::reader::COMPILED;
use serde_json::Value;

mod common;
use common::{bundled, mutations};

fn contract() -> Contract {
    charter_schema::load("../schema".into()).expect("the contract loads")
}

/// What a judge makes of lines, with all samples.
fn report(judge: &Judge, lines: &[Vec<u8>], jobs: usize) -> Report {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("lines.ndjson");
    std::fs::write(&path, lines.join(&b'\n')).expect("written");
    let options = CheckOptions { samples: None, jobs, ..CheckOptions::default() };
    let mut report = check(judge, &[path.to_string_lossy().into_owned()], &options, &mut |_| ControlFlow::Continue(()));
    // The folder has another name each time.
    for input in &mut report.inputs {
        "lines.ndjson".clone_into(&mut input.source);
    }
    for sample in report.groups.iter_mut().flat_map(|group| &mut group.samples) {
        "lines.ndjson".clone_into(&mut sample.exchange.source);
    }
    report
}

fn json(report: &Report) -> Value {
    let mut json = serde_json::to_value(report).expect("a report is JSON");
    json.as_object_mut().expect("an object").remove("reader");
    json
}

/// Compares the readers on some lines; how many the compiled one decided, and how many are kept.
fn check_agreement(lines: &[Vec<u8>]) -> (u64, u64) {
    let reference = Judge::new(&contract()).expect("the contract compiles");
    let compiled = reference.clone().with_reader(&COMPILED).expect("the contract compiles");
    let one = report(&compiled, lines, 1);
    assert!(one.reader.compiled, "{:?}", one.reader);
    assert!(one.reader.decided <= one.summary.kept);
    let (by_reference, by_both) = (json(&report(&reference, lines, 1)), json(&one));
    for (key, value) in by_reference.as_object().expect("an object") {
        assert_eq!(value.to_string(), by_both[key].to_string(), "{key} differs");
    }
    (one.reader.decided, one.summary.kept)
}

fn line(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

#[test]
fn bundled_bodies_are_decided_and_told_alike() {
    let bodies: Vec<Vec<u8>> = bundled().iter().map(|(.., body)| line(body)).collect();
    let (decided, kept) = check_agreement(&bodies);
    let judge = Judge::new(&contract()).and_then(|judge| judge.with_reader(&COMPILED)).expect("the contract compiles");
    assert_eq!(json(&report(&judge, &bodies, 1)).to_string(), json(&report(&judge, &bodies, 2)).to_string(), "two threads");
    assert!(decided > 100 && decided * 4 >= kept * 3, "{decided} of {kept} decided");
}

#[test]
fn changes_of_one_key_are_told_alike() {
    // One body of each form is enough: what differs is which keys there are.
    let mut forms = std::collections::BTreeMap::new();
    for (.., body) in bundled() {
        let keys = |value: &Value| value.as_object().map(|entries| entries.keys().cloned().collect::<Vec<_>>());
        forms.entry((keys(&body), keys(&body["execution"]), body["type"].to_string())).or_insert(body);
    }
    // Interpreted and unoptimised, a line takes milliseconds: every third stands for its neighbours.
    let changed = forms.values().flat_map(mutations).step_by(3).map(|(_, value)| line(&value));
    let lines: Vec<Vec<u8>> = changed.collect();
    let (decided, kept) = check_agreement(&lines);
    assert!(decided > 0 && lines.len() > 500, "{decided} of {kept} decided, of {}", lines.len());
}
