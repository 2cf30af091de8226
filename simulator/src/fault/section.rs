//! Faults in the presence of members: output, files, error, and the sections of `expand`.

use serde_json::{Value, json};

use super::response::{Fault, PendingResponse, remove};

pub(super) const FAULTS: &[Fault] = &[
    ("run.in-flight-without-output-key", |response| response.in_flight(|body| body["output"] = Value::Null)),
    ("run.in-flight-without-files-key", |response| response.in_flight(|body| body["files"] = json!([]))),
    ("run.output-only-when-finished", |response| response.in_flight(|body| body["output"] = json!({ "early": true }))),
    ("run.files-only-when-finished", |response| {
        let files = files(response);
        response.in_flight(|body| body["files"] = files);
    }),
    ("run.output-of-completed-runs-only", |response| response.at("failed", |body| body["output"] = json!({ "late": true }))),
    ("run.files-of-completed-runs-only", |response| {
        let files = files(response);
        // The list of artifacts has them as well, because a listed file must be available for download.
        let has_failed = response.subject.as_ref().is_some_and(|subject| subject.now().status().as_str() == "failed");
        if has_failed {
            response.of("runs.artifacts.list", |body| body["artifacts"] = files.clone());
        }
        response.at("failed", |body| body["files"] = files);
    }),
    ("run.completed-has-output", |response| response.at("completed", |body| remove(body, "output"))),
    ("run.completed-has-files", |response| response.at("completed", |body| remove(body, "files"))),
    ("run.finished-has-error-key", |response| response.at("completed", |body| remove(body, "error"))),
    ("run.error-only-on-failure", |response| response.at("completed", |body| body["error"] = "late".into())),
    ("run.failed-has-error", |response| response.at("failed", |body| body["error"] = Value::Null)),
    ("run.input-only-when-asked", |response| response.add_section("input", json!({ "args": {} }))),
    ("run.usage-only-when-asked", |response| response.add_section("usage", Value::Null)),
    ("run.debug-only-when-asked", |response| response.add_section("debug", json!({ "observability": null }))),
    ("run.input-when-asked", |response| response.run(|body| remove(body, "input"))),
    ("run.usage-when-asked", |response| response.run(|body| remove(body, "usage"))),
    ("run.debug-when-asked", |response| response.run(|body| remove(body, "debug"))),
    ("run.execution-short-unless-asked", |response| {
        let mut expand = response.expand();
        expand.push("execution".to_owned());
        response.show_sections(&expand);
    }),
    ("run.execution-whole-when-asked", |response| {
        let mut expand = response.expand();
        expand.retain(|section| section != "execution");
        response.show_sections(&expand);
    }),
];

fn files(response: &PendingResponse) -> Value {
    response.subject.as_ref().map_or(Value::Null, |subject| subject.files())
}
