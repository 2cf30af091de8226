//! The value of one schema to [`Keywords`], by its dialect.

use std::collections::HashSet;

use indexmap::IndexMap;
use serde_json::{Number, Value};

use super::dialect::Dialect;
use super::entries;
use crate::draft::Draft;
use crate::model::{JsonType, Keywords, SchemaId};

/// Adds the node of a subschema, by its pointer tokens.
type Walk<'w> = dyn FnMut(&[&str], &Value) -> SchemaId + 'w;

/// Reads the keywords of a schema, except references.
pub(super) fn read(value: &Value, dialect: Dialect, walk: &mut Walk<'_>) -> Keywords {
    let mut keywords = Keywords::default();
    if dialect.validation {
        assertions(&mut keywords, value, dialect.draft);
    }
    objects(&mut keywords, value, dialect, walk);
    arrays(&mut keywords, value, dialect, walk);
    combinations(&mut keywords, value, dialect.draft, walk);
    annotations(&mut keywords, value);
    keywords
}

fn assertions(keywords: &mut Keywords, value: &Value, draft: Draft) {
    let number = |keyword: &str| value.get(keyword).and_then(|found| found.as_number().cloned());
    let count = |keyword: &str| count(value.get(keyword));
    keywords.types = types(value.get("type"));
    keywords.enumeration = value.get("enum").and_then(|list| list.as_array().cloned());
    keywords.constant = value.get("const").filter(|_| draft >= Draft::Draft6).cloned();
    let mut names = HashSet::new();
    keywords.required = strings(value.get("required")).into_iter().filter(|name| names.insert(name.clone())).collect();
    keywords.min_properties = count("minProperties");
    keywords.max_properties = count("maxProperties");
    keywords.min_items = count("minItems");
    keywords.max_items = count("maxItems");
    keywords.unique_items = value.get("uniqueItems") == Some(&Value::Bool(true));
    keywords.minimum = number("minimum");
    keywords.maximum = number("maximum");
    keywords.exclusive_minimum = number("exclusiveMinimum");
    keywords.exclusive_maximum = number("exclusiveMaximum");
    if draft == Draft::Draft4 {
        // There, the two are flags on the bounds.
        if value.get("exclusiveMinimum") == Some(&Value::Bool(true)) {
            keywords.exclusive_minimum = keywords.minimum.take();
        }
        if value.get("exclusiveMaximum") == Some(&Value::Bool(true)) {
            keywords.exclusive_maximum = keywords.maximum.take();
        }
    }
    keywords.multiple_of = number("multipleOf");
    keywords.min_length = count("minLength");
    keywords.max_length = count("maxLength");
    keywords.pattern = value.get("pattern").and_then(Value::as_str).map(str::to_owned);
    if draft >= Draft::Draft201909 {
        keywords.min_contains = count("minContains");
        keywords.max_contains = count("maxContains");
        keywords.dependent_required =
            entries(value.get("dependentRequired")).map(|(key, list)| (key.clone(), strings(Some(list)))).collect();
    }
}

fn objects(keywords: &mut Keywords, value: &Value, dialect: Dialect, walk: &mut Walk<'_>) {
    let draft = dialect.draft;
    keywords.properties = named(value, "properties", walk);
    keywords.pattern_properties = named(value, "patternProperties", walk);
    keywords.additional_properties = one(value, "additionalProperties", walk);
    if draft >= Draft::Draft6 {
        keywords.property_names = one(value, "propertyNames", walk);
    }
    if draft >= Draft::Draft201909 {
        keywords.dependent_schemas = named(value, "dependentSchemas", walk);
        keywords.unevaluated_properties = one(value, "unevaluatedProperties", walk);
        return;
    }
    for (key, dependency) in entries(value.get("dependencies")) {
        match dependency {
            Value::Array(_) if dialect.validation => {
                keywords.dependent_required.insert(key.clone(), strings(Some(dependency)));
            }
            Value::Array(_) => {}
            schema => {
                keywords.dependent_schemas.insert(key.clone(), walk(&["dependencies", key], schema));
            }
        }
    }
}

fn arrays(keywords: &mut Keywords, value: &Value, dialect: Dialect, walk: &mut Walk<'_>) {
    let draft = dialect.draft;
    match value.get("items") {
        Some(Value::Array(_)) if draft <= Draft::Draft201909 => {
            keywords.prefix_items = list(value, "items", walk);
            keywords.items = one(value, "additionalItems", walk);
        }
        Some(items) => keywords.items = Some(walk(&["items"], items)),
        None => {}
    }
    if draft >= Draft::Draft202012 {
        keywords.prefix_items = list(value, "prefixItems", walk);
    }
    if draft >= Draft::Draft6 {
        keywords.contains = one(value, "contains", walk);
    }
    if draft >= Draft::Draft201909 {
        keywords.unevaluated_items = one(value, "unevaluatedItems", walk);
    }
}

fn combinations(keywords: &mut Keywords, value: &Value, draft: Draft, walk: &mut Walk<'_>) {
    keywords.all_of = list(value, "allOf", walk);
    keywords.any_of = list(value, "anyOf", walk);
    keywords.one_of = list(value, "oneOf", walk);
    keywords.not = one(value, "not", walk);
    if draft >= Draft::Draft7 {
        keywords.if_ = one(value, "if", walk);
        keywords.then = one(value, "then", walk);
        keywords.else_ = one(value, "else", walk);
        // `then` and `else` have no effect without `if`.
        if keywords.if_.is_none() {
            (keywords.then, keywords.else_) = (None, None);
        }
    }
}

fn annotations(keywords: &mut Keywords, value: &Value) {
    let text = |keyword: &str| value.get(keyword).and_then(Value::as_str).map(str::to_owned);
    let flag = |keyword: &str| value.get(keyword) == Some(&Value::Bool(true));
    keywords.format = text("format");
    keywords.title = text("title");
    keywords.description = text("description");
    keywords.deprecated = flag("deprecated");
    keywords.read_only = flag("readOnly");
    keywords.write_only = flag("writeOnly");
    keywords.default = value.get("default").cloned();
    keywords.examples = value.get("examples").and_then(Value::as_array).cloned().unwrap_or_default();
    keywords.examples.extend(value.get("example").cloned());
}

fn one(value: &Value, keyword: &str, walk: &mut Walk<'_>) -> Option<SchemaId> {
    value.get(keyword).filter(|child| child.is_object() || child.is_boolean()).map(|child| walk(&[keyword], child))
}

fn list(value: &Value, keyword: &str, walk: &mut Walk<'_>) -> Vec<SchemaId> {
    let items = value.get(keyword).and_then(Value::as_array).into_iter().flatten().enumerate();
    items.map(|(index, child)| walk(&[keyword, &index.to_string()], child)).collect()
}

fn named(value: &Value, keyword: &str, walk: &mut Walk<'_>) -> IndexMap<String, SchemaId> {
    entries(value.get(keyword)).map(|(name, child)| (name.clone(), walk(&[keyword, name], child))).collect()
}

fn types(value: Option<&Value>) -> Option<Vec<JsonType>> {
    match value? {
        Value::String(word) => JsonType::from_word(word).map(|type_| vec![type_]),
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
