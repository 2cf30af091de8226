//! Coverage of schemas: which case of each keyword a value counts for.

use charter_engine::{Judge, check_exchanges};
use charter_report::SchemaCoverage;
use charter_rules::from_documents;
use charter_traffic::Exchange;

const OPENAPI: &str = "
openapi: 3.1.0
info: {title: t, version: '1'}
paths:
  /orders:
    get:
      operationId: orders.get
      responses: {'200': {description: An order., content: {application/json: {schema: {$ref: order.schema.json}}}}}
";

/// The coverage of the schema of the property `it` after these values.
fn coverage(schema: &str, values: &[&str]) -> SchemaCoverage {
    let order = format!(r#"{{"type": "object", "properties": {{"it": {schema}}}}}"#);
    let documents = [("openapi.yaml", OPENAPI.to_owned()), ("order.schema.json", order)];
    let contract = from_documents(documents.into_iter().map(|(name, text)| (name.to_owned(), text.into_bytes())).collect());
    let judge = Judge::new(&contract.unwrap_or_else(|error| panic!("{error}"))).expect("the contract compiles");
    let exchanges = values.iter().map(|value| Exchange::bare(format!(r#"{{"it": {value}}}"#).as_bytes()));
    let report = check_exchanges(&judge, &exchanges.collect::<Vec<_>>());
    let found = report.schema.into_iter().find(|schema| schema.location == "order.schema.json#/properties/it");
    found.expect("the schema is covered")
}

#[track_caller]
fn assert_bounds(schema: &str, values: &[&str], expected: &[(&str, u64)]) {
    let bounds = coverage(schema, values).bounds;
    let bounds: Vec<(&str, u64)> = bounds.iter().map(|(bound, count)| (bound.as_str(), *count)).collect();
    assert_eq!(bounds, expected, "{schema}");
}

#[test]
fn a_string_counts_for_the_length_that_it_has() {
    let schema = r#"{"type": "string", "minLength": 2, "maxLength": 4}"#;
    assert_bounds(schema, &[], &[("minLength", 0), ("maxLength", 0)]);
    assert_bounds(schema, &[r#""ab""#], &[("minLength", 1), ("maxLength", 0)]);
    assert_bounds(schema, &[r#""abc""#], &[("minLength", 0), ("maxLength", 0)]);
    assert_bounds(schema, &[r#""abcd""#, r#""wxyz""#], &[("minLength", 0), ("maxLength", 2)]);
    // Characters are counted, not bytes.
    assert_bounds(schema, &[r#""éé""#], &[("minLength", 1), ("maxLength", 0)]);
}

#[test]
fn a_list_counts_for_the_number_of_items_that_it_has() {
    let schema = r#"{"type": "array", "minItems": 1, "maxItems": 3}"#;
    assert_bounds(schema, &["[1]"], &[("notEmpty", 1), ("minItems", 1), ("maxItems", 0)]);
    assert_bounds(schema, &["[1, 2, 3]"], &[("notEmpty", 1), ("minItems", 0), ("maxItems", 1)]);
    assert_bounds(r#"{"type": "array"}"#, &["[]", "[1]"], &[("empty", 1), ("notEmpty", 1)]);
}

#[test]
fn a_number_counts_for_the_bound_that_it_equals() {
    let schema = r#"{"type": "number", "minimum": 0, "maximum": 10}"#;
    assert_bounds(schema, &["0", "0.0", "5"], &[("minimum", 2), ("maximum", 0)]);
    assert_bounds(schema, &["10"], &[("minimum", 0), ("maximum", 1)]);
    // No value equals an exclusive bound.
    assert_bounds(r#"{"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 10}"#, &["5"], &[]);
}

#[test]
fn a_value_counts_for_its_type_its_enumerated_value_and_its_branch() {
    let types = coverage(r#"{"type": ["integer", "string", "null"]}"#, &["1", "1.0", "null"]).kinds;
    assert_eq!([types["integer"], types["string"], types["null"], types["absent"]], [2, 0, 1, 0]);
    let values = coverage(r#"{"enum": ["new", "paid"]}"#, &[r#""paid""#]).values;
    assert_eq!([values["new"], values["paid"]], [0, 1]);
    let branches = coverage(r#"{"anyOf": [{"type": "integer"}, {"type": "string", "minLength": 1}]}"#, &[r#""a""#]).branches;
    assert_eq!([branches["anyOf/0"], branches["anyOf/1"]], [0, 1]);
}
