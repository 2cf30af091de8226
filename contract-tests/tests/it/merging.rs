//! Merging partition reports: the order of groups, and the samples of findings over time.

use std::ops::ControlFlow;

use charter_contract_tests::report::{Report, merge, render_json};
use charter_contract_tests::{CheckOptions, Judge, check};
use serde_json::{Value, json};

/// The limit of samples over time for one rule.
const LIMIT: u64 = 2_000;

/// A group of findings over time of a partition, one for each entry.
fn group(like: &Value, rule: &str, entries: impl Iterator<Item = u64>) -> (Value, Value) {
    let positions: Vec<Value> = entries.map(|entry| json!({ "overTime": true, "entry": entry, "finding": 0 })).collect();
    let mut group = like.clone();
    let sample = like["samples"][0].clone();
    let samples: Vec<Value> = positions
        .iter()
        .map(|position| {
            let mut sample = sample.clone();
            sample["message"] = position["entry"].to_string().into();
            sample
        })
        .collect();
    (group["fingerprint"], group["rule"], group["kind"]) = (rule.into(), rule.into(), "invariant".into());
    (group["count"], group["shown"]) = (samples.len().into(), samples.len().into());
    group["samples"] = samples.into();
    (group, json!({ "first": positions[0], "samples": positions }))
}

#[test]
fn samples_over_time_have_the_order_of_a_single_run() {
    let judge = Judge::load("../schema").unwrap_or_else(|error| panic!("{error}"));
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("broken.ndjson");
    std::fs::write(&path, "{\"undocumented\": 1}\n").expect("written");
    let parts: Vec<Value> = ["1/2", "2/2"]
        .map(|part| {
            let options = CheckOptions::default().with_samples(None).with_partition(Some(part.parse().expect("a part")));
            let report = check(&judge, &[path.to_string_lossy().into_owned()], &options, &mut |_| ControlFlow::Continue(()));
            serde_json::from_str(&render_json(&report)).expect("JSON")
        })
        .to_vec();
    let like = parts.iter().find_map(|part| part["groups"].get(0)).expect("a group").clone();
    let invariants = &judge.contract().invariants().invariants;
    let (first, second) = (&invariants[0].id, &invariants[1].id);
    let reports = parts.iter().zip(0..).map(|(part, number)| {
        let mut part = part.clone();
        // One partition has the even exchanges, the other the odd ones; the first rule fails last.
        let groups =
            [group(&like, second, (0..1_500).map(|entry| 2 * entry + number)), group(&like, first, 5_000 + number..5_001 + number)];
        let (groups, own): (Vec<Value>, Vec<Value>) = groups.into_iter().unzip();
        (part["groups"], part["part"]["groups"]) = (groups.into(), own.into());
        (format!("part {number}"), Report::parse(part.to_string().as_bytes()).expect("a report"))
    });
    let merged = merge(reports.collect()).unwrap_or_else(|error| panic!("{error}")).report;
    let ids: Vec<Option<&str>> = merged.groups.iter().map(|group| group.rule.as_deref()).collect();
    assert_eq!(ids, [Some(first.as_str()), Some(second)]);
    assert_eq!((merged.groups[1].count, merged.groups[1].shown), (3_000, LIMIT));
    let samples: Vec<&str> = merged.groups[1].samples.iter().map(|sample| sample.message.as_str()).collect();
    assert_eq!(samples, (0..LIMIT).map(|entry| entry.to_string()).collect::<Vec<_>>());
}
