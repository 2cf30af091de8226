//! Exchanges of many operations, whose bodies have values of equal classes.

use charter_engine::{Judge, check_exchanges};
use charter_traffic::Exchange;
use serde_json::{Value, json};

const OPERATIONS: usize = 40;
/// The times that each operation is called. The first ones keep all rules, so that the operation gets a plan.
const CALLS: usize = 20;
const KEPT: usize = 3;

/// A rule of every second operation is broken by the values that keep the others.
fn judge() -> Judge {
    let (mut paths, mut schemas) = (json!({}), json!({}));
    let mut rules = "format: charter-invariants/1\ninvariants:\n".to_owned();
    for number in 0..OPERATIONS {
        let schema = format!("openapi.json#/components/schemas/Thing{number}");
        paths[format!("/things{number}/{{id}}")] = json!({"get": {
            "operationId": format!("things{number}.get"),
            "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
            "responses": {"200": {"description": "A thing.", "content": {"application/json": {"schema": {"$ref": schema}}}}}}});
        schemas[format!("Thing{number}")] = json!({"type": "object", "required": ["size"], "properties": {"size": {"type": "number"}}});
        let order = if number % 2 == 0 { ">" } else { "<" };
        rules += &format!(
            "  - {{id: thing{number}.size, on: \"{schema}\", rule: \"self.size {order} 0.0\", message: m, severity: warning, promise: {{kind: documented, where: w, quote: q}}}}\n"
        );
    }
    let openapi =
        json!({"openapi": "3.1.0", "info": {"title": "Things", "version": "1"}, "paths": paths, "components": {"schemas": schemas}});
    let files = [("openapi.json".to_owned(), openapi.to_string().into_bytes()), ("things.invariants.yaml".to_owned(), rules.into_bytes())];
    let contract = charter_rules::from_documents(files.into()).unwrap_or_else(|error| panic!("{error}"));
    Judge::new(&contract).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn each_operation_has_verdicts_and_counts_of_its_own() {
    let judge = judge();
    let exchanges: Vec<Exchange> = (0..CALLS * OPERATIONS)
        .map(|at| {
            let (call, number) = (at / OPERATIONS, at % OPERATIONS);
            let size = if call < KEPT && number % 2 == 1 { -1 } else { 1 };
            Exchange::get(format!("/things{number}/t{at}")).response(200, format!(r#"{{"size":{size}}}"#))
        })
        .collect();
    let report = |judge: &Judge| {
        let report = check_exchanges(judge, &exchanges);
        let decided = report.reader.decided;
        let mut json = serde_json::to_value(&report).expect("a report is JSON");
        json.as_object_mut().expect("an object").remove("reader");
        (json, decided)
    };
    let (fast, decided): (Value, u64) = report(&judge);
    assert!(decided > 300, "{decided}");
    assert_eq!(fast["summary"]["warnings"], (CALLS - KEPT) * OPERATIONS / 2, "{}", fast["summary"]);
    let (slow, _) = report(&judge.without_fast_path("the reference path"));
    for (fast, slow) in fast["rules"].as_array().expect("rules").iter().zip(slow["rules"].as_array().expect("rules")) {
        assert_eq!(fast, slow);
    }
    assert_eq!(fast, slow);
}
