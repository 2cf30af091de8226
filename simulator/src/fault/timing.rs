//! Faults in the instants of a run and in their order.

use serde_json::{Value, json};

use super::response::{Fault, PendingResponse, later_by};

const HOUR: i64 = 3_600_000;

pub(super) const FAULTS: &[Fault] = &[
    ("timing.created-at-is-an-instant", |response| invalid_instant(response, "createdAt")),
    ("timing.started-at-is-an-instant", |response| invalid_instant(response, "startedAt")),
    ("timing.completed-at-is-an-instant", |response| invalid_instant(response, "completedAt")),
    ("timing.cancel-requested-at-is-an-instant", |response| invalid_instant(response, "cancelRequestedAt")),
    ("timing.duration-not-negative", |response| response.run(|body| body["timing"]["durationMs"] = (-1).into())),
    ("timing.created-before-started", |response| {
        timing(response, |timing| {
            if !timing["startedAt"].is_null() {
                timing["startedAt"] = later_by(&timing["createdAt"], -HOUR);
            }
        });
    }),
    ("timing.started-before-completed", |response| {
        timing(response, |timing| {
            if !timing["startedAt"].is_null() && !timing["completedAt"].is_null() {
                timing["startedAt"] = later_by(&timing["completedAt"], HOUR);
                // No duration is valid within a negative span.
                timing["durationMs"] = Value::Null;
            }
        });
    }),
    // Only for a rejected run: it has no other instant between creation and end.
    ("timing.created-before-completed", |response| {
        response.at("rejected", |body| body["timing"]["completedAt"] = later_by(&body["timing"]["createdAt"], -HOUR));
    }),
    ("timing.created-before-cancel-requested", |response| {
        timing(response, |timing| timing["cancelRequestedAt"] = later_by(&timing["createdAt"], -HOUR));
    }),
    ("timing.cancel-requested-before-completed", |response| {
        response.finished(|body| body["timing"]["cancelRequestedAt"] = later_by(&body["timing"]["completedAt"], HOUR));
    }),
    ("timing.duration-within-span", |response| {
        timing(response, |timing| {
            if timing["durationMs"].is_number() {
                timing["durationMs"] = json!(24.0 * HOUR as f64);
            }
        });
    }),
    ("run.completed-at-means-finished", |response| response.in_flight(ended_in_flight)),
    ("run.completed-has-times", |response| response.at("completed", |body| body["timing"]["startedAt"] = Value::Null)),
    ("run.terminal-has-completed-at", |response| response.at("failed", |body| body["timing"]["completedAt"] = Value::Null)),
];

/// Gives an unfinished run a `completedAt` that is not before its other instants.
pub(super) fn ended_in_flight(run: &mut Value) {
    let timing = &mut run["timing"];
    let last = ["cancelRequestedAt", "startedAt", "createdAt"].iter().map(|milestone| &timing[*milestone]).find(|at| !at.is_null());
    timing["completedAt"] = last.cloned().unwrap_or_default();
}

fn timing(response: &mut PendingResponse, change: impl FnOnce(&mut Value)) {
    response.run(|body| change(&mut body["timing"]));
}

fn invalid_instant(response: &mut PendingResponse, milestone: &str) {
    timing(response, |timing| {
        if !timing[milestone].is_null() {
            timing[milestone] = "yesterday".into();
        }
    });
}
