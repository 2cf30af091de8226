//! The inline schemas of parameters that need a type: enumerations, compositions and objects. Texts and numbers with bounds do not: an
//! argument is then `&str` or `i64`, and a server checks the bounds.

use std::collections::HashSet;

use charter_contract::{Contract, Direction, JsonType, Keywords, Location, Operation, Parameter, SchemaId};

use super::body::{Inline, is_inline};

/// The inline schemas of the parameters of all operations, in the order of the document, each schema once.
pub(super) fn parameters(contract: &Contract) -> Vec<Inline> {
    let mut found = Vec::new();
    for operation in contract.operations() {
        for parameter in operation.parameters.iter().filter(|parameter| !parameter.is_ignored()) {
            if let Some(schema) = parameter.value_schema() {
                let name = component(&parameter.location).unwrap_or_else(|| words(operation, parameter));
                add(contract, schema, name, &mut found);
            }
        }
    }
    let mut seen = HashSet::new();
    found.retain(|inline| seen.insert(inline.schema));
    found
}

fn add(contract: &Contract, schema: SchemaId, name: String, found: &mut Vec<Inline>) {
    let schema = value_of(contract, schema);
    let keywords = &contract.schema(schema).keywords;
    if !is_inline(contract, schema) {
        return;
    }
    let types = keywords.types.as_deref().unwrap_or_default().iter().filter(|type_| **type_ != JsonType::Null);
    if keywords.reference.is_some()
        || types.count() > 1
        || is_composed(keywords)
        || keywords.enumeration.is_some()
        || keywords.constant.is_some()
        || is_object(keywords)
    {
        found.push(Inline { schema, name, direction: Direction::Request });
    } else if let Some(items) = keywords.items {
        add(contract, items, name, found);
    }
}

/// The schema of the values of a parameter that are not null: a parameter without a value is absent.
pub(crate) fn value_of(contract: &Contract, schema: SchemaId) -> SchemaId {
    let keywords = &contract.schema(schema).keywords;
    if keywords.reference.is_some() || keywords.types.is_some() || !keywords.all_of.is_empty() || keywords.enumeration.is_some() {
        return schema;
    }
    let branches = match (keywords.any_of.as_slice(), keywords.one_of.as_slice()) {
        (branches, []) | ([], branches) => branches,
        _ => return schema,
    };
    let is_null = |branch: &SchemaId| contract.schema(*branch).keywords.types.as_deref() == Some(&[JsonType::Null]);
    let mut others = branches.iter().filter(|branch| !is_null(branch));
    match (others.next(), others.next()) {
        (Some(only), None) if branches.len() > 1 => *only,
        _ => schema,
    }
}

/// Whether the schema of a parameter says that its value may be null.
pub(crate) fn allows_null(contract: &Contract, schema: SchemaId) -> bool {
    let keywords = &contract.schema(schema).keywords;
    let in_types = keywords.types.as_deref().is_some_and(|types| types.contains(&JsonType::Null));
    let in_enumeration = keywords.types.is_none() && keywords.enumeration.iter().flatten().any(serde_json::Value::is_null);
    in_types || in_enumeration || value_of(contract, schema) != schema
}

fn is_composed(keywords: &Keywords) -> bool {
    !keywords.all_of.is_empty() || !keywords.any_of.is_empty() || !keywords.one_of.is_empty()
}

fn is_object(keywords: &Keywords) -> bool {
    !keywords.properties.is_empty() || keywords.additional_properties.is_some()
}

/// The words for an inline parameter of an operation.
fn words(operation: &Operation, parameter: &Parameter) -> String {
    format!("{} {}", operation.id, parameter.name)
}

/// The name after the component that holds a parameter.
fn component(location: &Location) -> Option<String> {
    let tokens: Vec<String> = location.tokens().collect();
    let key = match tokens.as_slice() {
        [components, kinds, key] if components == "components" && kinds == "parameters" => key,
        [kinds, key] if kinds == "parameters" => key,
        _ => return None,
    };
    let is_said = ["param", "parameter"].iter().any(|word| key.to_ascii_lowercase().ends_with(word));
    Some(if is_said { key.clone() } else { format!("{key} parameter") })
}
