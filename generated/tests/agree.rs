//! The generated types and the `jsonschema` validator agree on every bundled body and on every mutation of one of its keys;
//! so does the `schemars` schema of the types.

use charter_generated::{ApiErrorEnvelope, Run};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

mod common;
use common::{bundled, mutations, same_json};

fn validator(text: &str) -> jsonschema::Validator {
    let schema: Value = serde_json::from_str(text).expect("the schema is JSON");
    jsonschema::draft202012::options().should_validate_formats(false).build(&schema).expect("the schema compiles")
}

/// Compares the readers on one document. Returns whether it was accepted.
fn check_agreement<T: DeserializeOwned + Serialize>(validators: &[&jsonschema::Validator], label: &str, value: &Value) -> bool {
    let text = value.to_string();
    let read = serde_json::from_str::<T>(&text);
    for validator in validators {
        assert_eq!(
            read.is_ok(),
            validator.is_valid(value),
            "{label}: the type says {:?}\n{value}",
            read.as_ref().err().map(ToString::to_string)
        );
    }
    match read {
        Ok(read) => {
            let back = serde_json::to_value(&read).expect("JSON");
            assert!(same_json(&back, value), "{label}: changed\n{value}\n{back}");
            true
        }
        Err(error) => {
            assert!(error.to_string().starts_with("at \""), "{label}: no location in {error}");
            false
        }
    }
}

fn check_all<T: DeserializeOwned + Serialize>(validators: &[&jsonschema::Validator], wanted: impl Fn(u64) -> bool) -> (usize, usize) {
    let (mut accepted, mut refused) = (0, 0);
    let mut count = |label: &str, value: &Value| match check_agreement::<T>(validators, label, value) {
        true => accepted += 1,
        false => refused += 1,
    };
    for (name, _, body) in bundled().into_iter().filter(|(_, status, _)| wanted(*status)) {
        count(&name, &body);
        for (label, mutated) in mutations(&body) {
            count(&format!("{name} {label}"), &mutated);
        }
    }
    (accepted, refused)
}

/// The source schema and, with the feature, the `schemars` schema of the type.
macro_rules! validators {
    ($type:ty, $source:expr) => {{
        let mut validators = vec![validator($source)];
        #[cfg(feature = "schemars")]
        validators.push(validator(&schemars::schema_for!($type).to_value().to_string()));
        validators
    }};
}

#[test]
fn run_agrees_with_its_schema_and_its_schemars_schema() {
    let validators = validators!(Run, &std::fs::read_to_string("../schema/run.schema.json").expect("the schema"));
    let (accepted, refused) = check_all::<Run>(&validators.iter().collect::<Vec<_>>(), |status| status == 200);
    println!("Run: {accepted} accepted, {refused} refused by all");
    assert!(accepted > 10_000 && refused > 10_000, "{accepted} accepted, {refused} refused");
}

#[test]
fn the_error_envelope_agrees_with_its_schema_and_its_schemars_schema() {
    let validators = validators!(ApiErrorEnvelope, &std::fs::read_to_string("../schema/api-error.schema.json").expect("the schema"));
    let (accepted, refused) = check_all::<ApiErrorEnvelope>(&validators.iter().collect::<Vec<_>>(), |status| status != 200);
    println!("ApiErrorEnvelope: {accepted} accepted, {refused} refused by all");
    assert!(accepted > 50 && refused > 300, "{accepted} accepted, {refused} refused");
}

#[cfg(feature = "schemars")]
#[test]
fn inlined_schemas_give_the_same_verdicts() {
    let settings = schemars::generate::SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let inlined = validator(&settings.into_generator().into_root_schema_for::<Run>().to_value().to_string());
    for (name, _, body) in bundled().into_iter().filter(|(_, status, _)| *status == 200) {
        check_agreement::<Run>(&[&inlined], &name, &body);
    }
}
