//! The Rust types of integers with a format, and without one.

use charter_codegen::{Options, generate_with};
use charter_contract::{Integers, Sources, from_sources};
use serde_json::{Value, json};

/// The generated code of an object with a required key `p`.
fn generate(property: &Value, name: &str, around: impl Fn(&Value) -> Value, options: &Options) -> String {
    let schema = json!({"type": "object", "required": ["p"], "properties": {"p": property}});
    let contract = from_sources(Sources::of(name, around(&schema).to_string())).unwrap_or_else(|error| panic!("{error}"));
    let output = generate_with(&contract, options).unwrap_or_else(|error| panic!("{error}"));
    output.files.into_iter().map(|file| file.text).collect()
}

fn openapi(schema: &Value) -> Value {
    json!({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {}, "components": {"schemas": {"Book": schema}}})
}

#[test]
fn formats_of_openapi_are_integers_of_64_bits() {
    let cases = [
        (json!({"type": "integer", "format": "int64"}), "pub p: i64,"),
        (json!({"type": "integer", "format": "int32"}), "pub p: i64,"),
        (json!({"type": "integer", "format": "uint32", "minimum": 0}), "pub p: u64,"),
        (json!({"type": "integer", "format": "uint64"}), "Integer,"),
        (json!({"type": "integer", "format": "int64", "minimum": i64::MIN, "maximum": i64::MAX}), "pub p: i64,"),
        (json!({"type": "integer", "format": "uint64", "minimum": 0, "maximum": u64::MAX}), "pub p: u64,"),
        (json!({"type": "integer", "format": "int64", "maximum": u64::MAX}), "Integer"),
        (json!({"type": "integer"}), "Integer,"),
    ];
    for (property, wanted) in cases {
        let code = generate(&property, "openapi.json", openapi, &Options::default());
        assert!(code.contains(wanted), "{property}: {wanted} in {code}");
    }
}

#[test]
fn without_openapi_a_format_restricts_no_integer() {
    let code = generate(&json!({"type": "integer", "format": "int64"}), "book.schema.json", Value::clone, &Options::default());
    assert!(code.contains("Integer,") && !code.contains("pub p: i64"), "{code}");
}

#[test]
fn narrow_integers_take_the_range_of_their_format() {
    let mut options = Options::default();
    options.integers = Integers::Narrow;
    let narrow = |property: Value| generate(&property, "openapi.json", openapi, &options);
    assert!(narrow(json!({"type": "integer", "format": "int32"})).contains("pub p: i32,"));
    // A bound takes precedence: the document describes larger integers.
    let code = narrow(json!({"type": "integer", "format": "int32", "minimum": 0, "maximum": 3_000_000_000_u32}));
    assert!(code.contains("u32") && !code.contains("i32"), "{code}");
    let code = generate(&json!({"type": "integer", "format": "int32"}), "book.schema.json", Value::clone, &options);
    assert!(code.contains("Integer,"), "{code}");
}
