//! The Run types accept exactly what the schema accepts, and write documents back unchanged.

use charter_generated::{
    AgentRunExecution, Run, RunArtifact, RunExecution, RunExecutionMeta, RunReviewSummary, RunTiming, RunUsage, WorkflowRunExecution,
};
use serde_json::{Value, json};

mod common;
use common::same_json;

fn body() -> Value {
    let text = &std::fs::read_to_string("../contract-tests/recordings/kept/bare-body.json").expect("a recording");
    serde_json::from_str(text).expect("the bundled body is JSON")
}

/// The body with a value at a pointer replaced, or removed where `None`.
fn changed(pointer: &str, value: Option<Value>) -> Value {
    let mut body = body();
    common::set(&mut body, pointer, value);
    body
}

fn check_accepted(value: &Value) {
    for run in [serde_json::from_str::<Run>(&value.to_string()), serde_json::from_value::<Run>(value.clone())] {
        let run = run.unwrap_or_else(|error| panic!("{error}\n{value:#}"));
        let back = serde_json::to_value(&run).expect("a run is JSON");
        assert!(same_json(&back, value), "changed:\n{value:#}\n{back:#}");
    }
}

fn check_refused(value: &Value, wanted: &str) {
    let error = serde_json::from_str::<Run>(&value.to_string()).expect_err(wanted).to_string();
    assert!(error.starts_with(wanted), "wanted {wanted}\nfound  {error}");
    serde_json::from_value::<Run>(value.clone()).expect_err(wanted);
}

#[test]
fn bounds_are_enforced() {
    check_refused(&changed("/sampleRank", Some(json!(-0.1))), r#"at "/sampleRank": minimum: found -0.1, expected at least 0"#);
    check_refused(&changed("/sampleRank", Some(json!(1.5))), r#"at "/sampleRank": maximum: found 1.5, expected at most 1"#);
    check_refused(&changed("/sampleRank", Some(json!("0.5"))), r#"at "/sampleRank": type: found "0.5", expected number"#);
    for accepted in [json!(1.0), json!(1), json!(0), json!(0.1), json!(-0.0), json!(0.12345678901234567)] {
        check_accepted(&changed("/sampleRank", Some(accepted)));
    }
}

#[test]
fn unknown_keys_are_refused_at_every_level() {
    for place in [
        "",
        "/timing",
        "/source",
        "/trigger",
        "/trigger/by",
        "/execution",
        "/execution/retry",
        "/files/0",
        "/input",
        "/usage",
        "/usage/tokens",
        "/debug",
    ] {
        if body().pointer(place).is_some_and(Value::is_object) {
            let body = changed(&format!("{place}/unknown"), Some(json!(1)));
            check_refused(&body, &format!(r#"at "{place}/unknown": additionalProperties: found the key "unknown", expected no other key"#));
        }
    }
}

#[test]
fn optional_is_not_nullable() {
    for key in ["files", "input", "eval", "debug"] {
        check_refused(&changed(&format!("/{key}"), Some(Value::Null)), &format!(r#"at "/{key}": type: found null"#));
        check_accepted(&changed(&format!("/{key}"), None));
    }
}

#[test]
fn absent_null_and_value_are_three_states() {
    for value in [None, Some(Value::Null), body().pointer("/usage").cloned()] {
        check_accepted(&changed("/usage", value));
    }
    let states = [None, Some(Value::Null)].map(|value| serde_json::from_value::<Run>(changed("/usage", value)).expect("a run").usage);
    assert!(states[0].is_absent() && states[1].is_null() && states[0] != states[1]);
}

#[test]
fn a_required_nullable_key_may_be_null_and_not_absent() {
    check_accepted(&changed("/timing/startedAt", Some(Value::Null)));
    check_refused(&changed("/timing/startedAt", None), r#"at "/timing": required: found no such key, expected the key "startedAt""#);
}

#[test]
fn integers_are_recognised_by_value() {
    for accepted in [json!(5), json!(5.0), json!(-9007199254740991_i64), json!(9007199254740991_i64), json!(null)] {
        check_accepted(&changed("/files/0/size", Some(accepted)));
    }
    check_refused(&changed("/files/0/size", Some(json!(5.5))), r#"at "/files/0/size": type: found 5.5, expected integer"#);
    check_refused(&changed("/files/0/size", Some(json!(9007199254740992_i64))), r#"at "/files/0/size": maximum: found 9007199254740992"#);
    check_refused(&changed("/files/0/size", Some(json!(-9007199254740992_i64))), r#"at "/files/0/size": minimum: found -9007199254740992"#);
    check_refused(&changed("/files/0/size", Some(json!(u64::MAX))), r#"at "/files/0/size": maximum"#);
    check_refused(&changed("/files/0/size", Some(json!(1e300))), r#"at "/files/0/size": maximum"#);
}

#[test]
fn numbers_are_written_back_equal() {
    let numbers = json!([
        i64::MIN,
        i64::MAX,
        u64::MAX,
        0,
        -1,
        9007199254740993_i64,
        0.1,
        1e-7,
        5e-324,
        1.7976931348623157e308,
        0.30000000000000004,
        123456789.12345679,
        1.0,
        -0.0
    ]);
    for pointer in ["/output", "/input/args", "/execution/steps/0", "/debug/observability", "/input/metadata"] {
        check_accepted(&changed(pointer, Some(json!({ "numbers": numbers, "deep": [[{ "numbers": numbers }]] }))));
    }
    for number in numbers.as_array().expect("a list") {
        check_accepted(&changed("/timing/durationMs", Some(number.clone())));
        check_accepted(&changed("/usage/tokens/input", Some(number.clone())));
    }
}

#[test]
fn each_execution_has_a_variant_of_its_own() {
    let retry = json!({"number": 0, "previousRunId": null, "nextRun": null});
    let slim = json!({"status": "running", "schemaValid": null, "batchId": null, "retry": retry});
    let with = |key: &str, value: Value| {
        let mut execution = slim.clone();
        execution[key] = value;
        execution
    };
    let read = |value: Value| serde_json::from_value::<RunExecution>(value);
    assert!(matches!(read(slim.clone()), Ok(RunExecution::RunExecutionMeta(RunExecutionMeta { .. }))));
    assert!(matches!(read(with("steps", json!([]))), Ok(RunExecution::WorkflowRunExecution(WorkflowRunExecution { .. }))));
    assert!(matches!(read(with("files", json!({"output": []}))), Ok(RunExecution::AgentRunExecution(AgentRunExecution { .. }))));
    let mut mixed = with("steps", json!([]));
    mixed["files"] = json!({"output": []});
    let error = read(mixed).expect_err("a mixture").to_string();
    assert!(error.starts_with(r#"at "/files": additionalProperties"#), "{error}");
    for key in ["definitionSnapshot", "expected", "comparison"] {
        read(with(key, json!({}))).expect_err(key);
    }
    read(with("review", json!({"verdict": null, "status": "open", "hasNote": false, "correctionCount": 0}))).expect("a slim review");
    let mut expanded = with("steps", json!([]));
    expanded["review"] = json!({"verdict": null, "status": "open", "hasNote": false, "correctionCount": 0});
    let error = read(expanded).expect_err("a slim review in a whole execution").to_string();
    assert!(error.starts_with(r#"at "/review/hasNote""#) || error.starts_with(r#"at "/review""#), "{error}");
}

#[test]
fn duplicate_keys_are_errors() {
    for (text, place) in [
        (
            r#"{"createdAt": "a", "createdAt": "b", "startedAt": null, "completedAt": null, "cancelRequestedAt": null, "durationMs": null}"#,
            "",
        ),
        (r#"{"observability": {"a": {"b": 1, "b": 2}}}"#, "/observability/a"),
    ] {
        let error = serde_json::from_str::<RunTiming>(text)
            .map(|_| ())
            .or_else(|_| serde_json::from_str::<charter_generated::RunDebug>(text).map(|_| ()));
        let error = error.expect_err("a repeated key").to_string();
        assert!(error.contains("duplicate key") || error.contains("additionalProperties"), "{place}: {error}");
    }
    let error =
        serde_json::from_str::<charter_generated::RunDebug>(r#"{"observability": {"a": {"b": 1, "b": 2}}}"#).expect_err("a repeated key");
    assert!(error.to_string().starts_with(r#"at "/observability/a": duplicate key "b""#), "{error}");
}

#[test]
fn open_values_preserve_the_key_order_and_types_follow_the_schema() {
    let text = r#"{"name":"a","path":"p","role":"output","contentType":null}"#;
    let artifact: RunArtifact = serde_json::from_str(text).expect("an artifact");
    assert_eq!(serde_json::to_string(&artifact).expect("JSON"), r#"{"name":"a","role":"output","path":"p","contentType":null}"#);
    let debug: charter_generated::RunDebug = serde_json::from_str(r#"{"observability":{"z":1,"a":{"y":2,"b":3}}}"#).expect("debug");
    assert_eq!(serde_json::to_string(&debug).expect("JSON"), r#"{"observability":{"z":1,"a":{"y":2,"b":3}}}"#);
}

#[test]
fn constructors_check_constraints() {
    use charter_generated::{ExecutionStatus, RunSampleRank};
    assert_eq!(RunSampleRank::new(0.5).map(|rank| rank.get()), Ok(0.5));
    for refused in [1.5, -0.1, f64::NAN, f64::INFINITY] {
        RunSampleRank::new(refused).expect_err("beyond the bounds");
    }
    assert_eq!("running".parse(), Ok(ExecutionStatus::Running));
    assert_eq!("done".parse::<ExecutionStatus>().expect_err("no status").keyword(), "enum");
    assert_eq!(ExecutionStatus::ALL.len(), 9);
}

#[test]
fn a_wrong_type_is_refused_everywhere() {
    for (text, place) in [("[]", ""), ("null", ""), ("7", ""), ("\"a\"", ""), ("true", "")] {
        for error in [
            serde_json::from_str::<Run>(text).map(|_| ()),
            serde_json::from_str::<RunUsage>(text).map(|_| ()),
            serde_json::from_str::<RunReviewSummary>(text).map(|_| ()),
        ] {
            let error = error.expect_err(text).to_string();
            assert!(error.starts_with(&format!("at \"{place}\": type: found ")), "{error}");
        }
    }
}
