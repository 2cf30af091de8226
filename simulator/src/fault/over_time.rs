//! Faults that need two responses about the same run.

use serde_json::{Value, json};

use super::numbers::is_later;
use super::response::{Fault, PendingResponse, later_by, remove};

pub(super) const FAULTS: &[Fault] = &[
    ("run.sample-rank-never-changes", |response| response.on_repeat(|body| body["sampleRank"] = json!(0.123))),
    ("run.type-never-changes", type_changes),
    ("run.created-at-never-changes", |response| {
        response.on_repeat(|body| body["timing"]["createdAt"] = later_by(&body["timing"]["createdAt"], -1));
    }),
    ("run.source-never-changes", |response| response.on_repeat(|body| body["source"]["id"] = "other".into())),
    ("run.trigger-type-never-changes", |response| response.on_repeat(|body| body["trigger"]["type"] = "other".into())),
    ("run.retry-number-never-changes", |response| {
        response.on_repeat(|body| {
            if is_later(body) {
                body["execution"]["retry"]["number"] = 7.into();
            }
        });
    }),
    ("run.previous-run-never-changes", |response| {
        response.on_repeat(|body| {
            if is_later(body) {
                body["execution"]["retry"]["previousRunId"] = "run_other".into();
            }
        });
    }),
    ("run.triggered-by-never-changes", |response| response.on_repeat(|body| body["trigger"]["by"]["id"] = "usr_other".into())),
    ("run.version-id-never-changes", |response| {
        response.on_repeat(|body| {
            if body["source"]["versionId"].is_string() {
                body["source"]["versionId"] = "wfv_other".into();
            }
        });
    }),
    // Not every response has the member, so it differs in each one.
    ("run.definition-never-changes", |response| {
        let earlier_requests = response.earlier_requests;
        response.run(|body| {
            if body["execution"]["definitionSnapshot"].is_object() {
                body["execution"]["definitionSnapshot"]["requests"] = earlier_requests.into();
            }
        });
    }),
    ("run.finished-stays", |response| {
        if response.is_repeat() {
            response.show_unfinished();
        }
    }),
    ("run.terminal-status-stays", |response| response.on_repeat_at("failed", |body| body["execution"]["status"] = "cancelled".into())),
    ("run.output-stays", |response| response.on_repeat_at("completed", |body| body["output"] = json!({ "total": -1 }))),
    ("run.error-stays", |response| response.on_repeat_at("failed", |body| body["error"] = "something else".into())),
    ("run.completed-at-stays", |response| response.on_repeat(|body| shifted(body, "completedAt", 1))),
    ("run.started-at-stays", |response| response.on_repeat(|body| shifted(body, "startedAt", -1))),
    ("run.files-lose-nothing", |response| response.on_repeat_at("completed", |body| body["files"] = json!([]))),
];

/// Moves an instant of a finished run.
fn shifted(body: &mut Value, milestone: &str, ms: i64) {
    if body["finished"] == true {
        body["timing"][milestone] = later_by(&body["timing"][milestone], ms);
    }
}

/// Changes the type of a run from agent to workflow. Removes the members of agents from the first response on, so that no other rule fails.
fn type_changes(response: &mut PendingResponse) {
    response.usage("agent", |usage| remove(usage, "agentTurns"));
    let is_repeat = response.is_repeat();
    response.kind("agent", |body| {
        for (part, keys) in
            [("source", &["slug", "model", "git"][..]), ("trigger", &["email"]), ("input", &["files"]), ("execution", &["comparison"])]
        {
            keys.iter().for_each(|key| body.get_mut(part).into_iter().for_each(|part| remove(part, key)));
        }
        if is_repeat {
            body["type"] = "workflow".into();
            if !body["execution"]["files"].is_null() {
                remove(&mut body["execution"], "files");
                body["execution"]["steps"] = json!([]);
            }
        }
    });
}
