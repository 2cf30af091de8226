//! The keywords that the contract's schemas assert of answers: each broken at one place.

use serde_json::{Value, json};

use super::answer::{Fault, remove};

pub(super) const FAULTS: &[Fault] = &[
    ("type", |answer| answer.run(|body| body["source"]["name"] = 7.into())),
    ("required", |answer| answer.run(|body| remove(&mut body["timing"], "durationMs"))),
    ("additionalProperties", |answer| answer.run(|body| body["unheardOf"] = Value::Null)),
    ("enum", |answer| answer.run(|body| body["execution"]["status"] = "asleep".into())),
    ("minimum", |answer| answer.run(|body| body["sampleRank"] = json!(-0.5))),
    ("maximum", |answer| answer.run(|body| body["sampleRank"] = json!(1.5))),
    ("anyOf", |answer| answer.run(|body| body["execution"] = "in a hurry".into())),
    // A run that was just taken.
    ("const", |answer| {
        if answer.status == axum::http::StatusCode::CREATED {
            answer.of("runs.start", |body| body["finished"] = true.into());
        }
    }),
];
