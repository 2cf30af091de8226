//! The errors of checks by the `jsonschema` crate.

use serde_json::json;

use crate::{Documents, Reference};

static DOCUMENTS: Documents = Documents::new(&[(
    "charter:///pet.json",
    r#"{"$schema": "https://json-schema.org/draft/2020-12/schema", "properties": {"pet": {"oneOf": [
        {"type": "object"}, {"type": "string"}, {"type": "object", "required": ["name"]}]}}}"#,
)]);
static PET: Reference = Reference::new(&DOCUMENTS, "charter:///pet.json");

#[test]
fn a_one_of_that_matches_twice_names_the_branches() {
    PET.check(&json!({"pet": {}})).expect("one branch matches");
    let error = PET.check(&json!({"pet": {"name": "Rex"}})).expect_err("two branches match").to_string();
    assert_eq!(error, "at \"/pet\": oneOf: found 2 matching branches (0, 2), expected exactly one matching branch");
    let error = PET.check(&json!({"pet": []})).expect_err("no branch matches");
    assert_eq!(error.keyword(), "oneOf");
}
