//! Values that are texts on the wire: fields of forms, items and properties of parameters.

use serde_json::{Value, json};

use super::{assert_lines, echo, every_line, parameter};

/// A document whose request is a form with these properties.
fn form(media_type: &str, properties: &Value) -> Value {
    let mut document = echo(&json!({}), &json!({"type": "string"}));
    let schema = json!({"type": "object", "properties": properties});
    document["paths"]["/things"]["put"]["requestBody"] = json!({"required": true, "content": {media_type: {"schema": schema}}});
    document
}

fn field(media_type: &str, old: &Value, new: &Value) -> Vec<String> {
    let property = |schema: &Value| form(media_type, &json!({"v": schema, "w": {"type": "string"}}));
    let escaped = media_type.replace('/', "~1");
    let at = format!(" /paths/~1things/put/requestBody/content/{escaped}/schema/properties/v");
    every_line(&property(old), &property(new)).into_iter().map(|line| line.replace(&at, "")).collect()
}

#[test]
fn fields_of_forms_are_compared_as_texts() {
    let (integer, text) = (json!({"type": "integer"}), json!({"type": "string"}));
    let list = |items: &Value| json!({"type": "array", "items": items});
    for media_type in ["application/x-www-form-urlencoded", "multipart/form-data"] {
        for (old, new, there, back) in [
            (&integer, &text, "generalized compatible", "narrowed breaking"),
            (&text, &list(&text), "generalized compatible", "narrowed breaking"),
            (&list(&integer), &list(&text), "generalized compatible", "narrowed breaking"),
            (&json!({"enum": [1, 2]}), &json!({"enum": ["1", "2", "3"]}), "generalized compatible", "narrowed breaking"),
            // The contract does not assert the format.
            (&integer, &json!({"type": "string", "format": "uuid"}), "changed unknown", "changed breaking"),
            // `-1` is no longer a text of the field, and `00` is one now.
            (&integer, &json!({"type": "string", "pattern": "^[0-9]+$"}), "changed breaking", "changed breaking"),
        ] {
            assert_eq!(field(media_type, old, new), [format!("form-field-type-{there}")], "{old} {new}");
            assert_eq!(field(media_type, new, old), [format!("form-field-type-{back}")], "{new} {old}");
        }
        // The other keywords of values of one type are compared as in JSON.
        assert_eq!(field(media_type, &integer, &json!({"type": "integer", "maximum": 9})), ["maximum-added/maximum breaking"]);
    }
    assert_eq!(field("application/json", &integer, &text), ["type-changed/type breaking"]);
}

#[test]
fn a_schema_of_a_form_and_of_json_has_a_line_for_each() {
    let mut base = form("application/x-www-form-urlencoded", &json!({"v": {"$ref": "#/components/schemas/V"}}));
    base["components"] = json!({"schemas": {"V": {"type": "integer"}}});
    let edit = |document: &mut Value| document["components"]["schemas"]["V"]["type"] = json!("string");
    let at = "/components/schemas/V";
    let field = "/paths/~1things/put/requestBody/content/application~1x-www-form-urlencoded/schema/properties/v";
    assert_lines(
        &base,
        edit,
        &[&format!("form-field-type-generalized {field} compatible"), &format!("written-differently {at}/type note")],
        &[&format!("form-field-type-narrowed {field} breaking"), &format!("written-differently {at}/type note")],
    );
    let json_body = json!({"application/json": {"schema": {"$ref": "#/components/schemas/V"}}});
    base["paths"]["/things"]["put"]["responses"]["200"]["content"] = json_body;
    let of_json = format!("type-changed {at}/type breaking");
    assert_lines(
        &base,
        edit,
        &[&format!("form-field-type-generalized {field} compatible"), &of_json],
        &[&format!("form-field-type-narrowed {field} breaking"), &of_json],
    );
    // The same property of a form and of a body of JSON is compared as JSON.
    let both = json!({"schema": {"$ref": "#/components/schemas/B"}});
    base["components"]["schemas"]["B"] = json!({"type": "object", "properties": {"v": {"$ref": "#/components/schemas/V"}}});
    base["paths"]["/things"]["put"]["requestBody"]["content"] =
        json!({"application/x-www-form-urlencoded": both, "application/json": both});
    assert_lines(&base, edit, &[&of_json], &[&of_json]);
}

#[test]
fn a_field_with_a_content_type_of_its_own_is_not_a_text() {
    let mut base = form("multipart/form-data", &json!({"v": {"type": "integer"}}));
    let media_type = "/paths/~1things/put/requestBody/content/multipart~1form-data";
    *base.pointer_mut(media_type).expect("a media type").get_mut("schema").expect("a schema") =
        json!({"type": "object", "properties": {"v": {"type": "integer"}}});
    base.pointer_mut(media_type).expect("a media type")["encoding"] = json!({"v": {"contentType": "application/json"}});
    let edit = |document: &mut Value| {
        *document.pointer_mut(&format!("{media_type}/schema/properties/v/type")).expect("a type") = json!("string");
    };
    let line = format!("type-changed {media_type}/schema/properties/v/type breaking");
    assert_lines(&base, edit, &[&line], &[&line]);
}

#[test]
fn items_and_properties_of_parameters_are_texts() {
    let list = |type_: &str| parameter(&json!({"type": "array", "items": {"type": type_}}));
    let at = "/paths/~1parcels/get/parameters/0/schema";
    assert_eq!(every_line(&list("integer"), &list("string")), [format!("parameter-type-generalized {at} compatible")]);
    assert_eq!(every_line(&list("string"), &list("integer")), [format!("parameter-type-narrowed {at} breaking")]);
    let object = |type_: &str| parameter(&json!({"type": "object", "properties": {"v": {"type": type_}}}));
    assert_eq!(every_line(&object("integer"), &object("string")), [format!("form-field-type-generalized {at}/properties/v compatible")]);
    // A union of types with a string has the texts of a string.
    let (text, both) = (json!({"type": "string"}), json!({"type": ["integer", "string"]}));
    let union = json!({"anyOf": [{"type": "integer"}, {"type": "string"}]});
    for other in [&both, &union] {
        assert_eq!(every_line(&parameter(&text), &parameter(other)), [format!("parameter-type-generalized {at} compatible")]);
        assert_eq!(every_line(&parameter(other), &parameter(&text)), [format!("parameter-type-generalized {at} compatible")]);
    }
}
