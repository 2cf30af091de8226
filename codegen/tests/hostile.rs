//! Hostile documents: keywords with values of any kind, arbitrary references, arbitrary strings. The generator reports an error with a
//! location or writes valid Rust, and never panics.

use charter_codegen::{Options, generate_with};
use charter_contract::{Sources, from_sources};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Every keyword of the drafts, and some other keys.
const KEYWORDS: [&str; 62] = [
    "$schema",
    "$id",
    "id",
    "$ref",
    "$anchor",
    "$dynamicRef",
    "$dynamicAnchor",
    "$recursiveRef",
    "$recursiveAnchor",
    "$vocabulary",
    "$defs",
    "definitions",
    "$comment",
    "type",
    "enum",
    "const",
    "properties",
    "required",
    "additionalProperties",
    "patternProperties",
    "propertyNames",
    "minProperties",
    "maxProperties",
    "dependentRequired",
    "dependentSchemas",
    "dependencies",
    "unevaluatedProperties",
    "items",
    "prefixItems",
    "additionalItems",
    "contains",
    "minContains",
    "maxContains",
    "minItems",
    "maxItems",
    "uniqueItems",
    "unevaluatedItems",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
    "readOnly",
    "nullable",
    "discriminator",
    "toString",
];

/// Strings with a meaning in some keyword.
const TEXTS: [&str; 30] = [
    "",
    "#",
    "#/",
    "#/$defs/a",
    "#/properties/a",
    "#a",
    "a",
    "other.json",
    "https://example.com/a",
    "urn:a:b",
    "file:///etc/passwd",
    "%",
    "#/%7e",
    "object",
    "array",
    "string",
    "integer",
    "number",
    "null",
    "^a+$",
    "(a+)+$",
    "[",
    "\\p{L}",
    "(?<=a)b",
    "http://json-schema.org/draft-07/schema#",
    "https://json-schema.org/draft/2020-12/schema",
    "\u{0}",
    "*/ \" \\ ]] #\" ```",
    "\u{202e}abc",
    "r#type",
];

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
        prop::sample::select(vec![-1.0, 0.5, 1e300, 2.0, -0.0]).prop_map(|number| json!(number)),
        (-2_i64..4).prop_map(Value::from),
        prop::sample::select(TEXTS.to_vec()).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ]
}

/// Any JSON whose keys are mostly keywords: mostly invalid schemas.
fn document() -> impl Strategy<Value = Value> {
    let key = || {
        prop_oneof![
            8 => prop::sample::select(KEYWORDS.to_vec()).prop_map(str::to_owned),
            1 => prop::sample::select(vec!["a", "b", "type", "A"]).prop_map(str::to_owned),
            1 => any::<String>(),
        ]
    };
    scalar().prop_recursive(5, 48, 6, move |inner| {
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            4 => prop::collection::vec((key(), inner), 0..6).prop_map(|entries| Value::Object(entries.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// A schema whose keywords have operands of the right type, with arbitrary values.
fn schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        prop::sample::select(vec![json!(true), json!(false), json!({}), json!({"$ref": "#/$defs/a"}), json!({"$ref": "#"})]),
        (any::<String>(), prop::sample::select(vec!["string", "integer", "boolean", "null", "object", "array"]))
            .prop_map(|(words, type_)| json!({"type": type_, "title": words, "description": words})),
        prop::collection::vec(scalar(), 1..4).prop_map(|values| json!({"enum": values})),
        (0_u64..4, 0_u64..4).prop_map(|(low, high)| json!({"minLength": low, "maxLength": high, "minItems": high, "minimum": low})),
    ];
    leaf.prop_recursive(4, 40, 4, |inner| {
        let many = prop::collection::vec(inner.clone(), 1..4);
        let named = prop::collection::vec((any::<String>(), inner.clone()), 0..4);
        prop_oneof![
            (prop::sample::select(vec!["allOf", "anyOf", "oneOf", "prefixItems"]), many).prop_map(|(keyword, all)| json!({keyword: all})),
            (
                prop::sample::select(vec![
                    "not",
                    "items",
                    "contains",
                    "propertyNames",
                    "additionalProperties",
                    "unevaluatedProperties",
                    "if"
                ]),
                inner
            )
                .prop_map(|(keyword, one)| json!({keyword: one, "then": {"type": "object"}})),
            (named, any::<bool>()).prop_map(|(properties, closed)| {
                let required: Vec<String> = properties.iter().take(1).map(|(key, _)| key.clone()).collect();
                let properties: Map<String, Value> = properties.into_iter().collect();
                json!({"type": "object", "properties": properties, "required": required, "additionalProperties": !closed})
            }),
        ]
    })
}

/// Generates types from a document. Returns whether it was accepted.
fn generated(bytes: Vec<u8>) -> bool {
    let contract = match from_sources(Sources::of("hostile.json", bytes)) {
        Ok(contract) => contract,
        Err(error) => {
            assert!(error.to_string().contains("hostile.json"), "no location: {error}");
            return false;
        }
    };
    let mut options = Options::of(&contract);
    options.support = "super::support".to_owned();
    match generate_with(&contract, &options) {
        Ok(output) => {
            for file in output.files.iter().filter(|file| file.path.extension() == Some("rs")) {
                syn::parse_file(&file.text).unwrap_or_else(|error| panic!("{}: {error}\n{}", file.path, file.text));
            }
            true
        }
        Err(error) => {
            assert!(error.to_string().contains("hostile.json"), "no location: {error}");
            false
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn keywords_with_values_of_any_kind_are_refused_or_generated(document in document(), definition in document()) {
        let mut document = document;
        if let Value::Object(keywords) = &mut document {
            keywords.insert("$defs".to_owned(), json!({"a": definition}));
        }
        generated(document.to_string().into_bytes());
    }

    #[test]
    fn schemas_with_any_words_are_refused_or_generated(schema in schema(), definition in schema()) {
        let mut schema = schema;
        if let Value::Object(keywords) = &mut schema {
            keywords.insert("$defs".to_owned(), json!({"a": definition}));
        }
        generated(schema.to_string().into_bytes());
    }

    #[test]
    fn bytes_of_any_kind_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        generated(bytes);
    }

    #[test]
    fn a_truncated_or_changed_document_is_refused_or_generated(schema in schema(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = schema.to_string().into_bytes();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        generated(bytes);
    }
}
