//! The keywords of inline schemas, which no type enforces: the type of such a schema is that of its `type` and `items`.

use charter_contract::{Direction, JsonType, SchemaId};
use serde_json::{Map, Value, json};

use crate::context::Emit;
use crate::operation::generated;

/// A schema of draft 2020-12 with the assertions that the type of an inline schema does not enforce; `None` if there are none.
pub(super) fn unenforced(emit: &Emit<'_>, schema: SchemaId) -> Option<Value> {
    let check = with_nested_type(emit, schema, 0);
    (!check.is_empty()).then_some(Value::Object(check))
}

fn check(emit: &Emit<'_>, schema: SchemaId, depth: usize) -> Map<String, Value> {
    let mut check = Map::new();
    // Schemas may contain themselves.
    if depth > 8 || generated(emit, Direction::Request, schema).is_some() {
        return check;
    }
    let keywords = &emit.contract.schema(schema).keywords;
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            check.insert(name.to_owned(), value);
        }
    };
    let number = |number: &Option<serde_json::Number>| number.clone().map(Value::Number);
    let count = |count: Option<u64>| count.map(Value::from);
    set("enum", keywords.enumeration.clone().map(Value::Array));
    set("const", keywords.constant.clone());
    set("minimum", number(&keywords.minimum));
    set("maximum", number(&keywords.maximum));
    set("exclusiveMinimum", number(&keywords.exclusive_minimum));
    set("exclusiveMaximum", number(&keywords.exclusive_maximum));
    set("multipleOf", number(&keywords.multiple_of));
    set("minLength", count(keywords.min_length));
    set("maxLength", count(keywords.max_length));
    set("pattern", keywords.pattern.clone().map(Value::from));
    set("minItems", count(keywords.min_items));
    set("maxItems", count(keywords.max_items));
    set("uniqueItems", keywords.unique_items.then(|| json!(true)));
    set("minProperties", count(keywords.min_properties));
    set("maxProperties", count(keywords.max_properties));
    set("required", (!keywords.required.is_empty()).then(|| json!(keywords.required)));
    let list = |schemas: &[SchemaId]| {
        let checks: Vec<Value> = schemas.iter().map(|schema| Value::Object(with_type(emit, *schema, depth + 1))).collect();
        (!checks.is_empty()).then_some(Value::Array(checks))
    };
    set("allOf", list(&keywords.all_of));
    // A branch whose type enforces its schema has no check here, so that its union has none either.
    let is_complete = |schemas: &[SchemaId]| !schemas.iter().any(|schema| refers(emit, *schema, 0));
    set("anyOf", list(&keywords.any_of).filter(|_| is_complete(&keywords.any_of)));
    set("oneOf", list(&keywords.one_of).filter(|_| is_complete(&keywords.one_of)));
    if let Some(items) = keywords.items {
        let items = with_nested_type(emit, items, depth + 1);
        set("items", (!items.is_empty()).then_some(Value::Object(items)));
    }
    let mut properties = Map::new();
    for (name, schema) in keywords.properties.iter() {
        let check = with_type(emit, *schema, depth + 1);
        if !check.is_empty() {
            properties.insert(name.clone(), Value::Object(check));
        }
    }
    set("properties", (!properties.is_empty()).then_some(Value::Object(properties)));
    if let Some(additional) = keywords.additional_properties {
        let never = emit.contract.schema(additional).keywords.never;
        let declared: Vec<&String> = keywords.properties.keys().collect();
        if never && !declared.is_empty() {
            set("additionalProperties", Some(json!(false)));
            // `additionalProperties` applies to what `properties` does not name.
            let mut all = check.remove("properties").and_then(|properties| properties.as_object().cloned()).unwrap_or_default();
            for name in declared {
                all.entry(name.clone()).or_insert(json!(true));
            }
            check.insert("properties".to_owned(), Value::Object(all));
        }
    }
    check
}

/// The check of a schema within a composition or within an object, whose type does not enforce `type`.
fn with_type(emit: &Emit<'_>, schema: SchemaId, depth: usize) -> Map<String, Value> {
    let mut check = check(emit, schema, depth);
    if let Some(types) = emit.contract.schema(schema).keywords.types.as_deref() {
        check.insert("type".to_owned(), types.iter().map(|type_| Value::from(type_.as_str())).collect());
    }
    check
}

/// As [`with_type`], unless the Rust type enforces `type` or the whole schema.
fn with_nested_type(emit: &Emit<'_>, schema: SchemaId, depth: usize) -> Map<String, Value> {
    if generated(emit, Direction::Request, schema).is_some() {
        return Map::new();
    }
    if is_typed(emit, schema) { check(emit, schema, depth) } else { with_type(emit, schema, depth) }
}

/// Whether the Rust type of an inline schema enforces its `type`.
fn is_typed(emit: &Emit<'_>, schema: SchemaId) -> bool {
    let keywords = &emit.contract.schema(schema).keywords;
    let composed = !keywords.all_of.is_empty() || !keywords.any_of.is_empty() || !keywords.one_of.is_empty();
    !composed && matches!(keywords.types.as_deref(), Some([type_]) if *type_ != JsonType::Object && *type_ != JsonType::Null)
}

/// Whether a part of a schema has a type of its own.
fn refers(emit: &Emit<'_>, schema: SchemaId, depth: usize) -> bool {
    let keywords = &emit.contract.schema(schema).keywords;
    depth > 8
        || keywords.reference.is_some()
        || generated(emit, Direction::Request, schema).is_some()
        || keywords.children().any(|child| refers(emit, child, depth + 1))
}
