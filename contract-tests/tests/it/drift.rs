//! Drift: traffic that the contract does not document is reported completely, without false reports, and with edits that document it.

use std::fmt::Write as _;
use std::ops::ControlFlow;

use charter_contract::Contract;
use charter_contract::invariant::Severity;
use charter_diff::drift::{Drift, apply, drift};
use charter_engine::{CheckOptions, Judge, check};
use charter_simulator::corpus;
use charter_traffic::read::Limits;
use serde_json::{Value, json};

fn contract() -> Contract {
    charter_rules::load("../schema".into()).unwrap_or_else(|error| panic!("{error}"))
}

/// Recorded exchanges, as their lines.
fn recorded(count: usize) -> Vec<Value> {
    let lines = corpus(41).varied().exchanges().take(count);
    lines.map(|specimen| serde_json::from_str(&specimen.body).expect("a line of JSON")).collect()
}

fn found(contract: &Contract, lines: &[Value]) -> (Drift, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("recorded.ndjson");
    let text = lines.iter().fold(String::new(), |mut text, line| {
        let _ = writeln!(text, "{line}");
        text
    });
    std::fs::write(&path, text).expect("a file");
    let judge = Judge::new(contract).unwrap_or_else(|error| panic!("{error}"));
    let arguments = vec![path.to_string_lossy().into_owned()];
    let drift = drift(contract, &judge, &arguments, &Limits::default());
    let report = check(&judge, &arguments, &CheckOptions::default(), &mut |_| ControlFlow::Continue(()));
    let errors: Vec<String> = report
        .groups
        .iter()
        .filter(|group| group.severity == Severity::Error)
        .map(|group| format!("{:?} {:?} {}", group.rule, group.keyword, group.samples[0].message))
        .collect();
    (drift, errors.join("\n"))
}

/// Changes the first recorded body that `change` applies to.
fn plant(lines: &mut [Value], change: impl Fn(&mut Value) -> bool) {
    let planted = lines.iter_mut().any(|line| change(&mut line["response"]["body"]));
    assert!(planted, "the change applies to no recorded body");
}

#[test]
fn valid_recordings_have_no_drift() {
    let (drift, _) = found(&contract(), &recorded(400));
    assert_eq!((drift.exchanges, drift.passed_over), (400, 0));
    assert!(drift.novelties.is_empty(), "{:#?}", drift.novelties);
    assert!(!drift.seen.is_empty());
}

#[test]
fn ten_injected_novelties_are_found_and_their_edits_make_the_check_pass() {
    let mut lines = recorded(400);
    plant(&mut lines, |body| {
        body["tags"] = json!(["a", "b"]);
        true
    });
    plant(&mut lines[10..], |body| {
        body["timing"]["queuedAt"] = json!("2026-07-14T10:00:00Z");
        true
    });
    plant(&mut lines[20..], |body| {
        let waits = body["finished"] == json!(false);
        if waits {
            body["execution"]["status"] = json!("paused");
        }
        waits
    });
    plant(&mut lines[30..], |body| set(body, "/execution/review/verdict", json!("partly")));
    plant(&mut lines[40..], |body| set(body, "/files/0/role", json!(null)));
    plant(&mut lines[50..], |body| set(body, "/files/0/name", json!(7)));
    plant(&mut lines[60..], |body| set(body, "/files/0/size", json!(9_007_199_254_740_993_i64)));
    plant(&mut lines[70..], |body| match body.pointer_mut("/trigger/by") {
        Some(Value::Object(by)) => by.shift_remove("name").is_some(),
        _ => false,
    });
    plant(&mut lines[80..], |body| {
        let expanded = body["execution"].get("steps").is_some();
        if expanded {
            body["execution"]["humanReview"] = json!({ "state": "open", "since": null });
        }
        expanded
    });
    let refused = &mut lines[399];
    refused["response"]["status"] = json!(503);
    refused["response"]["headers"] =
        json!([{ "name": "content-type", "value": "application/json" }, { "name": "x-request-id", "value": "req_1" }]);
    refused["response"]["body"] =
        json!({ "issues": [{ "field": "<root>", "message": "busy", "code": "busy", "severity": "error" }], "requestId": "req_1" });

    let contract = contract();
    let (drift, errors) = found(&contract, &lines);
    assert!(!errors.is_empty());
    let novelties: Vec<String> = drift.novelties.iter().map(|new| format!("{} {} at {}", new.kind, new.summary, new.location)).collect();
    assert_eq!(novelties.len(), 10, "{novelties:#?}");
    insta::assert_snapshot!(novelties.join("\n"));

    let careful = apply(&contract, &drift.novelties, false);
    assert_eq!((careful.applied.len(), careful.left.len()), (8, 2), "edits that loosen the contract need a flag");
    let patched = apply(&contract, &drift.novelties, true);
    assert!(patched.left.is_empty(), "{:#?}", patched.left);
    let mut files = charter_contract::load::read_folder("../schema".into()).unwrap_or_else(|error| panic!("{error}"));
    for (name, bytes) in patched.documents {
        let file = files.iter_mut().find(|(known, _)| *known == name).unwrap_or_else(|| panic!("no {name}"));
        file.1 = bytes;
    }
    let patched = charter_rules::from_documents(files).unwrap_or_else(|error| panic!("{error}"));
    let (again, errors) = found(&patched, &lines);
    assert_eq!(errors, "");
    assert!(again.novelties.is_empty(), "{:#?}", again.novelties);
}

fn set(body: &mut Value, pointer: &str, value: Value) -> bool {
    match body.pointer_mut(pointer) {
        Some(place) => {
            *place = value;
            true
        }
        None => false,
    }
}

#[test]
fn a_key_that_never_occurs_is_reported_with_the_edit_that_removes_it() {
    let contract = contract();
    let lines: Vec<Value> = recorded(400)
        .into_iter()
        .map(|mut line| {
            if let Some(source) = line["response"]["body"]["source"].as_object_mut() {
                source.shift_remove("model");
            }
            line
        })
        .collect();
    let (drift, _) = found(&contract, &lines);
    let unseen = drift.unseen.iter().find(|unseen| unseen.summary == "the key `model` never occurs").expect("it is reported");
    assert_eq!(unseen.of, 400);
    assert_eq!((unseen.patch[0].op, unseen.patch[0].path.as_str()), ("remove", "/$defs/RunSource/properties/model"));
}
