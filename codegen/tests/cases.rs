//! Small schemas: their code, as reviewed, is compiled here and used on valid and invalid instances.
#![allow(missing_docs, unreachable_pub, dead_code, reason = "the code of a case is that of a library, compiled inside of a test")]

use std::fmt::Debug;
use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

#[rustfmt::skip]
#[path = "cases/bounds/code/mod.rs"]
mod bounds;
#[rustfmt::skip]
#[path = "cases/checked/code/mod.rs"]
mod checked;
#[rustfmt::skip]
#[path = "cases/client/code/mod.rs"]
mod client;
#[rustfmt::skip]
#[path = "cases/hostile-words/code/mod.rs"]
mod hostile_words;
#[rustfmt::skip]
#[path = "cases/merged/code/mod.rs"]
mod merged;
#[rustfmt::skip]
#[path = "cases/names/code/mod.rs"]
mod names;
#[rustfmt::skip]
#[path = "cases/null-in-every-spelling/code/mod.rs"]
mod null_in_every_spelling;
#[rustfmt::skip]
#[path = "cases/open-objects/code/mod.rs"]
mod open_objects;
#[rustfmt::skip]
#[path = "cases/recursion/code/mod.rs"]
mod recursion;
#[rustfmt::skip]
#[path = "cases/tuples/code/mod.rs"]
mod tuples;
#[rustfmt::skip]
#[path = "cases/unions/code/mod.rs"]
mod unions;

fn folder(case: &str) -> String {
    format!("{}/tests/cases/{case}", env!("CARGO_MANIFEST_DIR"))
}

/// The type, the validator and the schema given back agree, and what is accepted comes back unchanged.
fn check_case<T: DeserializeOwned + Serialize + Debug + JsonSchema>(case: &str) {
    let read = |name: &str| -> Value {
        let path = format!("{}/{name}", folder(case));
        serde_json::from_slice(&std::fs::read(Path::new(&path)).expect("a file")).expect("JSON")
    };
    let compile = |schema: &Value| jsonschema::draft202012::options().should_validate_formats(false).build(schema).expect("a schema");
    let (source, given_back) = (compile(&read("case.schema.json")), compile(&schemars::schema_for!(T).to_value()));
    let instances = read("instances.json");
    for (heading, wanted) in [("valid", true), ("invalid", false)] {
        for instance in instances[heading].as_array().expect("a list") {
            assert_eq!(source.is_valid(instance), wanted, "{case}: the label of {instance} is wrong");
            assert_eq!(given_back.is_valid(instance), wanted, "{case}: the schema given back errs on {instance}");
            for typed in [serde_json::from_str::<T>(&instance.to_string()), serde_json::from_value::<T>(instance.clone())] {
                assert_eq!(typed.is_ok(), wanted, "{case}: {instance}: {typed:?}");
                let Ok(typed) = typed else { continue };
                // `1.0` comes back as `1`: equal under JSON Schema, so the second round must be stable.
                let back = serde_json::to_value(&typed).expect("JSON");
                assert!(same(&back, instance), "{case}: {instance} came back as {back}");
            }
        }
    }
}

fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left == right || left.as_f64() == right.as_f64(),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len() && left.iter().all(|(key, value)| right.get(key).is_some_and(|other| same(value, other)))
        }
        (left, right) => left == right,
    }
}

#[test]
fn the_types_of_every_case_are_exact() {
    check_case::<bounds::Root>("bounds");
    check_case::<checked::Root>("checked");
    check_case::<hostile_words::Root>("hostile-words");
    check_case::<merged::Root>("merged");
    check_case::<names::Root>("names");
    check_case::<null_in_every_spelling::Root>("null-in-every-spelling");
    check_case::<open_objects::Root>("open-objects");
    check_case::<recursion::Root>("recursion");
    check_case::<tuples::Root>("tuples");
    check_case::<unions::Root>("unions");
}

/// In the mode for clients a type keeps what the schema does not know, and refuses the rest as ever.
fn check_client(case: &str) {
    assert_eq!(case, "client");
    let later = r#"{"state":"paused","thing":{"size":1,"colour":"red"},"kind":{"type":"b","b":2,"more":[1]},"new":null}"#;
    let root: client::Root = serde_json::from_str(later).unwrap_or_else(|error| panic!("{error}"));
    assert!(matches!(&root.state, client::RootState::Unknown(text) if text.as_str() == "paused"));
    assert_eq!(root.state.as_str(), "paused");
    assert_eq!(serde_json::to_string(&root).expect("JSON"), later);
    let known: client::Root = serde_json::from_str(r#"{"state":"open"}"#).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(known.state, client::RootState::Open);
    for refused in [r#"{}"#, r#"{"state":1}"#, r#"{"state":"open","thing":{"size":-1}}"#, r#"{"state":"open","thing":{}}"#] {
        assert!(serde_json::from_str::<client::Root>(refused).is_err(), "{refused}");
    }
}

#[test]
fn the_types_of_a_client_survive_what_a_server_adds() {
    check_client("client");
}
