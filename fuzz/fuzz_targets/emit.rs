//! Arbitrary texts as titles, descriptions, keys and values: the generated code parses as Rust.
#![no_main]

use charter_codegen::{Options, generate_with};
use charter_contract::{Sources, from_sources};
use libfuzzer_sys::fuzz_target;
use serde_json::json;

fuzz_target!(|texts: (String, String, String, String, String)| {
    let (title, description, key, other, value) = texts;
    let schema = json!({
        "title": title,
        "description": description,
        "type": "object",
        "properties": { &key: { "enum": [value, other] }, &other: { "type": "object", "title": key, "properties": { &value: {} } } },
    });
    let Ok(contract) = from_sources(Sources::of("fuzz.json", schema.to_string())) else { return };
    let Ok(output) = generate_with(&contract, &Options::default()) else { return };
    for file in output.files.iter().filter(|file| file.path.extension() == Some("rs")) {
        syn::parse_file(&file.text).unwrap_or_else(|error| panic!("{}: {error}", file.path));
    }
});
