//! The differences of two schemas, keyword by keyword, and the pairs of their parts.

use charter_contract::{Keywords, SchemaId};
use indexmap::IndexMap;
use serde_json::{Value, json};

use super::draft::{Blame, Locations, PairDifferences, Variance};
use super::matching::{alike, branches};
use super::scalars::{bounds, dependent_required, types, values};
use super::sides::Sides;
use super::text::kebab_case;
use super::view::{core, cores, former, origin, view, views};

/// The keywords of errors that a closed object causes.
const CLOSED: &[&str] = &["additionalProperties", "unevaluatedProperties", "propertyNames", "maxProperties"];

impl Sides<'_, '_, '_> {
    /// The differences of two schemas.
    pub(super) fn differences(&self, old: SchemaId, new: SchemaId) -> PairDifferences {
        let (old_contract, new_contract) = (self.old.contract(), self.new.contract());
        let mut pair = PairDifferences::default();
        let at = Locations { old: old_contract.schema(old).location.clone(), new: new_contract.schema(new).location.clone() };
        self.null(old, new, &at, &mut pair);
        let (old, new) = cores((old_contract, old), (new_contract, new));
        let at = Locations { old: old_contract.schema(old).location.clone(), new: new_contract.schema(new).location.clone() };
        let (one, other) = views((old_contract, old), (new_contract, new));
        if one.never != other.never {
            let kind = if other.never { "schema-refuses-all" } else { "schema-accepts-again" };
            let summary = if other.never { "the schema is now `false`" } else { "the schema was `false`" };
            pair.changes.push(at.draft(kind, "", (None, None), summary.to_owned(), !other.never, other.never, &[]));
            return pair;
        }
        let unions = |keywords: &Keywords| !keywords.any_of.is_empty() || !keywords.one_of.is_empty();
        if (unions(&one) || unions(&other)) && self.union(&one, old, &other, new, &at, &mut pair) {
            return pair;
        }
        types(&one, &other, &at, &mut pair);
        values(&one, &other, &at, &mut pair);
        bounds(&one, &other, &at, &mut pair);
        self.objects(&one, &other, &at, &mut pair);
        self.subschemas(&one, &other, &at, &mut pair);
        let (left, right) = (conjuncts(&one), conjuncts(&other));
        if !left.is_empty() || !right.is_empty() {
            self.parts_of_all(&left, &right, &at, &mut pair);
        }
        if one.dynamic != other.dynamic || one.dynamic {
            pair.changes.push(at.draft(
                "dynamic-reference-changed",
                "/$dynamicRef",
                (None, None),
                "a dynamic reference: its target depends on the path of evaluation".to_owned(),
                true,
                true,
                &[],
            ));
        }
        self.locate(old, new, &mut pair);
        pair
    }

    /// Corrects the locations of keywords that are in a part of `allOf` or behind a reference.
    fn locate(&self, old: SchemaId, new: SchemaId, pair: &mut PairDifferences) {
        for draft in &mut pair.changes {
            let sides = [
                (self.old.contract(), old, &mut draft.old_location, &draft.old_value),
                (self.new.contract(), new, &mut draft.new_location, &draft.new_value),
            ];
            for (contract, id, location, value) in sides {
                let Some(at) = location.as_mut() else { continue };
                let key = value.as_ref().and_then(Value::as_str).filter(|_| at.pointer().ends_with("/required"));
                if let Some(found) = origin(contract, id, at, key) {
                    *at = found;
                }
                if let Some(former) = former(contract, at) {
                    *at = former;
                }
            }
        }
    }

    /// Whether null is accepted, by any keyword.
    fn null(&self, old: SchemaId, new: SchemaId, at: &Locations, pair: &mut PairDifferences) {
        let before = self.old.accepts_null(old);
        let after = self.new.accepts_null(new);
        let (kind, summary) = match (before, after) {
            (Some(false), Some(true)) => ("null-allowed", "null is now accepted"),
            (Some(true), Some(false)) => ("null-refused", "null is now refused"),
            _ => return,
        };
        // Schemas that accept everything or nothing do not mention null; other changes cover them.
        let (one, other) = (core(self.old.contract(), old), core(self.new.contract(), new));
        let mentions = |contract: &charter_contract::Contract, id: SchemaId| {
            let keywords = view(contract, id);
            keywords.types.is_some()
                || keywords.enumeration.is_some()
                || keywords.constant.is_some()
                || !keywords.any_of.is_empty()
                || !keywords.one_of.is_empty()
                || keywords.reference.is_some()
                || !keywords.all_of.is_empty()
        };
        if !mentions(self.old.contract(), one) || !mentions(self.new.contract(), other) {
            return;
        }
        let mut draft = at.draft(kind, "", (None, None), summary.to_owned(), kind == "null-allowed", kind == "null-refused", &[]);
        for blame in [&mut draft.more, &mut draft.less].into_iter().flatten() {
            *blame = Blame::Value(Value::Null);
        }
        pair.changes.push(draft);
    }

    fn objects(&self, one: &Keywords, other: &Keywords, at: &Locations, pair: &mut PairDifferences) {
        let (old, new) = (self.old.contract(), self.new.contract());
        let is_open = |contract: &charter_contract::Contract, keywords: &Keywords| {
            let allows_keys = |id: Option<SchemaId>| id.is_none_or(|id| *contract.schema(id).source() != json!(false));
            allows_keys(keywords.additional_properties) && allows_keys(keywords.unevaluated_properties)
        };
        let is_unconstrained = |contract: &charter_contract::Contract, id: SchemaId| contract.schema(id).keywords == Keywords::default();
        let closed = |contract: &charter_contract::Contract, keywords: &Keywords| {
            keywords.additional_properties.is_some_and(|id| *contract.schema(id).source() == json!(false))
                && keywords.pattern_properties.is_empty()
        };
        let mut removed: Vec<&String> = one.properties.keys().filter(|key| !other.properties.contains_key(*key)).collect();
        let mut added: Vec<&String> = other.properties.keys().filter(|key| !one.properties.contains_key(*key)).collect();
        if let ([before], [after]) = (&removed[..], &added[..]) {
            let (left, right) = (one.properties[*before], other.properties[*after]);
            let is_constrained = |contract: &charter_contract::Contract, id: SchemaId| contract.schema(id).keywords != Keywords::default();
            if one.required.contains(before) == other.required.contains(after) && is_constrained(old, left) && alike(*self, left, right) {
                let summary = format!("`{before}` may be renamed to `{after}`: the schemas are equal");
                let mut draft =
                    at.draft("property-renamed", "/properties", (Some(json!(before)), Some(json!(after))), summary, true, true, &[]);
                draft.old_location = Some(at.old_at("/properties").child(before));
                draft.new_location = Some(at.new_at("/properties").child(after));
                draft.more = Some(Blame::Any);
                draft.less = Some(Blame::Any);
                pair.changes.push(draft);
                removed.clear();
                added.clear();
            }
        }
        for key in &removed {
            let id = one.properties[*key];
            let required = one.required.contains(key);
            let summary = format!("the {} property `{key}` is removed", if required { "required" } else { "optional" });
            let more = required || !is_unconstrained(old, id);
            let less = !is_open(new, other) || other.additional_properties.is_some() || !other.pattern_properties.is_empty();
            // Without the property, an object that is closed now accepts fewer keys.
            let more = more && (required || !closed(new, other));
            // The schema of the other keys is that of the property.
            let is_same = other.pattern_properties.is_empty() && other.additional_properties.is_some_and(|right| alike(*self, id, right));
            let (more, less) = if is_same { (required, false) } else { (more, less) };
            let mut draft = at.draft("property-removed", "", (Some(old.schema(id).source().clone()), None), summary, more, less, &[]);
            draft.old_location = Some(old.schema(id).location.clone());
            draft.new_location = None;
            draft.more = draft.more.map(|_| Blame::Below((*key).clone()));
            draft.less = draft.less.map(|_| Blame::Below((*key).clone()));
            pair.changes.push(draft);
        }
        for key in &added {
            let id = other.properties[*key];
            let required = other.required.contains(key);
            let summary = format!("the {} property `{key}` is added", if required { "required" } else { "optional" });
            let more = !is_open(old, one)
                || one.additional_properties.is_some()
                || one.unevaluated_properties.is_some()
                || !one.pattern_properties.is_empty();
            // If the old schema refused the key, no value of it can become invalid.
            let less = required || !(is_unconstrained(new, id) || closed(old, one));
            let is_same = one.pattern_properties.is_empty() && one.additional_properties.is_some_and(|left| alike(*self, left, id));
            let (more, less) = if is_same { (false, required) } else { (more, less) };
            let mut draft = at.draft("property-added", "", (None, Some(new.schema(id).source().clone())), summary, more, less, &[]);
            draft.new_location = Some(new.schema(id).location.clone());
            draft.old_location = None;
            draft.more = draft.more.map(|_| Blame::Below((*key).clone()));
            draft.less = draft.less.map(|_| Blame::Below((*key).clone()));
            pair.changes.push(draft);
        }
        for (key, left) in &one.properties {
            if let Some(right) = other.properties.get(key) {
                pair.parts.push((*left, *right, Variance::Same));
            }
        }
        let renamed = |key: &String, list: &IndexMap<String, SchemaId>, others: &IndexMap<String, SchemaId>| {
            list.contains_key(key) && !others.contains_key(key)
        };
        for key in one.required.iter().filter(|key| !other.required.contains(*key) && !renamed(key, &one.properties, &other.properties)) {
            let summary = format!("`{key}` is now optional");
            let mut draft = at.draft("property-optional", "/required", (Some(json!(key)), None), summary, true, false, &[]);
            draft.more = Some(Blame::Key(&["required"], key.clone()));
            pair.changes.push(draft);
        }
        for key in other.required.iter().filter(|key| !one.required.contains(*key) && !renamed(key, &other.properties, &one.properties)) {
            let summary = format!("`{key}` is now required");
            let mut draft = at.draft("property-required", "/required", (None, Some(json!(key))), summary, false, true, &[]);
            draft.less = Some(Blame::Key(&["required"], key.clone()));
            pair.changes.push(draft);
        }
        self.keyed("pattern-property", "patternProperties", &one.pattern_properties, &other.pattern_properties, at, pair);
        self.keyed("dependent-schema", "dependentSchemas", &one.dependent_schemas, &other.dependent_schemas, at, pair);
        dependent_required(one, other, at, pair);
    }

    /// Keywords whose value maps patterns or keys to schemas, except `properties`.
    fn keyed(
        &self,
        kind: &str,
        keyword: &str,
        one: &IndexMap<String, SchemaId>,
        other: &IndexMap<String, SchemaId>,
        at: &Locations,
        pair: &mut PairDifferences,
    ) {
        for (key, left) in one {
            match other.get(key) {
                Some(right) => pair.parts.push((*left, *right, Variance::Same)),
                None => {
                    let source = self.old.contract().schema(*left).source().clone();
                    let summary = format!("`{key}` is removed from `{keyword}`");
                    let kind = format!("{kind}-removed");
                    let pointer = format!("/{keyword}");
                    pair.changes.push(at.draft(
                        &kind,
                        &pointer,
                        (Some(json!({ key: source })), None),
                        summary,
                        true,
                        kind.starts_with("pattern"),
                        &[],
                    ));
                }
            }
        }
        for (key, right) in other.iter().filter(|(key, _)| !one.contains_key(*key)) {
            let source = self.new.contract().schema(*right).source().clone();
            let summary = format!("`{key}` is added to `{keyword}`");
            let kind = format!("{kind}-added");
            let pointer = format!("/{keyword}");
            pair.changes.push(at.draft(
                &kind,
                &pointer,
                (None, Some(json!({ key: source }))),
                summary,
                kind.starts_with("pattern"),
                true,
                &[],
            ));
        }
    }

    /// Keywords whose value is one schema.
    fn subschemas(&self, one: &Keywords, other: &Keywords, at: &Locations, pair: &mut PairDifferences) {
        let counts_contains = one.max_contains.or(other.max_contains).is_some() || one.min_contains.or(other.min_contains) == Some(0);
        let single: [(&str, Option<SchemaId>, Option<SchemaId>); 10] = [
            ("additionalProperties", one.additional_properties, other.additional_properties),
            ("propertyNames", one.property_names, other.property_names),
            ("unevaluatedProperties", one.unevaluated_properties, other.unevaluated_properties),
            ("items", one.items, other.items),
            ("contains", one.contains, other.contains),
            ("unevaluatedItems", one.unevaluated_items, other.unevaluated_items),
            ("not", one.not, other.not),
            ("if", one.if_, other.if_),
            ("then", one.then, other.then),
            ("else", one.else_, other.else_),
        ];
        let text = |contract: &charter_contract::Contract, id: Option<SchemaId>| id.map(|id| contract.schema(id).source().clone());
        for (keyword, left, right) in single {
            // If the part of such a keyword accepts more, the whole may accept less: these keywords are compared as a whole.
            let whole = matches!(keyword, "not" | "if") || keyword == "contains" && counts_contains;
            let (before, after) = (text(self.old.contract(), left), text(self.new.contract(), right));
            // `contains` refuses an empty array, whatever its schema is.
            let accepts_all = |value: &Value| keyword != "contains" && (*value == json!(true) || *value == json!({}));
            let trivial = |value: &Option<Value>| value.as_ref().is_none_or(accepts_all);
            let (kind, summary, more, less) = match (left, right) {
                (Some(left), Some(right)) if whole && alike(*self, left, right) => continue,
                // A condition is added or removed with its branches.
                _ if matches!(keyword, "then" | "else") && one.if_.is_some() != other.if_.is_some() => continue,
                (Some(_), Some(_)) if whole && keyword != "if" => {
                    (format!("{}-changed", kebab_case(keyword)), format!("`{keyword}` has changed"), true, true)
                }
                (Some(left), Some(right))
                    if !whole && trivial(&before) == trivial(&after) && (before != Some(json!(false))) == (after != Some(json!(false))) =>
                {
                    pair.parts.push((left, right, Variance::Same));
                    continue;
                }
                _ if trivial(&before) && trivial(&after) && !matches!(keyword, "contains" | "not" | "if") => continue,
                (None, None) => continue,
                _ if keyword == "if" => ("condition-changed".to_owned(), "the condition has changed".to_owned(), true, true),
                _ if matches!(keyword, "additionalProperties" | "unevaluatedProperties") && after == Some(json!(false)) => {
                    (format!("{}-refused", kebab_case(keyword)), "unknown keys are now refused".to_owned(), false, true)
                }
                _ if matches!(keyword, "additionalProperties" | "unevaluatedProperties") && before == Some(json!(false)) => {
                    (format!("{}-allowed", kebab_case(keyword)), "unknown keys are now accepted".to_owned(), true, false)
                }
                _ if trivial(&before) => (format!("{}-added", kebab_case(keyword)), format!("`{keyword}` is added"), counts_contains, true),
                _ if trivial(&after) => {
                    (format!("{}-removed", kebab_case(keyword)), format!("`{keyword}` is removed"), true, counts_contains)
                }
                _ => (format!("{}-changed", kebab_case(keyword)), format!("`{keyword}` has changed"), true, true),
            };
            // `items` applies after `prefixItems`, and `additionalProperties` to keys that no pattern matches.
            let shifted = (keyword == "items" && one.prefix_items.len() != other.prefix_items.len())
                || (keyword == "additionalProperties" && !one.pattern_properties.keys().eq(other.pattern_properties.keys()))
                || keyword.starts_with("unevaluated");
            let pointer = format!("/{keyword}");
            let mut draft = at.draft(&kind, &pointer, (before, after), summary, more || shifted, less || shifted, blame_of(keyword));
            if keyword == "additionalProperties" {
                // Its schema applies to the values of all other keys.
                let known: Vec<String> = one.properties.keys().chain(other.properties.keys()).cloned().collect();
                for blame in [&mut draft.more, &mut draft.less].into_iter().flatten() {
                    *blame = Blame::Others(CLOSED, known.clone());
                }
            }
            pair.changes.push(draft);
        }
        let common = one.prefix_items.len().min(other.prefix_items.len());
        for index in 0..common {
            pair.parts.push((one.prefix_items[index], other.prefix_items[index], Variance::Same));
        }
        if one.prefix_items.len() != other.prefix_items.len() {
            let (kind, summary) = if one.prefix_items.len() < other.prefix_items.len() {
                ("prefix-item-added", format!("`prefixItems` has {} schemas, previously {common}", other.prefix_items.len()))
            } else {
                ("prefix-item-removed", format!("`prefixItems` has {common} schemas, previously {}", one.prefix_items.len()))
            };
            let (before, after) = (json!(one.prefix_items.len()), json!(other.prefix_items.len()));
            pair.changes.push(at.draft(kind, "/prefixItems", (Some(before), Some(after)), summary, true, true, &[]));
        }
    }

    /// The parts of `allOf`.
    fn parts_of_all(&self, one: &[SchemaId], other: &[SchemaId], at: &Locations, pair: &mut PairDifferences) {
        let matched = branches(*self, one.to_vec(), other.to_vec());
        for part in &matched.removed {
            let source = self.old.contract().schema(*part).source().clone();
            let mut draft =
                at.draft("all-of-part-removed", "", (Some(source), None), "a part of `allOf` is removed".to_owned(), true, false, &[]);
            draft.old_location = Some(self.old.contract().schema(*part).location.clone());
            draft.new_location = None;
            pair.changes.push(draft);
        }
        for part in &matched.added {
            let source = self.new.contract().schema(*part).source().clone();
            let mut draft =
                at.draft("all-of-part-added", "", (None, Some(source)), "a part of `allOf` is added".to_owned(), false, true, &[]);
            draft.new_location = Some(self.new.contract().schema(*part).location.clone());
            draft.old_location = None;
            pair.changes.push(draft);
        }
        pair.parts.extend(matched.pairs.into_iter().map(|(one, other)| (one, other, Variance::Same)));
    }
}

/// The target of `$ref` and the parts of `allOf`.
fn conjuncts(keywords: &Keywords) -> Vec<SchemaId> {
    keywords.reference.iter().chain(&keywords.all_of).copied().collect()
}

fn blame_of(keyword: &str) -> &'static [&'static str] {
    match keyword {
        "additionalProperties" => CLOSED,
        "unevaluatedProperties" => &["unevaluatedProperties"],
        "unevaluatedItems" => &["unevaluatedItems"],
        "contains" => &["contains"],
        "not" => &["not"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{both, change, changes, differences, less, more};

    #[test]
    fn a_newly_required_property_accepts_less() {
        let old = json!({"properties": {"title": {}}});
        assert_eq!(change(&old, &json!({"properties": {"title": {}}, "required": ["title"]})), less("property-required"));
    }

    #[test]
    fn an_optional_property_of_an_open_object_can_only_accept_less() {
        let new = json!({"type": "object", "properties": {"title": {"type": "string"}}});
        assert_eq!(change(&json!({"type": "object"}), &new), less("property-added"));
    }

    #[test]
    fn an_optional_property_of_a_closed_object_can_only_accept_more() {
        let old = json!({"type": "object", "additionalProperties": false});
        let new = json!({"type": "object", "properties": {"title": {"type": "string"}}, "additionalProperties": false});
        assert_eq!(change(&old, &new), more("property-added"));
    }

    #[test]
    fn equal_schemas_under_another_name_are_a_rename() {
        let (old, new) = (json!({"properties": {"title": {"type": "string"}}}), json!({"properties": {"name": {"type": "string"}}}));
        assert_eq!(change(&old, &new), both("property-renamed"));
    }

    #[test]
    fn closing_an_object_accepts_less() {
        let (old, new) = (json!({"type": "object"}), json!({"type": "object", "additionalProperties": false}));
        assert_eq!(change(&old, &new), less("additional-properties-refused"));
    }

    #[test]
    fn null_is_found_in_every_notation() {
        let union = json!({"anyOf": [{"type": "string"}, {"type": "null"}]});
        assert_eq!(changes(&json!({"type": "string"}), &union), [more("null-allowed")]);
        assert_eq!(changes(&json!({"type": ["string", "null"]}), &union), []);
    }

    #[test]
    fn below_not_the_whole_keyword_is_one_change() {
        let (old, new) = (json!({"not": {"minimum": 1}}), json!({"not": {"minimum": 2}}));
        assert_eq!(change(&old, &new), both("not-changed"));
    }

    #[test]
    fn properties_of_both_sides_are_pairs_to_compare() {
        let (old, new) = (json!({"properties": {"title": {}, "year": {}}}), json!({"properties": {"year": {}, "title": {}}}));
        let pair = differences(&old, &new);
        assert_eq!((pair.changes.len(), pair.parts.len()), (0, 2));
    }
}
