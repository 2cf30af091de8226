//! Thousands of runs of every kind keep the contract, by the probe and by the `jsonschema` crate alone.
//!
//! The test of ten thousand is ignored by default because it takes minutes in a debug build:
//! `cargo test --release -p charter-simulator --test it many_runs -- --ignored --nocapture`

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::ops::ControlFlow;
use std::time::Instant;

use charter_contract_tests::mask::Secret;
use charter_contract_tests::{CheckOptions, Judge};
use charter_probe::{Plan, Sections, Subjects, probe_with};
use charter_simulator::{Simulator, SimulatorOptions};
use jsonschema::{Registry, Validator};
use serde_json::{Value, json};

/// The schema document of each JSON response, by the part of its path after the id.
const RESPONSES: [(&str, &str); 6] = [
    ("", "run"),
    ("usage", "run-usage"),
    ("steps", "run-steps"),
    ("events", "run-events"),
    ("artifacts", "run-artifacts"),
    ("list", "run-list"),
];

/// Probes `runs` runs, then validates every recorded body with the schemas alone.
fn check(runs: usize) {
    let judge = Judge::load("../schema").unwrap_or_else(|error| panic!("{error}"));
    let simulator = Simulator::start(SimulatorOptions { runs, seed: 7, speed: 1.0, ..SimulatorOptions::default() }).expect("a simulator");
    let folder = tempfile::tempdir().expect("a folder");
    let recording = folder.path().join("runs.ndjson");
    let mut plan = Plan::new(simulator.base_url(), Subjects::Listed { limit: None });
    plan.key = Some(Secret::new(simulator.key()).expect("a key"));
    plan.sections = Sections::Named(["input", "usage", "execution", "debug"].map(str::to_owned).into());
    (plan.artifacts, plan.related, plan.errors) = (true, true, true);
    plan.record = Some(recording.clone());
    plan.sending.retries = 0;
    let began = Instant::now();
    let options = CheckOptions::default().with_samples(Some(3)).with_jobs(2);
    let report = probe_with(&judge, &plan, &options, &mut |_| ControlFlow::Continue(())).unwrap_or_else(|error| panic!("{error}"));
    assert!(report.groups.is_empty() && report.is_kept() && !report.has_input_errors(), "{:#?}", report.groups);
    let probed = began.elapsed();
    let seen = validate_bodies(&recording);
    assert_eq!(seen.runs.len(), runs, "every run is recorded");
    for kind in ["workflow", "agent"] {
        for status in ["running", "completed", "failed", "cancelled", "rejected"] {
            assert!(seen.kinds.contains_key(&format!("{kind} {status}")), "no {kind} is {status}: {:?}", seen.kinds);
        }
    }
    println!(
        "{runs} runs: {} exchanges without a finding in {:.1} s; {} bodies valid by the schemas alone; {:?}",
        report.summary.exchanges,
        probed.as_secs_f64(),
        seen.bodies,
        seen.kinds
    );
}

#[derive(Default)]
struct Seen {
    bodies: usize,
    runs: BTreeSet<String>,
    /// The number of responses by type and status of the run.
    kinds: BTreeMap<String, usize>,
}

/// Validates the bodies of a recording with the schemas alone.
fn validate_bodies(recording: &std::path::Path) -> Seen {
    let validators = validators();
    let mut seen = Seen::default();
    for line in BufReader::new(File::open(recording).expect("the recording")).lines() {
        let exchange: Value = serde_json::from_str(&line.expect("a line")).expect("JSON");
        let Some(body) = exchange["response"].get("body") else { continue };
        let url = exchange["request"]["url"].as_str().expect("a URL");
        let path = url.split('?').next().unwrap_or_default();
        let (_, path) = path.split_once("/api/v1/runs").expect("an operation around a run");
        let response = match path.trim_start_matches('/').split_once('/') {
            _ if exchange["response"]["status"] != 200 => "error",
            Some((_, part)) => part,
            None if path.is_empty() => "list",
            None => "",
        };
        let validator = validators.get(response).unwrap_or_else(|| panic!("no schema for {url}"));
        let broken: Vec<String> = validator.iter_errors(body).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(broken.is_empty(), "{url}: {broken:#?}");
        seen.bodies += 1;
        if response.is_empty() {
            seen.runs.insert(body["id"].to_string());
            let kind =
                format!("{} {}", body["type"].as_str().unwrap_or_default(), body["execution"]["status"].as_str().unwrap_or_default());
            *seen.kinds.entry(kind).or_default() += 1;
        }
    }
    seen
}

/// A validator for each response, independent of the engine.
fn validators() -> BTreeMap<&'static str, Validator> {
    let document = |name: &str| -> (String, Value) {
        let text = std::fs::read_to_string(format!("../schema/{name}.schema.json")).expect("a document of the contract");
        (format!("https://example.com/{name}.schema.json"), serde_json::from_str(&text).expect("JSON"))
    };
    let responses = RESPONSES.iter().copied().chain([("error", "api-error")]);
    let documents: Vec<_> = responses.clone().map(|(_, name)| document(name)).collect();
    let registry = documents.iter().fold(Registry::new(), |registry, (uri, document)| registry.add(uri, document).expect("a resource"));
    let registry = registry.prepare().expect("references that resolve");
    let validator = |(response, name): (&'static str, &str)| {
        let schema = json!({ "$ref": format!("https://example.com/{name}.schema.json") });
        (response, jsonschema::draft202012::options().with_registry(&registry).build(&schema).expect("a schema"))
    };
    responses.map(validator).collect()
}

#[test]
fn hundreds_of_runs_keep_the_contract() {
    check(200);
}

#[test]
#[ignore = "takes minutes in a debug build"]
fn ten_thousand_runs_keep_the_contract() {
    check(10_000);
}
