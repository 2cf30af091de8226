//! Every kind of change: verdict, witness, version step. Independent validators, built from the fixtures, check each witness.

use std::fmt::Write as _;

use charter_contract::{Contract, Mode};
use charter_diff::wire::promises;
use charter_diff::{Diff, Evidence, Options, Side, diff, rust};
use serde_json::{Value, json};

struct Case {
    name: String,
    old: Value,
    new: Value,
}

fn cases(text: &str) -> Vec<Case> {
    let list: Vec<Value> = serde_json::from_str(text).expect("a list of cases");
    let case =
        |case: Value| Case { name: case["name"].as_str().expect("a name").to_owned(), old: case["old"].clone(), new: case["new"].clone() };
    list.into_iter().map(case).collect()
}

/// A contract of one schema.
fn schema(schema: &Value) -> Contract {
    let mut schema = schema.clone();
    if let Value::Object(keywords) = &mut schema {
        keywords.entry("title").or_insert_with(|| "Thing".into());
        keywords.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    }
    let files = vec![("thing.schema.json".to_owned(), schema.to_string().into_bytes())];
    charter_rules::from_documents(files).unwrap_or_else(|error| panic!("{error}"))
}

fn openapi(document: &Value) -> Contract {
    let files = vec![("openapi.json".to_owned(), document.to_string().into_bytes())];
    charter_rules::from_documents(files).unwrap_or_else(|error| panic!("{error}"))
}

/// The differences, one per line.
fn summary(old: &Contract, new: &Contract, found: &Diff) -> String {
    let mut out = String::new();
    for change in &found.operations {
        let verdicts = [change.client, change.tolerant_client, change.server].map(|verdict| verdict.as_str());
        let _ = writeln!(out, "  {} client {} / {}, server {}", change.kind.0, verdicts[0], verdicts[1], verdicts[2]);
        if let (Some(witness), Some(side)) = (&change.witness, &change.promised_by) {
            let _ = writeln!(out, "    {side}: {}", serde_json::to_string(witness).expect("a sketch"));
        }
    }
    for change in &found.schemas {
        let verdicts = [change.client, change.tolerant_client, change.server].map(|verdict| verdict.as_str());
        let _ = writeln!(out, "  {} client {} / {}, server {}", change.change.kind.0, verdicts[0], verdicts[1], verdicts[2]);
        for (what, evidence) in [("more", &change.change.accepts_more), ("less", &change.change.accepts_less)] {
            let text = match evidence {
                Evidence::Yes { witness } => witness.to_string(),
                Evidence::No { proof } => format!("no, by {}", proof.as_str()),
                Evidence::Unknown { tried } => format!("unknown after {tried}"),
            };
            let _ = writeln!(out, "    {what}: {text}");
        }
    }
    for note in &found.notes {
        let _ = writeln!(out, "  note {}", note.kind.0);
    }
    let api = rust::rust_api(old, new, Mode::Strict, &found.schemas);
    let _ = writeln!(
        out,
        "  step {}: signatures {}, values {}, cargo semver-checks {}",
        api.step.as_str(),
        api.api_step.as_str(),
        api.behaviour_step.as_str(),
        api.linted_step.as_str()
    );
    out
}

#[test]
fn schemas_change_in_every_kind() {
    let mut out = String::new();
    for case in cases(include_str!("kinds/schemas.json")) {
        let (old, new) = (schema(&case.old), schema(&case.new));
        let found = diff(&old, &new, &Options::default());
        let _ = writeln!(out, "{}\n{}", case.name, summary(&old, &new, &found));
    }
    insta::assert_snapshot!(out);
}

#[test]
fn operations_change_in_every_kind() {
    let mut out = String::new();
    for case in cases(include_str!("kinds/operations.json")) {
        let (old, new) = (openapi(&case.old), openapi(&case.new));
        let found = diff(&old, &new, &Options::default());
        let _ = writeln!(out, "{}\n{}", case.name, summary(&old, &new, &found));
    }
    insta::assert_snapshot!(out);
}

/// A validator of the schema at a location in a document, built without the code under test.
fn validator(document: &Value, pointer: &str) -> jsonschema::Validator {
    let mut whole = document.clone();
    if let Value::Object(keywords) = &mut whole {
        keywords.insert("$id".to_owned(), json!("https://example.com/whole"));
    }
    let registry = jsonschema::Registry::new().add("https://example.com/whole", &whole).expect("a resource");
    let registry = registry.prepare().expect("a registry");
    let fragment = pointer.replace('{', "%7B").replace('}', "%7D");
    let schema = json!({ "$ref": format!("https://example.com/whole#{fragment}") });
    jsonschema::options().with_registry(&registry).build(&schema).expect("a schema")
}

#[test]
fn each_witness_is_accepted_by_one_side_and_refused_by_the_other() {
    let (mut parts, mut wholes) = (0, 0);
    let schemas = cases(include_str!("kinds/schemas.json")).into_iter().map(|case| (schema(&case.old), schema(&case.new), case));
    let operations = cases(include_str!("kinds/operations.json")).into_iter().map(|case| (openapi(&case.old), openapi(&case.new), case));
    for (old, new, case) in schemas.chain(operations) {
        let found = diff(&old, &new, &Options::default());
        for change in &found.schemas {
            let pointer = |contract: &Contract, id| contract.schema(id).location.pointer().to_owned();
            let (before, after) = (pointer(&old, change.ids.0), pointer(&new, change.ids.1));
            let (one, other) = (validator(&case.old, &before), validator(&case.new, &after));
            if let Some(witness) = change.change.accepts_more.witness() {
                assert!(!one.is_valid(witness) && other.is_valid(witness), "{}: {witness} is not valid on the new side only", case.name);
                parts += 1;
            }
            if let Some(witness) = change.change.accepts_less.witness() {
                assert!(one.is_valid(witness) && !other.is_valid(witness), "{}: {witness} is not valid on the old side only", case.name);
                parts += 1;
            }
        }
        let (old, new) = (Side::new(&old), Side::new(&new));
        for change in found.operations.iter() {
            if let (Some(witness), Some(side)) = (&change.witness, &change.promised_by) {
                let by_new = side == "new";
                assert_eq!(promises(&new, witness), Some(by_new), "{}: {witness:?}", case.name);
                assert_eq!(promises(&old, witness), Some(!by_new), "{}: {witness:?}", case.name);
                wholes += 1;
            }
        }
    }
    assert!(parts > 120 && wholes > 15, "{parts} witnesses of schemas, {wholes} of exchanges");
}

#[test]
fn schemas_that_differ_in_spelling_only_have_no_change() {
    for case in cases(include_str!("kinds/equal.json")) {
        let (old, new) = (schema(&case.old), schema(&case.new));
        for (old, new, way) in [(&old, &new, "forth"), (&new, &old, "back")] {
            let found = diff(old, new, &Options::default());
            let changes: Vec<&str> = found.schemas.iter().map(|change| change.change.summary.as_str()).collect();
            assert!(changes.is_empty() && found.operations.is_empty(), "{} ({way}): {changes:?}", case.name);
            assert!(found.bodies.is_empty());
        }
    }
}

#[test]
fn a_contract_compared_with_itself_has_no_change_and_no_note() {
    let contract = charter_rules::load("../../schema".into()).unwrap_or_else(|error| panic!("{error}"));
    let found = diff(&contract, &contract, &Options::default());
    assert!(found.schemas.is_empty() && found.operations.is_empty() && found.notes.is_empty());
    assert_eq!(rust::rust_api(&contract, &contract, Mode::Strict, &found.schemas).step, rust::Step::None);
}

#[test]
fn ids_do_not_depend_on_other_changes() {
    let old = json!({"type": "object", "properties": {"a": {"type": "number"}, "b": {"enum": ["x"]}}, "additionalProperties": false});
    let mut one = old.clone();
    one["properties"]["b"]["enum"] = json!(["x", "y"]);
    let mut two = one.clone();
    two["properties"]["a"]["minimum"] = json!(1);
    two["properties"]["c"] = json!({"type": "string"});
    let ids = |new: &Value| -> Vec<String> {
        diff(&schema(&old), &schema(new), &Options::default()).schemas.into_iter().map(|change| change.change.id).collect()
    };
    let (few, many) = (ids(&one), ids(&two));
    assert_eq!((few.len(), many.len()), (1, 3));
    assert!(many.contains(&few[0]));
}

/// A contract with the schema as the body of a request or a response.
fn contract_of_body(schema: &Value, way: &str) -> Contract {
    let content = json!({ "application/json": { "schema": schema } });
    let mut operation = json!({ "operationId": "things.put", "responses": { "204": { "description": "" } } });
    match way {
        "request" => operation["requestBody"] = json!({ "required": true, "content": content }),
        _ => operation["responses"] = json!({ "200": { "description": "", "content": content } }),
    }
    openapi(&json!({ "openapi": "3.1.0", "info": { "title": "t", "version": "1" }, "paths": { "/things": { "put": operation } } }))
}

#[test]
fn the_table_of_published_rules_equals_the_verdicts() {
    let schemas = cases(include_str!("kinds/schemas.json"));
    let operations = cases(include_str!("kinds/operations.json"));
    let (mut rows, mut differences) = (0, Vec::new());
    for line in include_str!("../README.md").lines().filter(|line| line.starts_with("| ") && line.matches('|').count() == 8) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [name, way, strict, tolerant, described, ..] = cells[..] else { panic!("{line}") };
        if name == "change" {
            continue;
        }
        let list = if way.is_empty() { &operations } else { &schemas };
        let case = list.iter().find(|case| case.name == name).unwrap_or_else(|| panic!("no fixture is called `{name}`"));
        let (old, new) = match way {
            "" => (openapi(&case.old), openapi(&case.new)),
            way => (contract_of_body(&case.old, way), contract_of_body(&case.new, way)),
        };
        let found = diff(&old, &new, &Options::default());
        let all = || {
            let operations = found.operations.iter().map(|change| (change.client, change.tolerant_client, change.level));
            operations.chain(found.schemas.iter().map(|change| (change.client, change.tolerant_client, change.level)))
        };
        let strictest = all().map(|(strict, ..)| strict).max().map(|verdict| verdict.as_str());
        let most_tolerant = all().map(|(_, tolerant, _)| tolerant).max().map(|verdict| verdict.as_str());
        let level = all().map(|(.., level)| level).max().map(|level| level.as_str());
        if (strictest, most_tolerant, level) != (Some(strict), Some(tolerant), Some(described)) {
            differences.push(format!("{name} | {way} | {strictest:?} | {most_tolerant:?} | {level:?}"));
        }
        rows += 1;
    }
    assert_eq!(differences, Vec::<String>::new());
    assert!(rows > 60, "{rows} rows");
}
