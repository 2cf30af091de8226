//! A body or an exchange → its cases. A value that violates its schema has no cases there.

use charter_contract::{JsonType, Keywords, SchemaId};
use serde_json::{Number, Value};

use super::plan::{Bound, Branch, Case, Node, OperationPart, Plan, SectionsParameter, is_ambiguous};
use crate::validate::Validators;

/// Maximum depth of schemas that apply to the same instance, against reference cycles.
const MAX_IN_PLACE: usize = 64;

impl Plan {
    /// Adds the cases of a body to a list, with repetitions.
    pub(crate) fn walk(&self, validators: &Validators, schema: SchemaId, body: &Value, seen: &mut Vec<Case>) {
        Walk { plan: self, validators, seen }.visit(schema, body, 0);
    }

    /// Adds the case of a part of an operation.
    pub(crate) fn note_part(&self, operation: &str, part: OperationPart, name: &str, seen: &mut Vec<Case>) {
        let Some(planned) = self.operation(operation) else { return };
        seen.extend(planned.parts.iter().find(|(own, known, _)| *own == part && known == name).map(|(.., case)| case));
    }

    /// Adds the cases of an exchange that its request and status determine.
    pub(crate) fn note(&self, operation: &str, status: u16, query: Option<&[(String, String)]>, seen: &mut Vec<Case>) {
        let Some(planned) = self.operation(operation) else { return };
        seen.push(planned.seen);
        use charter_contract::StatusRange::{Class, Default, Exact};
        let promised = [Exact(status), Class((status / 100) as u8), Default];
        seen.extend(promised.iter().find_map(|range| planned.statuses.iter().find(|(own, _)| own == range)).map(|(_, case)| case));
        // Requested sections count only if the request succeeded.
        if let (Some(SectionsParameter { parameter, sections, combinations }), Some(query), true) = (&planned.sections, query, status < 300)
        {
            let requested: Vec<&str> =
                query.iter().filter(|(name, _)| name == parameter).flat_map(|(_, value)| value.split(',')).map(str::trim).collect();
            let named: Vec<String> = sections.iter().filter(|section| requested.contains(&section.as_str())).cloned().collect();
            match combinations.get(&named) {
                Some(case) => seen.push(*case),
                None => seen.extend(named.into_iter().filter_map(|section| combinations.get(&vec![section]))),
            }
        }
    }
}

struct Walk<'w> {
    plan: &'w Plan,
    validators: &'w Validators,
    seen: &'w mut Vec<Case>,
}

impl<'w> Walk<'w> {
    fn visit(&mut self, id: SchemaId, value: &Value, in_place: usize) {
        let Some(node) = self.plan.nodes[id.index()].as_ref().filter(|_| in_place < MAX_IN_PLACE) else { return };
        let keywords = &self.plan.contract.schema(id).keywords;
        self.seen.push(node.seen);
        self.kind(node, keywords, value);
        self.seen.extend(node.values(keywords).filter(|(known, _)| is_same(known, value)).map(|(_, case)| case));
        self.seen.extend(node.bounds.iter().filter(|(bound, _)| bound.is_touched(value)).map(|(_, case)| case));
        for next in keywords.reference.iter().chain(&keywords.all_of) {
            self.visit(*next, value, in_place + 1);
        }
        for union in &*node.unions {
            for branch in union {
                if self.is_taken(branch, union, value) {
                    self.seen.push(branch.case);
                    self.visit(branch.schema, value, in_place + 1);
                }
            }
        }
        match value {
            Value::Object(entries) => {
                let mut known = 0;
                // A property that is never valid has no cases; `additionalProperties` counts it.
                let has_cases = |property: &SchemaId| self.plan.nodes[property.index()].is_some();
                for (index, (key, property)) in keywords.properties.iter().enumerate().filter(|(_, (_, property))| has_cases(property)) {
                    match entries.get(key) {
                        Some(child) => {
                            known += 1;
                            self.visit(*property, child, 0);
                        }
                        None => self.seen.extend(node.absent(index)),
                    }
                }
                if let Some(additional) = keywords.additional_properties.filter(|_| known < entries.len()) {
                    for (_, child) in entries.iter().filter(|(key, _)| !keywords.properties.get(*key).is_some_and(has_cases)) {
                        self.visit(additional, child, 0);
                    }
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    if let Some(next) = keywords.prefix_items.get(index).copied().or(keywords.items) {
                        self.visit(next, item, 0);
                    }
                }
            }
            _ => {}
        }
    }

    fn kind(&mut self, node: &Node, keywords: &Keywords, value: &Value) {
        let type_ = JsonType::of(value);
        let whole = || value.as_f64().is_some_and(|number| number.fract() == 0.0);
        let case = match type_ {
            JsonType::Number => match (node.kind(keywords, JsonType::Integer), node.kind(keywords, JsonType::Number)) {
                (Some(integer), number) => {
                    if whole() {
                        Some(integer)
                    } else {
                        number
                    }
                }
                (None, number) => number,
            },
            other => node.kind(keywords, other),
        };
        self.seen.extend(case);
    }

    /// Whether a value matches a branch: by its type where that is enough, else by the branch's validator.
    fn is_taken(&self, branch: &Branch, union: &[Branch], value: &Value) -> bool {
        let type_ = JsonType::of(value);
        if !branch.types.contains(&type_) {
            return false;
        }
        let rivals = is_ambiguous(branch, union) && union.iter().filter(|other| other.types.contains(&type_)).count() > 1;
        !rivals || self.validators.is_valid(branch.schema, value)
    }
}

impl Bound {
    fn is_touched(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Empty, Value::Array(items)) => items.is_empty(),
            (Self::NotEmpty, Value::Array(items)) => !items.is_empty(),
            (Self::Items(bound), Value::Array(items)) => items.len() as u64 == *bound,
            (Self::Number(bound), Value::Number(number)) => is_equal(bound, number),
            // A string with fewer bytes than the bound also has fewer characters.
            (Self::Length(bound), Value::String(text)) => text.len() as u64 >= *bound && text.chars().count() as u64 == *bound,
            _ => false,
        }
    }
}

pub(super) fn is_equal(one: &Number, other: &Number) -> bool {
    one == other || (one.as_f64() == other.as_f64() && (one.is_f64() || other.is_f64()))
}

fn is_same(known: &Value, value: &Value) -> bool {
    match (known, value) {
        (Value::Number(known), Value::Number(value)) => is_equal(known, value),
        _ => known == value,
    }
}
