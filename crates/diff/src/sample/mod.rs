//! Samples documents by the structure of a schema: a small one that may be valid, and its neighbours at every bound.
//!
//! Samples may be invalid. The caller checks them with a validator.

mod facts;
mod minimal;
mod pool;
mod text;

#[cfg(test)]
pub(crate) use text::matches;

use std::collections::BTreeSet;

use charter_contract::{JsonType, SchemaId};
use serde_json::{Map, Number, Value, json};

use crate::side::Side;
use facts::Facts;
pub(crate) use minimal::Minimals;
pub(crate) use pool::Pool;

/// The maximum depth of samples.
const LEVELS: usize = 24;
/// The maximum number of samples for one alternative of a schema.
const WIDTH: usize = 3_000;
/// The maximum number of bytes of all samples of an object.
const BYTES: usize = 1_000_000;

/// No values.
static EMPTY: Pool = Pool::empty();

/// Samples documents for the schemas of one side.
pub(crate) struct Sampler<'s, 'c> {
    side: &'s Side<'c>,
    pool: &'s Pool,
    /// The smallest documents that need the values of the pool.
    own: Minimals,
    /// Whether the smallest documents depend on the schemas only. They are shared by all samplers of the side.
    is_shared: bool,
    /// The keys of the outermost object that vary; `None` for all.
    focus: Option<&'s BTreeSet<String>>,
}

impl<'s, 'c> Sampler<'s, 'c> {
    pub(crate) fn new(side: &'s Side<'c>, pool: &'s Pool) -> Self {
        Self { side, pool, own: Minimals::default(), is_shared: false, focus: None }
    }

    /// Samples the schemas of one side, independently of the other side.
    fn shared(side: &'s Side<'c>) -> Self {
        Self { is_shared: true, ..Self::new(side, &EMPTY) }
    }

    fn minimals(&self) -> &Minimals {
        if self.is_shared { self.side.minimals() } else { &self.own }
    }

    /// Varies only some keys of the outermost object.
    pub(crate) fn focused(side: &'s Side<'c>, pool: &'s Pool, keys: Option<&'s BTreeSet<String>>) -> Self {
        Self { focus: keys, ..Self::new(side, pool) }
    }

    /// Samples for schemas that must all hold, smallest first. Nested values vary down to `depth` levels.
    pub(crate) fn samples(&self, ids: &[SchemaId], depth: usize) -> Vec<Value> {
        self.samples_at(ids, depth, 0)
    }

    fn samples_at(&self, ids: &[SchemaId], depth: usize, level: usize) -> Vec<Value> {
        if level > LEVELS {
            self.minimals().cut();
            return Vec::new();
        }
        let mut found = Vec::new();
        for facts in facts::alternatives(self.side.contract(), ids) {
            let mut values = self.values(&facts, depth, level);
            values.truncate(WIDTH);
            found.extend(values);
        }
        sorted(found)
    }

    fn values(&self, facts: &Facts, depth: usize, level: usize) -> Vec<Value> {
        if facts.never {
            return Vec::new();
        }
        if let Some(values) = &facts.values {
            return values.clone();
        }
        let mut found = Vec::new();
        for type_ in facts.types() {
            match type_ {
                JsonType::Null => found.push(Value::Null),
                JsonType::Boolean => found.extend([json!(false), json!(true)]),
                JsonType::Integer | JsonType::Number => found.extend(self.numbers(facts)),
                JsonType::String => found.extend(self.texts(facts, level)),
                JsonType::Array => found.extend(self.arrays(facts, depth, level)),
                JsonType::Object => found.extend(self.objects(facts, depth, level)),
            }
        }
        found
    }

    fn numbers(&self, facts: &Facts) -> Vec<Value> {
        let mut candidates: Vec<f64> = vec![0.0, 1.0, -1.0, 0.5, 2.0, 1.5];
        let bounds = facts.bounds.iter().filter_map(Number::as_f64).chain(self.pool.numbers.iter().copied());
        for bound in bounds {
            candidates.extend([bound, bound + 1.0, bound - 1.0, bound + 0.5, bound - 0.5, bound * 2.0, bound / 2.0]);
        }
        for step in &facts.steps {
            let step = step.as_f64().unwrap_or(1.0);
            for bound in facts.bounds.iter().filter_map(Number::as_f64).chain([0.0]) {
                let base = (bound / step).ceil() * step;
                candidates.extend([base, base + step, base - step]);
            }
        }
        let integer = facts.types().contains(&JsonType::Integer) && !facts.types().contains(&JsonType::Number);
        let mut found: Vec<Value> = candidates.into_iter().filter(|number| !integer || number.fract() == 0.0).filter_map(number).collect();
        // Large integers are not exact as `f64`.
        for bound in facts.bounds.iter().filter_map(Number::as_i128).filter(|bound| bound.unsigned_abs() > 1 << 52) {
            found.extend([bound - 1, bound, bound + 1].into_iter().filter_map(Number::from_i128).map(Value::Number));
        }
        found
    }

    fn texts(&self, facts: &Facts, level: usize) -> Vec<Value> {
        let mut found: Vec<String> = vec![String::new(), "a".to_owned()];
        for pattern in &facts.patterns {
            found.extend(text::matching(pattern));
            found.extend(text::literals(pattern));
        }
        found.extend(self.pool.texts.iter().cloned());
        for pattern in &self.pool.patterns {
            found.extend(text::matching(pattern));
            found.extend(text::literals(pattern));
        }
        // A string in an object is compared on its own: large objects with large strings are not needed.
        let most = if level == 0 { 2_000_000 } else { 20_000 };
        // The lengths of other schemas, the shortest first, as far as their texts fit into the memory of a sample.
        let mut total = 0_u64;
        let pooled = self.pool.lengths.iter().copied().take_while(|length| {
            total = total.saturating_add(*length);
            total <= BYTES as u64
        });
        for length in facts.lengths.iter().copied().chain(pooled).filter(|length| *length <= most) {
            for length in [length, length + 1, length.saturating_sub(1)] {
                found.push("a".repeat(length as usize));
            }
        }
        found.into_iter().map(Value::String).collect()
    }

    fn arrays(&self, facts: &Facts, depth: usize, level: usize) -> Vec<Value> {
        let item = |index: usize| -> Option<Value> {
            let ids = facts.item(index);
            if ids.is_empty() { Some(Value::Null) } else { self.minimal(ids, level) }
        };
        let least = facts.min_items.min(4_096) as usize;
        let mut counts: Vec<usize> = vec![least, least + 1, least + 2, facts.prefix.len()];
        let most = if level == 0 { 100_000 } else { 1_000 };
        counts.extend(self.pool.counts.iter().filter(|count| **count <= most).flat_map(|count| [*count as usize, *count as usize + 1]));
        counts.retain(|count| *count >= least);
        counts.sort_unstable();
        counts.dedup();
        let mut found = Vec::new();
        for count in counts {
            let mut items: Vec<Value> = Vec::new();
            if item(0).is_some_and(|value| weight(&value).saturating_mul(count) > BYTES) {
                continue;
            }
            for index in 0..count {
                match item(index) {
                    Some(value) => items.push(value),
                    None => break,
                }
            }
            if items.len() < least {
                continue;
            }
            let whole = Value::Array(items.clone());
            if facts.unique && items.len() > 1 && items.len() <= 1_000 {
                // Distinct items, from the samples of an item.
                for (index, place) in items.iter_mut().enumerate() {
                    let others = self.samples_at(facts.item(index), 0, level + 1);
                    let others = if others.is_empty() { vec![json!(index)] } else { others };
                    *place = others.get(index % others.len()).cloned().unwrap_or(Value::Null);
                }
                found.push(Value::Array(items.clone()));
            }
            found.push(whole);
            // Long arrays are needed for their length only.
            if count > 1_000 {
                continue;
            }
            for needed in &facts.contains {
                if let Some(value) = self.minimal(&[*needed], level) {
                    let mut more = items.clone();
                    match more.last_mut() {
                        Some(last) => *last = value.clone(),
                        None => more.push(value.clone()),
                    }
                    found.push(Value::Array(more));
                    if !facts.unique && weight(&value).saturating_mul(count) <= BYTES {
                        found.push(Value::Array(vec![value.clone(); count]));
                    }
                    let mut longer = items.clone();
                    for _ in 0..3 {
                        longer.push(value.clone());
                        found.push(Value::Array(longer.clone()));
                    }
                }
            }
            if depth > 0 {
                for index in 0..items.len().min(3) {
                    for value in self.samples_at(facts.item(index), depth - 1, level + 1).into_iter().take(24) {
                        let mut varied = items.clone();
                        varied[index] = value;
                        found.push(Value::Array(varied));
                    }
                }
                if items.is_empty() {
                    found.extend(self.samples_at(facts.item(0), depth - 1, level + 1).into_iter().take(24).map(|value| json!([value])));
                }
                for odd in [json!(null), json!(0), json!("a")] {
                    let mut varied = items.clone();
                    varied.push(odd);
                    found.push(Value::Array(varied));
                }
            }
        }
        found
    }

    fn objects(&self, facts: &Facts, depth: usize, level: usize) -> Vec<Value> {
        let contract = self.side.contract();
        let value_of = |key: &str| -> Option<Value> {
            let ids = facts.value(contract, key);
            if ids.is_empty() { Some(json!(null)) } else { self.minimal(&ids, level) }
        };
        let mut least = Map::new();
        for key in &facts.required {
            match value_of(key) {
                Some(value) => {
                    least.insert(key.clone(), value);
                }
                None => return Vec::new(),
            }
        }
        let mut keys: Vec<String> = facts.properties.keys().cloned().collect();
        keys.extend(self.pool.keys.iter().cloned());
        keys.extend(facts.patterned.iter().flat_map(|(pattern, _)| text::matching(pattern)));
        keys.extend(self.pool.patterns.iter().flat_map(|pattern| text::matching(pattern)));
        keys.extend(["a".to_owned(), "extra".to_owned()]);
        if !self.pool.patterns.is_empty() {
            keys.extend(["A".to_owned(), "0".to_owned()]);
        }
        keys.dedup();
        for key in keys.iter().chain([&"b".to_owned(), &"c".to_owned()]) {
            if least.len() as u64 >= facts.min_properties {
                break;
            }
            if !least.contains_key(key)
                && let Some(value) = value_of(key)
            {
                least.insert(key.clone(), value);
            }
        }
        let mut found = vec![Value::Object(least.clone())];
        if level > 0 && depth == 0 {
            // For nested objects, one additional key at a time is enough.
            let more = keys.iter().filter(|key| !least.contains_key(*key)).take(4);
            found.extend(more.filter_map(|key| Some(Value::Object(with(&least, key, value_of(key)?)))));
            return found;
        }
        // More keys than each bound on their number.
        for count in self.pool.counts.iter().filter(|count| level == 0 && **count <= 2_000) {
            let mut many = least.clone();
            let numbered = (0..=*count).map(|index| format!("k{index}"));
            for key in keys.iter().cloned().chain(numbered) {
                if many.len() as u64 > *count {
                    break;
                }
                if !many.contains_key(&key)
                    && let Some(value) = value_of(&key)
                {
                    many.insert(key, value);
                }
            }
            found.push(Value::Object(many));
        }
        // Keys outside the focus have an effect on the outermost object only.
        if let Some(focus) = self.focus.filter(|_| level == 0) {
            keys.retain(|key| focus.contains(key) || key == "extra");
        }
        let mut bytes = 0usize;
        for key in &keys {
            if bytes > BYTES {
                break;
            }
            bytes += weight(&found[0]) * 8;
            let odd = [json!(null), json!("a"), json!(0), json!(false), json!({}), json!([])];
            found.extend(value_of(key).into_iter().chain(odd).map(|value| Value::Object(with(&least, key, value))));
            if least.contains_key(key) {
                let mut fewer = least.clone();
                fewer.shift_remove(key);
                found.push(Value::Object(fewer));
            }
        }
        let mut all = least.clone();
        for key in &keys {
            if !all.contains_key(key)
                && let Some(value) = value_of(key)
            {
                all.insert(key.clone(), value);
                let whole = Value::Object(all.clone());
                bytes += weight(&whole);
                if bytes > BYTES {
                    break;
                }
                found.push(whole);
            }
        }
        // The most useful samples come first, because their number is limited.
        for key in keys.iter().filter(|_| depth > 0) {
            if bytes > BYTES {
                break;
            }
            let ids = facts.value(contract, key);
            let samples: Vec<Value> = self.samples_at(&ids, depth - 1, level + 1).into_iter().take(40).collect();
            bytes += weight(&found[0]) * samples.len() + samples.iter().map(weight).sum::<usize>();
            found.extend(samples.into_iter().map(|value| Value::Object(with(&least, key, value))));
        }
        found
    }

    /// A document for a schema with `inner` at the end of a path through its parts.
    pub(crate) fn embed(&self, id: SchemaId, path: &[Step], inner: &Value) -> Option<Value> {
        let Some((step, rest)) = path.split_first() else { return Some(inner.clone()) };
        match step {
            Step::Same(next) => self.embed(*next, rest, inner),
            Step::Key(key, next) => {
                let value = self.embed(*next, rest, inner)?;
                let whole = self.minimal(&[id], 0).unwrap_or_else(|| json!({}));
                match whole {
                    Value::Object(map) => Some(Value::Object(with(&map, key, value))),
                    _ => Some(Value::Object(with(&Map::new(), key, value))),
                }
            }
            Step::Item(index, next) => {
                let value = self.embed(*next, rest, inner)?;
                let mut items = match self.minimal(&[id], 0) {
                    Some(Value::Array(items)) => items,
                    _ => Vec::new(),
                };
                while items.len() < *index {
                    items.push(Value::Null);
                }
                match items.get_mut(*index) {
                    Some(place) => *place = value,
                    None => items.push(value),
                }
                Some(Value::Array(items))
            }
        }
    }
}

/// One step from a schema to a part of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    /// A schema for the same instance.
    Same(SchemaId),
    /// A schema for the value of a key.
    Key(String, SchemaId),
    /// A schema for an item.
    Item(usize, SchemaId),
}

/// Different documents, smallest first.
pub(crate) fn sorted(found: Vec<Value>) -> Vec<Value> {
    let mut sized: Vec<((usize, String), Value)> = found.into_iter().map(|value| (size(&value), value)).collect();
    sized.sort_by(|left, right| left.0.cmp(&right.0));
    sized.dedup_by(|left, right| left.0 == right.0);
    sized.into_iter().map(|(_, value)| value).collect()
}

/// The approximate length of a document in bytes.
pub(crate) fn weight(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 4,
        Value::String(text) => text.len() + 2,
        Value::Array(items) => items.iter().map(|item| weight(item) + 1).sum::<usize>() + 2,
        Value::Object(object) => object.iter().map(|(key, value)| key.len() + weight(value) + 4).sum::<usize>() + 2,
    }
}

/// The length of a document in bytes, and its JSON text.
pub(crate) fn size(value: &Value) -> (usize, String) {
    let text = value.to_string();
    (text.len(), text)
}

fn with(object: &Map<String, Value>, key: &str, value: Value) -> Map<String, Value> {
    let mut object = object.clone();
    object.insert(key.to_owned(), value);
    object
}

fn number(number: f64) -> Option<Value> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() <= EXACT {
        return Some(json!(number as i64));
    }
    Number::from_f64(number).map(Value::Number)
}
