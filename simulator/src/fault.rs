//! Promises that the server breaks on request: each fault is named after its rule, and touches nothing else.

use axum::http::StatusCode;
use serde_json::{Value, json};

/// An answer that is about to be sent.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) operation: String,
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
    /// How often the same was asked before.
    pub(crate) asked: u64,
    pub(crate) expand: Vec<String>,
}

type Break = fn(&mut Answer);

/// Every fault in the body of an answer, by its rule.
const IN_BODIES: &[(&str, Break)] = &[
    ("run.sample-rank-below-one", |answer| of_run(answer, |body| body["sampleRank"] = json!(1.0))),
    ("run.in-flight-without-output-key", |answer| in_flight(answer, |body| body["output"] = Value::Null)),
    ("run.in-flight-without-files-key", |answer| in_flight(answer, |body| body["files"] = json!([]))),
    ("run.output-only-when-finished", |answer| in_flight(answer, |body| body["output"] = json!({ "early": true }))),
    ("run.output-of-completed-runs-only", |answer| at(answer, "failed", |body| body["output"] = json!({ "late": true }))),
    ("run.completed-has-output", |answer| at(answer, "completed", |body| remove(body, "output"))),
    ("run.completed-has-files", |answer| at(answer, "completed", |body| remove(body, "files"))),
    ("run.finished-has-error-key", |answer| at(answer, "completed", |body| remove(body, "error"))),
    ("run.error-only-on-failure", |answer| at(answer, "completed", |body| body["error"] = "late".into())),
    ("run.failed-has-error", |answer| at(answer, "failed", |body| body["error"] = Value::Null)),
    ("run.input-only-when-asked", |answer| unasked(answer, "input", json!({ "args": {} }))),
    ("run.usage-only-when-asked", |answer| unasked(answer, "usage", Value::Null)),
    ("run.debug-only-when-asked", |answer| unasked(answer, "debug", json!({ "observability": null }))),
    ("run.input-when-asked", |answer| of_run(answer, |body| remove(body, "input"))),
    ("run.usage-when-asked", |answer| of_run(answer, |body| remove(body, "usage"))),
    ("run.debug-when-asked", |answer| of_run(answer, |body| remove(body, "debug"))),
    ("run.id-is-the-one-asked-for", |answer| of_run(answer, |body| body["id"] = "run_other".into())),
    ("run.sample-rank-never-changes", |answer| later(answer, |body| body["sampleRank"] = json!(0.123))),
    ("run.trigger-type-never-changes", |answer| later(answer, |body| body["trigger"]["type"] = "other".into())),
    ("run.source-never-changes", |answer| later(answer, |body| body["source"]["id"] = "other".into())),
    ("run.triggered-by-never-changes", |answer| later(answer, |body| body["trigger"]["by"]["id"] = "usr_other".into())),
    ("timing.created-at-is-an-instant", |answer| of_run(answer, |body| body["timing"]["createdAt"] = "yesterday".into())),
    ("list.sample-rank-below-one", |answer| rows(answer, |row| row["sampleRank"] = json!(1.0))),
    ("list.source-without-detail", |answer| rows(answer, |row| row["source"]["automationFound"] = true.into())),
    ("cancel.id-is-the-one-asked-for", |answer| of(answer, "runs.cancel", |body| body["id"] = "run_other".into())),
    ("events.timestamp-is-an-instant", |answer| {
        of(answer, "runs.events.list", |body| body["events"][0]["timestamp"] = "yesterday".into());
    }),
];

/// Faults elsewhere: in the head of an answer, in who is served.
const ELSEWHERE: [&str; 7] = [
    "artifact.can-be-downloaded",
    "artifact.length-as-stated",
    "artifact.type-as-stated",
    "error.request-id-is-the-header",
    "operations.say-when-to-retry",
    "runs.get.needs-a-key",
    "runs.get.says-when-to-retry",
];

/// The names of all faults.
pub fn faults() -> Vec<&'static str> {
    let mut names: Vec<&str> = IN_BODIES.iter().map(|(name, _)| *name).chain(ELSEWHERE).collect();
    names.sort_unstable();
    names
}

/// Breaks a promise where the answer has a place for it.
pub(crate) fn breaks(fault: &str, answer: &mut Answer) {
    if let Some((_, break_)) = IN_BODIES.iter().find(|(name, _)| *name == fault) {
        break_(answer);
    }
}

fn of(answer: &mut Answer, operation: &str, change: impl FnOnce(&mut Value)) {
    if answer.operation == operation && answer.status.is_success() {
        change(&mut answer.body);
    }
}

fn of_run(answer: &mut Answer, change: impl FnOnce(&mut Value)) {
    of(answer, "runs.get", change);
}

fn at(answer: &mut Answer, status: &str, change: impl FnOnce(&mut Value)) {
    of_run(answer, |body| {
        if body["execution"]["status"] == status {
            change(body);
        }
    });
}

fn in_flight(answer: &mut Answer, change: impl FnOnce(&mut Value)) {
    of_run(answer, |body| {
        if body["finished"] == false {
            change(body);
        }
    });
}

fn unasked(answer: &mut Answer, section: &str, value: Value) {
    if !answer.expand.iter().any(|asked| asked == section) {
        of_run(answer, |body| body[section] = value);
    }
}

/// From the second time on.
fn later(answer: &mut Answer, change: impl FnOnce(&mut Value)) {
    if answer.asked > 0 {
        of_run(answer, change);
    }
}

fn rows(answer: &mut Answer, change: impl Fn(&mut Value)) {
    of(answer, "runs.list", |body| body["runs"].as_array_mut().into_iter().flatten().for_each(change));
}

fn remove(body: &mut Value, key: &str) {
    if let Some(body) = body.as_object_mut() {
        body.shift_remove(key);
    }
}
