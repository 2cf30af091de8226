//! The text reports of twenty typical violations. Each has the rule or keyword, the location with line and column, the found and the
//! promised value, and the source of the promise.

use std::io::Write as _;
use std::ops::ControlFlow;

use charter_contract_tests::report::{TextOptions, render_text};
use charter_contract_tests::{CheckOptions, Judge, check};
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

/// A valid body over several lines.
const BODY: &str = include_str!("../../recordings/kept/bare-body.json");

/// The recording with a violation.
enum Recording {
    /// One of those in `recordings/broken`.
    Bundled(&'static str),
    /// Bytes, under a name.
    Bytes(&'static str, Vec<u8>),
}

/// One exchange for each body, one a line.
fn lines(url: &str, bodies: &[Value]) -> Vec<u8> {
    let line = |(index, body): (usize, &Value)| {
        let line = json!({
            "format": "charter-exchange/1", "startedDateTime": format!("2026-07-14T10:00:{:02}Z", index % 60), "time": 40,
            "request": {"method": "GET", "url": url, "headers": [{"name": "authorization", "value": "Bearer ***"}]},
            "response": {"status": 200, "headers": [{"name": "content-type", "value": "application/json"}], "body": body},
            "error": null, "masked": ["/request/headers/0/value"], "headersComplete": true,
        });
        format!("{line}\n")
    };
    bodies.iter().enumerate().map(line).collect::<String>().into_bytes()
}

/// A HAR file whose only entry has this body as text.
fn har(body: &str) -> Vec<u8> {
    let archive = json!({"log": {"version": "1.2", "creator": {"name": "browser", "version": "1"}, "entries": [{
        "startedDateTime": "2026-07-14T10:00:00Z", "time": 40,
        "request": {"method": "GET", "url": "https://studio.eigenpal.com/api/v1/runs/run_har", "headers": []},
        "response": {"status": 200, "headers": [{"name": "content-type", "value": "application/json"}],
            "content": {"size": body.len(), "mimeType": "application/json", "text": body}},
    }]}});
    serde_json::to_vec_pretty(&archive).expect("JSON")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("compressed");
    encoder.finish().expect("compressed")
}

/// The body with a replaced text.
fn with(from: &str, to: &str) -> String {
    assert!(BODY.contains(from), "no {from}");
    BODY.replacen(from, to, 1)
}

fn text_report(recording: &Recording) -> String {
    let judge = Judge::load("../schema").unwrap_or_else(|error| panic!("{error}"));
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = match recording {
        Recording::Bundled(name) => format!("recordings/broken/{name}.ndjson"),
        Recording::Bytes(name, bytes) => {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).expect("written");
            path.to_string_lossy().into_owned()
        }
    };
    let options = CheckOptions::default().with_samples(Some(2));
    let report = check(&judge, &[path], &options, &mut |_| ControlFlow::Continue(()));
    render_text(&report, TextOptions::default().without_coverage()).replace(&*folder.path().to_string_lossy(), "archive")
}

/// The violations by name.
fn violations() -> Vec<(&'static str, Recording)> {
    use Recording::{Bundled, Bytes};
    let run: Value = serde_json::from_str(BODY).expect("JSON");
    let id = run["id"].as_str().expect("an id").to_owned();
    let url = format!("https://studio.eigenpal.com/api/v1/runs/{id}?expand=input,usage,execution,debug");
    let mut late = run.clone();
    late["sampleRank"] = json!(2);
    vec![
        ("required_key_missing", Bundled("required.started-at")),
        ("undocumented_key", Bundled("additional-properties.timing")),
        ("value_outside_the_enumeration", Bundled("enum.execution-status")),
        ("number_above_the_maximum", Bundled("maximum.sample-rank")),
        ("wrong_type", Bytes("body.json", with("\"finished\": true", "\"finished\": \"yes\"").into_bytes())),
        ("null_not_allowed", Bytes("body.json", with(&format!("\"id\": \"{id}\""), "\"id\": null").into_bytes())),
        ("no_branch_of_a_union_matches", Bundled("any-of.usage-number")),
        ("closest_branch_of_a_union", Bundled("required.token-kind")),
        ("rule_on_one_value", Bundled("run.sample-rank-below-one")),
        ("rule_on_two_values", Bundled("run.finished-iff-terminal")),
        ("rule_on_a_query_parameter", Bundled("run.usage-when-asked")),
        ("rule_on_a_header_field", Bundled("runs.get.says-when-to-retry")),
        ("rule_over_time", Bundled("run.created-at-never-changes")),
        ("undocumented_status", Bundled("http.undocumented-status")),
        ("wrong_content_type", Bundled("http.content-type")),
        ("body_is_not_json", Bundled("syntax.json")),
        ("duplicate_key", Bundled("syntax.repeated-key")),
        ("location_in_a_har", Bytes("traffic.har", har(&with("\"sampleRank\": ", "\"sampleRank\": 7")))),
        ("location_in_a_compressed_line", Bytes("traffic.ndjson.gz", gzip(&lines(&url, &[run, late.clone()])))),
        ("many_equal_findings", Bytes("traffic.ndjson", lines(&url, &vec![late; 1_000]))),
    ]
}

#[test]
fn a_text_report_is_complete() {
    let violations = violations();
    assert_eq!(violations.len(), 20);
    let names = violations.iter().map(|(name, _)| name).collect::<std::collections::BTreeSet<_>>();
    assert_eq!(names.len(), violations.len());
    // The rule or keyword, the location with line and column, found, expected, the source of the promise, in this order.
    let all = "(?s)(error|warning)\\[[a-z]+(\\.[A-Za-z-]+)+\\]: .*\n  --> \\S+:\\d+:\\d+ \\(exchange \\d+.*\n      found    \\S.*\n      expected \\S.*\n  = (promised|implied) by \\S";
    let all = regex::Regex::new(all).expect("a pattern");
    for (name, recording) in &violations {
        let text = text_report(recording);
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "messages" }, {
            insta::assert_snapshot!(*name, text);
        });
        assert!(all.is_match(&text), "{name}: incomplete\n{text}");
    }
}
