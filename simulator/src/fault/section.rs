//! What of a run is shown when: its output, files and error, and the sections that are asked for.

use serde_json::{Value, json};

use super::answer::{Fault, remove};

pub(super) const FAULTS: &[Fault] = &[
    ("run.in-flight-without-output-key", |answer| answer.in_flight(|body| body["output"] = Value::Null)),
    ("run.in-flight-without-files-key", |answer| answer.in_flight(|body| body["files"] = json!([]))),
    ("run.output-only-when-finished", |answer| answer.in_flight(|body| body["output"] = json!({ "early": true }))),
    ("run.output-of-completed-runs-only", |answer| answer.at("failed", |body| body["output"] = json!({ "late": true }))),
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
];
