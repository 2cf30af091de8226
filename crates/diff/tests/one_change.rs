//! Pairs of documents with one change: what is reported, where, and for whom.

use charter_contract::Contract;
use charter_diff::{Diff, Options, diff};
use serde_json::{Value, json};

fn contract(name: &str, document: &Value) -> Contract {
    charter_contract::from_documents(vec![(name.to_owned(), document.to_string().into_bytes())]).unwrap_or_else(|error| panic!("{error}"))
}

fn compared(old: &Value, new: &Value) -> Diff {
    let (old, new) = (contract("openapi.json", old), contract("openapi.json", new));
    diff(&old, &new, &Options::default())
}

/// An API of one operation with these responses and components.
fn api(responses: &Value, schemas: &Value) -> Value {
    json!({
        "openapi": "3.1.0", "info": {"title": "t", "version": "1"},
        "paths": {"/parcels": {"get": {"operationId": "parcels.get", "responses": responses}}},
        "components": {"schemas": schemas},
    })
}

fn body(name: &str) -> Value {
    json!({"description": "d", "content": {"application/json": {"schema": {"$ref": format!("#/components/schemas/{name}")}}}})
}

/// The kinds of all changes, with the verdicts for a strict client and a server.
fn lines(found: &Diff) -> Vec<String> {
    let operations = found.operations.iter().map(|change| (&change.kind, change.client, change.server));
    let schemas = found.schemas.iter().map(|change| (&change.change.kind, change.client, change.server));
    operations.chain(schemas).map(|(kind, client, server)| format!("{} {} {}", kind.0, client.as_str(), server.as_str())).collect()
}

#[test]
fn a_removed_status_is_a_change_although_default_covers_it() {
    let schemas = json!({
        "Parcel": {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]},
        "Error": {"type": "object", "properties": {"code": {"type": "integer"}}, "required": ["code"]},
    });
    let old = api(&json!({"201": body("Parcel"), "default": body("Error")}), &schemas);
    let new = api(&json!({"200": body("Parcel"), "default": body("Error")}), &schemas);
    assert_eq!(lines(&compared(&old, &new)), ["status-removed compatible breaking", "status-added breaking compatible"]);
    let bare = |status: &str| api(&json!({status: {"description": "d"}, "default": {"description": "d"}}), &schemas);
    assert_eq!(
        lines(&compared(&bare("201"), &bare("200"))),
        ["status-removed compatible compatible", "status-added compatible compatible"]
    );
}

#[test]
fn another_schema_of_a_response_is_one_change_of_its_operation() {
    let document = |second: &str| {
        let mut document = api(
            &json!({"200": body("Hold")}),
            &json!({
                "Hold": {"type": "object", "properties": {"id": {"type": "string"}, "file": {"$ref": "#/components/schemas/File"}, "note": {"type": "string"}}, "required": ["id"]},
                "File": {"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}, "required": ["id"]},
            }),
        );
        document["paths"]["/other"] = json!({"get": {"operationId": "other.get", "responses": {"200": body(second)}}});
        document
    };
    let found = compared(&document("Hold"), &document("File"));
    let kinds: Vec<&str> = found.schemas.iter().map(|change| change.change.kind.0.as_str()).collect();
    assert_eq!(kinds, ["schema-replaced"]);
    let users: Vec<&str> = found.schemas[0].uses.iter().map(|use_| use_.operation.as_str()).collect();
    assert_eq!(users, ["other.get"]);
    assert!(found.schemas[0].change.old_location.is_some() && found.schemas[0].change.new_location.is_some());
}

#[test]
fn a_part_of_all_of_that_repeats_a_key_is_one_change() {
    let part = |keys: &[&str]| {
        let properties: serde_json::Map<String, Value> = keys.iter().map(|key| ((*key).to_owned(), json!({"type": "integer"}))).collect();
        json!({"type": "object", "properties": properties})
    };
    let old = api(&json!({"200": body("Page")}), &json!({"Page": {"allOf": [part(&["total", "limit"]), part(&["entries"])]}}));
    let new = api(
        &json!({"200": body("Page")}),
        &json!({"Page": {"allOf": [part(&["total", "limit"]), part(&["entries"]), part(&["limit", "next"])]}}),
    );
    let kinds: Vec<String> = compared(&old, &new).schemas.iter().map(|change| change.change.kind.0.clone()).collect();
    assert_eq!(kinds, ["all-of-part-added"]);
}

#[test]
fn changes_of_one_object_are_judged_one_by_one() {
    let page = |properties: Value, required: Value| {
        let schema = json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false});
        api(&json!({"200": body("Page")}), &json!({"Page": schema}))
    };
    let old = page(json!({"a": {"type": "string"}, "feedback": {"type": ["string", "null"]}}), json!([]));
    let new = page(json!({"a": {"type": "string"}, "review": {"type": ["integer", "null"]}}), json!([]));
    let found = compared(&old, &new);
    assert!(found.schemas.iter().all(|change| change.client != charter_diff::Verdict::Unknown), "{:?}", lines(&found));

    let old = page(json!({"a": {"type": "string"}, "n": {"type": "integer"}}), json!(["n"]));
    let new = page(json!({"a": {"type": "string"}, "review": {"type": "boolean"}}), json!([]));
    let found = compared(&old, &new);
    let added = found.schemas.iter().find(|change| change.change.kind.0 == "property-added").expect("the new property");
    assert_eq!(added.tolerant_client.as_str(), "compatible");
}

#[test]
fn a_prefix_that_moves_from_the_servers_to_the_paths_breaks_nobody() {
    let document = |server: &str, path: &str| {
        json!({
            "openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "servers": [{"url": server}],
            "paths": {path: {"get": {"operationId": "t", "responses": {"200": {"description": "d"}}}}},
        })
    };
    let found = compared(&document("https://a.example.test/v1", "/t"), &document("https://a.example.test", "/v1/t"));
    assert_eq!(lines(&found), ["path-prefix-moved compatible compatible", "servers-changed compatible compatible"]);
}
