//! Rules over time: which observations are compared, in any order of files and lines.

use std::ops::ControlFlow;

use charter_contract_tests::report::{Report, RuleCounts};
use charter_contract_tests::{CheckOptions, Exchange, Judge, Judgeable, check};
use charter_rules::from_documents;
use serde_json::{Value, json};

fn judge() -> Judge {
    Judge::load("../schema").unwrap_or_else(|error| panic!("{error}"))
}

/// The recorded exchanges of a run from created to completed.
fn life() -> Vec<Value> {
    let text = std::fs::read_to_string("recordings/kept/life-of-a-workflow.ndjson").expect("a recording");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn write(folder: &tempfile::TempDir, name: &str, lines: &[Value]) -> String {
    let path = folder.path().join(name);
    std::fs::write(&path, lines.iter().map(|line| format!("{line}\n")).collect::<String>()).expect("a file");
    path.to_string_lossy().into_owned()
}

fn report(paths: &[String], jobs: usize) -> Report {
    check(&judge(), paths, &CheckOptions::default().with_samples(None).with_jobs(jobs), &mut |_| ControlFlow::Continue(()))
}

fn rule<'r>(report: &'r Report, id: &str) -> &'r RuleCounts {
    report.rules.iter().find(|rule| rule.id == id).unwrap_or_else(|| panic!("no rule {id}"))
}

fn broken(report: &Report) -> Vec<&str> {
    report.groups.iter().filter_map(|group| group.rule.as_deref()).collect()
}

fn at(mut exchange: Value, started: &str) -> Value {
    exchange["startedDateTime"] = json!(started);
    exchange
}

fn with(mut exchange: Value, pointer: &str, value: Value) -> Value {
    *exchange.pointer_mut(&format!("/response/body{pointer}")).expect("a value") = value;
    exchange
}

#[test]
fn a_valid_life_has_no_findings() {
    let report = report(&["recordings/kept/life-of-a-workflow.ndjson".to_owned()], 1);
    assert!(report.is_kept() && report.groups.is_empty(), "{:?}", broken(&report));
    // The first of ten observations has no earlier one.
    let rank = rule(&report, "run.sample-rank-never-changes");
    assert_eq!((rank.passed, rank.not_applicable, rank.reasons.get("no-earlier-observation")), (9, 1, Some(&1)));
    // The run is finished in four of them: three have an earlier one.
    assert_eq!(rule(&report, "run.completed-at-stays").passed, 3);
}

#[test]
fn the_order_of_lines_and_files_does_not_matter() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut lines = life();
    let last = lines.pop().expect("a line");
    lines.push(with(last, "/sampleRank", json!(0.5)));
    let forward = report(&[write(&folder, "forward.ndjson", &lines)], 1);
    lines.reverse();
    let backward = report(&[write(&folder, "backward.ndjson", &lines)], 1);
    let (odd, even): (Vec<_>, Vec<_>) = lines.iter().cloned().enumerate().partition(|(index, _)| index % 2 == 1);
    let strip = |half: Vec<(usize, Value)>| half.into_iter().map(|(_, line)| line).collect::<Vec<_>>();
    let split = report(&[write(&folder, "b.ndjson", &strip(odd)), write(&folder, "a.ndjson", &strip(even))], 3);
    for report in [&forward, &backward, &split] {
        assert_eq!(broken(report), ["run.sample-rank-never-changes"]);
        assert_eq!((report.summary.errors, report.summary.broken), (1, 1));
        assert_eq!(rule(report, "run.sample-rank-never-changes").passed, 8);
        let sample = &report.groups[0].samples[0];
        assert_eq!(sample.found, json!(0.5));
        assert_eq!(sample.previous.as_ref().expect("an earlier one")["found"], json!(0.271_828_182_845_904_5));
        assert!(sample.position.is_some() && sample.excerpt.as_deref().is_some_and(|excerpt| excerpt.contains("0.5")), "{sample:?}");
    }
    assert_eq!(forward.groups[0].samples[0].exchange.index, 9);
    assert_eq!(backward.groups[0].samples[0].exchange.index, 0);
}

#[test]
fn overlapping_requests_are_not_compared_with_each_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let finished = life().remove(6);
    let other = with(finished.clone(), "/output", json!({"else": 1}));
    let pair = |first: &str, second: &str, took: u64| {
        let mut early = at(finished.clone(), first);
        early["time"] = json!(took);
        report(&[write(&folder, "pair.ndjson", &[early, at(other.clone(), second)])], 1)
    };
    let (noon, later) = ("2026-07-14T12:00:00Z", "2026-07-14T12:00:00.500Z");
    assert_eq!(broken(&pair(noon, noon, 0)), [""; 0], "at the same instant");
    assert_eq!(broken(&pair(noon, later, 600)), [""; 0], "before the first response is complete");
    assert_eq!(broken(&pair(noon, later, 500)), ["run.output-stays"]);
    assert_eq!(broken(&pair(later, noon, 0)), ["run.output-stays"], "the later line is the earlier observation");
    // Overlapping requests are compared with an observation before both.
    let lines = [at(finished.clone(), "2026-07-14T11:00:00Z"), at(other.clone(), noon), at(other, noon)];
    let three = report(&[write(&folder, "three.ndjson", &lines)], 1);
    assert_eq!(three.groups.iter().map(|group| group.count).sum::<u64>(), 2);
}

#[test]
fn exchanges_without_a_time_or_with_an_invalid_body_are_not_compared() {
    let folder = tempfile::tempdir().expect("a folder");
    let finished = life().remove(6);
    let changed = with(finished.clone(), "/sampleRank", json!(0.5));
    let mut timeless = changed.clone();
    timeless.as_object_mut().expect("an object").remove("startedDateTime");
    let untimed = report(&[write(&folder, "untimed.ndjson", &[finished.clone(), timeless])], 1);
    let rank = rule(&untimed, "run.sample-rank-never-changes");
    assert_eq!(rank.reasons.get("time-unknown"), Some(&1), "{rank:?}");
    let counts = |second: Value| {
        let last = at(finished.clone(), "2026-07-14T13:00:00Z");
        let report = report(&[write(&folder, "damaged.ndjson", &[finished.clone(), at(second, "2026-07-14T12:00:00Z"), last])], 1);
        let rank = rule(&report, "run.sample-rank-never-changes");
        (rank.blocked, rank.passed, rank.failed)
    };
    // The invalid value is on neither side of a comparison.
    assert_eq!(counts(with(finished.clone(), "/sampleRank", json!("yes"))), (1, 1, 0));
    // A fault elsewhere does not matter.
    assert_eq!(counts(with(changed, "/finished", json!("yes"))), (0, 0, 2));
}

#[test]
fn different_resources_are_not_compared() {
    let folder = tempfile::tempdir().expect("a folder");
    let one = life().remove(6);
    let mut two = at(with(with(one.clone(), "/sampleRank", json!(0.5)), "/id", json!("run_other")), "2026-07-14T12:00:00Z");
    two["request"]["url"] = json!("https://studio.eigenpal.com/api/v1/runs/run_other");
    let report = report(&[write(&folder, "two.ndjson", &[one, two])], 1);
    assert!(report.groups.is_empty(), "{:?}", broken(&report));
    assert_eq!(rule(&report, "run.sample-rank-never-changes").reasons.get("no-earlier-observation"), Some(&2));
}

#[test]
fn a_limit_of_samples_changes_no_count() {
    let folder = tempfile::tempdir().expect("a folder");
    let base = life().remove(6);
    let changing = |index: usize| {
        let exchange = with(base.clone(), "/output", json!({ "round": index }));
        at(exchange, &format!("2026-07-14T12:{index:02}:00Z"))
    };
    let lines: Vec<Value> = (0..30).map(changing).collect();
    let path = write(&folder, "changing.ndjson", &lines);
    let options = CheckOptions::default().with_samples(Some(3));
    let report = check(&judge(), &[path], &options, &mut |_| ControlFlow::Continue(()));
    let group = &report.groups[0];
    assert_eq!((group.count, group.shown, report.summary.errors, report.summary.broken), (29, 3, 29, 29));
    assert_eq!(group.samples.iter().map(|sample| sample.exchange.index).collect::<Vec<_>>(), [1, 2, 3]);
}

const OPENAPI: &str = "
openapi: 3.1.0
paths:
  /boxes/{id}:
    get:
      operationId: boxes.get
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses:
        '200': {description: A box., content: {application/json: {schema: {$ref: box.schema.json}}}}
";
const BOX: &str = r##"{"type": "object", "required": ["id", "things"], "properties": {"id": {"type": "integer"},
  "things": {"type": "array", "items": {"$ref": "#/$defs/Thing"}}},
  "$defs": {"Thing": {"type": "object", "required": ["key", "weight"], "properties": {"key": {"type": "string"}, "weight": {"type": "number"}}}}}"##;
const RULES: &str = r##"
format: charter-invariants/1
resources: [{schema: box.schema.json, identity: /id, operations: {boxes.get: path.id}}]
lists: [{at: "box.schema.json#/properties/things", key: /key}]
invariants:
  - id: thing.weight-never-changes
    on: "box.schema.json#/$defs/Thing"
    rule: "self.weight == oldSelf.weight"
    message: "{{ self.key }} weighed {{ oldSelf.weight }}"
    severity: warning
    promise: {kind: implied, where: here, quote: things keep their weight}
    path: /weight
  - id: thing.is-light-at-first
    on: "box.schema.json#/$defs/Thing"
    old: optional
    rule: "oldSelf != null || self.weight < 10.0"
    message: "{{ self.key }} came with {{ self.weight }}"
    severity: warning
    promise: {kind: implied, where: here, quote: things come light}
"##;

#[test]
fn items_of_a_list_are_compared_by_their_key() {
    let files = [("openapi.yaml", OPENAPI), ("box.schema.json", BOX), ("box.invariants.yaml", RULES)];
    let files = files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).to_vec();
    let contract = from_documents(files).unwrap_or_else(|error| panic!("{error}"));
    let judge = Judge::new(&contract).unwrap_or_else(|error| panic!("{error}"));
    let seen = |things: Value, second: i64| {
        let body = json!({"id": 7, "things": things}).to_string();
        Exchange::get("/boxes/7").response(200, body).at(jiff::Timestamp::from_second(second).expect("an instant"))
    };
    let (a, b) = (json!({"key": "a", "weight": 1}), json!({"key": "b", "weight": 2.0}));
    let heavier = json!({"key": "b", "weight": 3});
    let report =
        vec![seen(json!([a, b]), 1), seen(json!([b, a]), 2), seen(json!([heavier, a]), 3), seen(json!([{"key": "c", "weight": 11}]), 4)]
            .report(&judge);
    let findings: Vec<(&str, &str)> =
        report.groups.iter().map(|group| (group.samples[0].instance_location.as_str(), group.samples[0].message.as_str())).collect();
    assert_eq!(findings, [("/things/0/weight", "b weighed 2.0"), ("/things/0", "c came with 11.0")]);
    let weight = rule(&report, "thing.weight-never-changes");
    assert_eq!((weight.passed, weight.failed, weight.not_applicable), (3, 1, 3), "{weight:?}");
}
