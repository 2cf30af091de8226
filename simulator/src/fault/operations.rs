//! Faults of the operations around a run: lists, starts, cancellations, usage, events, artifacts.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::response::{Fault, PendingResponse};
use super::timing::ended_in_flight;

pub(super) const FAULTS: &[Fault] = &[
    ("list.sample-rank-below-one", |response| {
        // With a sample rate in the query, the rule on the rate would fail as well.
        if !response.query.contains_key("sampleRate") {
            response.rows(|row| row["sampleRank"] = json!(1.0));
        }
    }),
    ("list.finished-iff-terminal", |response| rows_at(response, "failed", |row| row["execution"]["status"] = "running".into())),
    ("list.error-only-on-failure", |response| rows_at(response, "completed", |row| row["error"] = "late".into())),
    ("list.completed-at-means-finished", |response| {
        response.rows(|row| {
            if row["finished"] == false {
                ended_in_flight(row);
            }
        });
    }),
    ("list.source-without-detail", |response| response.rows(|row| row["source"]["automationFound"] = true.into())),
    ("list.within-limit", |response| {
        let limit = response.query.get("limit").and_then(|limit| limit.parse::<usize>().ok());
        page(response, |runs| {
            if let Some((limit, first)) = limit.zip(runs.first().cloned()) {
                runs.resize(limit + 1, first);
            }
        });
    }),
    ("list.of-the-type-asked-for", |response| {
        let other = response.query.get("type").map(|type_| if type_ == "agent" { "workflow" } else { "agent" });
        page(response, |runs| {
            if let Some((other, first)) = other.zip(runs.first_mut()) {
                first["type"] = other.into();
            }
        });
    }),
    ("list.below-the-sample-rate", |response| {
        let rate = response.query.get("sampleRate").and_then(|rate| rate.parse::<f64>().ok()).filter(|rate| *rate < 1.0);
        page(response, |runs| {
            if let Some((rate, first)) = rate.zip(runs.first_mut()) {
                first["sampleRank"] = rate.into();
            }
        });
    }),
    ("start.ended-within-the-wait", |response| started(response, StatusCode::ACCEPTED, StatusCode::OK)),
    ("start.wait-is-over", |response| started(response, StatusCode::OK, StatusCode::ACCEPTED)),
    ("cancel.id-is-the-one-asked-for", |response| response.of("runs.cancel", |body| body["id"] = "run_other".into())),
    ("cancel.finished-iff-terminal", |response| {
        response.of("runs.cancel", |body| {
            if body["finished"] == true {
                body["finished"] = false.into();
            }
        });
    }),
    ("cancel.cancelled-at-once", |response| response.cancelled("cancelled", |body| set_status(body, "pending"))),
    ("cancel.cancelled-had-not-started", |response| {
        response.cancelled("cancelled", |body| body["cancellation"]["wasStatus"] = "running".into());
    }),
    ("cancel.requested-in-flight", |response| {
        response.cancelled("requested", |body| body["cancellation"]["wasStatus"] = "completed".into());
    }),
    ("cancel.terminal-before", |response| {
        response.cancelled("requested", |body| {
            body["cancellation"]["state"] = "already_terminal".into();
            body["cancellation"]["wasStatus"] = body["execution"]["status"].clone();
        });
    }),
    ("cancel.terminal-unchanged", |response| response.cancelled("already_terminal", |body| set_status(body, "running"))),
    // Only for a cancelled run: its body still has `cancelRequestedAt`, so no other rule fails.
    ("cancel.agrees-with-the-run-before", |response| {
        response.cancelled("already_terminal", |body| {
            if body["execution"]["status"] == "cancelled" {
                set_status(body, "running");
                body["cancellation"] = json!({ "state": "requested", "wasStatus": "running" });
            }
        });
    }),
    // Only for a run that was cancelled before it started: no earlier response showed it as finished.
    ("run.agrees-with-its-cancellation", |response| {
        let subject = response.subject.as_ref();
        if subject.is_some_and(|subject| subject.now().status().as_str() == "cancelled" && !subject.has_started()) {
            response.show_unfinished();
        }
    }),
    ("run.tells-when-cancelling-was-requested", |response| response.run(|body| body["timing"]["cancelRequestedAt"] = Value::Null)),
    ("usage.same-as-expanded", |response| {
        response.of("runs.usage.get", |body| {
            if body["usage"].is_object() {
                body["usage"]["tokens"]["cacheWrite"] = 1.into();
            }
        });
    }),
    ("run.usage-same-as-read-alone", |response| {
        if response.usage_was_read {
            response.finished(|body| {
                if body["usage"].is_object() {
                    body["usage"] = Value::Null;
                }
            });
        }
    }),
    ("events.timestamp-is-an-instant", |response| {
        response.of("runs.events.list", |body| body["events"][0]["timestamp"] = "yesterday".into());
    }),
    ("events.in-the-order-of-time", |response| {
        response.of("runs.events.list", |body| body["events"].as_array_mut().into_iter().for_each(|events| events.reverse()));
    }),
    ("events.only-grow", |response| {
        if response.is_repeat() {
            response.of("runs.events.list", |body| body["events"].as_array_mut().into_iter().for_each(|events| drop(events.pop())));
        }
    }),
    ("artifacts.all-files-of-the-run", |response| response.of("runs.artifacts.list", |body| body["artifacts"] = json!([]))),
];

fn rows_at(response: &mut PendingResponse, status: &str, change: impl Fn(&mut Value)) {
    response.rows(|row| {
        if row["execution"]["status"] == status {
            change(row);
        }
    });
}

fn page(response: &mut PendingResponse, change: impl FnMut(&mut Vec<Value>)) {
    response.of("runs.list", |body| body["runs"].as_array_mut().into_iter().for_each(change));
}

/// Replaces the status of a response to a start.
fn started(response: &mut PendingResponse, right: StatusCode, wrong: StatusCode) {
    if response.operation == "runs.start" && response.status == right {
        response.status = wrong;
    }
}

/// Sets the status of a cancelled run to one that is not terminal.
fn set_status(body: &mut Value, status: &str) {
    body["execution"]["status"] = status.into();
    body["finished"] = false.into();
}
