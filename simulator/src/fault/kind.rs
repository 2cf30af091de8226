//! Faults in members that only runs of workflows, or only runs of agents, may have.

use serde_json::{Value, json};

use super::response::{Fault, remove};

pub(super) const FAULTS: &[Fault] = &[
    ("run.execution-fits-type", |response| {
        response.kind("workflow", |body| {
            if !body["execution"]["steps"].is_null() {
                remove(&mut body["execution"], "steps");
                remove(&mut body["execution"], "definitionSnapshot");
                body["execution"]["files"] = json!({ "output": [] });
            }
        });
    }),
    ("run.source.version-of-workflows", |response| response.kind("agent", |body| body["source"]["version"] = "7".into())),
    ("run.source.version-id-of-workflows", |response| response.kind("agent", |body| body["source"]["versionId"] = "wfv_7".into())),
    ("run.source.current-version-of-workflows", |response| response.kind("agent", |body| body["source"]["currentVersion"] = "8".into())),
    ("run.source.slug-of-agents", |response| response.kind("workflow", |body| body["source"]["slug"] = "invoice".into())),
    ("run.source.model-of-agents", |response| response.kind("workflow", |body| body["source"]["model"] = "large-2".into())),
    ("run.source.git-of-agents", |response| {
        let git = json!({ "requestedRef": "main", "resolvedRef": null, "resolvedTag": null, "commitSha": null });
        response.kind("workflow", |body| body["source"]["git"] = git);
    }),
    ("run.trigger.email-of-agents", |response| {
        response.kind("workflow", |body| body["trigger"]["email"] = json!({ "from": "sender@example.com" }));
    }),
    ("run.eval.example-id-of-workflows", |response| {
        response.kind("agent", |body| {
            if body["eval"].is_object() {
                body["eval"]["exampleId"] = "ex_3".into();
            }
        });
    }),
    ("run.input.files-of-agents", |response| {
        response.kind("workflow", |body| {
            if body["input"].is_object() {
                body["input"]["files"] = json!([{ "name": "mail.eml" }]);
            }
        });
    }),
    ("run.usage.llm-calls-of-workflows", |response| response.usage("agent", |usage| usage["llmCallCount"] = 3.into())),
    ("run.usage.ocr-pages-of-workflows", |response| response.usage("agent", |usage| usage["ocrPagesProcessed"] = 3.into())),
    ("run.usage.agent-turns-of-agents", |response| response.usage("workflow", |usage| usage["agentTurns"] = 3.into())),
    ("run.debug.trace-id-of-workflows", |response| {
        response.kind("agent", |body| {
            if body["debug"].is_object() {
                body["debug"]["traceId"] = "00f067aa0ba902b7".into();
            }
        });
    }),
    ("run.files.step-name-of-workflows", |response| {
        response.kind("agent", |body| {
            for file in body.get_mut("files").and_then(Value::as_array_mut).into_iter().flatten() {
                file["stepName"] = "extract".into();
            }
        });
    }),
];
