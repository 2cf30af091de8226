//! `lint`: hygiene of the contract. A rule whose examples do not hold is an error; the rest are hints.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use charter_contract::{Contract, Location, SchemaId};
use charter_engine::Judge;
use serde_json::Value;

use crate::arguments::Lint;
use crate::{exit, output};

/// Keywords that mean something in the dialect or in OpenAPI.
const KEYWORDS: [&str; 61] = [
    "$schema",
    "$id",
    "$ref",
    "$defs",
    "$anchor",
    "$dynamicRef",
    "$dynamicAnchor",
    "$vocabulary",
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
    "unevaluatedProperties",
    "items",
    "prefixItems",
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
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
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
    "deprecated",
    "readOnly",
    "writeOnly",
    "examples",
    "discriminator",
    "xml",
    "externalDocs",
    "example",
];

pub(crate) fn run(arguments: &Lint) -> u8 {
    let folder = output::contract_folder(arguments.contract.contract.as_ref());
    let contract = match output::load(&folder) {
        Ok(contract) => contract,
        Err(code) => return code,
    };
    let (mut errors, mut hints) = (Vec::new(), Vec::new());
    unknown_keywords(&contract, &mut hints);
    unused_definitions(&contract, &mut hints);
    missing_examples(&contract, &mut hints);
    if contract.operations().is_empty() {
        hints.push("the contract describes no operation: only types can be generated".to_owned());
    } else {
        match Judge::new(&contract) {
            Ok(judge) => errors.extend(judge.examples().into_iter().map(|failure| {
                let at = contract.invariants().get(&failure.id).map(|invariant| place(&contract, &invariant.location)).unwrap_or_default();
                format!("{at}: the rule {} under {} {} comes to {}", failure.id, failure.heading, failure.index, failure.outcome)
            })),
            Err(error) => errors.push(error.to_string()),
        }
    }
    let mut text = String::new();
    for error in &errors {
        let _ = writeln!(text, "error: {error}");
    }
    for hint in &hints {
        let _ = writeln!(text, "hint: {hint}");
    }
    let rules = contract.invariants().invariants.len();
    let _ = writeln!(
        text,
        "{} schemas, {} operations, {rules} rules: {} errors, {} hints",
        contract.schemas().len(),
        contract.operations().len(),
        errors.len(),
        hints.len()
    );
    output::leave(contract);
    match output::text(&text) {
        exit::KEPT if !errors.is_empty() => exit::USAGE,
        code => code,
    }
}

/// A location with its line.
pub(crate) fn place(contract: &Contract, location: &Location) -> String {
    match contract.position(location) {
        Some(position) => format!("{}:{}:{}", location.document(), position.line, position.column),
        None => location.to_string(),
    }
}

fn unknown_keywords(contract: &Contract, hints: &mut Vec<String>) {
    for (_, schema) in contract.schemas().iter() {
        let Value::Object(keywords) = &schema.source else { continue };
        for keyword in keywords.keys().filter(|keyword| !keyword.starts_with("x-") && !KEYWORDS.contains(&keyword.as_str())) {
            hints.push(format!("{}: `{keyword}` is no keyword, and promises nothing", place(contract, &schema.location.child(keyword))));
        }
    }
}

fn unused_definitions(contract: &Contract, hints: &mut Vec<String>) {
    let referred: BTreeSet<SchemaId> = contract.schemas().iter().filter_map(|(_, schema)| schema.keywords.reference).collect();
    for (id, schema) in contract.schemas().iter() {
        let is_definition = schema.location.pointer().rsplit_once('/').is_some_and(|(parent, _)| parent.ends_with("/$defs"));
        if is_definition && !referred.contains(&id) {
            hints.push(format!("{}: nothing refers to this definition", place(contract, &schema.location)));
        }
    }
}

fn missing_examples(contract: &Contract, hints: &mut Vec<String>) {
    for invariant in &contract.invariants().invariants {
        if invariant.examples.pass.is_empty() || invariant.examples.fail.is_empty() {
            hints.push(format!("{}: the rule {} lacks an example", place(contract, &invariant.location), invariant.id));
        }
    }
}
