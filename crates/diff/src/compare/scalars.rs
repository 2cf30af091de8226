//! Keywords whose operands are values: `type`, `enum`, `const`, bounds, `pattern`, `uniqueItems`, `multipleOf`, `dependentRequired`.

use std::collections::BTreeSet;

use charter_contract::{JsonType, Keywords};
use serde_json::{Number, Value, json};

use super::draft::{Blame, Locations, PairDifferences};
use super::text::{kebab_case, shortened};
use crate::exact::{compare, is_multiple};
use crate::pattern;

pub(super) fn types(one: &Keywords, other: &Keywords, at: &Locations, pair: &mut PairDifferences) {
    // Listed values state types, too.
    let blame: &'static [&'static str] = if one.types.is_some() && other.types.is_some() { &["type"] } else { &["type", "enum", "const"] };
    // Without `type`, the types of the listed values count.
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
    // The keyword that states the types.
    let keyword = |keywords: &Keywords| match (&keywords.types, &keywords.enumeration, &keywords.constant) {
        (None, Some(_), _) => "/enum",
        (None, None, Some(_)) => "/const",
        _ => "/type",
    };
    let mut push = |kind: &str, summary: String, more: bool, less: bool| {
        let mut draft = at.draft(kind, "/type", sides.clone(), summary, more, less, blame);
        draft.old_location = Some(at.old_at(keyword(one)));
        draft.new_location = Some(at.new_at(keyword(other)));
        pair.changes.push(draft);
    };
    let list = |types: &BTreeSet<JsonType>| types.iter().map(|type_| type_.as_str()).collect::<Vec<_>>().join(", ");
    match (&before, &after) {
        (None, None) => {}
        (None, Some(after)) => push("type-added", format!("the type is restricted to {}", list(after)), false, true),
        (Some(before), None) => push("type-removed", format!("the type is no longer restricted to {}", list(before)), true, false),
        (Some(before), Some(after)) if before != after => {
            let covers = |wide: &BTreeSet<JsonType>, type_: JsonType| {
                wide.contains(&type_) || type_ == JsonType::Integer && wide.contains(&JsonType::Number)
            };
            let gained = after.iter().any(|type_| !covers(before, *type_));
            let lost = before.iter().any(|type_| !covers(after, *type_));
            let (kind, effect) = match (gained, lost) {
                (true, false) => ("type-widened", "widened"),
                (false, true) => ("type-narrowed", "narrowed"),
                (true, true) => ("type-changed", "changed"),
                (false, false) => return,
            };
            push(kind, format!("the type is {effect}: {}, previously {}", list(after), list(before)), gained, lost);
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

pub(super) fn values(one: &Keywords, other: &Keywords, at: &Locations, pair: &mut PairDifferences) {
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
            let summary = format!("only these values are now accepted: {}", shortened(&json!(values)));
            pair.changes.push(at.draft("enum-added", keyword(other), (None, Some(json!(values))), summary, false, true, VALUES));
        }
        (Some(values), None) => {
            let summary = format!("other values than these are now accepted: {}", shortened(&json!(values)));
            pair.changes.push(at.draft("enum-removed", keyword(one), (Some(json!(values)), None), summary, true, false, VALUES));
        }
        (Some(before), Some(after)) => {
            for value in after.iter().filter(|value| !value.is_null() && !before.contains(value)) {
                let summary = format!("the value {} is added", shortened(value));
                let mut draft = at.draft("enum-value-added", keyword(other), (None, Some(value.clone())), summary, true, false, &[]);
                draft.old_location = Some(at.old_at(keyword(one)));
                draft.more = Some(Blame::Value(value.clone()));
                pair.changes.push(draft);
            }
            for value in before.iter().filter(|value| !value.is_null() && !after.contains(value)) {
                let summary = format!("the value {} is removed", shortened(value));
                let mut draft = at.draft("enum-value-removed", keyword(one), (Some(value.clone()), None), summary, false, true, &[]);
                draft.new_location = Some(at.new_at(keyword(other)));
                draft.less = Some(Blame::Value(value.clone()));
                pair.changes.push(draft);
            }
        }
    }
}

/// A keyword, its two operands, whether it is a lower bound, and the keywords of errors that it explains.
type Bound = (&'static str, Option<Number>, Option<Number>, bool, &'static [&'static str]);

/// Keywords whose operand is a number or a string.
pub(super) fn bounds(one: &Keywords, other: &Keywords, at: &Locations, pair: &mut PairDifferences) {
    let number = |number: &Option<Number>| number.clone();
    let count = |count: Option<u64>| count.map(Number::from);
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
        // A keyword without effect on the types of both sides cannot change what they accept.
        if [one, other].iter().all(|keywords| !applies(keyword, keywords)) {
            continue;
        }
        if is_implied(keyword, one, other) {
            continue;
        }
        let kind = |what: &str| format!("{}-{what}", kebab_case(keyword));
        let (before, after) = (before.map(whole), after.map(whole));
        let than_one = |bound: &Number| compare(bound, &Number::from(1));
        let (kind, summary, more, less) = match (&before, &after) {
            // The default of `minContains` is 1.
            (None, Some(after)) if keyword == "minContains" => {
                (kind("added"), format!("`minContains` is {after}, previously absent"), than_one(after).is_lt(), than_one(after).is_gt())
            }
            (Some(before), None) if keyword == "minContains" => (
                kind("removed"),
                format!("`minContains` is removed, previously {before}"),
                than_one(before).is_gt(),
                than_one(before).is_lt(),
            ),
            (None, Some(after)) => (kind("added"), format!("`{keyword}` is {after}, previously absent"), false, true),
            (Some(before), None) => (kind("removed"), format!("`{keyword}` is removed, previously {before}"), true, false),
            (Some(before), Some(after)) if compare(before, after).is_ne() => {
                let raised = compare(after, before).is_gt();
                let what = if raised { "raised" } else { "lowered" };
                (kind(what), format!("`{keyword}` is {after}, previously {before}"), raised != lower, raised == lower)
            }
            _ => continue,
        };
        let value = |bound: Option<Number>| bound.map(Value::Number);
        pair.changes.push(at.draft(&kind, &format!("/{keyword}"), (value(before), value(after)), summary, more, less, blame));
    }
    multiple_of(one, other, at, pair);
    if one.pattern != other.pattern {
        // The languages of both patterns decide, where automata of a bounded size can.
        let includes = |wide: &str, narrow: &str| pattern::compare(narrow, wide) == Some(pattern::Inclusion::Included);
        let change = match (&one.pattern, &other.pattern) {
            (None, Some(after)) if includes(after, "") => None,
            (Some(before), None) if includes(before, "") => None,
            (None, Some(after)) => Some(("pattern-added", format!("the pattern `{after}` is added"), false, true)),
            (Some(before), None) => Some(("pattern-removed", format!("the pattern `{before}` is removed"), true, false)),
            (Some(before), Some(after)) => {
                let (more, less) = (!includes(before, after), !includes(after, before));
                let summary = format!("the pattern is `{after}`, previously `{before}`");
                (more || less).then_some(("pattern-changed", summary, more, less))
            }
            (None, None) => None,
        };
        let sides = (one.pattern.clone().map(Value::String), other.pattern.clone().map(Value::String));
        if let Some((kind, summary, more, less)) = change {
            pair.changes.push(at.draft(kind, "/pattern", sides, summary, more, less, &["pattern"]));
        }
    }
    if one.unique_items != other.unique_items {
        let (kind, summary) = if other.unique_items {
            ("unique-items-added", "items must now be unique")
        } else {
            ("unique-items-removed", "items may now repeat")
        };
        let sides = (Some(json!(one.unique_items)), Some(json!(other.unique_items)));
        pair.changes.push(at.draft(
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

/// Whether a bound is exchanged for an exclusive one that is at least as narrow. The exclusive bound is the change then.
fn is_implied(keyword: &str, one: &Keywords, other: &Keywords) -> bool {
    let bounds = |keywords: &Keywords| match keyword {
        "minimum" => (keywords.minimum.clone(), keywords.exclusive_minimum.clone()),
        "maximum" => (keywords.maximum.clone(), keywords.exclusive_maximum.clone()),
        _ => (None, None),
    };
    let (bound, exclusive) = match (bounds(one), bounds(other)) {
        ((Some(bound), None), (None, Some(exclusive))) | ((None, Some(exclusive)), (Some(bound), None)) => (bound, exclusive),
        _ => return false,
    };
    let order = compare(&exclusive, &bound);
    if keyword == "minimum" { order.is_ge() } else { order.is_le() }
}

/// Whether a keyword can have an effect on the types of a schema.
fn applies(keyword: &str, keywords: &Keywords) -> bool {
    use JsonType::{Array, Integer, Number, Object, String};
    let affected: &[JsonType] = match keyword {
        "minLength" | "maxLength" | "pattern" => &[String],
        "minItems" | "maxItems" | "minContains" | "maxContains" | "uniqueItems" => &[Array],
        "minProperties" | "maxProperties" => &[Object],
        _ => &[Integer, Number],
    };
    keywords.types.as_ref().is_none_or(|types| types.iter().any(|type_| affected.contains(type_)))
}

/// A number, as an integer if it is one.
fn whole(number: Number) -> Number {
    match number.as_f64() {
        Some(value) if number.is_f64() && value.fract() == 0.0 && value.abs() < 9e15 => Number::from(value as i64),
        _ => number,
    }
}

fn multiple_of(one: &Keywords, other: &Keywords, at: &Locations, pair: &mut PairDifferences) {
    if one.multiple_of == other.multiple_of {
        return;
    }
    // Where the digits do not fit, the samples decide.
    let divides = |small: &Number, large: &Number| is_multiple(large, small) == Some(true);
    if let (Some(before), Some(after)) = (&one.multiple_of, &other.multiple_of)
        && compare(before, after).is_eq()
    {
        return;
    }
    let (kind, summary, more, less) = match (&one.multiple_of, &other.multiple_of) {
        (None, Some(after)) => ("multiple-of-added", format!("the number must now be a multiple of {after}"), false, true),
        (Some(before), None) => ("multiple-of-removed", format!("the number need no longer be a multiple of {before}"), true, false),
        (Some(before), Some(after)) => (
            "multiple-of-changed",
            format!("the number must be a multiple of {after}, previously of {before}"),
            !divides(before, after),
            !divides(after, before),
        ),
        (None, None) => return,
    };
    let sides = (one.multiple_of.clone().map(Value::Number), other.multiple_of.clone().map(Value::Number));
    pair.changes.push(at.draft(kind, "/multipleOf", sides, summary, more, less, &["multipleOf"]));
}

pub(super) fn dependent_required(one: &Keywords, other: &Keywords, at: &Locations, pair: &mut PairDifferences) {
    const BLAME: &[&str] = &["dependentRequired", "required", "dependencies"];
    let flat = |keywords: &Keywords| -> BTreeSet<(String, String)> {
        keywords.dependent_required.iter().flat_map(|(key, list)| list.iter().map(|needed| (key.clone(), needed.clone()))).collect()
    };
    let (before, after) = (flat(one), flat(other));
    for (key, needed) in before.difference(&after) {
        let summary = format!("`{key}` no longer requires `{needed}`");
        pair.changes.push(at.draft(
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
        let summary = format!("`{key}` now requires `{needed}`");
        pair.changes.push(at.draft(
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{both, change, changes, less, more};

    #[test]
    fn a_raised_minimum_accepts_less() {
        assert_eq!(change(&json!({"minimum": 1}), &json!({"minimum": 2})), less("minimum-raised"));
    }

    #[test]
    fn large_integers_are_compared_exactly() {
        let (one, other) = (json!({"maximum": 9_007_199_254_740_993_i64}), json!({"maximum": 9_007_199_254_740_992_i64}));
        assert_eq!(change(&one, &other), less("maximum-lowered"));
        assert_eq!(change(&json!({"minimum": i64::MIN}), &json!({"minimum": i64::MIN + 1})), less("minimum-raised"));
    }

    #[test]
    fn a_raised_maximum_accepts_more() {
        assert_eq!(change(&json!({"maximum": 1}), &json!({"maximum": 2})), more("maximum-raised"));
    }

    #[test]
    fn a_removed_bound_accepts_more() {
        assert_eq!(change(&json!({"maxLength": 8}), &json!({})), more("max-length-removed"));
    }

    #[test]
    fn min_contains_zero_accepts_more_than_the_default() {
        let (old, new) = (json!({"contains": {"const": 1}}), json!({"contains": {"const": 1}, "minContains": 0}));
        assert!(changes(&old, &new).contains(&more("min-contains-added")));
    }

    #[test]
    fn an_integer_is_a_number() {
        assert_eq!(change(&json!({"type": "integer"}), &json!({"type": "number"})), more("type-widened"));
        assert_eq!(change(&json!({"type": ["number", "string"]}), &json!({"type": ["integer", "string"]})), less("type-narrowed"));
    }

    #[test]
    fn an_added_value_accepts_more() {
        assert_eq!(change(&json!({"enum": ["a"]}), &json!({"enum": ["a", "b"]})), more("enum-value-added"));
    }

    #[test]
    fn a_constant_is_an_enumeration_of_one_value() {
        assert_eq!(change(&json!({"const": "a"}), &json!({"enum": ["a", "b"]})), more("enum-value-added"));
        assert_eq!(changes(&json!({"const": "a"}), &json!({"enum": ["a"]})), []);
    }

    #[test]
    fn a_multiple_of_a_divisor_accepts_more() {
        assert_eq!(change(&json!({"multipleOf": 4}), &json!({"multipleOf": 2})), more("multiple-of-changed"));
        assert_eq!(change(&json!({"multipleOf": 2}), &json!({"multipleOf": 3})), both("multiple-of-changed"));
        assert_eq!(change(&json!({"multipleOf": 0.3}), &json!({"multipleOf": 0.1})), more("multiple-of-changed"));
        assert_eq!(changes(&json!({"multipleOf": 1}), &json!({"multipleOf": 1.0})), []);
        let (one, other) = (json!({"multipleOf": 9_007_199_254_740_993_i64}), json!({"multipleOf": 9_007_199_254_740_992_i64}));
        assert_eq!(change(&one, &other), both("multiple-of-changed"));
    }

    #[test]
    fn another_pattern_can_have_both_effects() {
        assert_eq!(change(&json!({"pattern": "a"}), &json!({"pattern": "b"})), both("pattern-changed"));
    }

    #[test]
    fn a_pattern_that_matches_more_texts_accepts_more() {
        let (narrow, wide) = (json!({"pattern": "^[a-z]+$"}), json!({"pattern": "^[a-z0-9]+$"}));
        assert_eq!(change(&narrow, &wide), more("pattern-changed"));
        assert_eq!(change(&wide, &narrow), less("pattern-changed"));
        assert_eq!(changes(&json!({"pattern": "^\\d+$"}), &json!({"pattern": "^[0-9]+$"})), []);
        assert_eq!(changes(&json!({}), &json!({"pattern": ".*"})), []);
    }

    #[test]
    fn an_added_dependency_accepts_less() {
        let new = json!({"dependentRequired": {"author": ["title"]}});
        assert_eq!(change(&json!({}), &new), less("dependent-required-added"));
    }
}
