//! What is the same in two answers about one run.

use serde_json::json;

use super::answer::Fault;

pub(super) const FAULTS: &[Fault] = &[
    ("run.sample-rank-never-changes", |answer| answer.later(|body| body["sampleRank"] = json!(0.123))),
    ("run.trigger-type-never-changes", |answer| answer.later(|body| body["trigger"]["type"] = "other".into())),
    ("run.source-never-changes", |answer| answer.later(|body| body["source"]["id"] = "other".into())),
    ("run.triggered-by-never-changes", |answer| answer.later(|body| body["trigger"]["by"]["id"] = "usr_other".into())),
];
