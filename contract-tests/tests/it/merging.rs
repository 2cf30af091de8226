//! What joining the reports of parts chooses again: the order of groups, and the findings over time that are shown.

use std::ops::ControlFlow;

use charter_contract_tests::report::{Report, merge, render_json};
use charter_contract_tests::{CheckOptions, Judge, check};
use serde_json::{Value, json};

/// The most findings over time of one rule that a run shows.
const SHOWN: u64 = 2_000;

/// A group of findings over time, of which a part shows those of some exchanges.
fn group(like: &Value, rule: &str, entries: impl Iterator<Item = u64>) -> (Value, Value) {
    let places: Vec<Value> = entries.map(|entry| json!({ "overTime": true, "entry": entry, "finding": 0 })).collect();
    let mut group = like.clone();
    let sample = like["samples"][0].clone();
    let samples: Vec<Value> = places
        .iter()
        .map(|place| {
            let mut sample = sample.clone();
            sample["message"] = place["entry"].to_string().into();
            sample
        })
        .collect();
    (group["fingerprint"], group["rule"], group["kind"]) = (rule.into(), rule.into(), "invariant".into());
    (group["count"], group["shown"]) = (samples.len().into(), samples.len().into());
    group["samples"] = samples.into();
    (group, json!({ "first": places[0], "samples": places }))
}

#[test]
fn findings_over_time_of_all_parts_are_shown_in_the_order_of_one_run() {
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
        // One part has the odd exchanges, the other the even ones; the rule that comes first was broken last.
        let groups =
            [group(&like, second, (0..1_500).map(|entry| 2 * entry + number)), group(&like, first, 5_000 + number..5_001 + number)];
        let (groups, own): (Vec<Value>, Vec<Value>) = groups.into_iter().unzip();
        (part["groups"], part["part"]["groups"]) = (groups.into(), own.into());
        (format!("part {number}"), Report::parse(part.to_string().as_bytes()).expect("a report"))
    });
    let merged = merge(reports.collect()).unwrap_or_else(|error| panic!("{error}")).report;
    let ids: Vec<Option<&str>> = merged.groups.iter().map(|group| group.rule.as_deref()).collect();
    assert_eq!(ids, [Some(first.as_str()), Some(second)]);
    assert_eq!((merged.groups[1].count, merged.groups[1].shown), (3_000, SHOWN));
    let shown: Vec<&str> = merged.groups[1].samples.iter().map(|sample| sample.message.as_str()).collect();
    assert_eq!(shown, (0..SHOWN).map(|entry| entry.to_string()).collect::<Vec<_>>());
}
