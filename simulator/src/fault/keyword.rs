//! The assertion keywords of the response schemas: each violated at one location.

use serde_json::{Value, json};

use super::response::{Fault, remove};

pub(super) const FAULTS: &[Fault] = &[
    ("type", |response| response.run(|body| body["source"]["name"] = 7.into())),
    ("required", |response| response.run(|body| remove(&mut body["timing"], "durationMs"))),
    ("additionalProperties", |response| response.run(|body| body["unheardOf"] = Value::Null)),
    ("enum", |response| response.run(|body| body["execution"]["status"] = "asleep".into())),
    ("minimum", |response| response.run(|body| body["sampleRank"] = json!(-0.5))),
    ("maximum", |response| response.run(|body| body["sampleRank"] = json!(1.5))),
    ("anyOf", |response| response.run(|body| body["execution"] = "in a hurry".into())),
    // A run that was just taken.
    ("const", |response| {
        if response.status == axum::http::StatusCode::CREATED {
            response.of("runs.start", |body| body["finished"] = true.into());
        }
    }),
];
