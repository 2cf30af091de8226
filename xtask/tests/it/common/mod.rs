//! Responses of the Run API for a test server.

mod process;

use charter_engine::Judge;
pub(crate) use charter_test_server::{KEY, ReceivedRequest, Reply, Server, finding_ids, json_response, plan, text_report};
pub(crate) use process::{Ran, check_code, root, run_command, xtask, xtask_in};
use serde_json::{Value, json};

/// A valid run with the requested sections.
pub(crate) fn run(id: &str, status: &str, expand: &[&str]) -> Value {
    let finished = matches!(status, "completed" | "failed" | "cancelled" | "rejected");
    let mut run = json!({
        "id": id, "type": "workflow", "finished": finished, "sampleRank": 0.25,
        "timing": {
            "createdAt": "2026-07-14T09:12:31.204Z", "startedAt": "2026-07-14T09:12:33.018Z",
            "completedAt": if finished { json!("2026-07-14T09:13:01.640Z") } else { Value::Null },
            "cancelRequestedAt": null, "durationMs": if finished { json!(28622) } else { Value::Null },
        },
        "source": {"id": "wf_invoices", "name": "Invoice intake", "version": "14"},
        "trigger": {"type": "api", "by": {"id": "usr_4c", "name": "Ann Example", "email": "ann@people.example"}},
        "execution": {"status": status, "schemaValid": null, "batchId": null, "retry": {"number": 0, "previousRunId": null, "nextRun": null}},
    });
    if finished {
        run["error"] = if status == "completed" { Value::Null } else { json!("it broke") };
    }
    if status == "completed" {
        run["output"] = json!({"total": 1289.5});
        run["files"] = json!([{"name": "a.txt", "role": "output", "path": "out/a.txt", "contentType": "text/plain", "size": 5}]);
    }
    for section in expand {
        match *section {
            "input" => run["input"] = json!({"args": {}}),
            "usage" => run["usage"] = Value::Null,
            "debug" => run["debug"] = json!({"observability": null}),
            "execution" => run["execution"]["steps"] = json!([]),
            _ => {}
        }
    }
    run
}

pub(crate) fn envelope(code: &str) -> Value {
    json!({"issues": [{"field": "<root>", "message": "no", "code": code, "severity": "error"}], "requestId": "req_1"})
}

/// The response of a server without violations.
pub(crate) fn valid(request: &ReceivedRequest) -> Reply {
    let refuse = |status, code| json_response(status, &envelope(code)).header("x-request-id", "req_1");
    match request.header("authorization") {
        None => return refuse(401, "unauthorized"),
        Some(value) if value != format!("Bearer {KEY}") => return refuse(401, "unauthorized"),
        Some(_) => {}
    }
    if request.listed("expand").iter().any(|section| !["input", "usage", "execution", "debug"].contains(section)) {
        return refuse(400, "invalid_value");
    }
    if request.segment(3).starts_with("charter-probe") {
        return refuse(404, "not_found");
    }
    json_response(200, &run(request.segment(3), "completed", &request.listed("expand")))
}

pub(crate) fn judge() -> Judge {
    Judge::load("../schema").unwrap_or_else(|error| panic!("{error}"))
}
