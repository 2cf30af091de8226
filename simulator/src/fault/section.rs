//! What of a run is shown when: its output, files and error, and the sections that are asked for.

use serde_json::{Value, json};

use super::answer::{Answer, Fault, remove};

pub(super) const FAULTS: &[Fault] = &[
    ("run.in-flight-without-output-key", |answer| answer.in_flight(|body| body["output"] = Value::Null)),
    ("run.in-flight-without-files-key", |answer| answer.in_flight(|body| body["files"] = json!([]))),
    ("run.output-only-when-finished", |answer| answer.in_flight(|body| body["output"] = json!({ "early": true }))),
    ("run.files-only-when-finished", |answer| {
        let files = files(answer);
        answer.in_flight(|body| body["files"] = files);
    }),
    ("run.output-of-completed-runs-only", |answer| answer.at("failed", |body| body["output"] = json!({ "late": true }))),
    ("run.files-of-completed-runs-only", |answer| {
        let files = files(answer);
        // They are in the list of the artifacts as well: a file that is stated can be had.
        let has_failed = answer.subject.as_ref().is_some_and(|subject| subject.now().status().as_str() == "failed");
        if has_failed {
            answer.of("runs.artifacts.list", |body| body["artifacts"] = files.clone());
        }
        answer.at("failed", |body| body["files"] = files);
    }),
    ("run.completed-has-output", |answer| answer.at("completed", |body| remove(body, "output"))),
    ("run.completed-has-files", |answer| answer.at("completed", |body| remove(body, "files"))),
    ("run.finished-has-error-key", |answer| answer.at("completed", |body| remove(body, "error"))),
    ("run.error-only-on-failure", |answer| answer.at("completed", |body| body["error"] = "late".into())),
    ("run.failed-has-error", |answer| answer.at("failed", |body| body["error"] = Value::Null)),
    ("run.input-only-when-asked", |answer| answer.unasked("input", json!({ "args": {} }))),
    ("run.usage-only-when-asked", |answer| answer.unasked("usage", Value::Null)),
    ("run.debug-only-when-asked", |answer| answer.unasked("debug", json!({ "observability": null }))),
    ("run.input-when-asked", |answer| answer.run(|body| remove(body, "input"))),
    ("run.usage-when-asked", |answer| answer.run(|body| remove(body, "usage"))),
    ("run.debug-when-asked", |answer| answer.run(|body| remove(body, "debug"))),
    ("run.execution-short-unless-asked", |answer| {
        let mut expand = answer.expand();
        expand.push("execution".to_owned());
        answer.shown_with(&expand);
    }),
    ("run.execution-whole-when-asked", |answer| {
        let mut expand = answer.expand();
        expand.retain(|section| section != "execution");
        answer.shown_with(&expand);
    }),
];

fn files(answer: &Answer) -> Value {
    answer.subject.as_ref().map_or(Value::Null, |subject| subject.files())
}
