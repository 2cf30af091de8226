//! The operations around a run: lists, starts, cancellations, usage, events, artifacts.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::answer::{Answer, Fault};
use super::timing::ended_in_flight;

pub(super) const FAULTS: &[Fault] = &[
    ("list.sample-rank-below-one", |answer| {
        // Where a rate is asked for, that promise goes further.
        if !answer.query.contains_key("sampleRate") {
            answer.rows(|row| row["sampleRank"] = json!(1.0));
        }
    }),
    ("list.finished-iff-terminal", |answer| rows_at(answer, "failed", |row| row["execution"]["status"] = "running".into())),
    ("list.error-only-on-failure", |answer| rows_at(answer, "completed", |row| row["error"] = "late".into())),
    ("list.completed-at-means-finished", |answer| {
        answer.rows(|row| {
            if row["finished"] == false {
                ended_in_flight(row);
            }
        });
    }),
    ("list.source-without-detail", |answer| answer.rows(|row| row["source"]["automationFound"] = true.into())),
    ("list.within-limit", |answer| {
        let limit = answer.query.get("limit").and_then(|limit| limit.parse::<usize>().ok());
        page(answer, |runs| {
            if let Some((limit, first)) = limit.zip(runs.first().cloned()) {
                runs.resize(limit + 1, first);
            }
        });
    }),
    ("list.of-the-type-asked-for", |answer| {
        let other = answer.query.get("type").map(|asked| if asked == "agent" { "workflow" } else { "agent" });
        page(answer, |runs| {
            if let Some((other, first)) = other.zip(runs.first_mut()) {
                first["type"] = other.into();
            }
        });
    }),
    ("list.below-the-sample-rate", |answer| {
        let rate = answer.query.get("sampleRate").and_then(|rate| rate.parse::<f64>().ok()).filter(|rate| *rate < 1.0);
        page(answer, |runs| {
            if let Some((rate, first)) = rate.zip(runs.first_mut()) {
                first["sampleRank"] = rate.into();
            }
        });
    }),
    ("start.ended-within-the-wait", |answer| started(answer, StatusCode::ACCEPTED, StatusCode::OK)),
    ("start.wait-is-over", |answer| started(answer, StatusCode::OK, StatusCode::ACCEPTED)),
    ("cancel.id-is-the-one-asked-for", |answer| answer.of("runs.cancel", |body| body["id"] = "run_other".into())),
    ("cancel.finished-iff-terminal", |answer| {
        answer.of("runs.cancel", |body| {
            if body["finished"] == true {
                body["finished"] = false.into();
            }
        });
    }),
    ("cancel.cancelled-at-once", |answer| answer.cancelled("cancelled", |body| is_at(body, "pending"))),
    ("cancel.cancelled-had-not-started", |answer| {
        answer.cancelled("cancelled", |body| body["cancellation"]["wasStatus"] = "running".into());
    }),
    ("cancel.requested-in-flight", |answer| {
        answer.cancelled("requested", |body| body["cancellation"]["wasStatus"] = "completed".into());
    }),
    ("cancel.terminal-before", |answer| {
        answer.cancelled("requested", |body| {
            body["cancellation"]["state"] = "already_terminal".into();
            body["cancellation"]["wasStatus"] = body["execution"]["status"].clone();
        });
    }),
    ("cancel.terminal-unchanged", |answer| answer.cancelled("already_terminal", |body| is_at(body, "running"))),
    // Of a run that was stopped on request: it goes on telling when that was.
    ("cancel.agrees-with-the-run-before", |answer| {
        answer.cancelled("already_terminal", |body| {
            if body["execution"]["status"] == "cancelled" {
                is_at(body, "running");
                body["cancellation"] = json!({ "state": "requested", "wasStatus": "running" });
            }
        });
    }),
    // Of a run that was cancelled before it started: it has never been seen to have ended.
    ("run.agrees-with-its-cancellation", |answer| {
        let subject = answer.subject.as_ref();
        if subject.is_some_and(|subject| subject.now().status().as_str() == "cancelled" && !subject.has_started()) {
            answer.shown_before_its_end();
        }
    }),
    ("run.tells-when-cancelling-was-requested", |answer| answer.run(|body| body["timing"]["cancelRequestedAt"] = Value::Null)),
    ("usage.same-as-expanded", |answer| {
        answer.of("runs.usage.get", |body| {
            if body["usage"].is_object() {
                body["usage"]["tokens"]["cacheWrite"] = 1.into();
            }
        });
    }),
    ("run.usage-same-as-read-alone", |answer| {
        if answer.usage_was_read {
            answer.finished(|body| {
                if body["usage"].is_object() {
                    body["usage"] = Value::Null;
                }
            });
        }
    }),
    ("events.timestamp-is-an-instant", |answer| {
        answer.of("runs.events.list", |body| body["events"][0]["timestamp"] = "yesterday".into());
    }),
    ("events.in-the-order-of-time", |answer| {
        answer.of("runs.events.list", |body| body["events"].as_array_mut().into_iter().for_each(|events| events.reverse()));
    }),
    ("events.only-grow", |answer| {
        if answer.is_later() {
            answer.of("runs.events.list", |body| body["events"].as_array_mut().into_iter().for_each(|events| drop(events.pop())));
        }
    }),
    ("artifacts.all-files-of-the-run", |answer| answer.of("runs.artifacts.list", |body| body["artifacts"] = json!([]))),
];

fn rows_at(answer: &mut Answer, status: &str, change: impl Fn(&mut Value)) {
    answer.rows(|row| {
        if row["execution"]["status"] == status {
            change(row);
        }
    });
}

fn page(answer: &mut Answer, change: impl FnMut(&mut Vec<Value>)) {
    answer.of("runs.list", |body| body["runs"].as_array_mut().into_iter().for_each(change));
}

/// A start that is answered with another status than the run has earned.
fn started(answer: &mut Answer, earned: StatusCode, given: StatusCode) {
    if answer.operation == "runs.start" && answer.status == earned {
        answer.status = given;
    }
}

/// Puts a cancellation's run at a status in flight.
fn is_at(body: &mut Value, status: &str) {
    body["execution"]["status"] = status.into();
    body["finished"] = false.into();
}
