//! Five kinds of releases, as published APIs have made them: one page of the report names everything that breaks.

use charter_contract::{Contract, DiffConfig, Mode};
use charter_diff::policy::{Party, Policy};
use charter_diff::report::{ReportOptions, Sides, report, text};
use serde_json::{Value, json};

fn contract(document: &Value) -> Contract {
    charter_rules::from_documents(vec![("openapi.json".to_owned(), document.to_string().into_bytes())])
        .unwrap_or_else(|error| panic!("{error}"))
}

/// The page of a release.
fn page(old: &Value, new: &Value) -> String {
    let (old, new) = (contract(old), contract(new));
    let sides = Sides { old_name: "old".to_owned(), old: &old, new_name: "new".to_owned(), new: &new, rules: None, without_rules: false };
    let mut options = ReportOptions { mode: Mode::Strict, ..ReportOptions::default() };
    options.policy = Policy::new(None, Party::Client, DiffConfig::default(), "2026-01-31").expect("a policy");
    text(&report(&sides, &options), false)
}

/// An API with a resource for each index: one operation that reads it and one that writes it.
fn api(count: usize, resource: &dyn Fn(usize) -> Value) -> Value {
    let mut document = json!({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {}, "components": {"schemas": {}}});
    for index in 0..count {
        let reference = json!({"schema": {"$ref": format!("#/components/schemas/R{index}")}});
        document["components"]["schemas"][format!("R{index}")] = resource(index);
        document["paths"][format!("/r{index}")] = json!({
            "get": {"operationId": format!("r{index}.get"), "responses": {"200": {"description": "d", "content": {"application/json": reference}}}},
            "put": {"operationId": format!("r{index}.put"), "requestBody": {"required": true, "content": {"application/json": reference}},
                "responses": {"204": {"description": "d"}}},
        });
    }
    document
}

fn object(properties: Value, required: Value) -> Value {
    json!({"type": "object", "properties": properties, "required": required})
}

fn values(count: usize) -> Value {
    (0..count).map(|index| format!("value-{index}")).collect()
}

fn check(name: &str, old: &Value, new: &Value, parts: &[&str]) {
    let page = page(old, new);
    assert!(page.lines().count() <= 60, "{name}: {} lines\n{page}", page.lines().count());
    for part in parts {
        assert!(page.contains(part), "{name}: `{part}` is missing\n{page}");
    }
}

#[test]
fn a_page_names_what_breaks_in_five_releases() {
    let plain = |index: usize| object(json!({"id": {"type": "string"}, format!("k{index}"): {"type": "integer"}}), json!(["id"]));

    // An enumeration of a request loses sixty values, and one of a response gains as many.
    let listed = |count: usize| object(json!({"id": {"type": "string"}, "kind": {"type": "string", "enum": values(count)}}), json!(["id"]));
    check("values", &api(3, &|_| listed(70)), &api(3, &|_| listed(10)), &["BREAKING", "60 values are removed", "r0.put"]);

    // A family of operations is removed after its deprecation.
    let old = api(40, &plain);
    let mut new = old.clone();
    let paths = new["paths"].as_object_mut().expect("paths");
    for index in 5..40 {
        paths.shift_remove(&format!("/r{index}"));
    }
    check("operations", &old, &new, &["BREAKING", "70 operations are removed", "`GET /r5`"]);

    // Every object refuses unknown keys now, and requests have new required keys.
    let closed = |index: usize| {
        let mut schema = plain(index);
        schema["additionalProperties"] = json!(false);
        schema["properties"]["account"] = json!({"type": "string"});
        schema["required"] = json!(["id", "account"]);
        schema
    };
    let parts = ["BREAKING", "additional-properties-refused", "property-added", "account"];
    check("closed objects", &api(30, &plain), &api(30, &closed), &parts);

    // Credentials, statuses, parameters and media types change at the same time.
    let with = |document: &mut Value, secured: bool| {
        document["components"]["securitySchemes"] = json!({"key": {"type": "apiKey", "in": "header", "name": "x-key"}});
        for index in 0..12 {
            let operation = &mut document["paths"][format!("/r{index}")]["get"];
            operation["parameters"] = if secured {
                json!([{"name": "account", "in": "query", "required": true, "schema": {"type": "string"}}])
            } else {
                json!([{"name": "limit", "in": "query", "schema": {"type": "string"}}, {"name": "page", "in": "query", "schema": {"type": "integer"}}])
            };
            if secured {
                operation["security"] = json!([{"key": []}]);
                operation["responses"] = json!({"202": {"description": "d"}});
            }
        }
    };
    let (mut old, mut new) = (api(12, &plain), api(12, &plain));
    with(&mut old, false);
    with(&mut new, true);
    let parts = ["credentials-required", "status-removed", "required-parameter-added", "parameter-removed"];
    check("operations of another version", &old, &new, &parts);

    // Many kinds of changes of schemas at many places.
    let before = |index: usize| {
        let mut schema = plain(index);
        schema["properties"]["text"] = json!({"type": "string", "maxLength": 100});
        schema["properties"]["list"] = json!({"type": "array", "items": {"type": "string"}});
        schema["properties"]["state"] = json!({"type": "string"});
        schema["properties"]["either"] = json!({"anyOf": [{"type": "string"}, {"type": "integer"}]});
        schema
    };
    let after = |index: usize| {
        let mut schema = before(index);
        let properties = &mut schema["properties"];
        match index % 8 {
            0 => properties["text"]["maxLength"] = json!(50 + index),
            1 => properties["list"]["maxItems"] = json!(index),
            2 => properties["state"]["pattern"] = json!("^[a-z]+$"),
            3 => properties["either"] = json!({"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "boolean"}]}),
            4 => properties["state"]["type"] = json!(["string", "null"]),
            5 => properties[format!("k{index}")]["type"] = json!("string"),
            6 => schema["required"] = json!([]),
            _ => schema["required"] = json!(["id", "state"]),
        }
        schema
    };
    let kinds = [
        "max-length-lowered",
        "max-items-added",
        "pattern-added",
        "union-branch-added",
        "null-allowed",
        "type-changed",
        "property-optional",
        "property-required",
    ];
    check("schemas", &api(64, &before), &api(64, &after), &kinds);
}
