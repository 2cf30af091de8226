//! Compares the expected step of `cargo semver-checks` with the step that it requires for the two generated crates.
//!
//! `.ci/run` does not run this test: it needs `cargo install cargo-semver-checks`, and compiles two crates for each fixture.

use std::path::Path;
use std::process::Command;

use charter_codegen::{Options as CodegenOptions, generate_with, package};
use charter_contract::{Contract, Mode};
use charter_diff::rust::{Step, rust_api};
use charter_diff::{Options, diff};
use serde_json::{Value, json};

/// The fixtures: every kind of change of a type, an enum, a struct, a field, a variant.
const FIXTURES: [&str; 30] = [
    "type: string becomes number",
    "type: one of two removed",
    "type: second type added",
    "null: allowed, as a list of types",
    "enum: value added",
    "enum: value removed",
    "enum: value renamed",
    "enum: added",
    "enum: removed",
    "const: changed",
    "minimum: raised",
    "minimum: lowered",
    "minimum: added",
    "minimum: removed",
    "maxLength: removed",
    "maxItems: added",
    "items: narrower",
    "property: optional property added, closed",
    "property: optional property added, open",
    "property: required property added",
    "property: optional property removed",
    "property: required property removed",
    "property: renamed",
    "required: key added",
    "required: key removed",
    "additionalProperties: now refused",
    "additionalProperties: now accepted",
    "anyOf: branch added",
    "anyOf: branch removed",
    "a definition: renamed",
];

fn schema(schema: &Value) -> Contract {
    let mut schema = schema.clone();
    if let Value::Object(keywords) = &mut schema {
        keywords.entry("title").or_insert_with(|| "Thing".into());
        keywords.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    }
    let files = vec![("thing.schema.json".to_owned(), schema.to_string().into_bytes())];
    charter_rules::from_documents(files).unwrap_or_else(|error| panic!("{error}"))
}

/// Writes the crate of a contract.
fn write(contract: &Contract, names: charter_codegen::name::NameLock, folder: &Path) -> charter_codegen::name::NameLock {
    let mut options = CodegenOptions::default();
    options.names = names;
    options.schemars = charter_codegen::Schemars::Never;
    let output = generate_with(contract, &options).unwrap_or_else(|error| panic!("{error}"));
    for file in package::package("things", &output, &options) {
        let path = folder.join(file.path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        let text = match path.ends_with("Cargo.toml") {
            // A workspace of its own, so that it belongs to no workspace above it.
            true => format!("{}\n[workspace]\n", file.text),
            false => file.text,
        };
        std::fs::write(path, text).expect("a file");
    }
    let lock = output.files.iter().find(|file| file.path == charter_codegen::NAMES).expect("names");
    charter_codegen::name::NameLock::parse(&lock.text).expect("a lock")
}

/// The step that `cargo semver-checks` requires.
fn required_step(old: &Path, new: &Path, target: &Path) -> Step {
    let output = Command::new("cargo")
        .args(["semver-checks", "--manifest-path"])
        .arg(new.join("Cargo.toml"))
        .arg("--baseline-root")
        .arg(old)
        .env("CARGO_TARGET_DIR", target)
        .env("CARGO_TERM_COLOR", "never")
        .output()
        .expect("cargo semver-checks is installed");
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    if text.contains("requires new major version") {
        Step::Major
    } else if text.contains("requires new minor version") {
        Step::Minor
    } else if text.contains("no semver update required") {
        Step::None
    } else {
        panic!("{text}")
    }
}

#[test]
#[ignore = "needs cargo-semver-checks, and compiles sixty crates"]
fn the_expected_step_equals_that_of_cargo_semver_checks() {
    let all: Vec<Value> = serde_json::from_str(include_str!("kinds/schemas.json")).expect("a list of cases");
    let folder = tempfile::tempdir().expect("a folder");
    let target = folder.path().join("target");
    let mut differing = Vec::new();
    for name in FIXTURES {
        let case = all.iter().find(|case| case["name"] == name).unwrap_or_else(|| panic!("no fixture is called `{name}`"));
        let (old, new) = (schema(&case["old"]), schema(&case["new"]));
        let (before, after) = (folder.path().join("old"), folder.path().join("new"));
        for path in [&before, &after] {
            let _ = std::fs::remove_dir_all(path);
        }
        let names = write(&old, Default::default(), &before);
        write(&new, names, &after);
        let expected = rust_api(&old, &new, Mode::Strict, &diff(&old, &new, &Options::default()).schemas);
        let required = required_step(&before, &after, &target);
        println!("{name}: expected {}, required {}, ours {}", expected.linted_step.as_str(), required.as_str(), expected.step.as_str());
        assert!(expected.step >= required, "{name}: our step is smaller");
        if required != expected.linted_step {
            differing.push(format!("{name}: expected {}, required {}", expected.linted_step.as_str(), required.as_str()));
        }
    }
    assert!(differing.is_empty(), "{differing:#?}");
}
