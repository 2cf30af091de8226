//! Servers, media types of parameters, formats of integers and defaults of parameters.

use serde_json::{Value, json};

use super::{api, assert_lines, body, echo, every_line, parameter, rich};

fn with_servers(servers: &Value) -> Value {
    let mut document = api(&json!({"200": {"description": "d"}}), &json!({}));
    document["servers"] = servers.clone();
    document
}

#[test]
fn servers_are_compared_by_their_urls() {
    let region = |default: &str, values: &[&str]| {
        let mut variable = json!({"default": default, "enum": values});
        if values.is_empty() {
            variable.as_object_mut().expect("a variable").remove("enum");
        }
        json!([{"url": "https://{region}.a.test/v1", "variables": {"region": variable}}])
    };
    let one = |url: &str| json!([{ "url": url }]);
    let (changed, written) =
        (|verdict: &str| format!("servers-changed /servers {verdict}"), "written-differently /servers note".to_owned());
    for (old, new, there, back) in [
        (one("https://a.test/v1"), one("https://A.test:443/v1/"), written.clone(), written.clone()),
        (one("/"), json!([]), written.clone(), written.clone()),
        (json!([{"url": "/a"}, {"url": "/b"}]), json!([{"url": "/b"}, {"url": "/a"}]), written.clone(), written),
        (one("/v1"), one("https://a.test/v1"), changed("unknown"), changed("unknown")),
        (region("eu", &["eu"]), region("eu", &["eu", "us"]), changed("compatible"), changed("unknown")),
        (region("eu", &["eu"]), region("eu", &[]), changed("compatible"), changed("unknown")),
        (region("eu", &["eu", "us"]), region("us", &["eu", "us"]), changed("compatible"), changed("compatible")),
        (
            one("https://eu.a.test/v1"),
            region("eu", &["eu"]),
            "written-differently /servers note".to_owned(),
            "written-differently /servers note".to_owned(),
        ),
    ] {
        assert_eq!(every_line(&with_servers(&old), &with_servers(&new)), [there], "{old} {new}");
        assert_eq!(every_line(&with_servers(&new), &with_servers(&old)), [back], "{new} {old}");
    }
    // Without servers, the server is `/`.
    let mut without = with_servers(&json!([]));
    without.as_object_mut().expect("a document").remove("servers");
    let there = "written-differently /servers note";
    assert_lines(&without, |document| document["servers"] = json!([{"url": "/"}]), &[there], &[there]);
}

#[test]
fn servers_of_a_path_or_an_operation_replace_those_of_the_document() {
    let base = with_servers(&json!([{"url": "https://a.test"}]));
    for (pointer, place) in [("/paths/~1parcels", "/paths/~1parcels/servers"), ("/paths/~1parcels/get", "/paths/~1parcels/get/servers")] {
        let set =
            |servers: Value| move |document: &mut Value| document.pointer_mut(pointer).expect("an object")["servers"] = servers.clone();
        let line = |kind: &str, verdict: &str| format!("{kind} {place} {verdict}");
        let same = line("written-differently", "note");
        assert_lines(&base, set(json!([{"url": "https://a.test/"}])), &[&same], &[&same]);
        let both = json!([{"url": "https://a.test"}, {"url": "https://b.test"}]);
        assert_lines(&base, set(both), &[&line("servers-changed", "compatible")], &[&line("servers-changed", "unknown")]);
        let unknown = line("servers-changed", "unknown");
        assert_lines(&base, set(json!([{"url": "https://b.test"}])), &[&unknown], &[&unknown]);
    }
}

#[test]
fn contents_of_parameters_and_header_fields_are_compared_as_ranges() {
    let schema = |type_: &str| json!({"type": "object", "properties": {"a": {"type": type_}}});
    let mut base = rich();
    let at = "/paths/~1parcels~1{id}/post/parameters/2";
    let set = |place: &'static str, media_type: &'static str, schema: Value| {
        move |document: &mut Value| document.pointer_mut(place).expect("a part")["content"] = json!({media_type: {"schema": schema}})
    };
    set(at, "application/json", schema("string"))(&mut base);
    let line = |kind: &str, below: &str, verdict: &str| format!("{kind} {at}/{below} {verdict}");
    let same = line("written-differently", "content", "note");
    assert_lines(&base, set(at, "Application/JSON; charset=utf-8", schema("string")), &[&same], &[&same]);
    assert_lines(
        &base,
        set(at, "*/*", schema("string")),
        &[&line("parameter-content-changed", "content", "compatible")],
        &[&line("parameter-content-changed", "content", "breaking")],
    );
    let below = |media_type: &str| format!("content/{media_type}/schema/properties/a/type");
    let changed = every_line(&base, &{
        let mut document = base.clone();
        set(at, "application/*", schema("integer"))(&mut document);
        document
    });
    assert_eq!(changed[0], line("parameter-content-changed", "content", "compatible"));
    assert_eq!(changed[1], line("type-changed", &below("application~1*"), "breaking"));
    // The client reads header fields.
    let header = "/paths/~1parcels~1{id}/post/responses/200/headers/x-count";
    let mut base = rich();
    *base.pointer_mut(header).expect("a header field") = json!({"content": {"application/json": {"schema": schema("string")}}});
    let line = format!("type-changed {header}/content/application~1json/schema/properties/a/type breaking");
    assert_lines(&base, set(header, "application/json", schema("integer")), &[&line], &[&line]);
    let line = |verdict: &str| format!("parameter-content-changed {header}/content {verdict}");
    assert_lines(&base, set(header, "*/*", schema("string")), &[&line("breaking")], &[&line("compatible")]);
}

#[test]
fn a_format_of_integers_matters_within_the_other_keywords() {
    let note = |at: &str| format!("format-changed {at} note");
    for (keywords, there, back) in [
        (json!({}), "breaking", "compatible"),
        (json!({"minimum": 0, "maximum": 2_147_483_647}), "", ""),
        (json!({"minimum": 0.0, "maximum": 2_147_483_647.0}), "", ""),
        (json!({"exclusiveMinimum": -1, "exclusiveMaximum": 2_147_483_648_u64}), "", ""),
        (json!({"exclusiveMinimum": -1, "exclusiveMaximum": 2_147_483_649_u64}), "breaking", "compatible"),
        (json!({"minimum": 0, "maximum": 2_147_483_647.5}), "", ""),
        (json!({"enum": [1, 2.0, null]}), "", ""),
        (json!({"enum": [1, 3_000_000_000_u64]}), "breaking", "compatible"),
        (json!({"enum": [1, 3_000_000_000_u64], "maximum": 5}), "", ""),
        (json!({"const": 7}), "", ""),
    ] {
        let mut schema = json!({"type": ["integer", "null"], "format": "int32"});
        schema.as_object_mut().expect("a schema").extend(keywords.as_object().expect("keywords").clone());
        let base = api(&json!({"200": body("Count")}), &json!({"Count": schema}));
        let at = "/components/schemas/Count";
        let line = |verdict: &str| if verdict.is_empty() { note(at) } else { format!("format-changed {at}/format {verdict}") };
        let edit = |document: &mut Value| document["components"]["schemas"]["Count"]["format"] = json!("int64");
        assert_lines(&base, edit, &[&line(there)], &[&line(back)]);
    }
}

#[test]
fn a_default_next_to_a_reference_counts_where_the_version_allows_it() {
    for (version, has_effect) in [("3.0.3", false), ("3.1.0", true)] {
        let mut base = parameter(&json!({"$ref": "#/components/schemas/Sort"}));
        base["openapi"] = json!(version);
        base["components"]["schemas"]["Sort"] = json!({"type": "string", "default": "up"});
        let at = "/paths/~1parcels/get/parameters/0/schema/default";
        let line = if has_effect { format!("parameter-default-changed {at} breaking") } else { format!("written-differently {at} note") };
        let edit = |document: &mut Value| document["paths"]["/parcels"]["get"]["parameters"][0]["schema"]["default"] = json!("down");
        assert_lines(&base, edit, &[&line], &[&line]);
        // The same default again has no effect.
        let edit = |document: &mut Value| document["paths"]["/parcels"]["get"]["parameters"][0]["schema"]["default"] = json!("up");
        let kind = if has_effect { "default-changed" } else { "written-differently" };
        let place = if has_effect { "/paths/~1parcels/get/parameters/0/schema" } else { at };
        assert_lines(&base, edit, &[&format!("{kind} {place} note")], &[&format!("{kind} {place} note")]);
    }
    let text = json!({"type": "string"});
    let mut base = echo(&json!({"type": "object", "properties": {"v": {"$ref": "#/components/schemas/Text"}}}), &text);
    base["openapi"] = json!("3.0.3");
    base["components"] = json!({"schemas": {"Text": text}});
    let at = "/paths/~1things/put/requestBody/content/application~1json/schema/properties/v";
    for (member, value) in [("readOnly", json!(true)), ("deprecated", json!(true)), ("format", json!("date")), ("enum", json!(["a"]))] {
        let edit = |document: &mut Value| document.pointer_mut(at).expect("a property")[member] = value.clone();
        let line = format!("written-differently {at}/{member} note");
        assert_lines(&base, edit, &[&line], &[&line]);
    }
}

#[test]
fn keys_that_depend_on_others_have_a_witness() {
    let schema = |needed: &[&str]| json!({"dependentRequired": {"a": needed}});
    let base = echo(&schema(&["b"]), &json!({"type": "string"}));
    let at = "/paths/~1things/put/requestBody/content/application~1json/schema";
    assert_lines(
        &base,
        |document| *document.pointer_mut(at).expect("a schema") = schema(&["b", "c"]),
        &[&format!("dependent-required-added {at}/dependentRequired breaking")],
        &[&format!("dependent-required-removed {at}/dependentRequired compatible")],
    );
}

#[test]
fn one_schema_in_place_of_two_is_a_change_at_each_place() {
    let text = |most: Option<u64>| {
        most.map_or_else(
            || json!({"$ref": "#/components/schemas/Text"}),
            |most| json!({"$ref": "#/components/schemas/Text", "maxLength": most}),
        )
    };
    let mut base = echo(&text(Some(3)), &text(Some(3)));
    base["components"] = json!({"schemas": {"Text": {"type": "string"}}});
    let places = ["requestBody", "responses/200"].map(|part| format!("/paths/~1things/put/{part}/content/application~1json/schema"));
    let edit = |document: &mut Value| {
        for place in &places {
            *document.pointer_mut(place).expect("a schema") = text(None);
        }
    };
    let mut changed = base.clone();
    edit(&mut changed);
    let to = "max-length-removed /components/schemas/Text/maxLength";
    assert_eq!(every_line(&base, &changed), [format!("{to} compatible"), format!("{to} breaking")]);
}

#[test]
fn the_default_of_a_required_parameter_has_no_effect() {
    let at = "/paths/~1parcels/get/parameters/0";
    for (required, line) in
        [(true, format!("default-changed {at}/schema note")), (false, format!("parameter-default-changed {at}/schema/default breaking"))]
    {
        let mut base = parameter(&json!({"type": "string", "default": "up"}));
        base["paths"]["/parcels"]["get"]["parameters"][0]["required"] = json!(required);
        let edit = |document: &mut Value| document["paths"]["/parcels"]["get"]["parameters"][0]["schema"]["default"] = json!("down");
        assert_lines(&base, edit, &[&line], &[&line]);
    }
}

#[test]
fn explode_of_a_header_field_has_an_effect_on_objects() {
    let header = "/paths/~1parcels~1{id}/post/responses/200/headers/x-count";
    for (type_, line) in [
        ("array", format!("written-differently {header}/explode note")),
        ("object", format!("header-serialisation-changed {header}/explode unknown")),
    ] {
        let mut base = rich();
        base.pointer_mut(header).expect("a header field")["schema"] = json!({"type": type_});
        let edit = |document: &mut Value| document.pointer_mut(header).expect("a header field")["explode"] = json!(true);
        assert_lines(&base, edit, &[&line], &[&line]);
    }
}

#[test]
fn a_scalar_has_the_same_text_with_and_without_explode() {
    let base = parameter(&json!({"type": "string"}));
    let edit = |document: &mut Value| {
        let parameter = &mut document["paths"]["/parcels"]["get"]["parameters"][0];
        parameter["schema"] = json!({"type": "array", "items": {"type": "string"}});
        parameter["explode"] = json!(false);
    };
    let at = "/paths/~1parcels/get/parameters/0";
    assert_lines(
        &base,
        edit,
        &[&format!("parameter-serialisation-changed {at} compatible"), &format!("parameter-type-generalized {at}/schema compatible")],
        &[&format!("parameter-serialisation-changed {at} compatible"), &format!("parameter-type-narrowed {at}/schema breaking")],
    );
}

#[test]
fn lists_of_values_are_compared_as_texts() {
    let schema = "/paths/~1parcels/get/parameters/0/schema";
    let line = |kind: &str, verdict: &str| format!("parameter-type-{kind} {schema} {verdict}");
    for (old, new, there, back) in [
        (json!({"type": "integer", "enum": [1, 2]}), json!({"type": "string", "enum": ["1", "2"]}), "compatible", "compatible"),
        (json!({"type": "boolean"}), json!({"type": "string", "enum": ["true", "false"]}), "compatible", "compatible"),
        (json!({"type": "boolean"}), json!({"type": "string", "enum": ["true", "false", "auto"]}), "compatible", "breaking"),
    ] {
        let edit = |document: &mut Value| *document.pointer_mut(schema).expect("a schema") = new.clone();
        let kind = if back == "breaking" { "narrowed" } else { "generalized" };
        assert_lines(&parameter(&old), edit, &[&line("generalized", there)], &[&line(kind, back)]);
    }
    // In JSON, the types differ.
    let (old, new) = (json!({"type": "integer", "enum": [1]}), json!({"type": "string", "enum": ["1"]}));
    let (old, new) = (echo(&old, &old), echo(&new, &new));
    assert!(every_line(&old, &new).iter().all(|line| line.starts_with("type-changed ")));
}

#[test]
fn a_discriminator_with_the_same_schema_for_each_value_has_a_note() {
    let branch = |name: &str| json!({"type": "object", "required": ["kind"], "properties": {"kind": {"const": name}}});
    let document = |discriminator: Value| {
        let pet = json!({
            "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}], "discriminator": discriminator,
        });
        api(&json!({"200": body("Pet")}), &json!({"Pet": pet, "Cat": branch("Cat"), "Dog": branch("Dog")}))
    };
    let mapping = |mapping: Value| document(json!({"propertyName": "kind", "mapping": mapping}));
    let implicit = document(json!({"propertyName": "kind"}));
    let at = "/components/schemas/Pet/discriminator";
    let note = format!("written-differently {at} note");
    for other in [json!({"Cat": "Cat"}), json!({"Dog": "#/components/schemas/Dog", "Cat": "Cat"})] {
        let other = mapping(other);
        assert_eq!(every_line(&implicit, &other), [note.as_str()]);
        assert_eq!(every_line(&other, &implicit), [note.as_str()]);
    }
    let (old, new) = (mapping(json!({"Cat": "Cat"})), mapping(json!({"Cat": "#/components/schemas/Cat", "Lion": "Cat"})));
    assert_eq!(every_line(&old, &new), [format!("discriminator-changed {at} compatible")]);
    assert_eq!(every_line(&new, &old), [format!("discriminator-changed {at} unknown")]);
    let swapped = mapping(json!({"Cat": "Dog", "Dog": "Cat"}));
    assert_eq!(every_line(&implicit, &swapped), [format!("discriminator-changed {at} unknown")]);
}

#[test]
fn formats_of_openapi_3_0_and_keywords_state_the_same_encoding() {
    for (format, keyword, value) in [("byte", "contentEncoding", "base64"), ("binary", "contentMediaType", "application/octet-stream")] {
        let schema = json!({"type": "string", "format": format});
        let mut old = echo(&schema, &schema);
        old["openapi"] = json!("3.0.3");
        let schema = json!({"type": "string", keyword: value});
        let mut new = echo(&schema, &schema);
        new["openapi"] = json!("3.1.0");
        for (one, other) in [(&old, &new), (&new, &old)] {
            assert!(every_line(one, other).iter().all(|line| line.ends_with(" note")), "{:?}", every_line(one, other));
        }
        let schema = json!({"type": "string", keyword: "other"});
        let lines = every_line(&old, &echo(&schema, &schema));
        assert!(lines.iter().any(|line| line.starts_with("content-encoding-changed ")), "{lines:?}");
    }
}

#[test]
fn the_same_api_in_swagger_2_0_and_openapi_3_0_has_notes() {
    let text = json!({"type": "string"});
    let thing = json!({"type": "object", "properties": {"a": text}});
    let info = json!({"title": "t", "version": "1"});
    let old = json!({
        "swagger": "2.0", "info": info, "host": "a.test", "basePath": "/v1", "schemes": ["https"],
        "consumes": ["application/json"], "produces": ["application/json"],
        "paths": {"/things": {"post": {
            "operationId": "things.post",
            "parameters": [
                {"name": "q", "in": "query", "type": "string"},
                {"name": "body", "in": "body", "required": true, "schema": {"$ref": "#/definitions/Thing"}},
            ],
            "responses": {"200": {
                "description": "d", "headers": {"x-count": {"type": "string"}}, "schema": {"$ref": "#/definitions/Thing"},
            }},
        }}},
        "definitions": {"Thing": thing},
    });
    let content = json!({"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}});
    let new = json!({
        "openapi": "3.0.3", "info": info, "servers": [{"url": "https://a.test/v1"}],
        "paths": {"/things": {"post": {
            "operationId": "things.post",
            "parameters": [{"name": "q", "in": "query", "schema": text}],
            "requestBody": {"required": true, "content": content},
            "responses": {"200": {"description": "d", "headers": {"x-count": {"schema": text}}, "content": content}},
        }}},
        "components": {"schemas": {"Thing": thing}},
    });
    for (one, other) in [(&old, &new), (&new, &old)] {
        let lines = every_line(one, other);
        assert!(lines.iter().all(|line| line.ends_with(" note")), "{lines:?}");
    }
}
