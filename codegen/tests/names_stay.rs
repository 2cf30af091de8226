//! A published name stays what it was, whatever the schema gains.

use charter_codegen::name::NameLock;
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

/// What would take the names of the first: a definition, a property and a value that come before.
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
fn what_is_published_is_never_renamed() {
    let first = generate(BEFORE, NameLock::default());
    let lock = NameLock::parse(text(&first, NAMES)).expect("a lock");
    let free = generate(AFTER, NameLock::default());
    assert!(text(&free, "case.rs").contains("pub thing: Option<RootThing2>"), "without a lock the definition takes the name");
    let kept = generate(AFTER, lock.clone());
    let types = text(&kept, "case.rs");
    assert!(types.contains("pub thing: Option<RootThing>") && types.contains("pub other: Option<RootThing2>"), "{types}");
    assert!(types.contains("/// The key `a_b`.\n    pub a_b: Option<String>"), "{types}");
    assert!(types.contains("/// The key `a-b`.\n    pub a_b2: Option<String>"), "{types}");
    assert!(types.contains("/// `wont-fix`\n    WontFix,"), "{types}");
    // The same again, with the names of the first run and with its own.
    assert_eq!(generate(BEFORE, lock), first);
    let again = NameLock::parse(text(&kept, NAMES)).expect("a lock");
    assert_eq!(generate(AFTER, again), kept);
}

#[test]
fn a_lock_that_is_broken_is_refused() {
    for broken in [
        "{",
        r#"{"format": "other", "types": {}, "aliases": {}}"#,
        r#"{"format": "charter-names/1", "types": {"a": {"name": "fn"}}, "aliases": {}}"#,
        r#"{"format": "charter-names/1", "types": {"a": {"name": "A"}, "b": {"name": "A"}}, "aliases": {}}"#,
    ] {
        assert!(NameLock::parse(broken).is_err(), "{broken}");
    }
}
