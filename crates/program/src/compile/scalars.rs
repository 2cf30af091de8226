//! Constants, numbers and strings.

use std::collections::BTreeSet;

use charter_contract::{Draft, JsonType, Keywords};
use charter_json::KeyTable;
use serde_json::{Number, Value};

use super::containers::regex;
use super::{Compiler, Reason};
use crate::event::{NOTHING, Reached};
use crate::node::{Kind, Literal, NumberChecks, NumberNode, StringChecks, StringNode};
use crate::place::Flat;

/// Every integer up to this one is a double.
const EXACT: u64 = 1 << 53;

impl Compiler<'_> {
    pub(super) fn literal(&mut self, flat: &Flat, value: &Value) -> Literal {
        if self.allowed(flat).is_some_and(|values| !values.contains(&value)) {
            return Kind::Never;
        }
        let mut facts = self.facts(flat, JsonType::of(value), false);
        facts.extend(self.facts_of(flat, value));
        Kind::Any(self.row(facts))
    }

    pub(super) fn number(&mut self, flat: &Flat) -> Result<Kind<NumberNode>, Reason> {
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

    pub(super) fn format(&self, keywords: &Keywords) -> Option<&'static charter_contract::Format> {
        keywords.format.as_deref().and_then(|name| self.contract.config().check.formats.get(name))
    }

    pub(super) fn string(&mut self, flat: &Flat) -> Result<Kind<StringNode>, Reason> {
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
pub(super) fn is_same(one: &Value, other: &Value) -> bool {
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
