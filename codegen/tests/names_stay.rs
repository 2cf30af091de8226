//! Published names do not change when the schema is extended.

use charter_codegen::name::{LockError, NameLock};
use charter_codegen::{NAMES, Options, Output, generate_with};

fn generate(schema: &str, names: NameLock) -> Output {
    let contract =
        charter_contract::from_sources(charter_contract::Sources::of("case.json", schema)).unwrap_or_else(|error| panic!("{error}"));
    let mut options = Options::default();
    options.names = names;
    generate_with(&contract, &options).unwrap_or_else(|error| panic!("{error}"))
}

fn text<'o>(output: &'o Output, path: &str) -> &'o str {
    &output.files.iter().find(|file| file.path == path).unwrap_or_else(|| panic!("no {path}")).text
}

const BEFORE: &str = r##"{
    "title": "Root",
    "type": "object",
    "properties": {
        "a_b": {"type": "string"},
        "state": {"enum": ["wont-fix"]},
        "thing": {"type": "object", "properties": {"x": {"type": "string"}}, "additionalProperties": false}
    },
    "additionalProperties": false
}"##;

/// The schema with a definition, a property and a value before the existing ones that would take their names.
const AFTER: &str = r##"{
    "title": "Root",
    "type": "object",
    "properties": {
        "a-b": {"type": "string"},
        "a_b": {"type": "string"},
        "state": {"enum": ["wont_fix", "wont-fix"]},
        "other": {"$ref": "#/$defs/RootThing"},
        "thing": {"type": "object", "properties": {"x": {"type": "string"}}, "additionalProperties": false}
    },
    "additionalProperties": false,
    "$defs": {"RootThing": {"type": "object", "properties": {"y": {"type": "string"}}, "additionalProperties": false}}
}"##;

#[test]
fn published_names_never_change() {
    let first = generate(BEFORE, NameLock::default());
    let lock = NameLock::parse(text(&first, NAMES)).expect("a lock");
    let free = generate(AFTER, NameLock::default());
    assert!(text(&free, "case.rs").contains("pub thing: Option<RootThingValue>"), "without a lock the definition takes the name");
    let kept = generate(AFTER, lock.clone());
    let types = text(&kept, "case.rs");
    assert!(types.contains("pub thing: Option<RootThing>") && types.contains("pub other: Option<RootThingType>"), "{types}");
    assert!(types.contains("/// The property `a_b`.\n    pub a_b: Option<String>"), "{types}");
    assert!(types.contains("/// The property `a-b`.\n    pub a_b2: Option<String>"), "{types}");
    assert!(types.contains("/// `wont-fix`\n    WontFix,"), "{types}");
    // A lock gives the same output again.
    assert_eq!(generate(BEFORE, lock), first);
    let again = NameLock::parse(text(&kept, NAMES)).expect("a lock");
    assert_eq!(generate(AFTER, again), kept);
}

#[test]
fn an_invalid_lock_is_an_error() {
    let error = |text: &str| NameLock::parse(text).expect_err(text);
    assert!(matches!(error("{"), LockError::Json(_)));
    assert_eq!(
        error(r#"{"format": "other", "types": {}, "aliases": {}}"#).to_string(),
        r#"the format is "other"; expected "charter-names/1""#
    );
    let keyword = error(r#"{"format": "charter-names/1", "types": {"a": {"name": "fn"}}, "aliases": {}}"#);
    assert_eq!(keyword.to_string(), r#"the name "fn" is not a Rust identifier"#);
    let twice = error(r#"{"format": "charter-names/1", "types": {"a": {"name": "A"}, "b": {"name": "A"}}, "aliases": {}}"#);
    assert!(matches!(twice, LockError::Taken { name } if name == "A"));
}

/// A contract in which equal types are shared.
fn shared(properties: &str, names: NameLock) -> Output {
    let schema = format!(r#"{{"title": "Root", "type": "object", "properties": {{{properties}}}}}"#);
    let contract = charter_contract::from_sources(charter_contract::Sources::of("case.json", schema.as_bytes()))
        .unwrap_or_else(|error| panic!("{error}"));
    let mut options = Options::default();
    (options.names, options.share) = (names, Some(true));
    generate_with(&contract, &options).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn the_names_of_shared_types_stay() {
    let object = |zone: &str| format!(r#"{{"type": "object", "properties": {{"zone": {{"enum": [{zone}]}}}}}}"#);
    let compass = r#""north", "south""#;
    let before = format!(r#""a": {}, "b": {}"#, object(compass), object(compass));
    let first = shared(&before, NameLock::default());
    let types = text(&first, "case.rs");
    assert!(types.contains("pub enum Zone {") && types.matches("pub zone: Option<Zone>").count() == 2, "{types}");
    let lock = NameLock::parse(text(&first, NAMES)).expect("a lock");
    assert_eq!(shared(&before, lock.clone()), first, "the same contract");
    // Another type of the same word, before the others, and one more equal place.
    let after = format!(r#""0": {}, {before}, "c": {}"#, object(r#""up""#), object(compass));
    let types = shared(&after, lock.clone());
    let types = text(&types, "case.rs");
    assert!(types.matches("pub zone: Option<Zone>").count() == 3 && types.contains("pub zone: Option<RootValue0Zone>"), "{types}");
    let free = shared(&after, NameLock::default());
    assert!(!text(&free, "case.rs").contains("pub enum Zone {"), "two types have the word");
    // A published type is not replaced by an equal one.
    let apart = generate(&format!(r#"{{"title": "Root", "type": "object", "properties": {{{before}}}}}"#), NameLock::default());
    let lock = NameLock::parse(text(&apart, NAMES)).expect("a lock");
    assert_eq!(text(&shared(&before, lock), "case.rs"), text(&apart, "case.rs"));
}

#[test]
fn a_definition_keeps_its_name_next_to_one_that_needs_a_role() {
    let document = "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths: {}\ncomponents:\n  schemas:\n    Vec: {type: object, properties: {a: {type: string}}}\n    VecType: {type: object, properties: {b: {type: string}}}\n";
    let contract = charter_contract::from_sources(charter_contract::Sources::of("openapi.yaml", document)).expect("a contract");
    let output = charter_codegen::generate_with(&contract, &charter_codegen::Options::default()).expect("code");
    let text = &output.files.iter().find(|file| file.path == "openapi.rs").expect("types").text;
    let (_, own) = text.split_once("pub struct VecType {").unwrap_or_else(|| panic!("{text}"));
    assert!(own.split_once('}').expect("an end").0.contains("pub b:"), "{text}");
}
