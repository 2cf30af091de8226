//! Places → nodes.

use std::collections::{BTreeSet, HashMap};

use charter_contract::{Contract, Draft, JsonType, Keywords, SchemaId};
use charter_json::KeyTable;
use fancy_regex::Regex;
use serde_json::{Number, Value};

use crate::event::{NOTHING, Reached};
use crate::node::{
    Around, ArrayNode, Child, Condition, Contains, Kind, Literal, Node, NumberChecks, NumberNode, ObjectNode, Program, StringChecks,
    StringNode, TYPES, Union,
};
use crate::place::{Flat, Place, Use, flatten, is_trivial};
use crate::slot::SlotPaths;

/// What a program does besides validation.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Options {
    /// Whether it counts coverage.
    pub counts: bool,
    /// The schemas whose instances it locates.
    pub sites: BTreeSet<SchemaId>,
    /// The values that it locates.
    pub slots: SlotPaths,
}

impl Options {
    /// Counts coverage.
    #[must_use]
    pub fn with_counts(self) -> Self {
        Self { counts: true, ..self }
    }

    /// Locates the instances of schemas.
    #[must_use]
    pub fn with_sites(self, sites: BTreeSet<SchemaId>) -> Self {
        Self { sites, ..self }
    }

    /// Locates values.
    #[must_use]
    pub fn with_slots(self, slots: SlotPaths) -> Self {
        Self { slots, ..self }
    }
}

/// Every integer up to this one is a double.
const EXACT: u64 = 1 << 53;
/// The largest number of nodes of a program.
const MAX_NODES: usize = 50_000;
/// The largest number of keys of an object that a program distinguishes.
const MAX_KEYS: usize = 128;
/// The largest number of patterns of an object's keys.
const MAX_PATTERNS: usize = 4;

/// The JSON types in the order of `Node::around`.
pub(crate) const ORDER: [JsonType; TYPES] =
    [JsonType::Null, JsonType::Boolean, JsonType::Number, JsonType::String, JsonType::Array, JsonType::Object];

type Reason = &'static str;

impl Program {
    /// Compiles a schema. The contract is that of the direction: see [`Contract::for_messages`].
    pub fn compile(contract: &Contract, schema: SchemaId, options: &Options) -> Self {
        let mut compiler = Compiler {
            contract,
            options,
            program: Self { nodes: Vec::new(), root: Child::Skip, rows: Vec::new(), slots: options.slots.paths().len(), left: Vec::new() },
            known: HashMap::new(),
            rows: HashMap::new(),
            open: Vec::new(),
        };
        let root = Use { schema, validates: true, counts: options.counts };
        compiler.program.root = compiler.child(vec![root], options.slots.root());
        while let Some((index, place)) = compiler.open.pop() {
            let node = compiler.node(&place);
            compiler.program.nodes[index] = node;
        }
        compiler.find_disjoint();
        compiler.program
    }
}

struct Compiler<'c> {
    contract: &'c Contract,
    options: &'c Options,
    program: Program,
    known: HashMap<Place, u32>,
    rows: HashMap<Vec<Reached>, u32>,
    /// Nodes that are not compiled yet.
    open: Vec<(usize, Place)>,
}

impl<'c> Compiler<'c> {
    fn keywords(&self, id: SchemaId) -> &'c Keywords {
        &self.contract.schema(id).keywords
    }

    fn child(&mut self, uses: Vec<Use>, slots: Option<u32>) -> Child {
        if uses.iter().any(|use_| use_.validates && self.keywords(use_.schema).never) {
            return Child::Never;
        }
        let uses: Vec<Use> = uses.into_iter().filter(|use_| use_.counts || !is_trivial(self.contract, use_.schema)).collect();
        if uses.is_empty() && slots.is_none() {
            return Child::Skip;
        }
        let place = Place { uses, slots };
        if let Some(known) = self.known.get(&place) {
            return Child::Node(*known);
        }
        let index = self.program.nodes.len();
        self.program.nodes.push(Node::default());
        self.known.insert(place.clone(), index as u32);
        self.open.push((index, place));
        Child::Node(index as u32)
    }

    fn validating(&mut self, schema: SchemaId) -> Child {
        self.child(vec![Use { schema, validates: true, counts: false }], None)
    }

    /// The number of a row.
    fn row(&mut self, reached: Vec<Reached>) -> u32 {
        if reached.is_empty() {
            return NOTHING;
        }
        let next = self.rows.len() as u32;
        let row = *self.rows.entry(reached.clone()).or_insert(next);
        if row == next {
            self.program.rows.push(reached);
        }
        row
    }

    fn leave(&mut self, place: &Place, (schema, reason): (Option<SchemaId>, Reason)) {
        let Some(schema) = schema.or_else(|| place.uses.first().map(|use_| use_.schema)) else { return };
        if !self.program.left.contains(&(schema, reason)) {
            self.program.left.push((schema, reason));
        }
    }

    fn node(&mut self, place: &Place) -> Node {
        let mut node = Node { slot: self.options.slots.slot(place.slots), ..Node::default() };
        if self.program.nodes.len() > MAX_NODES {
            self.leave(place, (None, "a schema with too many places"));
            (node.null, node.false_, node.true_) = (Kind::Left, Kind::Left, Kind::Left);
            (node.number, node.string, node.array, node.object) = (Kind::Left, Kind::Left, Kind::Left, Kind::Left);
            return node;
        }
        for (index, type_) in ORDER.into_iter().enumerate() {
            let flat = match flatten(self.contract, place, type_) {
                Ok(flat) => flat,
                Err((schema, reason)) => {
                    self.leave(place, (Some(schema), reason));
                    node.leave(type_);
                    continue;
                }
            };
            if flat.never || !self.allows(&flat, type_) {
                continue;
            }
            match self.of_type(&mut node, &flat, type_, place) {
                Ok(()) => {
                    node.around[index] = self.around(&flat, type_, place, &node);
                    self.add_sites(&mut node, &flat, index);
                }
                Err(reason) => {
                    self.leave(place, (None, reason));
                    node.leave(type_);
                }
            }
        }
        node
    }

    fn add_sites(&self, node: &mut Node, flat: &Flat, type_: usize) {
        for use_ in flat.uses.iter().filter(|use_| use_.counts && self.options.sites.contains(&use_.schema)) {
            node.sites.resize(TYPES, Vec::new());
            if !node.sites[type_].contains(&use_.schema) {
                node.sites[type_].push(use_.schema);
            }
        }
    }

    fn of_type(&mut self, node: &mut Node, flat: &Flat, type_: JsonType, place: &Place) -> Result<(), Reason> {
        match type_ {
            JsonType::Null => node.null = self.literal(flat, &Value::Null),
            JsonType::Boolean => {
                node.false_ = self.literal(flat, &Value::Bool(false));
                node.true_ = self.literal(flat, &Value::Bool(true));
            }
            JsonType::Number | JsonType::Integer => node.number = self.number(flat)?,
            JsonType::String => node.string = self.string(flat)?,
            JsonType::Array => node.array = self.array(flat)?,
            JsonType::Object => node.object = self.object(flat, place.slots)?,
        }
        Ok(())
    }

    fn allows(&self, flat: &Flat, type_: JsonType) -> bool {
        flat.uses.iter().filter(|use_| use_.validates).all(|use_| {
            let types = self.keywords(use_.schema).types.as_ref();
            types.is_none_or(|types| types.contains(&type_) || (type_ == JsonType::Number && types.contains(&JsonType::Integer)))
        })
    }

    /// The values that `enum` and `const` allow; `None` if neither applies.
    fn allowed(&self, flat: &Flat) -> Option<Vec<&'c Value>> {
        let mut allowed: Option<Vec<&Value>> = None;
        for use_ in flat.uses.iter().filter(|use_| use_.validates) {
            let keywords = self.keywords(use_.schema);
            let lists = [keywords.enumeration.as_deref(), keywords.constant.as_ref().map(std::slice::from_ref)];
            for list in lists.into_iter().flatten() {
                allowed = Some(match allowed {
                    None => list.iter().collect(),
                    Some(known) => known.into_iter().filter(|value| list.iter().any(|other| is_same(value, other))).collect(),
                });
            }
        }
        allowed
    }

    /// The facts about every value of a type; `whole` applies to numbers.
    fn facts(&self, flat: &Flat, type_: JsonType, whole: bool) -> Vec<Reached> {
        let mut facts = Vec::new();
        for use_ in flat.uses.iter().filter(|use_| use_.counts) {
            facts.push(Reached::Seen(use_.schema));
            let types = self.keywords(use_.schema).types.as_deref().unwrap_or_default();
            let counted = match type_ {
                JsonType::Number if whole && types.contains(&JsonType::Integer) => Some(JsonType::Integer),
                other => types.contains(&other).then_some(other),
            };
            facts.extend(counted.map(|type_| Reached::Kind(use_.schema, type_)));
        }
        facts.extend(flat.taken.iter().map(|(owner, branch)| Reached::Branch(*owner, *branch)));
        facts
    }

    /// The facts about one value besides those of its type.
    fn facts_of(&self, flat: &Flat, value: &Value) -> Vec<Reached> {
        let mut facts = Vec::new();
        for use_ in flat.uses.iter().filter(|use_| use_.counts) {
            let keywords = self.keywords(use_.schema);
            let boolean = keywords.types.as_ref().is_some_and(|types| types.contains(&JsonType::Boolean));
            match (&keywords.enumeration, value) {
                (Some(values), _) => {
                    let equal = values.iter().enumerate().filter(|(_, known)| is_same(known, value));
                    facts.extend(equal.map(|(index, _)| Reached::Value(use_.schema, index)));
                }
                (None, Value::Bool(value)) if boolean && keywords.constant.is_none() => {
                    facts.push(Reached::Value(use_.schema, usize::from(!value)));
                }
                _ => {}
            }
        }
        facts
    }

    /// The values that coverage counts, of `enum`.
    fn counted_values(&self, flat: &Flat) -> Vec<&'c Value> {
        let uses = flat.uses.iter().filter(|use_| use_.counts);
        uses.filter_map(|use_| self.keywords(use_.schema).enumeration.as_ref()).flatten().collect()
    }

    fn literal(&mut self, flat: &Flat, value: &Value) -> Literal {
        if self.allowed(flat).is_some_and(|values| !values.contains(&value)) {
            return Kind::Never;
        }
        let mut facts = self.facts(flat, JsonType::of(value), false);
        facts.extend(self.facts_of(flat, value));
        Kind::Any(self.row(facts))
    }

    fn number(&mut self, flat: &Flat) -> Result<Kind<NumberNode>, Reason> {
        let mut checks = NumberChecks {
            minimum: f64::NEG_INFINITY,
            maximum: f64::INFINITY,
            exclusive_minimum: f64::NEG_INFINITY,
            exclusive_maximum: f64::INFINITY,
            multiples: Vec::new(),
            values: None,
            rows: Vec::new(),
        };
        let (mut integers_only, mut by_spelling) = (false, false);
        for use_ in flat.uses.iter().filter(|use_| use_.validates) {
            let schema = self.contract.schema(use_.schema);
            let keywords = &schema.keywords;
            let types = keywords.types.as_deref().unwrap_or_default();
            if types.contains(&JsonType::Integer) && !types.contains(&JsonType::Number) {
                integers_only = true;
                by_spelling |= schema.draft == Draft::Draft4;
            }
            for (bound, to, lower) in [
                (&keywords.minimum, &mut checks.minimum, true),
                (&keywords.maximum, &mut checks.maximum, false),
                (&keywords.exclusive_minimum, &mut checks.exclusive_minimum, true),
                (&keywords.exclusive_maximum, &mut checks.exclusive_maximum, false),
            ] {
                if let Some(bound) = bound {
                    let bound = exact(bound).ok_or("a bound that is not a double")?;
                    *to = if lower { to.max(bound) } else { to.min(bound) };
                }
            }
            if let Some(multiple) = &keywords.multiple_of {
                let multiple = exact(multiple).filter(|number| number.fract() == 0.0 && number.abs() <= EXACT as f64 && *number != 0.0);
                checks.multiples.push(multiple.ok_or("`multipleOf` with a fraction")? as i64);
            }
            if self.format(keywords).is_some_and(|format| format.accepts(&Value::String("\u{0}".to_owned()))) {
                return Err("an asserted format of numbers");
            }
        }
        if let Some(values) = self.allowed(flat) {
            let values = values.into_iter().filter_map(Value::as_number);
            let values: Option<Vec<f64>> = values.map(exact).collect();
            let values = values.ok_or("a value of an enumeration that is not a double")?;
            if values.is_empty() {
                return Ok(Kind::Never);
            }
            checks.values = Some(values);
        }
        let mut counted: Vec<f64> = Vec::new();
        for number in self.counted_values(flat).into_iter().filter_map(Value::as_number) {
            counted.push(exact(number).ok_or("a value of an enumeration that is not a double")?);
        }
        for use_ in flat.uses.iter().filter(|use_| use_.counts) {
            let keywords = self.keywords(use_.schema);
            for bound in [&keywords.minimum, &keywords.maximum].into_iter().flatten() {
                counted.push(exact(bound).ok_or("a bound that is not a double")?);
            }
        }
        counted.sort_by(f64::total_cmp);
        counted.dedup();
        for number in counted {
            let mut facts = Vec::new();
            if let Some(value) = Number::from_f64(number) {
                facts.extend(self.facts_of(flat, &Value::Number(value)));
            }
            for use_ in flat.uses.iter().filter(|use_| use_.counts) {
                let keywords = self.keywords(use_.schema);
                for (word, bound) in [("minimum", &keywords.minimum), ("maximum", &keywords.maximum)] {
                    if bound.as_ref().and_then(exact) == Some(number) {
                        facts.push(Reached::Bound(use_.schema, word));
                    }
                }
            }
            let row = self.row(facts);
            checks.rows.push((number, row));
        }
        let whole = self.facts(flat, JsonType::Number, true);
        let fraction = self.facts(flat, JsonType::Number, false);
        let (whole, fraction) = (self.row(whole), self.row(fraction));
        let is_checked = checks.values.is_some()
            || !checks.rows.is_empty()
            || !checks.multiples.is_empty()
            || checks.minimum.is_finite()
            || checks.maximum.is_finite()
            || checks.exclusive_minimum.is_finite()
            || checks.exclusive_maximum.is_finite();
        if !is_checked && !integers_only && whole == fraction {
            return Ok(Kind::Any(whole));
        }
        let checks = is_checked.then(|| Box::new(checks));
        Ok(Kind::Checked(NumberNode { whole, fraction, integers_only, by_spelling, checks }))
    }

    fn format(&self, keywords: &Keywords) -> Option<&'static charter_contract::Format> {
        keywords.format.as_deref().and_then(|name| self.contract.config().check.formats.get(name))
    }

    fn string(&mut self, flat: &Flat) -> Result<Kind<StringNode>, Reason> {
        let facts = self.facts(flat, JsonType::String, false);
        let (mut least, mut most, mut measured) = (0, u64::MAX, false);
        let (mut patterns, mut formats) = (Vec::new(), Vec::new());
        for use_ in flat.uses.iter().filter(|use_| use_.validates) {
            let keywords = self.keywords(use_.schema);
            least = least.max(keywords.min_length.unwrap_or(0));
            most = most.min(keywords.max_length.unwrap_or(u64::MAX));
            if let Some(pattern) = &keywords.pattern {
                patterns.push(regex(pattern)?);
            }
            formats.extend(self.format(keywords));
        }
        measured |= least > 0 || most < u64::MAX;
        let mut lengths: Vec<u64> = Vec::new();
        for use_ in flat.uses.iter().filter(|use_| use_.counts) {
            let keywords = self.keywords(use_.schema);
            lengths.extend(keywords.min_length.iter().chain(&keywords.max_length));
        }
        lengths.sort_unstable();
        lengths.dedup();
        measured |= !lengths.is_empty();
        let lengths: Vec<(u64, u32)> = lengths
            .into_iter()
            .map(|length| {
                let mut facts = Vec::new();
                for use_ in flat.uses.iter().filter(|use_| use_.counts) {
                    let keywords = self.keywords(use_.schema);
                    for (word, bound) in [("minLength", keywords.min_length), ("maxLength", keywords.max_length)] {
                        if bound == Some(length) {
                            facts.push(Reached::Bound(use_.schema, word));
                        }
                    }
                }
                (length, self.row(facts))
            })
            .collect();
        let plain = !measured && patterns.is_empty() && formats.is_empty();
        if let Some(values) = self.allowed(flat) {
            let values: Vec<&str> = values.into_iter().filter_map(Value::as_str).collect();
            if values.is_empty() {
                return Ok(Kind::Never);
            }
            if !plain {
                return Err("an enumeration of strings with other checks");
            }
            let rows = values.iter().map(|value| {
                let mut facts = facts.clone();
                facts.extend(self.facts_of(flat, &Value::from(*value)));
                self.row(facts)
            });
            let rows = rows.collect();
            let values = Some(Box::new((KeyTable::of_strings(values), rows)));
            return Ok(Kind::Checked(StringNode { row: NOTHING, values, checks: None }));
        }
        let counted: BTreeSet<&str> = self.counted_values(flat).into_iter().filter_map(Value::as_str).collect();
        let rows: Vec<(String, u32)> = counted
            .into_iter()
            .map(|value| {
                let facts = self.facts_of(flat, &Value::from(value));
                (value.to_owned(), self.row(facts))
            })
            .collect();
        let row = self.row(facts);
        if plain && rows.is_empty() {
            return Ok(Kind::Any(row));
        }
        let checks = Some(Box::new(StringChecks { least, most, measured, lengths, patterns, formats, rows }));
        Ok(Kind::Checked(StringNode { row, values: None, checks }))
    }

    fn array(&mut self, flat: &Flat) -> Result<Kind<Box<ArrayNode>>, Reason> {
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
            self.child(uses, None)
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

    fn object(&mut self, flat: &Flat, slots: Option<u32>) -> Result<Kind<Box<ObjectNode>>, Reason> {
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
                self.child(uses, None)
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

    fn around(&mut self, flat: &Flat, type_: JsonType, place: &Place, node: &Node) -> Option<Box<Around>> {
        let mut around = Around { row: NOTHING, ..Around::default() };
        let (alone, row) = match type_ {
            JsonType::Array => node.array.is_any(),
            JsonType::Object => node.object.is_any(),
            JsonType::String => node.string.is_any(),
            JsonType::Number => node.number.is_any(),
            _ => None,
        }
        .map_or((false, NOTHING), |row| (true, row));
        around.row = row;
        around.alone = alone && flat.unions.iter().any(|union| union.owner.validates);
        let slots = place.slots.filter(|_| around.alone);
        for ambiguous in &flat.unions {
            let owner = ambiguous.owner;
            let mut branches = Vec::new();
            for branch in &ambiguous.branches {
                let child = self.child(vec![Use { schema: *branch, validates: true, counts: owner.counts }], slots);
                let facts = if owner.counts { vec![Reached::Branch(owner.schema, *branch)] } else { Vec::new() };
                branches.push((child, self.row(facts)));
            }
            around.unions.push(Union { one: ambiguous.one, required: owner.validates, disjoint: false, branches });
        }
        for use_ in flat.uses.iter().filter(|use_| use_.validates) {
            let keywords = self.keywords(use_.schema);
            if let Some(schema) = keywords.not {
                let child = self.validating(schema);
                around.not.push(child);
            }
            if let Some(if_) = keywords.if_
                && (keywords.then.is_some() || keywords.else_.is_some())
            {
                let if_ = self.validating(if_);
                let then = keywords.then.map_or(Child::Skip, |schema| self.validating(schema));
                let else_ = keywords.else_.map_or(Child::Skip, |schema| self.validating(schema));
                around.conditions.push(Condition { if_, then, else_ });
            }
        }
        let is_empty = around.unions.is_empty() && around.not.is_empty() && around.conditions.is_empty();
        (!is_empty).then(|| Box::new(around))
    }

    /// Marks the unions of objects whose branches exclude each other.
    fn find_disjoint(&mut self) {
        let object = TYPES - 1;
        let mut disjoint = Vec::new();
        for (index, node) in self.program.nodes.iter().enumerate() {
            for (at, union) in node.around[object].iter().flat_map(|around| around.unions.iter().enumerate()) {
                let branches = &union.branches;
                let pairs = (0..branches.len()).flat_map(|one| (0..one).map(move |other| (one, other)));
                if branches.len() <= 32 && pairs.into_iter().all(|(one, other)| self.excludes(branches[one].0, branches[other].0)) {
                    disjoint.push((index, at));
                }
            }
        }
        for (index, at) in disjoint {
            if let Some(union) = self.program.nodes[index].around[object].as_mut().and_then(|around| around.unions.get_mut(at)) {
                union.disjoint = true;
            }
        }
    }

    /// Whether no object is valid under both children.
    fn excludes(&self, one: Child, other: Child) -> bool {
        let object = |child: Child| match child {
            Child::Node(index) => match &self.program.nodes[index as usize].object {
                Kind::Checked(object) => Some(&**object),
                _ => None,
            },
            _ => None,
        };
        let (Some(one), Some(other)) = (object(one), object(other)) else { return false };
        let has = |required: &ObjectNode, closed: &ObjectNode| {
            let needed = (0..required.keys.len()).filter(|index| required.required >> index & 1 == 1);
            needed.into_iter().any(|index| {
                let (Some(name), child) = (required.keys.name(index), required.children[index]) else { return false };
                let opposite = closed.child_of(name);
                opposite == Some(Child::Never) || opposite.is_some_and(|opposite| self.has_other_values(child, opposite))
            })
        };
        has(one, other) || has(other, one)
    }

    /// Whether both children accept only strings of lists without a common string.
    fn has_other_values(&self, one: Child, other: Child) -> bool {
        let values = |child: Child| match child {
            Child::Node(index) => self.program.nodes[index as usize].only_strings(),
            _ => None,
        };
        match (values(one), values(other)) {
            (Some(one), Some(other)) => (0..one.len()).all(|index| one.name(index).is_some_and(|name| other.position(name).is_none())),
            _ => false,
        }
    }
}

/// A pattern of `patternProperties`.
struct Pattern {
    owner: SchemaId,
    regex: Regex,
    schema: SchemaId,
}

impl<T> Kind<T> {
    fn is_any(&self) -> Option<u32> {
        match self {
            Self::Any(row) => Some(*row),
            _ => None,
        }
    }

    fn is_never(&self) -> bool {
        matches!(self, Self::Never)
    }
}

impl Node {
    fn leave(&mut self, type_: JsonType) {
        match type_ {
            JsonType::Null => self.null = Kind::Left,
            JsonType::Boolean => (self.false_, self.true_) = (Kind::Left, Kind::Left),
            JsonType::Number | JsonType::Integer => self.number = Kind::Left,
            JsonType::String => self.string = Kind::Left,
            JsonType::Array => self.array = Kind::Left,
            JsonType::Object => self.object = Kind::Left,
        }
    }

    /// The strings, if every other value is invalid.
    fn only_strings(&self) -> Option<&KeyTable> {
        let others = self.null.is_never()
            && self.false_.is_never()
            && self.true_.is_never()
            && self.number.is_never()
            && self.array.is_never()
            && self.object.is_never();
        match &self.string {
            Kind::Checked(StringNode { values: Some(values), .. }) if others => Some(&values.0),
            _ => None,
        }
    }
}

impl ObjectNode {
    /// The child of a key; `None` if it cannot be determined.
    fn child_of(&self, name: &str) -> Option<Child> {
        if let Some(index) = self.keys.position(name) {
            return self.children.get(index).copied();
        }
        let mut set = 0;
        for (index, regex) in self.patterns.iter().enumerate() {
            set |= usize::from(regex.is_match(name).ok()?) << index;
        }
        self.by_patterns.get(set).copied()
    }
}

/// A pattern of ECMA-262, as the reference validator reads it.
fn regex(written: &str) -> Result<Regex, Reason> {
    let translated = jsonschema_regex::to_rust_regex(written).map_err(|()| "a pattern that cannot be translated")?;
    Regex::new(&translated).map_err(|_| "a pattern that cannot be compiled")
}

/// A number as a double, if it is one.
fn exact(number: &Number) -> Option<f64> {
    if number.is_f64() {
        // Without a negative zero.
        return number.as_f64().map(|number| number + 0.0);
    }
    let integer = number.as_i64().map(i64::unsigned_abs).or_else(|| number.as_u64())?;
    (integer <= EXACT).then(|| number.as_f64()).flatten()
}

/// Equality of JSON values: numbers by value.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one == other || (one.as_f64() == other.as_f64() && (one.is_f64() || other.is_f64())),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len() && one.iter().all(|(key, value)| other.get(key).is_some_and(|other| is_same(value, other)))
        }
        _ => one == other,
    }
}
