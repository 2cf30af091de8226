//! Downloads and rules with the same meaning: if the rule fails, only the rule is reported; if it does not apply, the built-in check is.

use charter_contract_tests::schema::load::read_folder;
use charter_contract_tests::{Error, Exchange, Judge, Judgeable};
use charter_rules::from_documents;
use serde_json::{Value, json};

/// The bundled contract with another `charter.toml`.
fn judge(change: impl Fn(String) -> String) -> Result<Judge, Error> {
    let mut files = read_folder("../schema".into()).unwrap_or_else(|error| panic!("{error}"));
    for (_, bytes) in files.iter_mut().filter(|(name, _)| name == "charter.toml") {
        *bytes = change(String::from_utf8_lossy(bytes).into_owned()).into_bytes();
    }
    Judge::new(&from_documents(files)?)
}

/// A completed run with one file of five bytes.
fn run() -> String {
    let text = std::fs::read_to_string("recordings/kept/bare-body.json").expect("the recording");
    let mut run: Value = serde_json::from_str(&text).expect("JSON");
    run["id"] = "run_1".into();
    run["files"] = json!([{"name": "a.json", "role": "output", "path": "a.json", "contentType": "application/json", "size": 5}]);
    run.to_string()
}

fn at(exchange: Exchange, instant: &str) -> Exchange {
    exchange.at(instant.parse().expect("an instant"))
}

/// Checks a run and the download of its file: the rules with findings, and the number of exchanges without findings.
fn check(judge: &Judge, download: Exchange, found: &[&str], kept: u64) {
    let run = at(Exchange::get("/api/v1/runs/run_1?expand=input,usage,execution,debug").response(200, run()), "2026-07-14T10:00:00Z");
    let report = vec![run, download].report(judge);
    let names: Vec<_> = report.groups.iter().filter_map(|group| group.rule.as_deref()).collect();
    assert_eq!(names, found, "{:#?}", report.groups);
    assert!(report.groups.iter().all(|group| group.count == 1 && group.samples.len() == 1), "{:#?}", report.groups);
    assert_eq!((report.summary.kept, report.summary.kept + report.summary.broken), (kept, 2), "{:?}", report.summary);
}

const LATER: &str = "2026-07-14T10:01:00Z";

fn download(body: &str) -> Exchange {
    Exchange::get("/api/v1/runs/run_1/artifacts/a.json").response(200, body)
}

#[test]
fn a_rule_that_fails_is_reported_alone() {
    let judge = judge(|text| text).expect("a judge");
    check(&judge, at(download("[12]").response_header("content-length", "4"), LATER), &["artifact.length-as-stated"], 1);
    let missing = Exchange::get("/api/v1/runs/run_1/artifacts/a.json").response(404, r#"{"issues": [], "requestId": "r"}"#);
    check(&judge, at(missing.response_header("x-request-id", "r"), LATER), &["artifact.can-be-downloaded"], 1);
}

#[test]
fn the_built_in_check_reports_if_the_rule_does_not_apply() {
    let judge = judge(|text| text).expect("a judge");
    // Without the header field the rule does not apply, and the length of the body is checked.
    check(&judge, at(download("[12]"), LATER), &["artifact.length"], 2);
    // Without a time the rules over time do not apply.
    check(&judge, download("[12]").response_header("content-length", "4"), &["artifact.length"], 2);
    let missing = Exchange::get("/api/v1/runs/run_1/artifacts/a.json").response(404, r#"{"issues": [], "requestId": "r"}"#);
    check(&judge, missing.response_header("x-request-id", "r"), &["artifact.missing"], 1);
    check(&judge, at(download("[123]"), LATER), &[], 2);
}

#[test]
fn without_the_setting_both_are_reported() {
    let judge = judge(|text| text.split("[probe.artifacts.rules]").next().unwrap_or_default().to_owned()).expect("a judge");
    let mismatch = at(download("[12]").response_header("content-length", "4"), LATER);
    check(&judge, mismatch, &["artifact.length", "artifact.length-as-stated"], 1);
}

#[test]
fn an_unknown_rule_is_refused() {
    let error = judge(|text| text.replace("artifact.length-as-stated", "artifact.length-as-statde")).expect_err("no judge");
    assert_eq!(
        error.to_string(),
        "probe.artifacts.rules.length in charter.toml names the rule `artifact.length-as-statde`, which the contract does not have; \
         did you mean `artifact.length-as-stated`?"
    );
}
