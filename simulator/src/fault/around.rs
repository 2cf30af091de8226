//! The operations around a run: lists, cancellations, events.

use serde_json::json;

use super::answer::Fault;

pub(super) const FAULTS: &[Fault] = &[
    ("list.sample-rank-below-one", |answer| answer.rows(|row| row["sampleRank"] = json!(1.0))),
    ("list.source-without-detail", |answer| answer.rows(|row| row["source"]["automationFound"] = true.into())),
    ("cancel.id-is-the-one-asked-for", |answer| answer.of("runs.cancel", |body| body["id"] = "run_other".into())),
    ("events.timestamp-is-an-instant", |answer| {
        answer.of("runs.events.list", |body| body["events"][0]["timestamp"] = "yesterday".into());
    }),
];
