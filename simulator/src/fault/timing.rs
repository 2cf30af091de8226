//! A run's milestones: instants, and in their order.

use serde_json::{Value, json};

use super::answer::{Answer, Fault, later_by};

const HOUR: i64 = 3_600_000;

pub(super) const FAULTS: &[Fault] = &[
    ("timing.created-at-is-an-instant", |answer| no_instant(answer, "createdAt")),
    ("timing.started-at-is-an-instant", |answer| no_instant(answer, "startedAt")),
    ("timing.completed-at-is-an-instant", |answer| no_instant(answer, "completedAt")),
    ("timing.cancel-requested-at-is-an-instant", |answer| no_instant(answer, "cancelRequestedAt")),
    ("timing.duration-not-negative", |answer| answer.run(|body| body["timing"]["durationMs"] = (-1).into())),
    ("timing.created-before-started", |answer| {
        timing(answer, |timing| {
            if !timing["startedAt"].is_null() {
                timing["startedAt"] = later_by(&timing["createdAt"], -HOUR);
            }
        });
    }),
    ("timing.started-before-completed", |answer| {
        timing(answer, |timing| {
            if !timing["startedAt"].is_null() && !timing["completedAt"].is_null() {
                timing["startedAt"] = later_by(&timing["completedAt"], HOUR);
                // No length would fit into less than nothing.
                timing["durationMs"] = Value::Null;
            }
        });
    }),
    // Of a run that was rejected: nothing but its creation comes before its end.
    ("timing.created-before-completed", |answer| {
        answer.at("rejected", |body| body["timing"]["completedAt"] = later_by(&body["timing"]["createdAt"], -HOUR));
    }),
    ("timing.created-before-cancel-requested", |answer| {
        timing(answer, |timing| timing["cancelRequestedAt"] = later_by(&timing["createdAt"], -HOUR));
    }),
    ("timing.cancel-requested-before-completed", |answer| {
        answer.finished(|body| body["timing"]["cancelRequestedAt"] = later_by(&body["timing"]["completedAt"], HOUR));
    }),
    ("timing.duration-within-span", |answer| {
        timing(answer, |timing| {
            if timing["durationMs"].is_number() {
                timing["durationMs"] = json!(24.0 * HOUR as f64);
            }
        });
    }),
    ("run.completed-at-means-finished", |answer| answer.in_flight(ended_in_flight)),
    ("run.completed-has-times", |answer| answer.at("completed", |body| body["timing"]["startedAt"] = Value::Null)),
    ("run.terminal-has-completed-at", |answer| answer.at("failed", |body| body["timing"]["completedAt"] = Value::Null)),
];

/// A run in flight that names its end, no earlier than all that came before it.
pub(super) fn ended_in_flight(run: &mut Value) {
    let timing = &mut run["timing"];
    let last = ["cancelRequestedAt", "startedAt", "createdAt"].iter().map(|milestone| &timing[*milestone]).find(|at| !at.is_null());
    timing["completedAt"] = last.cloned().unwrap_or_default();
}

fn timing(answer: &mut Answer, change: impl FnOnce(&mut Value)) {
    answer.run(|body| change(&mut body["timing"]));
}

fn no_instant(answer: &mut Answer, milestone: &str) {
    timing(answer, |timing| {
        if !timing[milestone].is_null() {
            timing[milestone] = "yesterday".into();
        }
    });
}
