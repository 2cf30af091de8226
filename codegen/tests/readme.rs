//! The table of types in the book equals the generated types. `INSTA_UPDATE=always cargo test -p charter-codegen --test readme` updates
//! the table.

use std::fmt::Write as _;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/book/src/types.md");
const BEGIN: &str = "<!-- table: what becomes what; written by `INSTA_UPDATE=always cargo test -p charter-codegen --test readme` -->\n";
const END: &str = "<!-- end of the table -->\n";

/// A description, a schema, and whether the key `p` with this schema is required.
const ROWS: [(&str, &str, bool); 35] = [
    ("a required key", r#"{"type": "string"}"#, true),
    ("a key that may be absent", r#"{"type": "string"}"#, false),
    ("a required key that may be null", r#"{"type": ["string", "null"]}"#, true),
    ("a key that may be absent or null (three states)", r#"{"type": ["string", "null"]}"#, false),
    ("numbers and integers without bounds: every JSON number, compared by value", r#"{"type": "integer"}"#, true),
    ("bounds and lengths: a new type, checked by its constructor", r#"{"type": "integer", "minimum": 1, "maximum": 9}"#, true),
    ("the same", r#"{"type": "string", "maxLength": 8}"#, true),
    (
        "`pattern`, `multipleOf`, `uniqueItems`, `minProperties`, `dependentRequired`: a generated check",
        r#"{"type": "string", "pattern": "^a"}"#,
        true,
    ),
    ("`format`, not asserted", r#"{"type": "string", "format": "uuid"}"#, true),
    ("strings of an `enum`", r#"{"enum": ["open", "closed"]}"#, true),
    (
        "`oneOf` or `anyOf` of constants: an enum with the documentation of each constant",
        r#"{"oneOf": [{"const": "open", "description": "Not paid."}, {"const": "closed"}]}"#,
        true,
    ),
    (
        "`anyOf` of strings and any string: listed strings are variants, and `Other` has every other string",
        r#"{"anyOf": [{"enum": ["small", "large"]}, {"type": "string"}]}"#,
        true,
    ),
    ("other values of an `enum`, or a `const`: variants with their JSON value", r#"{"enum": [1, "auto", null, {"a": 1}]}"#, true),
    (
        "a closed object: unknown keys are refused",
        r#"{"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": false}"#,
        true,
    ),
    (
        "an open object: unknown keys are preserved, `#[non_exhaustive]`",
        r#"{"type": "object", "properties": {"a": {"type": "string"}}}"#,
        true,
    ),
    ("an object without known keys: a map in document order", r#"{"type": "object", "additionalProperties": {"type": "boolean"}}"#, true),
    (
        "`patternProperties`: a map for each pattern",
        r#"{"type": "object", "patternProperties": {"^x-": {"type": "string"}}, "additionalProperties": false}"#,
        true,
    ),
    ("a list", r#"{"type": "array", "items": {"type": "string"}}"#, true),
    ("a list with a length", r#"{"type": "array", "items": {"type": "string"}, "minItems": 1}"#, true),
    (
        "a tuple of fixed length",
        r#"{"type": "array", "prefixItems": [{"type": "string"}, {"type": "boolean"}], "minItems": 2, "items": false}"#,
        true,
    ),
    ("`prefixItems` of variable length", r#"{"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "boolean"}}"#, true),
    ("several types: variants selected by type", r#"{"type": ["string", "boolean"]}"#, true),
    (
        "`anyOf`, `oneOf`: variants selected by type, by a tag, or by keys that the others refuse; otherwise tried in order",
        r#"{"oneOf": [{"title": "Cat", "type": "object", "properties": {"kind": {"const": "cat"}}, "required": ["kind"]}, {"title": "Dog", "type": "object", "properties": {"kind": {"const": "dog"}}, "required": ["kind"]}]}"#,
        true,
    ),
    ("`anyOf` with null", r#"{"anyOf": [{"type": "boolean"}, {"type": "null"}]}"#, true),
    (
        "`allOf`, `$ref` with siblings: one type with the constraints of all parts",
        r#"{"allOf": [{"type": "object", "properties": {"a": {"type": "string"}}}, {"type": "object", "properties": {"b": {"type": "string"}}}]}"#,
        true,
    ),
    ("a reference", r##"{"$ref": "#/$defs/Point"}"##, true),
    ("a recursive schema: boxed where necessary", r##"{"$ref": "#/$defs/Chain"}"##, true),
    ("keywords without `type`: one variant per type, without constraints for the other types", r#"{"maxLength": 3}"#, true),
    (
        "`not`, `if`, `contains`, `propertyNames`, `dependentSchemas`: types, and a check by the `jsonschema` crate",
        r#"{"type": "string", "not": {"const": ""}}"#,
        true,
    ),
    (
        "`unevaluatedProperties` that depends on the value, `oneOf` with overlapping variants, `$dynamicRef`: the same",
        r#"{"oneOf": [{"type": "integer"}, {"type": "number", "minimum": 5}]}"#,
        true,
    ),
    ("`true`, `{}`: any JSON value without duplicate keys", r#"{}"#, true),
    ("`false`", r#"false"#, true),
    ("`boolean`", r#"{"type": "boolean"}"#, true),
    ("`null`", r#"{"type": "null"}"#, true),
    ("`deprecated`, `readOnly`, `default`, `description`: in the docs", r#"{"type": "boolean", "deprecated": true}"#, true),
];

/// The type of the key `p`.
fn type_of(schema: &str, required: bool) -> String {
    let required = if required { r#"["p"]"# } else { "[]" };
    let point = r#"{"type": "object", "properties": {"x": {"type": "number"}}}"#;
    let chain = r##"{"type": "object", "properties": {"next": {"$ref": "#/$defs/Chain"}}}"##;
    let text = format!(
        r#"{{"title": "Root", "type": "object", "properties": {{"p": {schema}}}, "required": {required}, "$defs": {{"Point": {point}, "Chain": {chain}}}}}"#
    );
    let contract = charter_rules::from_documents(vec![("case.schema.json".to_owned(), text.into_bytes())]);
    let output = charter_codegen::generate(&contract.unwrap_or_else(|error| panic!("{schema}: {error}")));
    let output = output.unwrap_or_else(|error| panic!("{schema}: {error}"));
    let file = output.files.iter().find(|file| file.path == "case.rs").expect("the types");
    let (_, root) = file.text.split_once("pub struct Root {").expect("the root");
    let (_, field) = root.split_once("pub p: ").expect("the field");
    let (field, _) = field.split_once(",\n    /// ").or_else(|| field.split_once(",\n}")).expect("the end of the field");
    let field: String = field.split_whitespace().collect::<Vec<_>>().join(" ");
    let name = field.replace("support::", "").replace("< ", "<").replace(" >", ">").replace(",>", ">");
    let own = name.trim_start_matches("Nullable<").trim_end_matches('>');
    match file.text.lines().find(|line| [format!("pub struct {own} {{"), format!("pub enum {own} {{")].contains(&(*line).to_owned())) {
        Some(line) => format!("`{name}`, {}", if line.starts_with("pub enum") { "an enum" } else { "a struct" }),
        None => match file.text.lines().find_map(|line| line.strip_prefix(&format!("pub struct {own}(pub(super) "))) {
            Some(inner) => format!("`{name}`, a checked `{}`", inner.trim_end_matches(");").replace("support::", "")),
            None => format!("`{name}`"),
        },
    }
}

#[test]
fn the_table_of_the_readme_equals_the_generated_types() {
    let mut table = "| in the schema | such as | in Rust |\n|---|---|---|\n".to_owned();
    for (words, schema, required) in ROWS {
        let _ = writeln!(table, "| {words} | `{}` | {} |", schema.replace('|', "\\|"), type_of(schema, required));
    }
    let page = std::fs::read_to_string(PAGE).expect("the page");
    let (before, rest) = page.split_once(BEGIN).expect("the beginning of the table");
    let (found, after) = rest.split_once(END).expect("the end of the table");
    if std::env::var("INSTA_UPDATE").is_ok_and(|value| value == "always") {
        std::fs::write(PAGE, format!("{before}{BEGIN}\n{table}\n{END}{after}")).expect("the page is written");
        return;
    }
    assert_eq!(found.trim(), table.trim(), "the table is stale; the comment above it has the command that updates it");
}
