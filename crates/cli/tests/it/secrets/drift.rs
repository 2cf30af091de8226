//! Reports of `drift`: secrets by other parts of a body, strings that occur often, names of members, and paths.

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{KEY, charter, secret};

/// The operation `login` has a query and lists of variables, and no path is described besides.
const CONTRACT: &str = r##"{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/login": {"post": {"operationId": "login",
    "requestBody": {"content": {"application/json": {"schema": {"type": "object", "additionalProperties": false, "properties": {
        "query": {"type": "string"}, "pin": {"type": "integer", "maximum": 10},
        "variables": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string", "maxLength": 3}}},
        "data": {"type": "object", "properties": {"columns": {"type": "array"}, "rows": {"type": "array", "items": {"type": "array", "items": {"type": "string", "maxLength": 3}}}}},
        "list": {"type": "array", "items": {"type": "string"}}}}}}},
    "responses": {"200": {"description": "d", "content": {"application/json": {"schema": {"type": "object"}}}}}}}}}"##;

fn line(method: &str, path: &str, body: &Value) -> String {
    let request = json!({"method": method, "url": format!("https://api.example{path}"), "headers": [{"name": "content-type", "value": "application/json"}], "body": body});
    let response = json!({"status": 200, "headers": [{"name": "content-type", "value": "application/json"}], "body": {}});
    json!({"format": "charter-exchange/1", "request": request, "response": response, "headersComplete": true}).to_string() + "\n"
}

#[test]
fn no_secret_of_a_body_is_in_a_report_of_drift() {
    let query = "mutation($p: [String!]!) { login(passwords: $p) { id } }";
    let mut planted: Vec<String> = (801..812).map(secret).collect();
    let [one, two, short, cell, link, token] = &planted[..6] else { panic!("six secrets") };
    let mut lines = String::new();
    lines += &line("POST", "/login", &json!({"query": query, "variables": {"p": [one, two, "abcd9"]}}));
    lines += &line("POST", "/login", &json!({"data": {"columns": ["user", "password"], "rows": [["ann", cell]]}}));
    lines += &line("POST", "/login", &json!({"pin": 481_516, (KEY): 1, (format!("token={short}")): {"a": 1}}));
    lines += &line("GET", &format!("/reset/{link}"), &json!({}));
    lines += &line("GET", &format!("/files?access_token={token}"), &json!({}));
    // Few values that occur often are proposed as `enum`.
    for number in 0..40 {
        let value = &planted[6 + number % 3];
        lines += &line(
            "POST",
            "/login",
            &json!({"query": format!("mutation {{ login(password: \"{value}\") }}"), "list": ["a", "b"], "pin": 481_516}),
        );
        lines += &line("POST", "/login", &json!({"query": query, "variables": {"p": [value]}}));
    }
    planted.extend([KEY.to_owned(), KEY[..12].to_owned(), "481516".to_owned()]);
    let folder = TempDir::new().expect("a folder");
    std::fs::write(folder.path().join("openapi.json"), CONTRACT).expect("a file");
    std::fs::write(folder.path().join("in.ndjson"), lines).expect("a file");
    for report in ["text", "json"] {
        let (_, out, errors) =
            charter(folder.path(), &["drift", "--contract", "openapi.json", "in.ndjson", "--report", report, "--seen", "--unseen"]);
        let text = String::from_utf8_lossy(&out).into_owned() + &errors;
        assert!(text.contains("/variables/p/0") && text.contains("maxLength"), "{text}");
        assert!(
            report == "text" || text.contains("\"values\"") && text.contains("[\n            \"a\","),
            "ordinary strings are proposed: {text}"
        );
        for value in &planted {
            assert!(!text.contains(value.as_str()) && !text.contains(&value.replace('/', "~1")), "{report}: {value}: {text}");
        }
    }
}
