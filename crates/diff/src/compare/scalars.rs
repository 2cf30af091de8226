//! Keywords whose operands are values: types, lists of values, bounds, patterns, names that must be there.

use std::collections::BTreeSet;

use charter_contract::{JsonType, Keywords};
use serde_json::{Number, Value, json};

use super::evidence::Blame;
use super::keywords::{Found, Place, shortened, words};

pub(super) fn types(one: &Keywords, other: &Keywords, place: &Place, found: &mut Found) {
    const TYPE: &[&str] = &["type"];
    // Where values are listed, the type of the list says nothing more.
    let set = |keywords: &Keywords| -> Option<BTreeSet<JsonType>> {
        let types: BTreeSet<JsonType> = match (&keywords.types, &keywords.enumeration, &keywords.constant) {
            (Some(types), ..) => types.iter().copied().collect(),
            (None, Some(values), _) => values.iter().map(type_of).collect(),
            (None, None, Some(value)) => [type_of(value)].into(),
            _ => return None,
        };
        Some(types.into_iter().filter(|type_| *type_ != JsonType::Null).collect())
    };
    let (before, after) = (set(one), set(other));
    let shown = |types: &Option<BTreeSet<JsonType>>| -> Option<Value> { types.as_ref().map(|types| json!(types)) };
    let sides = (shown(&before), shown(&after));
    let mut push = |kind: &str, summary: String, more: bool, less: bool| {
        found.changes.push(place.draft(kind, "/type", sides.clone(), summary, more, less, TYPE));
    };
    let list = |types: &BTreeSet<JsonType>| types.iter().map(|type_| type_.as_str()).collect::<Vec<_>>().join(", ");
    match (&before, &after) {
        (None, None) => {}
        (None, Some(after)) => push("type-added", format!("the type must be {} now", list(after)), false, true),
        (Some(before), None) => push("type-removed", format!("the type need not be {} any more", list(before)), true, false),
        (Some(before), Some(after)) if before != after => {
            let covers = |wide: &BTreeSet<JsonType>, type_: JsonType| {
                wide.contains(&type_) || type_ == JsonType::Integer && wide.contains(&JsonType::Number)
            };
            let gained = after.iter().any(|type_| !covers(before, *type_));
            let lost = before.iter().any(|type_| !covers(after, *type_));
            let (kind, words) = match (gained, lost) {
                (true, false) => ("type-widened", "widened"),
                (false, true) => ("type-narrowed", "narrowed"),
                (true, true) => ("type-changed", "changed"),
                (false, false) => return,
            };
            push(kind, format!("the type is {words}: {} before, {} now", list(before), list(after)), gained, lost);
        }
        _ => {}
    }
}

fn type_of(value: &Value) -> JsonType {
    match value {
        Value::Null => JsonType::Null,
        Value::Bool(_) => JsonType::Boolean,
        Value::Number(number) if number.is_f64() => JsonType::Number,
        Value::Number(_) => JsonType::Integer,
        Value::String(_) => JsonType::String,
        Value::Array(_) => JsonType::Array,
        Value::Object(_) => JsonType::Object,
    }
}

pub(super) fn values(one: &Keywords, other: &Keywords, place: &Place, found: &mut Found) {
    const VALUES: &[&str] = &["enum", "const"];
    let list = |keywords: &Keywords| -> Option<Vec<Value>> {
        let values = match (&keywords.enumeration, &keywords.constant) {
            (Some(values), Some(constant)) => values.iter().filter(|value| *value == constant).cloned().collect(),
            (Some(values), None) => values.clone(),
            (None, Some(constant)) => vec![constant.clone()],
            (None, None) => return None,
        };
        Some(values)
    };
    let keyword = |keywords: &Keywords| if keywords.enumeration.is_some() { "/enum" } else { "/const" };
    match (list(one), list(other)) {
        (None, None) => {}
        (None, Some(values)) => {
            let summary = format!("only listed values are accepted now: {}", shortened(&json!(values)));
            found.changes.push(place.draft("enum-added", keyword(other), (None, Some(json!(values))), summary, false, true, VALUES));
        }
        (Some(values), None) => {
            let summary = format!("not only listed values are accepted any more: {}", shortened(&json!(values)));
            found.changes.push(place.draft("enum-removed", keyword(one), (Some(json!(values)), None), summary, true, false, VALUES));
        }
        (Some(before), Some(after)) => {
            for value in after.iter().filter(|value| !value.is_null() && !before.contains(value)) {
                let summary = format!("the value {} is new", shortened(value));
                let mut draft = place.draft("enum-value-added", keyword(other), (None, Some(value.clone())), summary, true, false, &[]);
                draft.more = Some(Blame::Value(value.clone()));
                found.changes.push(draft);
            }
            for value in before.iter().filter(|value| !value.is_null() && !after.contains(value)) {
                let summary = format!("the value {} is gone", shortened(value));
                let mut draft = place.draft("enum-value-removed", keyword(one), (Some(value.clone()), None), summary, false, true, &[]);
                draft.less = Some(Blame::Value(value.clone()));
                found.changes.push(draft);
            }
        }
    }
}

/// A keyword, its operands, whether it is a lower bound, and the keywords of errors that it explains.
type Bound = (&'static str, Option<f64>, Option<f64>, bool, &'static [&'static str]);

/// Keywords with a number or a text for an operand.
pub(super) fn bounds(one: &Keywords, other: &Keywords, place: &Place, found: &mut Found) {
    let number = |number: &Option<Number>| number.as_ref().and_then(Number::as_f64);
    let count = |count: Option<u64>| count.map(|count| count as f64);
    let list: [Bound; 12] = [
        ("minimum", number(&one.minimum), number(&other.minimum), true, &["minimum", "exclusiveMinimum"]),
        ("exclusiveMinimum", number(&one.exclusive_minimum), number(&other.exclusive_minimum), true, &["exclusiveMinimum", "minimum"]),
        ("minLength", count(one.min_length), count(other.min_length), true, &["minLength"]),
        ("minItems", count(one.min_items), count(other.min_items), true, &["minItems"]),
        ("minProperties", count(one.min_properties), count(other.min_properties), true, &["minProperties"]),
        ("minContains", count(one.min_contains), count(other.min_contains), true, &["contains", "minContains"]),
        ("maximum", number(&one.maximum), number(&other.maximum), false, &["maximum", "exclusiveMaximum"]),
        ("exclusiveMaximum", number(&one.exclusive_maximum), number(&other.exclusive_maximum), false, &["exclusiveMaximum", "maximum"]),
        ("maxLength", count(one.max_length), count(other.max_length), false, &["maxLength"]),
        ("maxItems", count(one.max_items), count(other.max_items), false, &["maxItems"]),
        ("maxProperties", count(one.max_properties), count(other.max_properties), false, &["maxProperties"]),
        ("maxContains", count(one.max_contains), count(other.max_contains), false, &["contains", "maxContains"]),
    ];
    for (keyword, before, after, lower, blame) in list {
        let kind = |what: &str| format!("{}-{what}", words(keyword));
        let (kind, summary, more, less) = match (before, after) {
            // An absent `minContains` is 1.
            (None, Some(after)) if keyword == "minContains" => {
                (kind("added"), format!("`minContains` is {after} now"), after < 1.0, after > 1.0)
            }
            (Some(before), None) if keyword == "minContains" => {
                (kind("removed"), format!("`minContains` was {before}"), before > 1.0, before < 1.0)
            }
            (None, Some(after)) => (kind("added"), format!("`{keyword}` is {after} now, and was not said"), false, true),
            (Some(before), None) => (kind("removed"), format!("`{keyword}` was {before}, and is not said any more"), true, false),
            (Some(before), Some(after)) if before != after => {
                let raised = after > before;
                let what = if raised { "raised" } else { "lowered" };
                (kind(what), format!("`{keyword}` was {before}, and is {after} now"), raised != lower, raised == lower)
            }
            _ => continue,
        };
        let value = |bound: Option<f64>| bound.map(plain);
        found.changes.push(place.draft(&kind, &format!("/{keyword}"), (value(before), value(after)), summary, more, less, blame));
    }
    step(one, other, place, found);
    if one.pattern != other.pattern {
        let (kind, summary, more, less) = match (&one.pattern, &other.pattern) {
            (None, Some(after)) => ("pattern-added", format!("the pattern `{after}` is new"), false, true),
            (Some(before), None) => ("pattern-removed", format!("the pattern `{before}` is gone"), true, false),
            (before, after) => (
                "pattern-changed",
                format!("the pattern was `{}`, now `{}`", before.as_deref().unwrap_or_default(), after.as_deref().unwrap_or_default()),
                true,
                true,
            ),
        };
        let sides = (one.pattern.clone().map(Value::String), other.pattern.clone().map(Value::String));
        found.changes.push(place.draft(kind, "/pattern", sides, summary, more, less, &["pattern"]));
    }
    if one.unique_items != other.unique_items {
        let (kind, summary) = if other.unique_items {
            ("unique-items-added", "no item may stand twice now")
        } else {
            ("unique-items-removed", "an item may stand twice now")
        };
        let sides = (Some(json!(one.unique_items)), Some(json!(other.unique_items)));
        found.changes.push(place.draft(
            kind,
            "/uniqueItems",
            sides,
            summary.to_owned(),
            one.unique_items,
            other.unique_items,
            &["uniqueItems"],
        ));
    }
}

fn plain(bound: f64) -> Value {
    if bound.fract() == 0.0 && bound.abs() < 9e15 { json!(bound as i64) } else { json!(bound) }
}

fn step(one: &Keywords, other: &Keywords, place: &Place, found: &mut Found) {
    if one.multiple_of == other.multiple_of {
        return;
    }
    let of = |number: &Option<Number>| number.as_ref().and_then(Number::as_f64);
    let divides = |small: f64, large: f64| small > 0.0 && ((large / small) - (large / small).round()).abs() < 1e-12;
    let (kind, summary, more, less) = match (of(&one.multiple_of), of(&other.multiple_of)) {
        (None, Some(after)) => ("multiple-of-added", format!("a multiple of {after} is asked for now"), false, true),
        (Some(before), None) => ("multiple-of-removed", format!("a multiple of {before} is not asked for any more"), true, false),
        (Some(before), Some(after)) => (
            "multiple-of-changed",
            format!("a multiple of {after} is asked for now, of {before} before"),
            !divides(before, after),
            !divides(after, before),
        ),
        (None, None) => return,
    };
    let sides = (one.multiple_of.clone().map(Value::Number), other.multiple_of.clone().map(Value::Number));
    found.changes.push(place.draft(kind, "/multipleOf", sides, summary, more, less, &["multipleOf"]));
}

pub(super) fn dependent_required(one: &Keywords, other: &Keywords, place: &Place, found: &mut Found) {
    const BLAME: &[&str] = &["dependentRequired", "required", "dependencies"];
    let flat = |keywords: &Keywords| -> BTreeSet<(String, String)> {
        keywords.dependent_required.iter().flat_map(|(key, list)| list.iter().map(|needed| (key.clone(), needed.clone()))).collect()
    };
    let (before, after) = (flat(one), flat(other));
    for (key, needed) in before.difference(&after) {
        let summary = format!("`{key}` does not ask for `{needed}` any more");
        found.changes.push(place.draft(
            "dependent-required-removed",
            "/dependentRequired",
            (Some(json!({ key: [needed] })), None),
            summary,
            true,
            false,
            BLAME,
        ));
    }
    for (key, needed) in after.difference(&before) {
        let summary = format!("where `{key}` stands, `{needed}` is required now");
        found.changes.push(place.draft(
            "dependent-required-added",
            "/dependentRequired",
            (None, Some(json!({ key: [needed] }))),
            summary,
            false,
            true,
            BLAME,
        ));
    }
}
