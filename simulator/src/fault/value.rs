//! Faults in the values of a run, and in relations between them.

use serde_json::{Value, json};

use super::response::Fault;

pub(super) const FAULTS: &[Fault] = &[
    ("run.id-is-the-one-asked-for", |response| response.run(|body| body["id"] = "run_other".into())),
    ("run.sample-rank-below-one", |response| response.run(|body| body["sampleRank"] = json!(1.0))),
    // Only for a finished run: the rest of its body is valid for both statuses.
    ("run.finished-iff-terminal", |response| response.at("failed", |body| body["execution"]["status"] = "running".into())),
    ("run.schema-valid-means-finished", |response| response.in_flight(|body| body["execution"]["schemaValid"] = true.into())),
    ("run.schema-valid-means-completed", |response| response.at("failed", |body| body["execution"]["schemaValid"] = true.into())),
    ("run.batch-means-eval", |response| {
        response.run_if(|body| body.get("eval").is_none(), |body| body["execution"]["batchId"] = "bat_7".into());
    }),
    ("run.comparison-of-finished-evaluations", |response| {
        let is_whole = response.expand().iter().any(|section| section == "execution");
        response.run_if(
            |body| is_whole && body["type"] == "agent" && body.get("eval").is_none(),
            |body| body["execution"]["comparison"] = json!({ "fields": 12 }),
        );
    }),
    ("review.settled-names-who-and-when", |response| {
        response.run(|body| {
            if body["execution"]["review"]["closedBy"].is_string() {
                body["execution"]["review"]["closedBy"] = Value::Null;
            }
        });
    }),
    ("correction.field-path-is-a-pointer", |response| {
        response.run(|body| {
            let corrections = body.pointer_mut("/execution/review/corrections").and_then(Value::as_array_mut);
            corrections.into_iter().flatten().for_each(|correction| correction["path"] = "lines.0.quantity".into());
        });
    }),
    ("source.current-version-is-available", |response| {
        response
            .run_if(|body| body["source"]["currentVersion"].is_string(), |body| body["source"]["implementationAvailable"] = false.into());
    }),
];
