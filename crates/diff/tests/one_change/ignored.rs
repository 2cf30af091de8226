//! Header fields whose definition OpenAPI ignores.

use serde_json::{Value, json};

use super::{api, assert_lines, echo, every_line};

#[test]
fn header_fields_that_openapi_ignores_have_notes() {
    let mut base = api(&json!({"200": {"description": "d"}}), &json!({}));
    base["components"]["parameters"] = json!({"Token": {"name": "authorization", "in": "header", "schema": {"type": "string"}}});
    let operation = |document: &mut Value| document["paths"]["/parcels"]["get"].as_object_mut().expect("an operation").clone();
    let at = "/paths/~1parcels/get/parameters";
    let parameters = |list: Value| {
        move |document: &mut Value| {
            let mut edited = operation(document);
            edited.insert("parameters".to_owned(), list.clone());
            document["paths"]["/parcels"]["get"] = Value::Object(edited);
        }
    };
    let note = |place: &str| format!("ignored-header-changed {place} note");
    let mut with = base.clone();
    parameters(json!([{"name": "Accept", "in": "header", "schema": {"type": "string"}}, {"$ref": "#/components/parameters/Token"}]))(
        &mut with,
    );
    let list = |accept: &Value| json!([accept, {"$ref": "#/components/parameters/Token"}]);
    for accept in [
        json!({"name": "Accept", "in": "header", "required": true, "schema": {"type": "string"}}),
        json!({"name": "Accept", "in": "header", "schema": {"type": "integer"}}),
        json!({"name": "accept", "in": "header", "schema": {"type": "string", "maxLength": 3}}),
        json!({"name": "Accept", "in": "header", "content": {"text/plain": {}}}),
    ] {
        assert_lines(&with, parameters(list(&accept)), &[&note(&format!("{at}/0"))], &[&note(&format!("{at}/0"))]);
    }
    // Added and removed, inline and by a reference.
    let one = json!([{"name": "Accept", "in": "header", "schema": {"type": "string"}}]);
    assert_lines(&with, parameters(one), &[&note(at)], &[&note(&format!("{at}/1"))]);
    assert_lines(
        &with,
        |document| document["components"]["parameters"]["Token"]["schema"]["type"] = json!("boolean"),
        &[&note("/components/parameters/Token")],
        &[&note("/components/parameters/Token")],
    );
    // A field of another name is not ignored.
    let other = json!([{"name": "X-Accept", "in": "header", "schema": {"type": "string"}}]);
    let mut named = base.clone();
    parameters(other)(&mut named);
    assert_eq!(every_line(&base, &named), [format!("optional-parameter-added {at}/0 compatible")]);
}

#[test]
fn a_response_ignores_the_definition_of_content_type() {
    let headers = |headers: Value| api(&json!({"200": {"description": "d", "headers": headers}}), &json!({}));
    let base = headers(json!({"Content-Type": {"required": true, "schema": {"type": "string"}}}));
    let at = "/paths/~1parcels/get/responses/200/headers/Content-Type";
    for other in [headers(json!({"Content-Type": {"schema": {"const": "text/csv"}}})), headers(json!({}))] {
        assert_eq!(every_line(&base, &other), [format!("ignored-header-changed {at} note")]);
        assert_eq!(every_line(&other, &base), [format!("ignored-header-changed {at} note")]);
    }
    // A property with the name of a header field is not ignored.
    let object = |type_: &str| {
        echo(
            &json!({"type": "object", "properties": {"headers": {"type": "object", "properties": {"Content-Type": {"type": type_}}}}}),
            &json!({}),
        )
    };
    assert_eq!(every_line(&object("string"), &object("integer")).len(), 1);
    assert!(every_line(&object("string"), &object("integer"))[0].starts_with("type-changed"));
}
