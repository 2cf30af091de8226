//! Faults in numbers: lengths, counts, tokens, usage and attempts.

use serde_json::{Value, json};

use super::response::{Fault, PendingResponse};

pub(super) const FAULTS: &[Fault] = &[
    // In the list of artifacts: the size in the run is compared with the download as well.
    ("artifact.size-not-negative", |response| {
        response.of("runs.artifacts.list", |body| {
            body["artifacts"].as_array_mut().into_iter().flatten().for_each(|artifact| artifact["size"] = (-1).into());
        });
    }),
    ("review.correction-count-not-negative", |response| {
        response.run(|body| {
            if body["execution"]["review"]["correctionCount"].is_number() {
                body["execution"]["review"]["correctionCount"] = (-1).into();
            }
        });
    }),
    ("usage.tokens-not-negative", |response| every_usage(response, |usage| usage["tokens"]["input"] = (-1).into())),
    ("usage.tokens-whole", |response| every_usage(response, |usage| usage["tokens"]["output"] = json!(0.5))),
    ("usage.counts-not-negative", |response| response.usage("workflow", |usage| usage["llmCallCount"] = (-1).into())),
    ("usage.counts-whole", |response| response.usage("agent", |usage| usage["agentTurns"] = json!(1.5))),
    ("usage.duration-not-negative", |response| every_usage(response, |usage| usage["durationMs"] = (-1).into())),
    ("usage.credits-not-negative", |response| every_usage(response, |usage| usage["creditsCharged"] = json!(-0.5))),
    ("retry.number-is-an-attempt", |response| {
        response.run_if(|body| retry(body)["previousRunId"].is_null(), |body| body["execution"]["retry"]["number"] = (-1).into());
    }),
    ("retry.original-has-no-previous", |response| {
        response.run_if(|body| retry(body)["number"] == 0, |body| body["execution"]["retry"]["previousRunId"] = "run_before".into());
    }),
    ("retry.later-has-previous", |response| {
        response.run_if(is_later, |body| body["execution"]["retry"]["previousRunId"] = Value::Null);
    }),
    ("run.retry-previous-is-another", |response| {
        response.run_if(is_later, |body| body["execution"]["retry"]["previousRunId"] = body["id"].clone());
    }),
    ("run.retry-next-is-another", |response| {
        response.run(|body| body["execution"]["retry"]["nextRun"] = json!({ "id": body["id"], "status": "running" }));
    }),
    ("run.retry-neighbours-differ", |response| {
        response.run_if(is_later, |body| {
            let previous = retry(body)["previousRunId"].clone();
            body["execution"]["retry"]["nextRun"] = json!({ "id": previous, "status": "failed" });
        });
    }),
];

fn retry(body: &Value) -> &Value {
    &body["execution"]["retry"]
}

/// Whether a run is not the first attempt.
pub(super) fn is_later(body: &Value) -> bool {
    retry(body)["number"].as_f64().is_some_and(|number| number > 0.0)
}

fn every_usage(response: &mut PendingResponse, change: fn(&mut Value)) {
    for kind in ["workflow", "agent"] {
        response.usage(kind, change);
    }
}
