//! Drift: the edits of Swagger 2.0 in the terms of the document, and bodies that are not JSON.

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

fn summaries(drift: &Drift) -> Vec<String> {
    drift.novelties.iter().map(|novelty| novelty.summary.clone()).collect()
}

/// The document with all edits applied. The edited document describes the traffic.
fn edited(document: &Value, entries: &[Value]) -> Value {
    let before = contract(document);
    let drift = found(&before, entries);
    let patched = apply(&before, &drift.novelties, true);
    assert!(patched.left.is_empty() && patched.rewritten.is_empty(), "{:?} {:?}", patched.left, patched.rewritten);
    let [(_, bytes)] = &patched.documents[..] else { panic!("{} documents", patched.documents.len()) };
    let document: Value = serde_json::from_slice(bytes).expect("JSON");
    assert_eq!(summaries(&found(&contract(&document), entries)), Vec::<String>::new());
    document
}

const FORM: &str = "application/x-www-form-urlencoded";
const PARTS: &str = "multipart/form-data; boundary=b";

fn parts(fields: &[(&str, &str)]) -> String {
    let parts = fields.iter().map(|(name, value)| format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"));
    format!("{}--b--\r\n", parts.collect::<String>())
}

#[test]
fn the_fields_of_forms_are_observed_with_the_types_of_their_schemas() {
    let fields = [("state", "lost"), ("count", "0"), ("tag", "a"), ("tag", "b"), ("extra", "7")];
    let text: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    for (media_type, field, body) in [(FORM, FORM, text.join("&")), ("multipart/form-data", PARTS, parts(&fields))] {
        let schema = json!({"type": "object", "required": ["state", "note"], "properties": {"state": {"enum": ["open", "closed"]},
            "count": {"type": "integer", "minimum": 1}, "tag": {"type": "array", "items": {"type": "string"}}, "note": {"type": "string"}}});
        let document = json!({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "servers": [{"url": "/v1"}], "paths": {"/orders": {"post": {
            "operationId": "orders.post", "requestBody": {"content": {media_type: {"schema": schema}}}, "responses": {"204": {"description": "d"}}}}}});
        let entries = [exchange("POST", "/orders", Some((field, &body)), 204, ("text/plain", ""))];
        let mut novelties = summaries(&found(&contract(&document), &entries));
        novelties.sort();
        let expected = [
            "the key `extra` is unknown",
            "the required key `note` is missing",
            "the value \"lost\" is not listed",
            "values violate `minimum`: 1",
        ];
        assert_eq!(novelties, expected, "{media_type}");
        let schema = &edited(&document, &entries)["paths"]["/orders"]["post"]["requestBody"]["content"][media_type]["schema"];
        assert_eq!(schema["properties"]["extra"], json!({"type": "integer"}));
        assert_eq!(schema["properties"]["state"]["enum"], json!(["open", "closed", "lost"]));
        assert_eq!((&schema["properties"]["count"]["minimum"], &schema["required"]), (&json!(0), &json!(["state"])));
    }
}

#[test]
fn a_form_without_a_description_is_proposed_with_its_fields() {
    let operation = |more: Value| {
        let mut operation = json!({"operationId": "orders.post", "responses": {"204": {"description": "d"}}});
        operation.as_object_mut().expect("an operation").extend(more.as_object().cloned().unwrap_or_default());
        json!({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "servers": [{"url": "/v1"}], "paths": {"/orders": {"post": operation}}})
    };
    let entries = [exchange("POST", "/orders", Some((FORM, "count=7&name=a&name=b&id=007")), 204, ("text/plain", ""))];
    let properties =
        json!({"count": {"type": "integer"}, "name": {"type": "array", "items": {"type": "string"}}, "id": {"type": "string"}});
    let json_body = json!({"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}});
    for more in [json!({}), json_body] {
        let document = edited(&operation(more), &entries);
        let schema = &document["paths"]["/orders"]["post"]["requestBody"]["content"][FORM]["schema"];
        assert_eq!(schema["properties"], properties);
    }
    // An operation that is not described.
    let document = json!({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "servers": [{"url": "/v1"}],
        "paths": {"/other": {"get": {"operationId": "other", "responses": {"204": {"description": "d"}}}}}});
    let document = edited(&document, &entries);
    assert_eq!(document["paths"]["/orders"]["post"]["requestBody"]["content"][FORM]["schema"]["properties"], properties);
}

#[test]
fn the_fields_of_a_form_of_swagger_are_parameters() {
    let entries = [
        exchange("POST", "/forms", Some((FORM, "a=1&b=2&c=x")), 200, ("application/json", r#"{"n": 1}"#)),
        exchange("POST", "/forms", Some((FORM, "b=x")), 200, ("application/json", r#"{"n": 1}"#)),
        exchange("PUT", "/things/1", Some((FORM, "a=1")), 204, ("application/json", "")),
        exchange("POST", "/labels", Some((FORM, "text=a")), 204, ("application/json", "")),
    ];
    let document = edited(&swagger(), &entries);
    let field = |name: &str, type_: &str| json!({"name": name, "in": "formData", "type": type_});
    // Swagger 2.0 has no unions: `b` is a number and a text.
    let expected = json!([field("a", "string"), field("b", "string"), field("c", "string")]);
    assert_eq!(document["paths"]["/forms"]["post"]["parameters"], expected);
    assert_eq!(document["paths"]["/things/{id}"]["put"]["parameters"], json!([field("a", "integer")]));
    assert_eq!(document["paths"]["/labels"]["post"]["parameters"], json!([field("text", "string")]));
}

#[test]
fn the_items_of_streams_and_texts_are_observed() {
    let described = |media_type: &str, schema: Value| {
        let content = json!({media_type: {"schema": schema}});
        json!({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "servers": [{"url": "/v1"}], "paths": {"/a": {"get": {
            "operationId": "a", "responses": {"200": {"description": "d", "content": content}}}}}})
    };
    let items = json!({"type": "array", "items": {"type": "object", "properties": {"n": {"type": "integer"}}}});
    for (media_type, schema, body, expected) in [
        ("application/x-ndjson", items.clone(), "{\"n\": 1}\n{\"n\": 2, \"m\": 3}\n", "the key `m` is unknown"),
        ("text/plain", json!({"type": "string", "enum": ["on", "off"]}), "idle", "the value \"idle\" is not listed"),
        (FORM, json!({"type": "object", "properties": {"n": {"type": "integer"}}}), "n=1&m=2", "the key `m` is unknown"),
    ] {
        let entries = [exchange("GET", "/a", None, 200, (media_type, body))];
        assert_eq!(summaries(&found(&contract(&described(media_type, schema)), &entries)), [expected], "{media_type}");
    }
    // Nothing of a body that violates its syntax is in the reasons.
    let entries = [exchange("GET", "/a", None, 200, ("application/json", "{\"n\" secret"))];
    let drift = found(&contract(&described("application/json", json!({"type": "object"}))), &entries);
    let reasons: Vec<&String> = drift.passed_over_reasons.keys().collect();
    assert_eq!((drift.passed_over, reasons.as_slice()), (1, &[&"the body violates the syntax of its media type".to_owned()][..]));
}

#[test]
fn a_masked_field_shows_nothing() {
    let schema = json!({"type": "object", "properties": {"pin": {"type": "integer", "minimum": 1000}, "state": {"enum": ["open"]}}});
    let document = json!({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "servers": [{"url": "/v1"}], "paths": {"/orders": {"post": {
        "operationId": "orders.post", "requestBody": {"content": {FORM: {"schema": schema}}}, "responses": {"204": {"description": "d"}}}}}});
    let entries = [exchange("POST", "/orders", Some((FORM, "pin=***&state=***")), 204, ("text/plain", ""))];
    assert_eq!(summaries(&found(&contract(&document), &entries)), Vec::<String>::new());
}
