//! The value of one schema to [`Keywords`], by its dialect.

use std::collections::HashSet;

use serde_json::{Number, Value};

use super::dialect::Dialect;
use super::entries;
use crate::draft::Draft;
use crate::model::{JsonType, JsonTypes, Keywords, RareKeywords, SchemaId};

/// Adds the node of a subschema, by its pointer tokens.
type Walk<'w> = dyn FnMut(&[&str], &Value) -> SchemaId + 'w;

/// Reads the keywords of a schema, except references.
pub(super) fn read(value: &Value, dialect: Dialect, walk: &mut Walk<'_>) -> Keywords {
    let (mut keywords, mut rare) = (Keywords::default(), RareKeywords::default());
    if dialect.validation {
        assertions(&mut keywords, &mut rare, value, dialect.draft);
    }
    objects(&mut keywords, &mut rare, value, dialect, walk);
    arrays(&mut keywords, &mut rare, value, dialect, walk);
    combinations(&mut keywords, &mut rare, value, dialect.draft, walk);
    annotations(&mut keywords, value);
    Keywords { rare: rare.into(), ..keywords }
}

fn assertions(keywords: &mut Keywords, rare: &mut RareKeywords, value: &Value, draft: Draft) {
    let number = |keyword: &str| value.get(keyword).and_then(|found| found.as_number().cloned());
    let count = |keyword: &str| count(value.get(keyword));
    keywords.types = types(value.get("type"));
    keywords.enumeration = value.get("enum").and_then(|list| list.as_array().cloned());
    rare.constant = value.get("const").filter(|_| draft >= Draft::Draft6).cloned();
    let mut names = HashSet::new();
    keywords.required = strings(value.get("required")).into_iter().filter(|name| names.insert(name.clone())).collect();
    rare.min_properties = count("minProperties");
    rare.max_properties = count("maxProperties");
    rare.min_items = count("minItems");
    rare.max_items = count("maxItems");
    keywords.unique_items = value.get("uniqueItems") == Some(&Value::Bool(true));
    rare.minimum = number("minimum");
    rare.maximum = number("maximum");
    rare.exclusive_minimum = number("exclusiveMinimum");
    rare.exclusive_maximum = number("exclusiveMaximum");
    if draft == Draft::Draft4 {
        // There, the two are flags on the bounds.
        if value.get("exclusiveMinimum") == Some(&Value::Bool(true)) {
            rare.exclusive_minimum = rare.minimum.take();
        }
        if value.get("exclusiveMaximum") == Some(&Value::Bool(true)) {
            rare.exclusive_maximum = rare.maximum.take();
        }
    }
    rare.multiple_of = number("multipleOf");
    rare.min_length = count("minLength");
    rare.max_length = count("maxLength");
    rare.pattern = value.get("pattern").and_then(Value::as_str).map(str::to_owned);
    if draft >= Draft::Draft201909 {
        rare.min_contains = count("minContains");
        rare.max_contains = count("maxContains");
        rare.dependent_required = entries(value.get("dependentRequired")).map(|(key, list)| (key.clone(), strings(Some(list)))).collect();
    }
}

fn objects(keywords: &mut Keywords, rare: &mut RareKeywords, value: &Value, dialect: Dialect, walk: &mut Walk<'_>) {
    let draft = dialect.draft;
    keywords.properties = named(value, "properties", walk);
    rare.pattern_properties = named(value, "patternProperties", walk);
    keywords.additional_properties = one(value, "additionalProperties", walk);
    if draft >= Draft::Draft6 {
        rare.property_names = one(value, "propertyNames", walk);
    }
    if draft >= Draft::Draft201909 {
        rare.dependent_schemas = named(value, "dependentSchemas", walk);
        rare.unevaluated_properties = one(value, "unevaluatedProperties", walk);
        return;
    }
    for (key, dependency) in entries(value.get("dependencies")) {
        match dependency {
            Value::Array(_) if dialect.validation => {
                rare.dependent_required.insert(key.clone(), strings(Some(dependency)));
            }
            Value::Array(_) => {}
            schema => {
                rare.dependent_schemas.insert(key.clone(), walk(&["dependencies", key], schema));
            }
        }
    }
}

fn arrays(keywords: &mut Keywords, rare: &mut RareKeywords, value: &Value, dialect: Dialect, walk: &mut Walk<'_>) {
    let draft = dialect.draft;
    match value.get("items") {
        Some(Value::Array(_)) if draft <= Draft::Draft201909 => {
            rare.prefix_items = list(value, "items", walk);
            keywords.items = one(value, "additionalItems", walk);
        }
        Some(items) => keywords.items = Some(walk(&["items"], items)),
        None => {}
    }
    if draft >= Draft::Draft202012 {
        rare.prefix_items = list(value, "prefixItems", walk);
    }
    if draft >= Draft::Draft6 {
        rare.contains = one(value, "contains", walk);
    }
    if draft >= Draft::Draft201909 {
        rare.unevaluated_items = one(value, "unevaluatedItems", walk);
    }
}

fn combinations(keywords: &mut Keywords, rare: &mut RareKeywords, value: &Value, draft: Draft, walk: &mut Walk<'_>) {
    keywords.all_of = list(value, "allOf", walk);
    keywords.any_of = list(value, "anyOf", walk);
    keywords.one_of = list(value, "oneOf", walk);
    rare.not = one(value, "not", walk);
    if draft >= Draft::Draft7 {
        rare.if_ = one(value, "if", walk);
        rare.then = one(value, "then", walk);
        rare.else_ = one(value, "else", walk);
        // `then` and `else` have no effect without `if`.
        if rare.if_.is_none() {
            (rare.then, rare.else_) = (None, None);
        }
    }
}

fn annotations(keywords: &mut Keywords, value: &Value) {
    let flag = |keyword: &str| value.get(keyword) == Some(&Value::Bool(true));
    keywords.format = value.get("format").and_then(Value::as_str).map(str::to_owned);
    keywords.deprecated = flag("deprecated");
    keywords.read_only = flag("readOnly");
    keywords.write_only = flag("writeOnly");
}

fn one(value: &Value, keyword: &str, walk: &mut Walk<'_>) -> Option<SchemaId> {
    value.get(keyword).filter(|child| child.is_object() || child.is_boolean()).map(|child| walk(&[keyword], child))
}

fn list(value: &Value, keyword: &str, walk: &mut Walk<'_>) -> Vec<SchemaId> {
    let items = value.get(keyword).and_then(Value::as_array).into_iter().flatten().enumerate();
    items.map(|(index, child)| walk(&[keyword, &index.to_string()], child)).collect()
}

fn named<M: FromIterator<(String, SchemaId)>>(value: &Value, keyword: &str, walk: &mut Walk<'_>) -> M {
    entries(value.get(keyword)).map(|(name, child)| (name.clone(), walk(&[keyword, name], child))).collect()
}

fn types(value: Option<&Value>) -> Option<JsonTypes> {
    match value? {
        Value::String(word) => JsonType::from_word(word).map(|type_| [type_].into_iter().collect()),
        Value::Array(words) => Some(words.iter().filter_map(|word| JsonType::from_word(word.as_str()?)).collect()),
        _ => None,
    }
}

fn strings(value: Option<&Value>) -> Vec<String> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

/// A non-negative integer; `2.0` is one.
fn count(value: Option<&Value>) -> Option<u64> {
    let number: &Number = value?.as_number()?;
    number.as_u64().or_else(|| number.as_f64().filter(|number| number.fract() == 0.0 && *number >= 0.0).map(|number| number as u64))
}
