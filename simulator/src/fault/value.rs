//! What a run's values are, whatever was asked before.

use serde_json::json;

use super::answer::Fault;

pub(super) const FAULTS: &[Fault] = &[
    ("run.id-is-the-one-asked-for", |answer| answer.run(|body| body["id"] = "run_other".into())),
    ("run.sample-rank-below-one", |answer| answer.run(|body| body["sampleRank"] = json!(1.0))),
    ("timing.created-at-is-an-instant", |answer| answer.run(|body| body["timing"]["createdAt"] = "yesterday".into())),
];
