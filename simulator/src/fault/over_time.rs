//! What is the same in two answers about one run.

use serde_json::{Value, json};

use super::answer::{Answer, Fault, later_by, remove};
use super::figure::is_later;

pub(super) const FAULTS: &[Fault] = &[
    ("run.sample-rank-never-changes", |answer| answer.later(|body| body["sampleRank"] = json!(0.123))),
    ("run.type-never-changes", type_changes),
    ("run.created-at-never-changes", |answer| {
        answer.later(|body| body["timing"]["createdAt"] = later_by(&body["timing"]["createdAt"], -1));
    }),
    ("run.source-never-changes", |answer| answer.later(|body| body["source"]["id"] = "other".into())),
    ("run.trigger-type-never-changes", |answer| answer.later(|body| body["trigger"]["type"] = "other".into())),
    ("run.retry-number-never-changes", |answer| {
        answer.later(|body| {
            if is_later(body) {
                body["execution"]["retry"]["number"] = 7.into();
            }
        });
    }),
    ("run.previous-run-never-changes", |answer| {
        answer.later(|body| {
            if is_later(body) {
                body["execution"]["retry"]["previousRunId"] = "run_other".into();
            }
        });
    }),
    ("run.triggered-by-never-changes", |answer| answer.later(|body| body["trigger"]["by"]["id"] = "usr_other".into())),
    ("run.version-id-never-changes", |answer| {
        answer.later(|body| {
            if body["source"]["versionId"].is_string() {
                body["source"]["versionId"] = "wfv_other".into();
            }
        });
    }),
    // Not every answer shows it: it differs each time.
    ("run.definition-never-changes", |answer| {
        let asked = answer.asked;
        answer.run(|body| {
            if body["execution"]["definitionSnapshot"].is_object() {
                body["execution"]["definitionSnapshot"]["asked"] = asked.into();
            }
        });
    }),
    ("run.finished-stays", |answer| {
        if answer.is_later() {
            answer.shown_before_its_end();
        }
    }),
    ("run.terminal-status-stays", |answer| answer.later_at("failed", |body| body["execution"]["status"] = "cancelled".into())),
    ("run.output-stays", |answer| answer.later_at("completed", |body| body["output"] = json!({ "total": -1 }))),
    ("run.error-stays", |answer| answer.later_at("failed", |body| body["error"] = "something else".into())),
    ("run.completed-at-stays", |answer| answer.later(|body| shifted(body, "completedAt", 1))),
    ("run.started-at-stays", |answer| answer.later(|body| shifted(body, "startedAt", -1))),
    ("run.files-lose-nothing", |answer| answer.later_at("completed", |body| body["files"] = json!([]))),
];

/// Moves a milestone of a run that has ended.
fn shifted(body: &mut Value, milestone: &str, ms: i64) {
    if body["finished"] == true {
        body["timing"][milestone] = later_by(&body["timing"][milestone], ms);
    }
}

/// An agent's run becomes a workflow's. What only an agent has is left out from the beginning, so that nothing else tells of it.
fn type_changes(answer: &mut Answer) {
    answer.usage("agent", |usage| remove(usage, "agentTurns"));
    let again = answer.is_later();
    answer.kind("agent", |body| {
        for (part, keys) in
            [("source", &["slug", "model", "git"][..]), ("trigger", &["email"]), ("input", &["files"]), ("execution", &["comparison"])]
        {
            keys.iter().for_each(|key| body.get_mut(part).into_iter().for_each(|part| remove(part, key)));
        }
        if again {
            body["type"] = "workflow".into();
            if !body["execution"]["files"].is_null() {
                remove(&mut body["execution"], "files");
                body["execution"]["steps"] = json!([]);
            }
        }
    });
}
