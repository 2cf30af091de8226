//! What two schemas say, keyword by keyword, and which of their parts belong together.

use charter_contract::{Keywords, Location, SchemaId};
use indexmap::IndexMap;
use serde_json::{Value, json};

use super::evidence::{Blame, Draft};
use super::matching::{alike, branches};
use super::scalars::{bounds, dependent_required, types, values};
use super::view::{core, view};
use super::{Variance, Walk};

/// What differs in a pair itself, and the pairs of its parts.
#[derive(Default)]
pub(super) struct Found {
    pub(super) changes: Vec<Draft>,
    pub(super) parts: Vec<(SchemaId, SchemaId, Variance)>,
    /// Branches differ: what one does not accept any more another may.
    pub(super) branches_differ: bool,
}

/// Errors that may come of an object's keys.
const CLOSED: &[&str] = &["additionalProperties", "unevaluatedProperties", "propertyNames", "maxProperties"];

impl Walk<'_, '_, '_> {
    /// What differs between two schemas.
    pub(super) fn differences(&self, old: SchemaId, new: SchemaId) -> Found {
        let (old_contract, new_contract) = (self.old.contract(), self.new.contract());
        let mut found = Found::default();
        let place = Place { old: old_contract.schema(old).location.clone(), new: new_contract.schema(new).location.clone() };
        self.null(old, new, &place, &mut found);
        let (old, new) = (core(old_contract, old), core(new_contract, new));
        let place = Place { old: old_contract.schema(old).location.clone(), new: new_contract.schema(new).location.clone() };
        let (one, other) = (view(old_contract, old), view(new_contract, new));
        if one.never != other.never {
            let kind = if other.never { "schema-refuses-all" } else { "schema-accepts-again" };
            let summary = if other.never { "nothing is accepted any more" } else { "the schema was `false`" };
            found.changes.push(place.draft(kind, "", (None, None), summary.to_owned(), !other.never, other.never, &[]));
            return found;
        }
        let unions = |keywords: &Keywords| !keywords.any_of.is_empty() || !keywords.one_of.is_empty();
        if (unions(&one) || unions(&other)) && self.union(&one, old, &other, new, &place, &mut found) {
            return found;
        }
        types(&one, &other, &place, &mut found);
        values(&one, &other, &place, &mut found);
        bounds(&one, &other, &place, &mut found);
        self.objects(&one, &other, &place, &mut found);
        self.subschemas(&one, &other, &place, &mut found);
        let (left, right) = (whole(&one), whole(&other));
        if !left.is_empty() || !right.is_empty() {
            self.parts_of_all(&left, &right, &place, &mut found);
        }
        if one.dynamic != other.dynamic || one.dynamic {
            found.changes.push(place.draft(
                "dynamic-reference-changed",
                "/$dynamicRef",
                (None, None),
                "a dynamic reference: its target depends on how the schema is reached".to_owned(),
                true,
                true,
                &[],
            ));
        }
        found
    }

    /// Whether null is accepted, in whatever way that is written.
    fn null(&self, old: SchemaId, new: SchemaId, place: &Place, found: &mut Found) {
        let before = self.old.accepts(old, &Value::Null);
        let after = self.new.accepts(new, &Value::Null);
        let (kind, summary) = match (before, after) {
            (Some(false), Some(true)) => ("null-allowed", "null is accepted now"),
            (Some(true), Some(false)) => ("null-refused", "null is refused now"),
            _ => return,
        };
        // A schema that takes anything, or nothing, says nothing of null.
        let (one, other) = (core(self.old.contract(), old), core(self.new.contract(), new));
        let speaks = |contract: &charter_contract::Contract, id: SchemaId| {
            let keywords = view(contract, id);
            keywords.types.is_some()
                || keywords.enumeration.is_some()
                || keywords.constant.is_some()
                || !keywords.any_of.is_empty()
                || !keywords.one_of.is_empty()
                || keywords.reference.is_some()
                || !keywords.all_of.is_empty()
        };
        if !speaks(self.old.contract(), one) || !speaks(self.new.contract(), other) {
            return;
        }
        let mut draft = place.draft(kind, "", (None, None), summary.to_owned(), kind == "null-allowed", kind == "null-refused", &[]);
        for blame in [&mut draft.more, &mut draft.less].into_iter().flatten() {
            *blame = Blame::Value(Value::Null);
        }
        found.changes.push(draft);
    }

    fn objects(&self, one: &Keywords, other: &Keywords, place: &Place, found: &mut Found) {
        let (old, new) = (self.old.contract(), self.new.contract());
        let open = |contract: &charter_contract::Contract, keywords: &Keywords| {
            let silent = |id: Option<SchemaId>| id.is_none_or(|id| contract.schema(id).source != json!(false));
            silent(keywords.additional_properties) && silent(keywords.unevaluated_properties)
        };
        let free = |contract: &charter_contract::Contract, id: SchemaId| contract.schema(id).keywords == Keywords::default();
        let closed = |contract: &charter_contract::Contract, keywords: &Keywords| {
            keywords.additional_properties.is_some_and(|id| contract.schema(id).source == json!(false))
                && keywords.pattern_properties.is_empty()
        };
        let mut gone: Vec<&String> = one.properties.keys().filter(|key| !other.properties.contains_key(*key)).collect();
        let mut fresh: Vec<&String> = other.properties.keys().filter(|key| !one.properties.contains_key(*key)).collect();
        if let ([before], [after]) = (&gone[..], &fresh[..]) {
            let (left, right) = (one.properties[*before], other.properties[*after]);
            let said = |contract: &charter_contract::Contract, id: SchemaId| contract.schema(id).keywords != Keywords::default();
            if one.required.contains(before) == other.required.contains(after) && said(old, left) && alike(old, left, new, right) {
                let summary = format!("`{before}` looks renamed to `{after}`: the schema is the same");
                let mut draft =
                    place.draft("property-renamed", "/properties", (Some(json!(before)), Some(json!(after))), summary, true, true, &[]);
                draft.old_location = Some(place.old_at("/properties").child(before));
                draft.new_location = Some(place.new_at("/properties").child(after));
                draft.more = Some(Blame::Any);
                draft.less = Some(Blame::Any);
                found.changes.push(draft);
                gone.clear();
                fresh.clear();
            }
        }
        for key in &gone {
            let id = one.properties[*key];
            let required = one.required.contains(key);
            let summary = format!("the property `{key}`{} is gone", if required { ", which was required," } else { "" });
            let more = required || !free(old, id);
            let less = !open(new, other) || other.additional_properties.is_some() || !other.pattern_properties.is_empty();
            let mut draft = place.draft("property-removed", "", (Some(old.schema(id).source.clone()), None), summary, more, less, &[]);
            draft.old_location = Some(old.schema(id).location.clone());
            draft.new_location = None;
            draft.more = draft.more.map(|_| Blame::Below((*key).clone()));
            draft.less = draft.less.map(|_| Blame::Below((*key).clone()));
            found.changes.push(draft);
        }
        for key in &fresh {
            let id = other.properties[*key];
            let required = other.required.contains(key);
            let summary = format!("the {} property `{key}` is new", if required { "required" } else { "optional" });
            let more = !open(old, one)
                || one.additional_properties.is_some()
                || one.unevaluated_properties.is_some()
                || !one.pattern_properties.is_empty();
            // A key that was refused could not be narrowed.
            let less = required || !(free(new, id) || closed(old, one));
            let mut draft = place.draft("property-added", "", (None, Some(new.schema(id).source.clone())), summary, more, less, &[]);
            draft.new_location = Some(new.schema(id).location.clone());
            draft.old_location = None;
            draft.more = draft.more.map(|_| Blame::Below((*key).clone()));
            draft.less = draft.less.map(|_| Blame::Below((*key).clone()));
            found.changes.push(draft);
        }
        for (key, left) in &one.properties {
            if let Some(right) = other.properties.get(key) {
                found.parts.push((*left, *right, Variance::Same));
            }
        }
        let renamed = |key: &String, list: &IndexMap<String, SchemaId>, others: &IndexMap<String, SchemaId>| {
            list.contains_key(key) && !others.contains_key(key)
        };
        for key in one.required.iter().filter(|key| !other.required.contains(*key) && !renamed(key, &one.properties, &other.properties)) {
            let summary = format!("`{key}` may be absent now");
            let mut draft = place.draft("property-optional", "/required", (Some(json!(key)), None), summary, true, false, &[]);
            draft.more = Some(Blame::Key(&["required"], key.clone()));
            found.changes.push(draft);
        }
        for key in other.required.iter().filter(|key| !one.required.contains(*key) && !renamed(key, &other.properties, &one.properties)) {
            let summary = format!("`{key}` is required now");
            let mut draft = place.draft("property-required", "/required", (None, Some(json!(key))), summary, false, true, &[]);
            draft.less = Some(Blame::Key(&["required"], key.clone()));
            found.changes.push(draft);
        }
        self.keyed("pattern-property", "patternProperties", &one.pattern_properties, &other.pattern_properties, place, found);
        self.keyed("dependent-schema", "dependentSchemas", &one.dependent_schemas, &other.dependent_schemas, place, found);
        dependent_required(one, other, place, found);
    }

    /// Maps of schemas by a key that is no property.
    fn keyed(
        &self,
        kind: &str,
        keyword: &str,
        one: &IndexMap<String, SchemaId>,
        other: &IndexMap<String, SchemaId>,
        place: &Place,
        found: &mut Found,
    ) {
        for (key, left) in one {
            match other.get(key) {
                Some(right) => found.parts.push((*left, *right, Variance::Same)),
                None => {
                    let source = self.old.contract().schema(*left).source.clone();
                    let summary = format!("`{keyword}` says nothing of `{key}` any more");
                    let kind = format!("{kind}-removed");
                    let pointer = format!("/{keyword}");
                    found.changes.push(place.draft(
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
            let source = self.new.contract().schema(*right).source.clone();
            let summary = format!("`{keyword}` speaks of `{key}` now");
            let kind = format!("{kind}-added");
            let pointer = format!("/{keyword}");
            found.changes.push(place.draft(
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

    /// Keywords that hold one schema.
    fn subschemas(&self, one: &Keywords, other: &Keywords, place: &Place, found: &mut Found) {
        let counted = one.max_contains.or(other.max_contains).is_some() || one.min_contains.or(other.min_contains) == Some(0);
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
        let text = |contract: &charter_contract::Contract, id: Option<SchemaId>| id.map(|id| contract.schema(id).source.clone());
        for (keyword, left, right) in single {
            // Below these, what a part accepts more may be what the whole accepts less: they are judged as a whole.
            let whole = matches!(keyword, "not" | "if") || keyword == "contains" && counted;
            let (before, after) = (text(self.old.contract(), left), text(self.new.contract(), right));
            let trivial = |value: &Option<Value>| value.as_ref().is_none_or(|value| *value == json!(true) || *value == json!({}));
            let (kind, summary, more, less) = match (left, right) {
                (Some(left), Some(right)) if whole && alike(self.old.contract(), left, self.new.contract(), right) => continue,
                (Some(_), Some(_)) if whole && keyword != "if" => {
                    (format!("{}-changed", words(keyword)), format!("`{keyword}` has changed"), true, true)
                }
                (Some(left), Some(right))
                    if !whole && trivial(&before) == trivial(&after) && (before != Some(json!(false))) == (after != Some(json!(false))) =>
                {
                    found.parts.push((left, right, Variance::Same));
                    continue;
                }
                _ if trivial(&before) && trivial(&after) && !matches!(keyword, "contains" | "not" | "if") => continue,
                (None, None) => continue,
                _ if keyword == "if" => ("condition-changed".to_owned(), "the condition has changed".to_owned(), true, true),
                _ if matches!(keyword, "additionalProperties" | "unevaluatedProperties") && after == Some(json!(false)) => {
                    (format!("{}-refused", words(keyword)), "unknown keys are refused now".to_owned(), false, true)
                }
                _ if matches!(keyword, "additionalProperties" | "unevaluatedProperties") && before == Some(json!(false)) => {
                    (format!("{}-allowed", words(keyword)), "unknown keys are accepted now".to_owned(), true, false)
                }
                _ if trivial(&before) => (format!("{}-added", words(keyword)), format!("`{keyword}` is said now"), counted, true),
                _ if trivial(&after) => (format!("{}-removed", words(keyword)), format!("`{keyword}` is not said any more"), true, counted),
                _ => (format!("{}-changed", words(keyword)), format!("`{keyword}` has changed"), true, true),
            };
            // `items` speaks of what `prefixItems` leaves over, and `additionalProperties` of what is not named.
            let shifted = (keyword == "items" && one.prefix_items.len() != other.prefix_items.len())
                || (keyword == "additionalProperties" && !one.pattern_properties.keys().eq(other.pattern_properties.keys()))
                || keyword.starts_with("unevaluated");
            let pointer = format!("/{keyword}");
            found.changes.push(place.draft(&kind, &pointer, (before, after), summary, more || shifted, less || shifted, blame_of(keyword)));
        }
        let common = one.prefix_items.len().min(other.prefix_items.len());
        for index in 0..common {
            found.parts.push((one.prefix_items[index], other.prefix_items[index], Variance::Same));
        }
        if one.prefix_items.len() != other.prefix_items.len() {
            let (kind, summary) = if one.prefix_items.len() < other.prefix_items.len() {
                (
                    "prefix-item-added",
                    format!("{} items at the beginning have a schema of their own, before {common}", other.prefix_items.len()),
                )
            } else {
                (
                    "prefix-item-removed",
                    format!("{common} items at the beginning have a schema of their own, before {}", one.prefix_items.len()),
                )
            };
            let (before, after) = (json!(one.prefix_items.len()), json!(other.prefix_items.len()));
            found.changes.push(place.draft(kind, "/prefixItems", (Some(before), Some(after)), summary, true, true, &[]));
        }
    }

    /// Parts that must hold together.
    fn parts_of_all(&self, one: &[SchemaId], other: &[SchemaId], place: &Place, found: &mut Found) {
        let matched = branches(self.old.contract(), one.to_vec(), self.new.contract(), other.to_vec());
        for part in &matched.removed {
            let source = self.old.contract().schema(*part).source.clone();
            let mut draft =
                place.draft("all-of-part-removed", "", (Some(source), None), "a part of `allOf` is gone".to_owned(), true, false, &[]);
            draft.old_location = Some(self.old.contract().schema(*part).location.clone());
            found.changes.push(draft);
        }
        for part in &matched.added {
            let source = self.new.contract().schema(*part).source.clone();
            let mut draft =
                place.draft("all-of-part-added", "", (None, Some(source)), "a part of `allOf` is new".to_owned(), false, true, &[]);
            draft.new_location = Some(self.new.contract().schema(*part).location.clone());
            found.changes.push(draft);
        }
        found.parts.extend(matched.pairs.into_iter().map(|(one, other)| (one, other, Variance::Same)));
    }
}

/// Where a pair stands on either side.
pub(super) struct Place {
    pub(super) old: Location,
    pub(super) new: Location,
}

impl Place {
    pub(super) fn old_at(&self, pointer: &str) -> Location {
        Location::new(self.old.document(), format!("{}{pointer}", self.old.pointer()))
    }

    pub(super) fn new_at(&self, pointer: &str) -> Location {
        Location::new(self.new.document(), format!("{}{pointer}", self.new.pointer()))
    }

    #[expect(clippy::too_many_arguments, reason = "a change has so many sides")]
    pub(super) fn draft(
        &self,
        kind: &str,
        pointer: &str,
        (old_value, new_value): (Option<Value>, Option<Value>),
        summary: String,
        more: bool,
        less: bool,
        keywords: &'static [&'static str],
    ) -> Draft {
        let blame = || if keywords.is_empty() { Blame::Any } else { Blame::Keywords(keywords) };
        Draft {
            kind: kind.to_owned(),
            old_location: Some(self.old_at(pointer)),
            new_location: Some(self.new_at(pointer)),
            old_value,
            new_value,
            summary,
            more: more.then(blame),
            less: less.then(blame),
        }
    }
}

/// The parts that must hold beside the schema itself.
fn whole(keywords: &Keywords) -> Vec<SchemaId> {
    keywords.reference.iter().chain(&keywords.all_of).copied().collect()
}

/// `additional-properties` of `additionalProperties`.
pub(super) fn words(keyword: &str) -> String {
    let mut out = String::new();
    for character in keyword.chars() {
        if character.is_ascii_uppercase() {
            out.push('-');
        }
        out.push(character.to_ascii_lowercase());
    }
    out
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

pub(super) fn shortened(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
