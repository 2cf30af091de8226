//! The findings of violated unions and formats.

use serde_json::{Value, json};

use crate::Judge;
use charter_traffic::read::bare;

/// The findings of a body as `location: message`. `schemas` are the components; the body has the schema `Body`.
#[track_caller]
fn findings(openapi: &str, schemas: &Value, body: &Value) -> Vec<String> {
    let content = json!({"application/json": {"schema": {"$ref": "#/components/schemas/Body"}}});
    let responses = json!({"200": {"description": "d", "content": content}});
    let document = json!({"openapi": openapi, "info": {"title": "t", "version": "1"}, "components": {"schemas": schemas},
        "paths": {"/f": {"get": {"operationId": "f.get", "responses": responses}}}});
    let files = vec![("openapi.json".to_owned(), document.to_string().into_bytes())];
    let contract = charter_rules::from_documents(files).unwrap_or_else(|error| panic!("{error}"));
    let judgement = Judge::new(&contract).expect("the contract compiles").judge(&bare(body.to_string().into_bytes()));
    judgement.findings.iter().map(|finding| format!("{}: {}", finding.instance_location, finding.message)).collect()
}

#[track_caller]
fn check(schemas: &Value, body: &Value, expected: &[&str]) {
    assert_eq!(findings("3.1.0", schemas, body), expected, "{body}");
}

/// Two small branches. Each argument is the schema of the property `kind` in one of them.
fn shapes(circle: &Value, square: &Value) -> Value {
    json!({
        "Circle": {"type": "object", "required": ["kind", "radius"], "additionalProperties": false,
            "properties": {"kind": circle, "radius": {"type": "number"}, "label": {"type": "string"}}},
        "Square": {"type": "object", "required": ["kind", "side"], "additionalProperties": false,
            "properties": {"kind": square, "side": {"type": "number"}, "label": {"type": "string"}}},
        "Body": {"oneOf": [{"$ref": "#/components/schemas/Circle"}, {"$ref": "#/components/schemas/Square"}]},
    })
}

/// Faults whose branch the property `kind` chooses.
#[track_caller]
fn check_shapes(schemas: &Value) {
    check(schemas, &json!({"kind": "square", "side": 1, "label": null}), &["/label: null, expected string"]);
    let unknown = |key: &str| format!("/{key}: the key \"{key}\" is not documented; a newer version of the contract may define it");
    let body = json!({"kind": "square", "radius": 1, "depth": 1});
    check(schemas, &body, &[": the key \"side\" is missing", &unknown("radius"), &unknown("depth")]);
    check(schemas, &json!({"kind": "square"}), &[": the key \"side\" is missing"]);
    check(schemas, &json!({"kind": "square", "side": "1"}), &["/side: \"1\", expected number"]);
    check(schemas, &json!({"kind": "circle", "radius": null}), &["/radius: null, expected number"]);
    check(schemas, &json!({"kind": "star", "points": 5}), &["/kind: \"star\", expected one of \"circle\", \"square\""]);
    check(schemas, &json!(7), &[": 7, expected object"]);
}

#[test]
fn a_constant_chooses_the_branch() {
    check_shapes(&shapes(&json!({"const": "circle"}), &json!({"const": "square"})));
}

#[test]
fn an_enumeration_of_one_value_chooses_the_branch() {
    let tag = |value: &str| json!({"type": "string", "enum": [value]});
    check_shapes(&shapes(&tag("circle"), &tag("square")));
    let schemas = shapes(&tag("circle"), &tag("square"));
    assert_eq!(findings("3.0.3", &schemas, &json!({"kind": "square", "side": 1, "label": 2})), ["/label: 2, expected string"]);
}

#[test]
fn a_missing_key_is_nearer_than_another_tag_of_a_nested_object() {
    let tag = |value: &str| json!({"type": "string", "enum": [value]});
    let part = |value: &str, key: &str| json!({"type": "object", "required": ["type", key], "properties": {"type": tag(value), key: {}}});
    let list = |parts: &[Value]| json!({"type": "array", "items": {"oneOf": parts}});
    let message = |content: &Value| {
        json!({"type": "object", "required": ["type", "content"],
            "properties": {"type": tag("message"), "content": content}})
    };
    let sent = json!({"oneOf": [{"type": "string"}, list(&[part("input_text", "text"), part("input_image", "url")])]});
    let received = list(&[part("output_text", "logprobs"), part("refusal", "reason")]);
    let body = json!({"type": "message", "content": [{"type": "output_text", "text": "a"}]});
    for branches in [[message(&sent), message(&received)], [message(&received), message(&sent)]] {
        let schemas = json!({"Body": {"oneOf": branches}});
        check(&schemas, &body, &["/content/0: the key \"logprobs\" is missing"]);
    }
    let schemas = json!({"Body": {"oneOf": [message(&sent), message(&received)]}});
    check(&schemas, &json!({"type": "message", "content": [{"type": "input_text"}]}), &["/content/0: the key \"text\" is missing"]);
}

#[test]
fn a_discriminator_chooses_the_branch() {
    let text = json!({"type": "string"});
    let mut schemas = shapes(&text, &text);
    schemas["Body"]["discriminator"] = json!({"propertyName": "kind", "mapping": {
        "circle": "#/components/schemas/Circle", "square": "Square"}});
    check_shapes(&schemas);
}

#[test]
fn a_discriminator_without_a_mapping_narrows_to_the_branches_that_allow_the_value() {
    // `message` is a value of the first branch and of a branch of the nested union.
    let kind = |values: &Value| json!({"type": "string", "enum": values});
    let schemas = json!({
        "Short": {"type": "object", "required": ["type", "text"], "properties": {"type": kind(&json!(["message"])), "text": {"type": "string"}}},
        "Long": {"type": "object", "required": ["type", "parts", "logprobs"], "properties": {
            "type": kind(&json!(["message"])), "parts": {"type": "array"}, "logprobs": {"type": "array"}}},
        "Call": {"type": "object", "required": ["type", "name"], "properties": {"type": kind(&json!(["call"])), "name": {"type": "string"}}},
        "Item": {"oneOf": [{"$ref": "#/components/schemas/Long"}, {"$ref": "#/components/schemas/Call"}], "discriminator": {"propertyName": "type"}},
        "Body": {"oneOf": [{"$ref": "#/components/schemas/Short"}, {"$ref": "#/components/schemas/Item"}], "discriminator": {"propertyName": "type"}},
    });
    check(&schemas, &json!({"type": "message", "text": 1}), &["/text: 1, expected string"]);
    check(&schemas, &json!({"type": "message", "parts": [], "logprobs": 1}), &["/logprobs: 1, expected array"]);
    check(&schemas, &json!({"type": "call"}), &[": the key \"name\" is missing"]);
    check(&schemas, &json!({"type": "other"}), &["/type: \"other\", expected one of \"message\", \"call\""]);
}

#[test]
fn a_discriminator_without_a_mapping_names_the_component() {
    let text = json!({"type": "string"});
    let mut schemas = shapes(&text, &text);
    schemas["Body"]["discriminator"] = json!({"propertyName": "kind"});
    check(&schemas, &json!({"kind": "Square"}), &[": the key \"side\" is missing"]);
    check(&schemas, &json!({"kind": "square"}), &["/kind: \"square\", expected one of \"Circle\", \"Square\""]);
}

#[test]
fn a_constant_takes_precedence_over_the_name_of_the_component() {
    let mut schemas = shapes(&json!({"const": "circle"}), &json!({"const": "square"}));
    schemas["Body"]["discriminator"] = json!({"propertyName": "kind"});
    check(&schemas, &json!({"kind": "square", "side": null}), &["/side: null, expected number"]);
    check(&schemas, &json!({"kind": "star"}), &["/kind: \"star\", expected one of \"circle\", \"square\""]);
}

#[test]
fn a_tag_behind_all_of_and_references_chooses_the_branch() {
    let schemas = json!({
        "SquareKind": {"const": "square"},
        "Tagged": {"properties": {"kind": {"allOf": [{"$ref": "#/components/schemas/SquareKind"}]}}},
        "Square": {"allOf": [{"$ref": "#/components/schemas/Tagged"}, {"type": "object", "required": ["kind", "side", "unit"]}]},
        "Circle": {"type": "object", "required": ["kind", "radius"], "properties": {"kind": {"enum": ["circle", "disc"]}}},
        "Body": {"anyOf": [{"$ref": "#/components/schemas/Circle"}, {"allOf": [{"$ref": "#/components/schemas/Square"}]}, {"type": "null"}]},
    });
    check(&schemas, &json!({"kind": "square"}), &[": the key \"side\" is missing", ": the key \"unit\" is missing"]);
    check(&schemas, &json!({"kind": "disc"}), &[": the key \"radius\" is missing"]);
    check(&schemas, &json!({"kind": "ring"}), &["/kind: \"ring\", expected one of \"circle\", \"disc\", \"square\""]);
}

#[test]
fn a_tag_of_a_nested_union_chooses_the_outer_branch() {
    let leaf =
        |tag: &str| json!({"type": "object", "properties": {"kind": {"const": tag}, "size": {"type": "integer"}}, "required": ["size"]});
    let schemas = json!({
        "Round": {"oneOf": [leaf("circle"), leaf("ellipse")]},
        "Body": {"oneOf": [{"type": "object", "properties": {"kind": {"const": "point"}}}, {"$ref": "#/components/schemas/Round"}]},
    });
    check(&schemas, &json!({"kind": "ellipse", "size": null}), &["/size: null, expected integer"]);
    check(&schemas, &json!({"kind": "arc"}), &["/kind: \"arc\", expected one of \"point\", \"circle\", \"ellipse\""]);
}

#[test]
fn an_enumeration_that_does_not_distinguish_branches_is_not_a_tag() {
    let branch =
        |required: &str| json!({"type": "object", "required": [required, "more"], "properties": {"state": {"enum": ["on", "off"]}}});
    let schemas = json!({"Body": {"anyOf": [branch("a"), branch("b")]}});
    check(&schemas, &json!({"state": "on", "b": 1}), &[": the key \"more\" is missing"]);
}

#[test]
fn a_tag_of_a_single_branch_counts_only_where_it_matches() {
    let problem =
        json!({"type": "object", "properties": {"kind": {"const": "problem"}, "done": {"const": true}}, "required": ["detail", "code"]});
    let order = json!({"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]});
    let schemas = json!({"Body": {"anyOf": [order, problem]}});
    check(&schemas, &json!({"kind": "problem", "code": 1}), &[": the key \"detail\" is missing"]);
    check(&schemas, &json!({"kind": "order", "done": true}), &[": the key \"id\" is missing"]);
    check(&schemas, &json!({"kind": "order", "done": false, "detail": "", "code": 1, "id": 5}), &["/id: 5, expected string"]);
}

#[test]
fn without_a_tag_the_deepest_branch_is_explained() {
    let item = |type_: &str| json!({"type": "object", "properties": {"items": {"type": "array", "items": {"type": type_}}}});
    let schemas = json!({"Body": {"anyOf": [{"type": "object", "properties": {"items": {"type": "string"}}}, item("integer")]}});
    check(&schemas, &json!({"items": [1, "2"]}), &["/items/1: \"2\", expected integer"]);
}

#[test]
fn branches_of_values_are_one_list() {
    let value = |value: &str| json!({"const": value, "description": "d"});
    let schemas = json!({"Body": {"oneOf": [value("low"), value("high"), {"enum": ["none"]}, {"type": "null"}]}});
    check(&schemas, &json!("middle"), &[": \"middle\", expected one of \"low\", \"high\", \"none\""]);
}

#[test]
fn the_types_of_nested_unions_are_one_list() {
    let schemas = json!({"Body": {"anyOf": [{"oneOf": [{"type": "string"}, {"type": "integer"}]}, {"type": "object"}]}});
    check(&schemas, &json!(true), &[": true, expected string or integer or object"]);
}

#[test]
fn a_one_of_that_matches_twice_names_the_branches() {
    let any = json!({"type": "object"});
    let schemas = json!({
        "One": any, "Many": any, "None": false,
        "Titled": {"title": "Several", "type": "object"},
        "Body": {"oneOf": [{"$ref": "#/components/schemas/One"}, {"$ref": "#/components/schemas/None"}, {"$ref": "#/components/schemas/Many"}]},
    });
    check(&schemas, &json!({"mode": "empty"}), &[": matches One and Many; exactly one may match"]);
    let mut titled = schemas;
    titled["Body"] =
        json!({"oneOf": [any, {"$ref": "#/components/schemas/Titled"}, {"title": "Several", "type": "object"}, {"title": " A "}]});
    check(&titled, &json!({}), &[": matches oneOf/0, Several (oneOf/1), Several (oneOf/2) and A; exactly one may match"]);
}

#[test]
fn a_branch_that_is_a_document_is_named_after_it() {
    let files = [
        (
            "openapi.json",
            json!({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/f": {"get": {"operationId": "f.get",
            "responses": {"200": {"description": "d", "content": {"application/json": {"schema": {"oneOf": [
                {"$ref": "cat.schema.json"}, {"$ref": "pets/dog.schema.json"}]}}}}}}}}}),
        ),
        ("cat.schema.json", json!({"type": "object"})),
        ("pets/dog.schema.json", json!({"type": "object"})),
    ];
    let files = files.map(|(name, value)| (name.to_owned(), value.to_string().into_bytes())).to_vec();
    let contract = charter_rules::from_documents(files).unwrap_or_else(|error| panic!("{error}"));
    let judgement = Judge::new(&contract).expect("the contract compiles").judge(&bare(b"{}".to_vec()));
    let [finding] = judgement.findings.as_slice() else { panic!("{:?}", judgement.findings) };
    assert_eq!(finding.message, "matches cat and dog; exactly one may match");
    assert_eq!((finding.keyword.as_deref(), finding.promised.as_str()), (Some("oneOf"), "a value that matches exactly one branch"));
}

/// The judge of a contract whose bodies have the schema, with these formats asserted.
fn judge_of(schema: &Value, formats: &str) -> Judge {
    let responses = json!({"200": {"description": "d", "content": {"application/json": {"schema": schema}}}});
    let document = json!({"openapi": "3.0.3", "info": {"title": "t", "version": "1"},
        "paths": {"/f": {"get": {"operationId": "f.get", "responses": responses}}}});
    let files = vec![
        ("openapi.json".to_owned(), document.to_string().into_bytes()),
        ("charter.toml".to_owned(), format!("[check]\nformats = {formats}").into_bytes()),
    ];
    Judge::new(&charter_rules::from_documents(files).unwrap_or_else(|error| panic!("{error}"))).expect("the contract compiles")
}

/// A schema with formats behind `allOf`, in items and on a nullable value.
fn event() -> Value {
    json!({"type": "object", "properties": {
        "at": {"allOf": [{"type": "string", "format": "date-time"}]},
        "ids": {"type": "array", "items": {"type": "string", "format": "uuid"}},
        "count": {"type": "integer", "format": "int32", "nullable": true},
        "secret": {"type": "string", "format": "password"},
    }})
}

const BROKEN_FORMATS: &[u8] =
    br#"{"at": "yesterday", "ids": ["2eb8aa08-aa98-11ea-b4aa-73b441d16380", "no"], "count": 3000000000, "secret": "s"}"#;

#[test]
fn formats_are_annotations_by_default() {
    for formats in ["false", "[]"] {
        assert_eq!(judge_of(&event(), formats).judge(&bare(BROKEN_FORMATS.to_vec())).findings, [], "{formats}");
    }
}

#[test]
fn an_asserted_format_is_a_finding_that_names_it() {
    let judgement = judge_of(&event(), "true").judge(&bare(BROKEN_FORMATS.to_vec()));
    let messages: Vec<&str> = judgement.findings.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "\"yesterday\", expected the format date-time: an RFC 3339 date-time such as 2026-01-31T12:00:00Z",
            "\"no\", expected the format uuid: a UUID, RFC 4122",
            "3000000000, expected the format int32: an integer from -2147483648 to 2147483647",
        ]
    );
    let [at, id, _] = judgement.findings.as_slice() else { panic!("{messages:?}") };
    assert_eq!((at.keyword.as_deref(), at.instance_location.as_str()), (Some("format"), "/at"));
    let schema = "openapi.json#/paths/~1f/get/responses/200/content/application~1json/schema/properties";
    assert_eq!(at.absolute_keyword_location.as_deref(), Some(&*format!("{schema}/at/allOf/0/format")));
    assert_eq!((id.instance_location.as_str(), id.position.map(|position| position.column)), ("/ids/1", Some(69)));
    let valid = br#"{"at": "2026-01-31T12:00:00Z", "ids": [], "count": null, "secret": ""}"#;
    assert_eq!(judge_of(&event(), "true").judge(&bare(valid.to_vec())).findings, []);
}

#[test]
fn only_the_listed_formats_are_asserted() {
    let judgement = judge_of(&event(), r#"["uuid", "date"]"#).judge(&bare(BROKEN_FORMATS.to_vec()));
    let places: Vec<&str> = judgement.findings.iter().map(|finding| finding.instance_location.as_str()).collect();
    assert_eq!(places, ["/ids/1"]);
}

#[test]
fn a_format_decides_which_branch_of_a_union_is_valid() {
    let union = json!({"oneOf": [{"type": "string", "format": "ipv4"}, {"type": "string", "format": "ipv6"}]});
    let findings = |formats: &str, body: &str| {
        let findings = judge_of(&union, formats).judge(&bare(body.into())).findings;
        findings.into_iter().map(|finding| finding.message).collect::<Vec<_>>()
    };
    assert_eq!(findings("true", "\"2001:db8::1\""), [""; 0]);
    assert_eq!(findings("false", "\"2001:db8::1\""), ["matches oneOf/0 and oneOf/1; exactly one may match"]);
    assert_eq!(findings("true", "\"x\""), ["\"x\", expected the format ipv4: an IPv4 address, RFC 2673"]);
}
