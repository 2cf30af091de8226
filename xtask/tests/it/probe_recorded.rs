//! A recording of a probe has the same findings as the probe, byte for byte.

use std::ops::ControlFlow;
use std::path::Path;

use crate::common::{Reply, Server, json_response, judge, plan, run, valid};
use charter_engine::{CheckOptions, check};
use charter_probe::{Plan, Sections, probe_with};
use charter_report::{Report, render_json};
use serde_json::Value;

/// A report without the members that differ between a live server and a recording.
fn comparable(report: &Report) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(entries) => {
                for key in ["source", "digest", "url", "reader"] {
                    if entries.contains_key(key) {
                        entries.insert(key.to_owned(), Value::Null);
                    }
                }
                entries.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let mut value: Value = serde_json::from_str(&render_json(report)).expect("JSON");
    strip(&mut value);
    value
}

fn checked(path: &Path, samples: Option<u64>) -> Report {
    let options = CheckOptions::default().with_samples(samples).with_jobs(2);
    check(&judge(), &[path.to_string_lossy().into_owned()], &options, &mut |_| ControlFlow::Continue(()))
}

/// Probes with a recording, checks the recording, compares both reports, and returns the live one.
fn same(plan: &mut Plan, samples: Option<u64>) -> Report {
    let folder = tempfile::tempdir().expect("a folder");
    let record = folder.path().join("deep/runs.ndjson");
    plan.record = Some(record.clone());
    plan.record_har = Some(folder.path().join("runs.har"));
    let options = CheckOptions::default().with_samples(samples);
    let live = probe_with(&judge(), plan, &options, &mut |_| ControlFlow::Continue(())).expect("a report");
    let recorded = checked(&record, samples);
    assert_eq!(
        serde_json::to_string_pretty(&comparable(&live)).expect("JSON"),
        serde_json::to_string_pretty(&comparable(&recorded)).expect("JSON")
    );
    assert_eq!(live.inputs[0].digest, recorded.inputs[0].digest, "the digest is that of the recording");
    // HAR has no member for some of the data, but findings about bodies need only the bodies.
    let har = checked(&folder.path().join("runs.har"), samples);
    assert_eq!(har.summary.exchanges, live.summary.exchanges);
    let names: Vec<_> = std::fs::read_dir(folder.path()).expect("the folder").map(|entry| entry.expect("an entry").file_name()).collect();
    assert!(names.len() == 2, "no temporary file is left: {names:?}");
    live
}

#[test]
fn findings_of_every_kind_are_equal_live_and_recorded() {
    let server = Server::start(|request| {
        let mut body = run(request.segment(3), "completed", &request.listed("expand"));
        match request.segment(3) {
            "run_rank" => body["sampleRank"] = 1.into(),
            "run_keyword" => body["source"]["more"] = "ann@people.example".into(),
            "run_union" => body["execution"] = serde_json::json!({"status": "completed", "retry": 7}),
            "run_over_time" => body["sampleRank"] = (0.001 * request.number as f64).into(),
            "run_deep" => body["output"] = serde_json::from_str(&format!("{}{}", "[".repeat(125), "]".repeat(125))).expect("deep"),
            "run_long" => body["output"] = "x".repeat(5_000).into(),
            "run_pretty" => {
                body["sampleRank"] = 7.into();
                let text = serde_json::to_vec_pretty(&body).expect("JSON");
                return Reply::Response {
                    status: 200,
                    headers: vec![("content-type".to_owned(), "application/json".to_owned())],
                    body: text,
                };
            }
            "run_repeated" => return raw(b"{\"id\": 1, \"id\": 2}"),
            "run_rounded" => return raw(body.to_string().replace("0.25", "0.25000000000000000001").as_bytes()),
            "run_bytes" => return raw(b"\xff\xfe{}"),
            "run_html" => {
                return Reply::Response {
                    status: 200,
                    headers: vec![("content-type".to_owned(), "text/html".to_owned())],
                    body: b"<p>".to_vec(),
                };
            }
            "run_empty" => return raw(b""),
            "run_teapot" => return json_response(418, &serde_json::json!({})),
            "run_reset" => return Reply::Reset(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".to_vec()),
            _ => return valid(request),
        }
        json_response(200, &body)
    });
    let ids = [
        "run_kept",
        "run_rank",
        "run_keyword",
        "run_union",
        "run_over_time",
        "run_deep",
        "run_long",
        "run_pretty",
        "run_repeated",
        "run_rounded",
        "run_bytes",
        "run_html",
        "run_empty",
    ];
    let mut plan = plan(server.url(), &ids);
    plan.sections = Sections::AllCombinations;
    plan.errors = true;
    let live = same(&mut plan, None);
    let kinds: std::collections::BTreeSet<&str> = live.groups.iter().map(|group| group.kind.as_str()).collect();
    assert!(kinds.len() >= 4 && live.groups.len() >= 8, "{kinds:?}");
    let over_time = live.groups.iter().find(|group| group.rule.as_deref() == Some("run.sample-rank-never-changes")).expect("found");
    assert!(over_time.samples.iter().all(|sample| sample.previous.is_some() && sample.excerpt.is_some()));
    same(&mut plan, Some(2));
    // Only the probe reports resources that could not be fetched, because the recording does not contain them.
    let mut plan = crate::common::plan(server.url(), &["run_teapot", "run_reset"]);
    plan.sending.retries = 0;
    let folder = tempfile::tempdir().expect("a folder");
    plan.record = Some(folder.path().join("x.ndjson"));
    let live = probe_with(&judge(), &plan, &CheckOptions::default(), &mut |_| ControlFlow::Continue(())).expect("a report");
    let recorded = checked(&folder.path().join("x.ndjson"), Some(5));
    assert_eq!(live.groups.len(), 2);
    assert_eq!(comparable(&live)["groups"], comparable(&recorded)["groups"]);
    assert_eq!(comparable(&live)["summary"], comparable(&recorded)["summary"]);
}

fn raw(body: &[u8]) -> Reply {
    Reply::Response { status: 200, headers: vec![("content-type".to_owned(), "application/json".to_owned())], body: body.to_vec() }
}

#[test]
fn a_recording_is_valid_under_its_schema() {
    let server = Server::start(valid);
    let folder = tempfile::tempdir().expect("a folder");
    let mut plan = plan(server.url(), &["run_1"]);
    plan.errors = true;
    plan.record = Some(folder.path().join("runs.ndjson"));
    probe_with(&judge(), &plan, &CheckOptions::default(), &mut |_| ControlFlow::Continue(())).expect("a report");
    let schema = serde_json::from_str(charter_traffic::read::RECORDING_SCHEMA).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let text = std::fs::read_to_string(folder.path().join("runs.ndjson")).expect("a recording");
    for line in text.lines() {
        let value: Value = serde_json::from_str(line).expect("JSON");
        assert!(validator.is_valid(&value), "{line}");
    }
    assert_eq!(text.lines().count(), 5);
}

#[test]
fn a_recording_that_cannot_be_written_is_an_error_before_the_first_request() {
    let server = Server::start(valid);
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("file"), "").expect("a file");
    let mut plan = plan(server.url(), &["run_1"]);
    plan.record = Some(folder.path().join("file/runs.ndjson"));
    let error = charter_probe::probe(&judge(), &plan).expect_err("no folder");
    assert!(error.to_string().contains("cannot be written") && server.requests().is_empty(), "{error}");
}
