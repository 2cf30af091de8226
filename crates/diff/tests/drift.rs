//! Drift of a contract in Swagger 2.0: edits are written in the terms of the document.

use charter_contract::Contract;
use charter_diff::drift::{Drift, apply, as_written, drift};
use charter_engine::Judge;
use charter_traffic::read::Limits;
use serde_json::{Value, json};

fn contract(document: &Value) -> Contract {
    let files = vec![("swagger.json".to_owned(), serde_json::to_vec_pretty(document).expect("JSON"))];
    charter_contract::from_documents(files).unwrap_or_else(|error| panic!("{error}"))
}

fn swagger() -> Value {
    json!({
        "swagger": "2.0", "info": {"title": "t", "version": "1"}, "basePath": "/v1", "consumes": ["application/json"], "produces": ["application/json"],
        "paths": {
            "/things/{id}": {
                "parameters": [{"name": "id", "in": "path", "required": true, "type": "string"}],
                "get": {
                    "operationId": "things.get",
                    "parameters": [{"name": "limit", "in": "query", "type": "integer"}],
                    "responses": {"200": {"description": "d", "schema": {"$ref": "#/definitions/Thing"}}},
                },
                "put": {"operationId": "things.put", "responses": {"204": {"description": "d"}}},
            },
            "/forms": {"post": {
                "operationId": "forms.post", "consumes": ["application/x-www-form-urlencoded"],
                "parameters": [{"name": "a", "in": "formData", "type": "string", "required": true}],
                "responses": {"200": {"description": "d", "schema": {"type": "object", "properties": {"n": {"type": "integer"}}}}},
            }},
        },
        "definitions": {"Thing": {"type": "object", "properties": {"id": {"type": "string"}}}},
    })
}

/// One exchange as a line of the format of bare exchanges.
fn exchange(method: &str, path: &str, sent: Option<(&str, &str)>, status: u16, received: (&str, &str)) -> Value {
    let header = |media_type: &str| json!([{"name": "content-type", "value": media_type}]);
    let mut request = json!({"method": method, "url": format!("https://a.test/v1{path}"), "httpVersion": "HTTP/1.1", "headers": [],
        "queryString": [], "cookies": [], "headersSize": -1, "bodySize": -1});
    if let Some((media_type, text)) = sent {
        request["headers"] = header(media_type);
        request["postData"] = json!({"mimeType": media_type, "text": text});
    }
    json!({"startedDateTime": "2026-01-01T00:00:00Z", "time": 1, "cache": {}, "timings": {"send": 0, "wait": 1, "receive": 0}, "request": request,
        "response": {"status": status, "statusText": "", "httpVersion": "HTTP/1.1", "headers": header(received.0), "cookies": [],
            "content": {"mimeType": received.0, "size": -1, "text": received.1}, "redirectURL": "", "headersSize": -1, "bodySize": -1}})
}

fn found(contract: &Contract, entries: &[Value]) -> Drift {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.har");
    let har = json!({"log": {"version": "1.2", "creator": {"name": "t", "version": "1"}, "entries": entries}});
    std::fs::write(&path, har.to_string()).expect("a file");
    let judge = Judge::new(contract).expect("a judge");
    drift(contract, &judge, &[path.to_string_lossy().into_owned()], &Limits::default())
}

#[test]
fn edits_of_swagger_are_written_in_its_terms() {
    let json_type = "application/json";
    let entries = [
        exchange("GET", "/things/1?verbose=true", None, 200, (json_type, r#"{"id": "1", "size": 3}"#)),
        exchange("GET", "/things/1", None, 200, ("text/csv", "id")),
        exchange("GET", "/things/1", None, 202, (json_type, r#"{"later": true}"#)),
        exchange("GET", "/things/1", None, 203, (json_type, r#"{"id": "1"}"#)),
        exchange("PUT", "/things/1", Some((json_type, r#"{"id": "1"}"#)), 204, (json_type, "")),
        exchange("DELETE", "/things/1", None, 200, (json_type, r#"{"gone": true}"#)),
        exchange("POST", "/labels", Some((json_type, r#"{"text": "a"}"#)), 201, (json_type, r#"{"id": 1}"#)),
        exchange("POST", "/forms", Some(("application/x-www-form-urlencoded", "a=1")), 200, (json_type, r#"{"n": "x"}"#)),
    ];
    let before = contract(&swagger());
    let mut drift = found(&before, &entries);
    assert_eq!(drift.problems, Vec::<String>::new());
    let summaries: Vec<&str> = drift.novelties.iter().map(|novelty| novelty.summary.as_str()).collect();
    assert!(summaries.len() == 9, "{summaries:#?} {:?}", drift.passed_over_reasons);
    let patched = apply(&before, &drift.novelties, false);
    assert!(patched.left.is_empty() && patched.rewritten.is_empty(), "{:?} {:?}", patched.left, patched.rewritten);
    let [(_, bytes)] = &patched.documents[..] else { panic!("{} documents", patched.documents.len()) };
    let document: Value = serde_json::from_slice(bytes).expect("JSON");
    for pointer in ["/components", "/paths/~1things~1{id}/put/requestBody", "/paths/~1things~1{id}/get/responses/202/content"] {
        assert_eq!(document.pointer(pointer), None, "{pointer}");
    }
    let at = |pointer: &str| document.pointer(pointer).cloned().unwrap_or_default();
    assert_eq!(at("/paths/~1things~1{id}/get/parameters/1"), json!({"name": "verbose", "in": "query", "type": "boolean"}));
    assert_eq!(at("/paths/~1things~1{id}/get/produces"), json!(["application/json", "text/csv"]));
    assert_eq!(at("/paths/~1things~1{id}/get/responses/202/schema/properties/later/type"), "boolean");
    // The body fits the schema of another status.
    assert_eq!(at("/paths/~1things~1{id}/get/responses/203/schema"), json!({"$ref": "#/definitions/Thing"}));
    assert_eq!(at("/paths/~1things~1{id}/put/parameters/0/in"), "body");
    assert_eq!(at("/paths/~1things~1{id}/delete/responses/200/schema/type"), "object");
    assert_eq!(at("/paths/~1labels/post/parameters/0/schema/properties/text/type"), "string");
    // Swagger 2.0 has no unions: the schema has no type.
    assert_eq!(at("/paths/~1forms/post/responses/200/schema/properties/n"), json!({}));
    assert_eq!(at("/definitions/Thing/properties/size/type"), "integer");
    // The edited document describes the traffic.
    let after = contract(&document);
    let again = found(&after, &entries);
    assert_eq!(again.novelties.iter().map(|novelty| &novelty.summary).collect::<Vec<_>>(), Vec::<&String>::new());
    // The report has the edits of the document as written.
    as_written(&before, &mut drift);
    let edits: Vec<&str> = drift.novelties.iter().flat_map(|novelty| &novelty.patch).map(|edit| edit.path.as_str()).collect();
    assert!(!edits.is_empty() && edits.iter().all(|path| !path.contains("/requestBody") && !path.contains("/content")), "{edits:?}");
}
