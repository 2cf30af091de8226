//! What a run's values are, and how they go together.

use serde_json::{Value, json};

use super::answer::Fault;

pub(super) const FAULTS: &[Fault] = &[
    ("run.id-is-the-one-asked-for", |answer| answer.run(|body| body["id"] = "run_other".into())),
    ("run.sample-rank-below-one", |answer| answer.run(|body| body["sampleRank"] = json!(1.0))),
    // Of a run that has ended: what else it shows is no less true of it.
    ("run.finished-iff-terminal", |answer| answer.at("failed", |body| body["execution"]["status"] = "running".into())),
    ("run.schema-valid-means-finished", |answer| answer.in_flight(|body| body["execution"]["schemaValid"] = true.into())),
    ("run.schema-valid-means-completed", |answer| answer.at("failed", |body| body["execution"]["schemaValid"] = true.into())),
    ("run.batch-means-eval", |answer| {
        answer.run_if(|body| body.get("eval").is_none(), |body| body["execution"]["batchId"] = "bat_7".into());
    }),
    ("run.comparison-of-finished-evaluations", |answer| {
        let is_whole = answer.expand().iter().any(|section| section == "execution");
        answer.run_if(
            |body| is_whole && body["type"] == "agent" && body.get("eval").is_none(),
            |body| body["execution"]["comparison"] = json!({ "fields": 12 }),
        );
    }),
    ("review.settled-names-who-and-when", |answer| {
        answer.run(|body| {
            if body["execution"]["review"]["closedBy"].is_string() {
                body["execution"]["review"]["closedBy"] = Value::Null;
            }
        });
    }),
    ("correction.field-path-is-a-pointer", |answer| {
        answer.run(|body| {
            let corrections = body.pointer_mut("/execution/review/corrections").and_then(Value::as_array_mut);
            corrections.into_iter().flatten().for_each(|correction| correction["path"] = "lines.0.quantity".into());
        });
    }),
    ("source.current-version-is-available", |answer| {
        answer.run_if(|body| body["source"]["currentVersion"].is_string(), |body| body["source"]["implementationAvailable"] = false.into());
    }),
];
