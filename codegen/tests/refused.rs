//! The error messages for schemas that cannot be generated, and identifiers for arbitrary names.

use charter_codegen::generate;
use proptest::prelude::*;

/// Schemas that are errors.
const REFUSED: [&str; 19] = [
    r#"{"type": "string", "pattern": "^(a"}"#,
    r#"{"type": "string", "pattern": "[z-a]"}"#,
    r#"{"type": "object", "patternProperties": {"*": {}}}"#,
    r#"{"type": "string", "pattern": "^a{0,4294967296}$"}"#,
    r#"{"type": "string", "pattern": "^([a-z]{0,50000}){0,50000}$"}"#,
    r#"{"type": "strng"}"#,
    r#"{"type": ["string", 7]}"#,
    r#"{"type": []}"#,
    r#"{"type": ["string", "string"]}"#,
    r#"{"minimum": 0, "exclusiveMinimum": true}"#,
    r#"{"$schema": "http://json-schema.org/draft-07/schema#", "items": 5}"#,
    r#"{"minLength": -1}"#,
    r#"{"type": "object", "required": "a"}"#,
    r##"{"$ref": "#/$defs/missing"}"##,
    r##"{"$ref": "#nowhere"}"##,
    r##"{"$ref": "https://example.com/far.json"}"##,
    r##"{"allOf": [{"$ref": "#"}]}"##,
    r##"{"$ref": "#/$defs/a", "$defs": {"a": {"anyOf": [{"$ref": "#/$defs/a"}, {"type": "null"}]}}}"##,
    r#"{"$schema": "http://json-schema.org/draft-03/schema#"}"#,
];

fn refusal(schema: &str) -> String {
    let contract = charter_rules::from_documents(vec![("case.schema.json".to_owned(), schema.as_bytes().to_vec())]);
    match contract {
        Ok(contract) => generate(&contract).map(|_| "generated".to_owned()).unwrap_or_else(|error| error.to_string()),
        Err(error) => format!("(contract) {error}"),
    }
}

#[test]
fn errors_have_a_location() {
    let words: Vec<String> = REFUSED.iter().map(|schema| format!("{schema}\n    {}\n", refusal(schema))).collect();
    insta::assert_snapshot!(words.join("\n"));
}

/// The limit of the regex engine alone is too small for these patterns.
#[test]
fn patterns_with_large_repeat_counts_are_generated() {
    for pattern in ["^.{0,10000}$", "^[a-z]{0,100000}$", r"^\p{L}{1,1000}$"] {
        let schema = serde_json::json!({"title": "Wide", "type": "string", "pattern": pattern});
        assert_eq!(refusal(&schema.to_string()), "generated", "{pattern}");
    }
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-zA-Z_ -]{0,8}",
        prop::sample::select(vec![
            "type", "Type", "TYPE", "self", "crate", "fn", "", " ", "-", "_", "__", "a_b", "aB", "a-b", "a b", "r#a", "1", "1a", "é",
            "Option"
        ])
        .prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// For arbitrary names and descriptions the output is valid Rust and deterministic.
    #[test]
    fn any_names_give_legal_and_unique_identifiers(keys in prop::collection::hash_set(name(), 1..8), values in prop::collection::hash_set(name(), 1..8), words in any::<String>(), title in name()) {
        let properties: serde_json::Map<String, serde_json::Value> = keys.iter().map(|key| (key.clone(), serde_json::json!({ "enum": values.iter().collect::<Vec<_>>(), "description": words }))).collect();
        let definitions: serde_json::Map<String, serde_json::Value> = keys.iter().map(|key| (key.clone(), serde_json::json!({ "type": "object", "additionalProperties": false }))).collect();
        let schema = serde_json::json!({ "title": title, "description": words, "type": "object", "properties": properties, "$defs": definitions });
        let contract = charter_rules::from_documents(vec![("any name.schema.json".to_owned(), schema.to_string().into_bytes())]).expect("a contract");
        let output = generate(&contract).expect("code");
        prop_assert_eq!(&generate(&contract).expect("code"), &output);
        for file in output.files.iter().filter(|file| file.path.extension() == Some("rs")) {
            let parsed = syn::parse_file(&file.text).expect("Rust");
            let mut names = std::collections::HashSet::new();
            for item in &parsed.items {
                let ident = match item { syn::Item::Struct(item) => &item.ident, syn::Item::Enum(item) => &item.ident, _ => continue };
                prop_assert!(names.insert(ident.to_string()), "{} twice", ident);
                let members: Vec<String> = match item {
                    syn::Item::Struct(item) => item.fields.iter().filter_map(|field| field.ident.as_ref().map(ToString::to_string)).collect(),
                    syn::Item::Enum(item) => item.variants.iter().map(|variant| variant.ident.to_string()).collect(),
                    _ => Vec::new(),
                };
                prop_assert_eq!(members.iter().collect::<std::collections::HashSet<_>>().len(), members.len());
            }
        }
    }
}
