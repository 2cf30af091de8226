//! Arrays and objects.

use charter_contract::{JsonType, SchemaId};
use charter_json::KeyTable;
use fancy_regex::Regex;
use serde_json::Value;

use super::{Compiler, Reason};
use crate::event::Reached;
use crate::node::{ArrayNode, Child, Contains, Kind, ObjectNode};
use crate::place::{Flat, Use};

/// The largest number of keys of an object that a program distinguishes.
const MAX_KEYS: usize = 128;
/// The largest number of patterns of an object's keys.
const MAX_PATTERNS: usize = 4;

impl Compiler<'_> {
    pub(super) fn array(&mut self, flat: &Flat) -> Result<Kind<Box<ArrayNode>>, Reason> {
        if self.allowed(flat).is_some_and(|values| values.iter().any(|value| value.is_array()))
            || self.counted_values(flat).into_iter().any(Value::is_array)
        {
            return Err("an enumeration with arrays");
        }
        if self.allowed(flat).is_some() {
            return Ok(Kind::Never);
        }
        let (mut least, mut most, mut unique, mut contains) = (0, u64::MAX, false, Vec::new());
        let mut prefix = 0;
        for use_ in &flat.uses {
            let keywords = self.keywords(use_.schema);
            prefix = prefix.max(keywords.prefix_items.len());
            if !use_.validates {
                continue;
            }
            least = least.max(keywords.min_items.unwrap_or(0));
            most = most.min(keywords.max_items.unwrap_or(u64::MAX));
            unique |= keywords.unique_items;
            if let Some(item) = keywords.contains {
                let item = self.validating(item);
                contains.push(Contains {
                    item,
                    least: keywords.min_contains.unwrap_or(1),
                    most: keywords.max_contains.unwrap_or(u64::MAX),
                });
            }
        }
        let mut item = |index: Option<usize>| {
            let uses = flat.uses.iter().filter_map(|use_| {
                let keywords = self.keywords(use_.schema);
                let schema = index.and_then(|index| keywords.prefix_items.get(index).copied()).or(keywords.items)?;
                let counts = use_.counts && !self.keywords(schema).never;
                Some(Use { schema, validates: use_.validates, counts })
            });
            let uses = uses.filter(|use_| use_.validates || use_.counts).collect();
            self.item(uses)
        };
        let prefix: Vec<Child> = (0..prefix).map(|index| item(Some(index))).collect();
        let rest = item(None);
        let facts = self.facts(flat, JsonType::Array, false);
        let (mut when_empty, mut when_filled, mut counted) = (Vec::new(), Vec::new(), Vec::new());
        for use_ in flat.uses.iter().filter(|use_| use_.counts) {
            let keywords = self.keywords(use_.schema);
            if keywords.types.as_ref().is_some_and(|types| types.contains(&JsonType::Array)) {
                if keywords.min_items.unwrap_or(0) == 0 {
                    when_empty.push(Reached::Bound(use_.schema, "empty"));
                }
                if keywords.max_items != Some(0) {
                    when_filled.push(Reached::Bound(use_.schema, "notEmpty"));
                }
            }
            for (word, bound) in [("minItems", keywords.min_items), ("maxItems", keywords.max_items)] {
                counted.extend(bound.filter(|bound| *bound > 0).map(|bound| (bound, Reached::Bound(use_.schema, word))));
            }
        }
        let empty = self.row(facts.iter().cloned().chain(when_empty).collect());
        let filled = self.row(facts.into_iter().chain(when_filled).collect());
        let mut counts: Vec<u64> = counted.iter().map(|(bound, _)| *bound).collect();
        counts.sort_unstable();
        counts.dedup();
        let lengths: Vec<(u64, u32)> = counts
            .into_iter()
            .map(|count| {
                let facts = counted.iter().filter(|(bound, _)| *bound == count).map(|(_, fact)| fact.clone()).collect();
                (count, self.row(facts))
            })
            .collect();
        let is_any = prefix.is_empty() && rest == Child::Skip && contains.is_empty() && lengths.is_empty();
        if is_any && empty == filled && least == 0 && most == u64::MAX && !unique {
            return Ok(Kind::Any(empty));
        }
        Ok(Kind::Checked(Box::new(ArrayNode { empty, filled, prefix, rest, least, most, unique, contains, lengths })))
    }

    pub(super) fn object(&mut self, flat: &Flat, slots: Option<u32>) -> Result<Kind<Box<ObjectNode>>, Reason> {
        if slots.is_some() && flat.unions.iter().any(|union| union.owner.validates) {
            // If only the branches check the members, they locate the values as well.
            let object = self.object_with(flat, None)?;
            if object.is_any().is_some() {
                return Ok(object);
            }
        }
        self.object_with(flat, slots)
    }

    fn object_with(&mut self, flat: &Flat, slots: Option<u32>) -> Result<Kind<Box<ObjectNode>>, Reason> {
        if self.allowed(flat).is_some_and(|values| values.iter().any(|value| value.is_object()))
            || self.counted_values(flat).into_iter().any(Value::is_object)
        {
            return Err("an enumeration with objects");
        }
        if self.allowed(flat).is_some() {
            return Ok(Kind::Never);
        }
        let (mut names, mut seen) = (Vec::new(), std::collections::HashSet::new());
        let mut add = |name: &str| {
            if seen.insert(name.to_owned()) {
                names.push(name.to_owned());
            }
        };
        let mut patterns: Vec<Pattern> = Vec::new();
        for use_ in &flat.uses {
            let keywords = self.keywords(use_.schema);
            keywords.properties.keys().for_each(|name| add(name));
            if !use_.validates {
                continue;
            }
            keywords.required.iter().for_each(|name| add(name));
            for (name, needed) in &keywords.dependent_required {
                add(name);
                needed.iter().for_each(|name| add(name));
            }
            keywords.dependent_schemas.keys().for_each(|name| add(name));
            for (written, schema) in &keywords.pattern_properties {
                patterns.push(Pattern { owner: use_.schema, regex: regex(written)?, schema: *schema });
            }
        }
        self.options.slots.keys(slots).for_each(&mut add);
        if names.len() > MAX_KEYS {
            return Err("an object with more than 128 properties");
        }
        if patterns.len() > MAX_PATTERNS {
            return Err("an object with many `patternProperties`");
        }
        let bit = |name: &String| names.iter().position(|known| known == name).map_or(0, |index| 1_u128 << index);
        let (mut least, mut most, mut required) = (0, u64::MAX, 0);
        let (mut name_checks, mut dependent, mut dependents) = (Vec::new(), Vec::new(), Vec::new());
        let mut absences: Vec<Vec<Reached>> = vec![Vec::new(); names.len()];
        for use_ in &flat.uses {
            let keywords = self.keywords(use_.schema);
            if use_.counts {
                for (index, name) in names.iter().enumerate() {
                    if let Some(schema) = keywords.properties.get(name).filter(|id| !self.keywords(**id).never)
                        && !keywords.required.contains(name)
                    {
                        absences[index].push(Reached::Absent(use_.schema, *schema));
                    }
                }
            }
            if !use_.validates {
                continue;
            }
            least = least.max(keywords.min_properties.unwrap_or(0));
            most = most.min(keywords.max_properties.unwrap_or(u64::MAX));
            required |= keywords.required.iter().map(bit).fold(0, |all, bit| all | bit);
            for (name, needed) in &keywords.dependent_required {
                dependent.push((bit(name).trailing_zeros(), needed.iter().map(bit).fold(0, |all, bit| all | bit)));
            }
            for (name, schema) in &keywords.dependent_schemas {
                let child = self.validating(*schema);
                dependents.push((bit(name).trailing_zeros(), child));
            }
            if let Some(schema) = keywords.property_names {
                name_checks.push(self.validating(schema));
            }
        }
        for (name, pattern) in names.iter().flat_map(|name| patterns.iter().map(move |pattern| (name, pattern))) {
            pattern.regex.is_match(name).map_err(|_| "a pattern that needs too many steps")?;
        }
        let children: Vec<Child> = names
            .iter()
            .map(|name| {
                let uses = self.member(flat, Some(name), &patterns, |pattern| pattern.regex.is_match(name).unwrap_or(true));
                self.child(uses, self.options.slots.child(slots, name))
            })
            .collect();
        let by_patterns: Vec<Child> = (0..1_usize << patterns.len())
            .map(|set| {
                let is_in = |pattern: &Pattern| {
                    patterns.iter().position(|known| std::ptr::eq(known, pattern)).is_some_and(|index| set >> index & 1 == 1)
                };
                let uses = self.member(flat, None, &patterns, is_in);
                self.item(uses)
            })
            .collect();
        let facts = self.facts(flat, JsonType::Object, false);
        let row = self.row(facts);
        let optional = absences.iter().enumerate().filter(|(_, facts)| !facts.is_empty()).fold(0, |all, (index, _)| all | 1_u128 << index);
        let absent = absences.into_iter().map(|facts| self.row(facts)).collect();
        let is_any = children.iter().chain(&by_patterns).all(|child| *child == Child::Skip) && required == 0 && optional == 0;
        if is_any && name_checks.is_empty() && dependent.is_empty() && dependents.is_empty() && least == 0 && most == u64::MAX {
            return Ok(Kind::Any(row));
        }
        Ok(Kind::Checked(Box::new(ObjectNode {
            row,
            keys: KeyTable::of_object(names),
            children,
            required,
            optional,
            absent,
            patterns: patterns.into_iter().map(|pattern| pattern.regex).collect(),
            by_patterns,
            least,
            most,
            names: name_checks,
            dependent,
            dependents,
        })))
    }

    /// The schemas of a member: of a known key, or of another key that matches a set of patterns.
    fn member(&self, flat: &Flat, name: Option<&str>, patterns: &[Pattern], is_match: impl Fn(&Pattern) -> bool) -> Vec<Use> {
        let mut uses = Vec::new();
        for use_ in &flat.uses {
            let keywords = self.keywords(use_.schema);
            let property = name.and_then(|name| keywords.properties.get(name)).copied();
            let mut own: Vec<Use> = Vec::new();
            if use_.validates {
                let matching =
                    patterns.iter().filter(|pattern| pattern.owner == use_.schema && is_match(pattern)).map(|pattern| pattern.schema);
                let mut all: Vec<SchemaId> = property.into_iter().chain(matching).collect();
                if all.is_empty() {
                    all.extend(keywords.additional_properties);
                }
                own.extend(all.into_iter().map(|schema| Use { schema, validates: true, counts: false }));
            }
            if use_.counts {
                let is_possible = |id: &SchemaId| !self.keywords(*id).never;
                // As the walk of the reference path, which does not know `patternProperties`.
                let counted = property.filter(is_possible).or_else(|| keywords.additional_properties.filter(is_possible));
                if let Some(schema) = counted {
                    match own.iter_mut().find(|use_| use_.schema == schema) {
                        Some(use_) => use_.counts = true,
                        None => own.push(Use { schema, validates: false, counts: true }),
                    }
                }
            }
            uses.extend(own);
        }
        uses
    }
}

/// A pattern of `patternProperties`.
struct Pattern {
    owner: SchemaId,
    regex: Regex,
    schema: SchemaId,
}

/// A pattern of ECMA-262, as the reference validator reads it.
pub(super) fn regex(written: &str) -> Result<Regex, Reason> {
    let translated = jsonschema_regex::to_rust_regex(written).map_err(|()| "a pattern that cannot be translated")?;
    Regex::new(&translated).map_err(|_| "a pattern that cannot be compiled")
}
