//! The contract of this repository loads; each invalid contract is refused with its location.

use charter_contract::{Contract, Error};
use charter_rules::from_documents;

fn contract() -> Contract {
    charter_rules::load("../../schema".into()).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn the_contract_of_this_repository_loads() {
    let contract = contract();
    assert_eq!(contract.operations().len(), 9);
    assert_eq!(contract.operations()[0].responses.len(), 8);
    assert!(contract.invariants().invariants.len() > 50);
}

fn check(files: &[(&str, &str)]) -> Result<Contract, Error> {
    from_documents(files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect())
}

fn check_refused(files: &[(&str, &str)], wanted: &str) {
    let error = check(files).map(|_| ()).expect_err(wanted).to_string();
    assert!(error.contains(wanted), "wanted: {wanted}\nfound:  {error}");
}

#[test]
fn a_broken_schema_is_refused_at_its_place() {
    check_refused(&[("a.schema.json", "{\"type\": }")], "a.schema.json# (line 1, column 10): JSON syntax");
    check_refused(&[("a.schema.json", r#"{"type": "strng"}"#)], "a.schema.json#/type (line 1, column 10)");
    check_refused(&[("a.schema.json", r##"{"$ref": "#/$defs/Naem", "$defs": {"Name": {}}}"##)], "has no target; did you mean `Name`?");
    check_refused(&[("a.schema.json", r##"{"$ref": "other.json#/x"}"##)], "has no target");
    check_refused(&[("a.schema.json", r##"{"$ref": "https://example.com/x.json"}"##)], "remote documents are not fetched");
    check_refused(
        &[("a.schema.json", r##"{"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}"##)],
        "is cyclic",
    );
    check_refused(&[("a.schema.json", r##"{"$ref": "#"}"##)], "is cyclic");
    check_refused(&[("a.schema.json", r#"{"$schema": "http://json-schema.org/draft-03/schema#"}"#)], "is not supported");
    check_refused(&[("a.schema.json", &"[".repeat(10_000))], "levels deep");
    check_refused(&[("a.schema.json", r#"{"type": "object", "type": "array"}"#)], "duplicate key");
    check_refused(&[("openapi.yaml", &format!("a: {}", "[".repeat(5_000)))], "openapi.yaml#");
    check_refused(&[("openapi.yaml", "a: 1\na: 2\n")], "duplicate key `a`");
    check_refused(&[("openapi.yaml", "openapi: 2.9.0\n")], "OpenAPI 2.9.0");
    check_refused(&[("charter.toml", "[chekc]\n"), ("a.schema.json", "{}")], "unknown field `chekc`");
}

#[test]
fn recursion_through_a_property_is_not_a_circle() {
    let tree = r##"{"type": "object", "properties": {"children": {"type": "array", "items": {"$ref": "#"}}, "next": {"$ref": "#"}}}"##;
    assert!(check(&[("tree.schema.json", tree)]).is_ok());
}

const SCHEMA: &str =
    r#"{"type": "object", "properties": {"size": {"type": "integer"}, "name": {"type": "string"}}, "additionalProperties": false}"#;

fn invariant(more: &str) -> String {
    format!(
        "format: charter-invariants/1\ninvariants:\n  - id: a\n    on: a.schema.json\n    message: m\n    severity: error\n    promise: {{kind: documented, where: here, quote: q}}\n    examples: {{pass: [{{}}], fail: [{{}}]}}\n{more}"
    )
}

fn check_rule_refused(more: &str, wanted: &str) {
    check_refused(&[("a.schema.json", SCHEMA), ("a.invariants.yaml", &invariant(more))], wanted);
}

#[test]
fn a_broken_rule_is_refused_at_its_place() {
    check_rule_refused("    rule: self.size >=\n", "a.invariants.yaml#/invariants/0/rule (line 9, column 23)");
    check_rule_refused("    rule: self.siez > 0\n", "(line 9, column 15): in `self.siez > 0`: unknown field `siez`; did you mean `size`?");
    check_rule_refused("    rule: slef.size > 0\n", "unknown variable `slef`; did you mean `self`?");
    check_rule_refused("    rule: self.name.startWith('a')\n", "did you mean `startsWith`?");
    check_rule_refused("    rule: 'true'\n    when: has(self.naem)\n", "invariants/0/when");
    check_rule_refused("    rule: 'true'\n    colour: red\n", "('colour' was unexpected)");
    check_rule_refused("    rule: 'true'\n    old: required\n", "`old` without a rule that reads `oldSelf`");
    check_rule_refused("    rule: 'true'\n    restates: a.schema.json#/properties/sise\n", "did you mean `size`?");
    let twice = invariant("    rule: 'true'\n")
        + "  - id: a\n    on: a.schema.json\n    message: m\n    severity: warning\n    promise: {kind: implied, where: here, quote: q}\n    rule: 'true'\n";
    check_refused(&[("a.schema.json", SCHEMA), ("a.invariants.yaml", &twice)], "the id `a` is used twice");
}

#[test]
fn every_problem_of_a_stage_is_reported_together() {
    let error = check(&[("a.schema.json", r##"{"properties": {"a": {"$ref": "#/x"}, "b": {"$ref": "#/y"}}}"##)])
        .map(|_| ())
        .expect_err("two problems");
    assert_eq!(error.problems().len(), 2, "{error}");
}

#[test]
fn the_digest_does_not_depend_on_layout() {
    let digest = |text: &str| check(&[("a.schema.json", text)]).expect("a contract").digest();
    assert_eq!(digest(r#"{"type":"object","title":"A"}"#), digest("{\n  \"title\": \"A\",\n  \"type\": \"object\"\n}"));
    assert_ne!(digest(r#"{"type":"object"}"#), digest(r#"{"type":"array"}"#));
}

#[test]
fn a_broken_schema_is_reported_once_however_often_it_is_referred_to() {
    let openapi = "openapi: 3.1.0\npaths:\n  /a:\n    get:\n      operationId: a\n      responses:\n        \"200\": {content: {application/json: {schema: {$ref: a.schema.json}}}}\n        \"201\": {content: {application/json: {schema: {$ref: 'a.schema.json#/properties/b'}}}}\n";
    let error = check(&[("openapi.yaml", openapi), ("a.schema.json", r#"{"properties": {"b": {"maximum": "1"}}}"#)])
        .map(|_| ())
        .expect_err("a problem");
    assert_eq!(error.problems().len(), 1, "{error}");
}

/// Checks the target of the reference at the root of a schema.
fn check_target(schema: &str, remotes: &[(&str, &str)], wanted: &str) {
    let remotes = remotes.iter().map(|(uri, text)| ((*uri).to_owned(), text.as_bytes().to_vec())).collect();
    let sources = charter_contract::Sources::of("a.json", schema).with_remotes(remotes);
    let contract = charter_contract::from_sources(sources).unwrap_or_else(|error| panic!("{schema}: {error}"));
    let root = contract.roots()[0];
    let target = contract.schema(contract.target(root));
    assert_eq!(target.location.to_string(), wanted, "{schema}");
}

#[test]
fn references_resolve_by_every_name() {
    check_target(r##"{"$ref": "#here", "$defs": {"x": {"$anchor": "here"}}}"##, &[], "a.json#/$defs/x");
    check_target(r##"{"$ref": "other", "$defs": {"x": {"$id": "other", "$defs": {"y": {}}}}}"##, &[], "a.json#/$defs/x");
    check_target(r##"{"$ref": "other#/$defs/y", "$defs": {"x": {"$id": "other", "$defs": {"y": {}}}}}"##, &[], "a.json#/$defs/x/$defs/y");
    check_target(
        r##"{"$schema": "http://json-schema.org/draft-07/schema#", "$ref": "#x", "definitions": {"x": {"$id": "#x"}}}"##,
        &[],
        "a.json#/definitions/x",
    );
    let far = ("https://example.com/far.json", r#"{"$defs": {"x": {"type": "string"}}}"#);
    check_target(r##"{"$ref": "https://example.com/far.json#/$defs/x"}"##, &[far], "https://example.com/far.json#/$defs/x");
    let by_id = ("file.json", r#"{"$id": "https://example.com/by-id", "type": "string"}"#);
    check_target(r##"{"$ref": "https://example.com/by-id"}"##, &[by_id], "file.json#");
    check_target(r##"{"$ref": "http://json-schema.org/draft-07/schema#"}"##, &[], "http://json-schema.org/draft-07/schema#");
    check_target(r##"{"$ref": "#/x/y%25z", "x": {"y%z": {"type": "null"}}}"##, &[], "a.json#/x/y%z");
}
