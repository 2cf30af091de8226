//! The reports of a comparison: grouped, ordered by weight, and of a size that can be read.

use charter_contract::{Contract, DiffConfig, Mode};
use charter_diff::policy::{Party, Policy};
use charter_diff::report::{Report, ReportOptions, Sides, github, html, markdown, report, sarif, text};
use serde_json::{Value, json};

fn contract(document: &Value) -> Contract {
    let text = serde_json::to_string_pretty(document).expect("JSON");
    charter_rules::from_documents(vec![("openapi.json".to_owned(), text.into_bytes())]).unwrap_or_else(|error| panic!("{error}"))
}

fn compared(old: &Value, new: &Value) -> Report {
    let (old, new) = (contract(old), contract(new));
    let sides = Sides { old_name: "old".to_owned(), old: &old, new_name: "new".to_owned(), new: &new, rules: None, without_rules: false };
    let mut options = ReportOptions { mode: Mode::Strict, ..ReportOptions::default() };
    options.policy = Policy::new(None, Party::Client, DiffConfig::default(), "2026-01-31").expect("a policy");
    report(&sides, &options)
}

/// An API with an operation for each schema.
fn api(schemas: &[(String, Value)]) -> Value {
    let mut document = json!({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {}, "components": {"schemas": {}}});
    for (name, schema) in schemas {
        document["components"]["schemas"][name] = schema.clone();
        document["paths"][format!("/{name}")] = json!({"get": {"operationId": format!("{name}.get"), "responses": {"200": {"description": "d",
            "content": {"application/json": {"schema": {"$ref": format!("#/components/schemas/{name}")}}}}}}});
    }
    document
}

fn values(count: usize) -> Value {
    (0..count).map(|index| format!("value-{index}")).collect()
}

#[test]
fn changes_at_one_place_are_one_entry_and_the_heaviest_is_first() {
    let schema = |listed: usize, type_: &str| json!({"type": "object", "properties": {"state": {"enum": values(listed)}, "size": {"type": type_}}, "required": ["state", "size"]});
    let mut old = api(&[("parcel".to_owned(), schema(2, "integer")), ("label".to_owned(), json!({"type": "string"}))]);
    let mut new = api(&[("parcel".to_owned(), schema(62, "string"))]);
    for document in [&mut old, &mut new] {
        document["components"]["schemas"]["unused"] = json!({"type": "string"});
    }
    let report = compared(&old, &new);
    let page = text(&report, false);
    assert!(page.contains("60 values are added: \"value-2\", \"value-3\", \"value-4\", \"value-5\", \"value-6\" and 55 more"), "{page}");
    let at = |part: &str| page.find(part).unwrap_or_else(|| panic!("{part}: {page}"));
    assert!(at("BREAKING for a client") < at("operation-removed: GET /label is removed"));
    assert!(at("operation-removed: GET /label") < at("type-changed: "));
    assert!(at("type-changed: ") < at("60 values are added"));
    // Each operation has its own number of changes.
    assert!(page.contains("2 operations: label.get (1), parcel.get (1)"), "{page}");
    let all: Vec<(String, Value)> = ["a", "b", "c"].iter().map(|name| ((*name).to_owned(), json!({"type": "string"}))).collect();
    let page = text(&compared(&api(&all), &api(&all[..1])), false);
    assert!(page.contains("2 operations are removed") && page.contains("2 operations: b.get (1), c.get (1)"), "{page}");
}

#[test]
fn reports_of_many_changes_can_be_read_and_posted() {
    let side = |new: bool| -> Vec<(String, Value)> {
        let schema = |index: usize| {
            let mut schema =
                json!({"type": "object", "additionalProperties": false, "properties": {"id": {"type": "string"}}, "required": ["id"]});
            let name = format!("key{index}");
            match (index % 6, new) {
                (0, false) => schema["properties"][&name] = json!({"type": "string"}),
                (0, true) => schema["properties"][&name] = json!({"type": "integer"}),
                (1, false) => schema["properties"][&name] = json!({"enum": values(3)}),
                (1, true) => schema["properties"][&name] = json!({"enum": values(30)}),
                (2, true) => schema["properties"][&name] = json!({"type": "string"}),
                (3, true) => schema["required"] = json!([]),
                (4, false) => schema["properties"]["id"]["maxLength"] = json!(index),
                (5, true) => schema["additionalProperties"] = json!(true),
                _ => {}
            }
            (format!("schema{index}"), schema)
        };
        (0..300).map(schema).collect()
    };
    let (old, new) = (api(&side(false)), api(&side(true)));
    let report = compared(&old, &new);
    let page = text(&report, false);
    assert!(page.lines().count() <= 60, "{page}");
    assert!(page.lines().all(|line| line.chars().count() < 700), "{page}");
    let comment = markdown(&report);
    assert!(comment.chars().count() <= 65_536, "{}", comment.chars().count());
    assert_eq!(comment.matches("<details>").count(), comment.matches("</details>").count());
    assert!(html(&report).ends_with("</html>\n"));
    let annotations = github(&report, &|_, document| format!("api/{document}"));
    assert!(annotations.lines().count() <= 21, "{annotations}");
}

#[test]
fn annotations_are_at_the_line_of_the_changed_document() {
    let old = api(&[("parcel".to_owned(), json!({"type": "integer"})), ("label".to_owned(), json!({"type": "string"}))]);
    let new = api(&[("parcel".to_owned(), json!({"type": "string"}))]);
    let report = compared(&old, &new);
    let lines: Vec<String> = serde_json::to_string_pretty(&new).expect("JSON").lines().map(str::to_owned).collect();
    let log = sarif(&report, &|side, document| format!("api/{side} {document}"));
    let results = log["runs"][0]["results"].as_array().expect("results");
    let of = |kind: &str| results.iter().find(|result| result["ruleId"] == kind).unwrap_or_else(|| panic!("{log}"));
    let changed = &of("type-changed")["locations"][0]["physicalLocation"];
    assert_eq!(changed["artifactLocation"]["uri"], "api/new%20openapi.json");
    let line = changed["region"]["startLine"].as_u64().expect("a line");
    assert!(lines[line as usize - 1].contains("\"string\""), "line {line}");
    // A removed operation is shown at the paths that contained it.
    let line = of("operation-removed")["locations"][0]["physicalLocation"]["region"]["startLine"].as_u64().expect("a line");
    assert!(lines[line as usize - 1].contains("\"paths\""), "line {line}");
    let annotations = github(&report, &|_, document| format!("api/{document}"));
    assert!(annotations.starts_with("::error file=api/openapi.json,line="), "{annotations}");
}

#[test]
fn the_small_report_is_complete() {
    let old = api(&[(
        "parcel".to_owned(),
        json!({"type": "object", "properties": {"id": {"type": "integer"}, "note": {"type": "string"}}, "required": ["id"]}),
    )]);
    let new = api(&[(
        "parcel".to_owned(),
        json!({"type": "object", "properties": {"id": {"type": ["integer", "null"]}, "size": {"enum": ["a<b"]}}, "required": ["id"]}),
    )]);
    let report = compared(&old, &new);
    insta::assert_snapshot!("text", text(&report, false));
    insta::assert_snapshot!("markdown", markdown(&report));
    insta::assert_snapshot!("html", html(&report).split_once("</style>").expect("a style").1);
}
