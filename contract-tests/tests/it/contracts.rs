//! Contracts with unusual features: odd names, `$id`, header schemas, unions of unions.

use charter_contract_tests::report::Report;
use charter_contract_tests::{Exchange, Judge, Judgeable};
use charter_rules::from_documents;

const OPENAPI: &str = r##"
openapi: 3.1.0
paths:
  /things/{id}:
    get:
      operationId: things.get
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        "200":
          description: A thing.
          headers: {x-count: {schema: {type: integer, maximum: 3}}}
          content: {application/json: {schema: {$ref: "a%20thing.schema.json"}}}
        default:
          description: Anything else.
"##;

const THING: &str = r##"{
  "$id": "https://example.com/schemas/thing.json",
  "type": "object",
  "properties": {
    "a/b ~%": {"$ref": "#/$defs/odd%20%7Ename~1"},
    "either": {"anyOf": [
      {"type": "object", "properties": {"inner": {"oneOf": [{"type": "integer"}, {"type": "object", "properties": {"x": {"const": 1}}, "required": ["x"], "additionalProperties": false}]}}, "required": ["inner"]},
      {"type": "object", "properties": {"outer": {"type": "string"}}, "required": ["outer"], "additionalProperties": false}
    ]}
  },
  "$defs": {"odd ~name/": {"type": "integer", "minimum": 1}}
}"##;

fn judge(thing: &str) -> Judge {
    let files =
        vec![("openapi.yaml".to_owned(), OPENAPI.as_bytes().to_vec()), ("a thing.schema.json".to_owned(), thing.as_bytes().to_vec())];
    let contract = from_documents(files).unwrap_or_else(|error| panic!("{error}"));
    Judge::new(&contract).unwrap_or_else(|error| panic!("{error}"))
}

fn report(body: &str) -> Report {
    Exchange::get("/things/1").response(200, body).report(&judge(&THING.replace("odd%20%7Ename~1", "odd%20~0name~1")))
}

/// Checks the locations of the only finding (instance, keyword, absolute keyword) and its branch.
fn check_locations(body: &str, keyword: &str, locations: [&str; 3], branch: Option<&str>) {
    let report = report(body);
    let [group] = report.groups.as_slice() else { panic!("{body}: {:#?}", report.groups) };
    let [sample] = group.samples.as_slice() else { panic!("{body}: {:#?}", group.samples) };
    assert_eq!(group.keyword.as_deref(), Some(keyword), "{body}");
    let found = [
        &*sample.instance_location,
        group.keyword_location.as_deref().unwrap_or_default(),
        group.absolute_keyword_location.as_deref().unwrap_or_default(),
    ];
    assert_eq!(found, locations, "{body}");
    assert_eq!(sample.branch.as_deref(), branch, "{body}");
}

#[test]
fn a_finding_has_three_locations_also_with_odd_names() {
    check_locations(
        r#"{"a/b ~%": 0}"#,
        "minimum",
        ["/a~1b ~0%", "/$ref/properties/a~1b ~0%/$ref/minimum", "a thing.schema.json#/$defs/odd ~0name~1/minimum"],
        None,
    );
}

#[test]
fn nested_unions_are_explained_by_the_closest_branch() {
    check_locations(
        r#"{"either": {"inner": {"x": 2}}}"#,
        "const",
        [
            "/either/inner/x",
            "/$ref/properties/either/anyOf/0/properties/inner/oneOf/1/properties/x/const",
            "a thing.schema.json#/properties/either/anyOf/0/properties/inner/oneOf/1/properties/x/const",
        ],
        Some("a thing.schema.json#/properties/either/anyOf/0/properties/inner/oneOf/1"),
    );
    check_locations(
        r#"{"either": {"outer": "a", "more": 1}}"#,
        "additionalProperties",
        [
            "/either/more",
            "/$ref/properties/either/anyOf/1/additionalProperties",
            "a thing.schema.json#/properties/either/anyOf/1/additionalProperties",
        ],
        Some("a thing.schema.json#/properties/either/anyOf/1"),
    );
    check_locations(
        r#"{"either": 7}"#,
        "anyOf",
        ["/either", "/$ref/properties/either/anyOf", "a thing.schema.json#/properties/either/anyOf"],
        None,
    );
}

#[test]
fn header_schemas_and_responses_without_a_body_schema_are_checked() {
    let judge = judge(THING.replace("odd%20%7Ename~1", "odd%20~0name~1").as_str());
    let count = |value: &str| Exchange::get("/things/1").response(200, "{}").response_header("X-Count", value).report(&judge);
    assert!(count("3").is_kept());
    for wrong in ["4", "many"] {
        let report = count(wrong);
        assert_eq!(report.groups[0].rule.as_deref(), Some("http.header"), "{wrong}");
    }
    // `default` documents no body, so a body is a warning; with a JSON content type it must still be JSON.
    let ids = |body: &str| {
        let report = Exchange::get("/things/1").response(500, body).report(&judge);
        let ids: Vec<String> = report.groups.iter().filter_map(|group| group.rule.clone()).collect();
        (report.is_kept(), ids)
    };
    assert_eq!(ids("[7]"), (true, vec!["http.undocumented-body".to_owned()]));
    assert_eq!(ids("<oops>"), (false, vec!["http.undocumented-body".to_owned(), "syntax.json".to_owned()]));
}

#[test]
fn each_assertion_keyword_has_one_finding_with_the_promised_value() {
    for (schema, body, keyword, promised) in [
        (r#"{"type": "string"}"#, "7", "type", "string"),
        (r#"{"enum": ["a", "b"]}"#, r#""c""#, "enum", r#"one of "a", "b""#),
        (r#"{"const": 1}"#, "2", "const", "1"),
        (r#"{"minimum": 2}"#, "1", "minimum", "at least 2"),
        (r#"{"maximum": 2}"#, "3", "maximum", "at most 2"),
        (r#"{"exclusiveMinimum": 2}"#, "2", "exclusiveMinimum", "more than 2"),
        (r#"{"exclusiveMaximum": 2}"#, "2", "exclusiveMaximum", "less than 2"),
        (r#"{"multipleOf": 2}"#, "3", "multipleOf", "a multiple of 2"),
        (r#"{"minLength": 2}"#, r#""a""#, "minLength", "at least 2 characters"),
        (r#"{"maxLength": 2}"#, r#""abc""#, "maxLength", "at most 2 characters"),
        (r#"{"pattern": "^a+$"}"#, r#""b""#, "pattern", "a string that matches ^a+$"),
        (r#"{"minItems": 2}"#, "[1]", "minItems", "at least 2 items"),
        (r#"{"maxItems": 2}"#, "[1, 2, 3]", "maxItems", "at most 2 items"),
        (r#"{"uniqueItems": true}"#, "[1, 1]", "uniqueItems", "unique items"),
        (r#"{"minProperties": 1}"#, "{}", "minProperties", "at least 1 key"),
        (r#"{"maxProperties": 1}"#, r#"{"a": 1, "b": 2}"#, "maxProperties", "at most 1 key"),
        (r#"{"required": ["a"]}"#, "{}", "required", r#"the key "a""#),
        (r#"{"properties": {"a": true}, "additionalProperties": false}"#, r#"{"b": 1}"#, "additionalProperties", r#"only the keys "a""#),
    ] {
        let report = Exchange::get("/things/1").response(200, body).report(&judge(schema));
        let [group] = report.groups.as_slice() else { panic!("{schema}: {:#?}", report.groups) };
        assert_eq!(group.keyword.as_deref(), Some(keyword), "{schema}");
        assert_eq!(group.samples.iter().map(|sample| sample.promised.as_str()).collect::<Vec<_>>(), [promised], "{schema}");
    }
}
