//! Contracts with so many schemas that each is compiled at its first use.

use charter_engine::{Error, Judge};
use charter_rules::from_documents;
use charter_traffic::Exchange;
use serde_json::{Map, Value, json};

/// A contract with an operation whose response has an invalid pattern, one whose request has one, and one without.
fn judge(schemas: usize) -> Result<Judge, Error> {
    let body = |name: &str| json!({"application/json": {"schema": {"$ref": format!("#/components/schemas/{name}")}}});
    let responses = |name: &str| json!({"200": {"description": "", "content": body(name)}});
    let mut components: Map<String, Value> = (0..schemas).map(|index| (format!("Unused{index}"), json!({"type": "string"}))).collect();
    components.insert("Book".to_owned(), json!({"required": ["id"], "properties": {"id": {"type": "integer"}}}));
    components.insert("Parcel".to_owned(), json!({"properties": {"code": {"pattern": "("}}}));
    let contract = json!({
        "openapi": "3.1.0",
        "paths": {
            "/books": {"get": {"operationId": "books", "responses": responses("Book")}},
            "/parcels": {
                "get": {"operationId": "parcels", "responses": responses("Parcel")},
                "post": {"operationId": "parcels.create", "requestBody": {"content": body("Parcel")}, "responses": responses("Book")},
            },
        },
        "components": {"schemas": components},
    });
    let files = vec![("openapi.json".to_owned(), contract.to_string().into_bytes())];
    Judge::new(&from_documents(files).unwrap_or_else(|error| panic!("{error}")))
}

#[test]
fn an_invalid_pattern_of_a_small_contract_is_an_error_at_the_start() {
    assert!(judge(0).is_err());
}

#[test]
fn an_invalid_pattern_of_a_large_contract_affects_the_operations_that_need_it() {
    let judge = judge(2000).unwrap_or_else(|error| panic!("{error}"));
    for (exchange, is_unreadable, findings) in [
        (Exchange::get("/books").response(200, r#"{"id": 1}"#), false, 0),
        (Exchange::get("/books").response(200, r#"{"id": "1"}"#), false, 1),
        (Exchange::get("/parcels").response(200, "{}"), true, 0),
        (Exchange::post("/parcels").json_body("{}").response(200, r#"{"id": 1}"#), true, 0),
    ] {
        let judgement = judge.judge(&exchange);
        let reason = judgement.unreadable.unwrap_or_default();
        assert_eq!((!reason.is_empty(), judgement.findings.len()), (is_unreadable, findings), "{reason} {:?}", judgement.findings);
        assert!(!is_unreadable || reason.contains("the schema cannot be compiled"), "{reason}");
    }
    assert!(judge.check_schemas().is_err());
}
