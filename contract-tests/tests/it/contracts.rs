//! Contracts that are unlike the bundled one: odd names, identifiers, header promises, unions of unions.

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

/// The places of the only finding: in the body, as evaluated from the answer's schema, in its document; and its branch.
fn check_places(body: &str, keyword: &str, places: [&str; 3], branch: Option<&str>) {
    let report = report(body);
    let [group] = report.groups.as_slice() else { panic!("{body}: {:#?}", report.groups) };
    let [sample] = group.samples.as_slice() else { panic!("{body}: {:#?}", group.samples) };
    assert_eq!(group.keyword.as_deref(), Some(keyword), "{body}");
    let found = [
        &*sample.instance_location,
        group.keyword_location.as_deref().unwrap_or_default(),
        group.absolute_keyword_location.as_deref().unwrap_or_default(),
    ];
    assert_eq!(found, places, "{body}");
    assert_eq!(sample.branch.as_deref(), branch, "{body}");
}

#[test]
fn a_finding_has_its_three_places_whatever_the_names() {
    check_places(
        r#"{"a/b ~%": 0}"#,
        "minimum",
        ["/a~1b ~0%", "/$ref/properties/a~1b ~0%/$ref/minimum", "a thing.schema.json#/$defs/odd ~0name~1/minimum"],
        None,
    );
}

#[test]
fn unions_inside_unions_are_explained_by_the_branch_that_came_closest() {
    check_places(
        r#"{"either": {"inner": {"x": 2}}}"#,
        "const",
        [
            "/either/inner/x",
            "/$ref/properties/either/anyOf/0/properties/inner/oneOf/1/properties/x/const",
            "a thing.schema.json#/properties/either/anyOf/0/properties/inner/oneOf/1/properties/x/const",
        ],
        Some("a thing.schema.json#/properties/either/anyOf/0/properties/inner/oneOf/1"),
    );
    check_places(
        r#"{"either": {"outer": "a", "more": 1}}"#,
        "additionalProperties",
        [
            "/either/more",
            "/$ref/properties/either/anyOf/1/additionalProperties",
            "a thing.schema.json#/properties/either/anyOf/1/additionalProperties",
        ],
        Some("a thing.schema.json#/properties/either/anyOf/1"),
    );
    check_places(
        r#"{"either": 7}"#,
        "anyOf",
        ["/either", "/$ref/properties/either/anyOf", "a thing.schema.json#/properties/either/anyOf"],
        None,
    );
}

#[test]
fn promised_headers_and_answers_without_a_body_are_judged() {
    let judge = judge(THING.replace("odd%20%7Ename~1", "odd%20~0name~1").as_str());
    let count = |value: &str| Exchange::get("/things/1").response(200, "{}").response_header("X-Count", value).report(&judge);
    assert!(count("3").is_kept());
    for wrong in ["4", "many"] {
        let report = count(wrong);
        assert_eq!(report.groups[0].rule.as_deref(), Some("http.header"), "{wrong}");
    }
    // `default` promises nothing of the body; what calls itself JSON is JSON all the same.
    assert!(Exchange::get("/things/1").response(500, "[7]").report(&judge).is_kept());
    assert_eq!(Exchange::get("/things/1").response(500, "<oops>").report(&judge).groups[0].rule.as_deref(), Some("syntax.json"));
}
