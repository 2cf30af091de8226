//! `readOnly` and `writeOnly` of required properties, inline and behind references, and the versions that give them a meaning.

use serde_json::{Value, json};

use super::{assert_lines, echo, every_line};

const REQUEST: &str = "readOnly";
const RESPONSE: &str = "writeOnly";

/// A document whose request or response is `O`, with the property `v`.
fn document(version: &str, keyword: &str, property: &Value, required: bool) -> Value {
    let mut object = json!({"type": "object", "properties": {"v": property}});
    if required {
        object["required"] = json!(["v"]);
    }
    let (text, reference) = (json!({"type": "string"}), json!({"$ref": "#/components/schemas/O"}));
    let (request, response) = if keyword == REQUEST { (&reference, &text) } else { (&text, &reference) };
    let mut document = echo(request, response);
    document["openapi"] = json!(version);
    document["components"] = json!({"schemas": {"O": object, "P": {"type": "string"}}});
    document
}

#[test]
fn a_required_property_of_the_other_direction_is_required_from_openapi_3_1_on() {
    for (keyword, there, back) in [(REQUEST, "breaking", "compatible"), (RESPONSE, "compatible", "breaking")] {
        let inline = json!({"type": "string", keyword: true});
        let reference = json!({"$ref": "#/components/schemas/P"});
        for property in [&inline, &reference] {
            let mut old = document("3.0.3", keyword, property, true);
            if property == &reference {
                old["components"]["schemas"]["P"][keyword] = json!(true);
            }
            let edit = |document: &mut Value| document["openapi"] = json!("3.1.0");
            let required = format!("property-required /components/schemas/O/required {there}");
            let optional = format!("property-optional /components/schemas/O/required {back}");
            let version = "version-changed /openapi note";
            assert_lines(&old, edit, &[&required, version], &[&optional, version]);
        }
        // The keyword of the other direction has no effect.
        let other = if keyword == REQUEST { RESPONSE } else { REQUEST };
        let old = document("3.0.3", keyword, &json!({"type": "string", other: true}), true);
        let mut new = old.clone();
        new["openapi"] = json!("3.1.0");
        assert_eq!(every_line(&old, &new), ["version-changed /openapi note"]);
    }
}

#[test]
fn a_reference_leads_to_the_keyword() {
    for (keyword, kind, there, back) in
        [(REQUEST, "read-only", "compatible", "breaking"), (RESPONSE, "write-only", "breaking", "compatible")]
    {
        let base = document("3.0.3", keyword, &json!({"$ref": "#/components/schemas/P"}), true);
        let (property, component) = ("/components/schemas/O/properties/v", "/components/schemas/P");
        assert_lines(
            &base,
            |document| document["components"]["schemas"]["P"][keyword] = json!(true),
            &[&format!("{kind}-added {property} {there}"), &format!("{kind}-added {component} note")],
            &[&format!("{kind}-removed {property} {back}"), &format!("{kind}-removed {component} note")],
        );
    }
}

#[test]
fn a_part_of_all_of_has_the_keyword() {
    for (keyword, kind, there, back) in
        [(REQUEST, "read-only", "compatible", "breaking"), (RESPONSE, "write-only", "breaking", "compatible")]
    {
        let base = document("3.0.3", keyword, &json!({"allOf": [{"$ref": "#/components/schemas/P"}], "description": "d"}), true);
        let (property, component) = ("/components/schemas/O/properties/v", "/components/schemas/P");
        assert_lines(
            &base,
            |document| document["components"]["schemas"]["P"][keyword] = json!(true),
            &[&format!("{kind}-added {property} {there}"), &format!("{kind}-added {component} note")],
            &[&format!("{kind}-removed {property} {back}"), &format!("{kind}-removed {component} note")],
        );
    }
}

#[test]
fn the_direction_decides_whether_a_property_becomes_required() {
    let required = |document: &mut Value| document["components"]["schemas"]["O"]["required"] = json!(["v"]);
    let at = "/components/schemas/O/required";
    for keyword in [REQUEST, RESPONSE] {
        let marked = document("3.0.3", keyword, &json!({"type": "string", keyword: true}), false);
        let note = format!("written-differently {at} note");
        assert_lines(&marked, required, &[&note], &[&note]);
        let plain = document("3.0.3", keyword, &json!({"type": "string"}), false);
        let (there, back) = if keyword == REQUEST { ("breaking", "compatible") } else { ("compatible", "breaking") };
        assert_lines(&plain, required, &[&format!("property-required {at} {there}")], &[&format!("property-optional {at} {back}")]);
    }
}

#[test]
fn a_schema_of_both_directions_has_one_line_for_a_change() {
    let mut base = document("3.0.3", REQUEST, &json!({"type": "string", "readOnly": true}), true);
    let response = "/paths/~1things/put/responses/200/content/application~1json/schema";
    *base.pointer_mut(response).expect("a schema") = json!({"$ref": "#/components/schemas/O"});
    let edit = |document: &mut Value| document["components"]["schemas"]["O"]["properties"]["v"]["maxLength"] = json!(9);
    let at = "/components/schemas/O/properties/v/maxLength";
    assert_lines(&base, edit, &[&format!("max-length-added {at} breaking")], &[&format!("max-length-removed {at} breaking")]);
    let edit = |document: &mut Value| document["components"]["schemas"]["O"]["properties"]["v"]["description"] = json!("d");
    let at = "/components/schemas/O/properties/v";
    assert_lines(&base, edit, &[&format!("description-changed {at} note")], &[&format!("description-changed {at} note")]);
    // A schema that only requests use is not a part of a response.
    let mut base = document("3.0.3", REQUEST, &json!({"type": "string", "readOnly": true}), true);
    base["components"]["schemas"]["O"]["properties"]["n"] = json!({"type": "integer"});
    let edit = |document: &mut Value| document["components"]["schemas"]["O"]["properties"]["n"]["maximum"] = json!(9);
    let at = "/components/schemas/O/properties/n/maximum";
    assert_lines(&base, edit, &[&format!("maximum-added {at} breaking")], &[&format!("maximum-removed {at} compatible")]);
}
