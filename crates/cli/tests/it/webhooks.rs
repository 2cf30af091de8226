//! Requests of webhooks and callbacks, which settings or a flag name.

use std::path::Path;

use serde_json::{Value, json};

use super::documents::{ran, write};

/// A request to a URL, with a header field, and the status of its response.
fn exchange(method: &str, url: &str, event: &str, body: &Value, status: u16) -> String {
    json!({"format": "charter-exchange/1", "startedDateTime": "2026-01-01T00:00:00Z", "time": 5,
        "request": {"method": method, "url": url, "headers": [
            {"name": "Content-Type", "value": "application/json"}, {"name": "X-Event", "value": event}], "body": body},
        "response": {"status": status, "headers": []},
        "error": null, "masked": [], "headersComplete": true})
    .to_string()
}

/// A document with two webhooks, and a path with a callback unless it describes webhooks alone.
fn document(webhooks_alone: bool) -> Value {
    let sent = |schema: &str| {
        json!({
            "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": format!("#/components/schemas/{schema}")}}}},
            "responses": {"204": {"description": ""}},
        })
    };
    let mut document = json!({
        "openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "servers": [{"url": "https://api.example.test"}],
        "security": [{"key": []}],
        "webhooks": {"paid": {"post": sent("Paid")}, "gone": {"post": sent("Gone"), "put": sent("Gone")}},
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Paid": {"type": "object", "required": ["amount"], "properties": {"amount": {"type": "integer"}, "id": {"type": "string", "readOnly": true}}},
                "Gone": {"type": "object", "required": ["reason"], "properties": {"reason": {"type": "string"}}},
            },
        },
    });
    if !webhooks_alone {
        document["paths"] = json!({"/orders": {"post": {
            "operationId": "orders.add", "responses": {"201": {"description": ""}},
            "callbacks": {"done": {"{$request.body#/url}": {"post": sent("Gone")}}},
        }}});
    }
    document
}

const HOOK: &str = "https://hooks.example.test/in?token=1";

fn check(folder: &Path, exchanges: &[String], arguments: &[&str]) -> (i32, String) {
    write(&folder.join("traffic.ndjson"), &format!("{}\n", exchanges.join("\n")));
    let mut all = vec!["check", "traffic.ndjson", "--contract", "api"];
    all.extend(arguments);
    ran(folder, &all)
}

#[test]
fn a_pattern_names_the_webhook_of_a_request() {
    for webhooks_alone in [false, true] {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path();
        write(&folder.join("api/openapi.json"), &document(webhooks_alone).to_string());
        let good = exchange("POST", HOOK, "paid", &json!({"amount": 1, "id": "a"}), 204);
        let bad = exchange("POST", HOOK, "paid", &json!({"amount": "1"}), 204);
        let status = exchange("POST", HOOK, "paid", &json!({"amount": 1}), 200);
        let method = exchange("PATCH", HOOK, "paid", &json!({"amount": 1}), 204);
        let refused = exchange("POST", HOOK, "paid", &json!({"amount": "1"}), 400);
        // Without a pattern, nothing is judged.
        let (code, text) = check(folder, std::slice::from_ref(&bad), &[]);
        assert!(code == 3 && text.contains("out of scope"), "{text}");
        let flag = ["--webhook", "name=paid,host=hooks.example.test"];
        let (code, text) = check(folder, std::slice::from_ref(&good), &[flag[0], flag[1], "--fail-on", "warning"]);
        assert_eq!(code, 0, "{text}");
        for (exchange, expected) in [
            (&bad, "the request body: \"1\", expected integer"),
            (&status, "the status 200 is not documented"),
            (&method, "PATCH is not documented for the webhook paid"),
        ] {
            let (code, text) = check(folder, std::slice::from_ref(exchange), &flag);
            assert!(code == 1 && text.contains(expected), "{expected}: {text}");
        }
        let (code, text) = check(folder, &[refused], &flag);
        // The status 400 is not documented either.
        assert!(code == 1 && !text.contains("expected integer"), "{text}");
        let (code, text) = check(folder, &[good], &["--webhook", "name=pad"]);
        assert!(code == 2 && text.contains("no webhook and no callback `pad`; did you mean `paid`?"), "{text}");
        let (code, text) = check(folder, &[], &["--webhook", "name=refunded"]);
        assert!(code == 2 && text.contains("`refunded`; it has ") && text.contains("paid, gone"), "{text}");
    }
}

#[test]
fn header_fields_and_bodies_distinguish_webhooks_of_one_url() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    write(&folder.join("api/openapi.json"), &document(false).to_string());
    let settings = r#"[traffic]
exclude = [{ path = "/health" }]
webhooks = [
  { name = "paid", path = "/in", headers = { "x-event" = "paid" } },
  { name = "gone", path = "/in", body = { "/reason" = "old" } },
  { name = "{$request.body#/url}", host = "back.example.test" },
]
"#;
    write(&folder.join("api/charter.toml"), settings);
    let paid = exchange("POST", HOOK, "paid", &json!({"reason": "old"}), 204);
    let gone = exchange("PUT", HOOK, "gone", &json!({"reason": "old"}), 204);
    let other = exchange("PUT", HOOK, "gone", &json!({"reason": 1}), 204);
    let back = exchange("POST", "https://back.example.test/1", "", &json!({"reason": 1}), 204);
    let excluded = exchange("POST", "https://back.example.test/health", "", &json!({"reason": 1}), 204);
    for (exchange, code, expected) in [
        (paid, 1, "the key \"amount\" is missing"),
        (gone, 0, ""),
        (other, 3, "out of scope"),
        (back, 1, "1, expected string"),
        (excluded, 3, "out of scope"),
    ] {
        let (found, text) = check(folder, &[exchange], &[]);
        assert!(found == code && text.contains(expected), "{expected}: {found} {text}");
    }
    write(&folder.join("api/charter.toml"), &settings.replace("name = \"gone\"", "name = \"gome\""));
    let (code, text) = check(folder, &[], &[]);
    assert!(code == 2 && text.contains("unknown webhook or callback `gome`") && text.contains("gone"), "{text}");
}

#[test]
fn the_url_of_a_callback_is_evaluated_from_the_exchange_that_requests_it() {
    const BACK: &str = "https://back.example.test/done/1?token=a";
    let ordered = |body: &Value, status| {
        exchange("POST", "https://api.example.test/orders?hook=https%3A%2F%2Fback.example.test%2Fq", "h7", body, status)
    };
    let body = json!({"url": BACK, "parts": {"id": 7}});
    for (key, url) in [
        ("{$request.body#/url}", BACK),
        ("$request.body#/url", BACK),
        ("{$request.query.hook}/end", "https://back.example.test/q/end?more=1"),
        ("https://back.example.test/{$request.header.X-Event}/{$request.body#/parts/id}", "https://back.example.test/h7/7"),
        ("https://back.example.test/{$method}/{$statusCode}", "https://back.example.test/POST/201"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path();
        let mut document = document(false);
        let operation = &mut document["paths"]["/orders"]["post"];
        let callback = operation["callbacks"]["done"]["{$request.body#/url}"].take();
        operation["callbacks"] = json!({"done": {key: callback}});
        operation["security"] = json!([]);
        write(&folder.join("api/openapi.json"), &document.to_string());
        let parent = ordered(&body, 201);
        let sent = |url: &str, reason: Value| exchange("POST", url, "", &json!({"reason": reason}), 204);
        let (code, text) = check(folder, &[parent.clone(), sent(url, json!("old"))], &[]);
        assert!(code == 0 && text.contains("2 exchanges") && !text.contains("out of scope"), "{key}: {code} {text}");
        let (code, text) = check(folder, &[parent.clone(), sent(url, json!(1))], &[]);
        assert!(code == 1 && text.contains("1, expected string"), "{key}: {text}");
        // Before its parent, or with another URL, the exchange is out of scope.
        let (code, text) = check(folder, &[sent(url, json!(1)), parent.clone()], &[]);
        assert!(code == 0 && text.contains("out of scope"), "{key}: {code} {text}");
        let (code, text) = check(folder, &[parent, sent("https://back.example.test/other", json!(1))], &[]);
        assert!(code == 0 && text.contains("out of scope"), "{key}: {code} {text}");
    }
}

#[test]
fn a_method_that_a_callback_does_not_document_is_a_finding() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let mut document = document(false);
    document["security"] = json!([]);
    write(&folder.join("api/openapi.json"), &document.to_string());
    let parent = exchange("POST", "https://api.example.test/orders", "", &json!({"url": "https://back.example.test/1"}), 201);
    let put = exchange("PUT", "https://back.example.test/1", "", &json!({"reason": "a"}), 204);
    let (code, text) = check(folder, &[parent, put], &[]);
    assert!(code == 1 && text.contains("PUT is not documented for the webhook {$request.body#/url}"), "{text}");
}

#[test]
fn a_problem_that_a_judged_webhook_reaches_is_an_error() {
    for webhooks_alone in [false, true] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut broken = document(webhooks_alone);
        broken["components"]["schemas"]["Gone"]["properties"]["reason"]["minLength"] = json!("1");
        write(&folder.path().join("api.json"), &broken.to_string());
        let (code, text) = ran(folder.path(), &["lint", "--contract", "api.json"]);
        let severity = if webhooks_alone { "error" } else { "warning" };
        assert_eq!(code, if webhooks_alone { 2 } else { 0 }, "{text}");
        assert!(text.contains(&format!("{severity}: api.json#/components/schemas/Gone/properties/reason/minLength")), "{text}");
    }
}
