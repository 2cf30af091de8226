//! The value of one schema to [`Keywords`], by its dialect.

use std::collections::HashSet;

use serde_json::{Number, Value};

use super::dialect::Dialect;
use super::entries;
use crate::draft::Draft;
use crate::model::{JsonType, JsonTypes, Keywords, RareKeywords, SchemaId};

macro_rules! members {
    ($($field:ident = $keyword:literal,)*) => {
        /// The members of a schema that have a meaning. A schema has few of the many keywords, so its members are read once.
        #[derive(Default)]
        pub(super) struct Members<'v> {
            $(pub(super) $field: Option<&'v Value>,)*
        }

        impl<'v> Members<'v> {
            pub(super) fn of(schema: &'v Value) -> Self {
                let mut members = Self::default();
                for (keyword, value) in entries(Some(schema)) {
                    match keyword.as_str() {
                        $($keyword => members.$field = Some(value),)*
                        _ => {}
                    }
                }
                members
            }
        }
    };
}

members! {
    schema = "$schema",
    id = "$id",
    draft4_id = "id",
    anchor = "$anchor",
    dynamic_anchor = "$dynamicAnchor",
    recursive_anchor = "$recursiveAnchor",
    reference = "$ref",
    dynamic_ref = "$dynamicRef",
    recursive_ref = "$recursiveRef",
    defs = "$defs",
    definitions = "definitions",
    type_ = "type",
    enum_ = "enum",
    const_ = "const",
    required = "required",
    min_properties = "minProperties",
    max_properties = "maxProperties",
    min_items = "minItems",
    max_items = "maxItems",
    unique_items = "uniqueItems",
    minimum = "minimum",
    maximum = "maximum",
    exclusive_minimum = "exclusiveMinimum",
    exclusive_maximum = "exclusiveMaximum",
    multiple_of = "multipleOf",
    min_length = "minLength",
    max_length = "maxLength",
    pattern = "pattern",
    min_contains = "minContains",
    max_contains = "maxContains",
    dependent_required = "dependentRequired",
    properties = "properties",
    pattern_properties = "patternProperties",
    additional_properties = "additionalProperties",
    property_names = "propertyNames",
    dependent_schemas = "dependentSchemas",
    unevaluated_properties = "unevaluatedProperties",
    dependencies = "dependencies",
    items = "items",
    additional_items = "additionalItems",
    prefix_items = "prefixItems",
    contains = "contains",
    unevaluated_items = "unevaluatedItems",
    all_of = "allOf",
    any_of = "anyOf",
    one_of = "oneOf",
    not = "not",
    if_ = "if",
    then = "then",
    else_ = "else",
    format = "format",
    deprecated = "deprecated",
    read_only = "readOnly",
    write_only = "writeOnly",
}

/// Adds the node of a subschema, by its pointer tokens.
type Walk<'w, 'v> = dyn FnMut(&[&str], &'v Value) -> SchemaId + 'w;

/// Reads the keywords of a schema, except references.
pub(super) fn read<'v>(members: &Members<'v>, dialect: Dialect, walk: &mut Walk<'_, 'v>) -> Keywords {
    let (mut keywords, mut rare) = (Keywords::default(), RareKeywords::default());
    if dialect.validation {
        assertions(&mut keywords, &mut rare, members, dialect.draft);
    }
    objects(&mut keywords, &mut rare, members, dialect, walk);
    arrays(&mut keywords, &mut rare, members, dialect, walk);
    combinations(&mut keywords, &mut rare, members, dialect.draft, walk);
    keywords.format = members.format.and_then(Value::as_str).map(str::to_owned);
    keywords.deprecated = is_true(members.deprecated);
    keywords.read_only = is_true(members.read_only);
    keywords.write_only = is_true(members.write_only);
    Keywords { rare: rare.into(), ..keywords }
}

fn assertions(keywords: &mut Keywords, rare: &mut RareKeywords, members: &Members<'_>, draft: Draft) {
    let number = |value: Option<&Value>| value.and_then(|found| found.as_number().cloned());
    keywords.types = types(members.type_);
    keywords.enumeration = members.enum_.and_then(|list| list.as_array().cloned());
    rare.constant = members.const_.filter(|_| draft >= Draft::Draft6).cloned();
    let mut names = HashSet::new();
    keywords.required = strings(members.required).into_iter().filter(|name| names.insert(name.clone())).collect();
    rare.min_properties = count(members.min_properties);
    rare.max_properties = count(members.max_properties);
    rare.min_items = count(members.min_items);
    rare.max_items = count(members.max_items);
    keywords.unique_items = is_true(members.unique_items);
    rare.minimum = number(members.minimum);
    rare.maximum = number(members.maximum);
    rare.exclusive_minimum = number(members.exclusive_minimum);
    rare.exclusive_maximum = number(members.exclusive_maximum);
    if draft == Draft::Draft4 {
        // There, the two are flags on the bounds.
        if is_true(members.exclusive_minimum) {
            rare.exclusive_minimum = rare.minimum.take();
        }
        if is_true(members.exclusive_maximum) {
            rare.exclusive_maximum = rare.maximum.take();
        }
    }
    rare.multiple_of = number(members.multiple_of);
    rare.min_length = count(members.min_length);
    rare.max_length = count(members.max_length);
    rare.pattern = members.pattern.and_then(Value::as_str).map(str::to_owned);
    if draft >= Draft::Draft201909 {
        rare.min_contains = count(members.min_contains);
        rare.max_contains = count(members.max_contains);
        rare.dependent_required = entries(members.dependent_required).map(|(key, list)| (key.clone(), strings(Some(list)))).collect();
    }
}

fn objects<'v>(keywords: &mut Keywords, rare: &mut RareKeywords, members: &Members<'v>, dialect: Dialect, walk: &mut Walk<'_, 'v>) {
    let draft = dialect.draft;
    keywords.properties = named(members.properties, "properties", walk);
    rare.pattern_properties = named(members.pattern_properties, "patternProperties", walk);
    keywords.additional_properties = one(members.additional_properties, "additionalProperties", walk);
    if draft >= Draft::Draft6 {
        rare.property_names = one(members.property_names, "propertyNames", walk);
    }
    if draft >= Draft::Draft201909 {
        rare.dependent_schemas = named(members.dependent_schemas, "dependentSchemas", walk);
        rare.unevaluated_properties = one(members.unevaluated_properties, "unevaluatedProperties", walk);
        return;
    }
    for (key, dependency) in entries(members.dependencies) {
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

fn arrays<'v>(keywords: &mut Keywords, rare: &mut RareKeywords, members: &Members<'v>, dialect: Dialect, walk: &mut Walk<'_, 'v>) {
    let draft = dialect.draft;
    match members.items {
        Some(Value::Array(_)) if draft <= Draft::Draft201909 => {
            rare.prefix_items = list(members.items, "items", walk);
            keywords.items = one(members.additional_items, "additionalItems", walk);
        }
        Some(items) => keywords.items = Some(walk(&["items"], items)),
        None => {}
    }
    if draft >= Draft::Draft202012 {
        rare.prefix_items = list(members.prefix_items, "prefixItems", walk);
    }
    if draft >= Draft::Draft6 {
        rare.contains = one(members.contains, "contains", walk);
    }
    if draft >= Draft::Draft201909 {
        rare.unevaluated_items = one(members.unevaluated_items, "unevaluatedItems", walk);
    }
}

fn combinations<'v>(keywords: &mut Keywords, rare: &mut RareKeywords, members: &Members<'v>, draft: Draft, walk: &mut Walk<'_, 'v>) {
    keywords.all_of = list(members.all_of, "allOf", walk);
    keywords.any_of = list(members.any_of, "anyOf", walk);
    keywords.one_of = list(members.one_of, "oneOf", walk);
    rare.not = one(members.not, "not", walk);
    if draft >= Draft::Draft7 {
        rare.if_ = one(members.if_, "if", walk);
        rare.then = one(members.then, "then", walk);
        rare.else_ = one(members.else_, "else", walk);
        // `then` and `else` have no effect without `if`.
        if rare.if_.is_none() {
            (rare.then, rare.else_) = (None, None);
        }
    }
}

fn one<'v>(value: Option<&'v Value>, keyword: &str, walk: &mut Walk<'_, 'v>) -> Option<SchemaId> {
    value.filter(|child| child.is_object() || child.is_boolean()).map(|child| walk(&[keyword], child))
}

fn list<'v>(value: Option<&'v Value>, keyword: &str, walk: &mut Walk<'_, 'v>) -> Vec<SchemaId> {
    let items = value.and_then(Value::as_array).into_iter().flatten().enumerate();
    items.map(|(index, child)| walk(&[keyword, &index.to_string()], child)).collect()
}

fn named<'v, M: FromIterator<(String, SchemaId)>>(value: Option<&'v Value>, keyword: &str, walk: &mut Walk<'_, 'v>) -> M {
    entries(value).map(|(name, child)| (name.clone(), walk(&[keyword, name], child))).collect()
}

fn is_true(value: Option<&Value>) -> bool {
    value == Some(&Value::Bool(true))
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
