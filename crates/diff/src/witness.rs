//! Finds a small document that one schema accepts and another refuses, by sampling and shrinking.

use charter_contract::SchemaId;
use serde_json::{Map, Value, json};

use crate::sample::{Pool, Sampler, size};
use crate::side::Side;

/// Candidate witnesses: samples of both schemas at the bounds of both.
pub(crate) struct Candidates(Vec<Value>);

impl Candidates {
    pub(crate) fn of(old: &Side<'_>, old_id: SchemaId, new: &Side<'_>, new_id: SchemaId, depth: usize) -> Self {
        let mut pool = Pool::default();
        pool.collect(old, old_id);
        pool.collect(new, new_id);
        let mut found = vec![json!(null), json!(true), json!(0), json!(0.5), json!(""), json!("a"), json!([]), json!({})];
        found.extend(pool.values.iter().cloned());
        found.extend(Sampler::new(old, &pool).samples(&[old_id], depth));
        found.extend(Sampler::new(new, &pool).samples(&[new_id], depth));
        let mut sized: Vec<((usize, String), Value)> = found.into_iter().map(|value| (size(&value), value)).collect();
        sized.sort_by(|left, right| left.0.cmp(&right.0));
        sized.dedup_by(|left, right| left.0 == right.0);
        Self(sized.into_iter().map(|(_, value)| value).collect())
    }

    /// All candidates, smallest first.
    pub(crate) fn all(&self) -> &[Value] {
        &self.0
    }
}

/// A small document that a schema accepts, if one is found.
pub(crate) fn minimal(side: &Side<'_>, id: SchemaId) -> Option<Value> {
    let mut pool = Pool::default();
    pool.collect(side, id);
    let accepts = |value: &Value| side.accepts(id, value) == Some(true);
    let found = Sampler::new(side, &pool).minimal(&[id], 0)?;
    accepts(&found).then(|| shrink(found, &accepts))
}

/// Whether the first schema accepts a document and the second refuses it, by both validators.
pub(crate) fn shows(accepting: (&Side<'_>, SchemaId), refusing: (&Side<'_>, SchemaId), value: &Value) -> bool {
    refusing.0.accepts(refusing.1, value) == Some(false) && accepting.0.accepts(accepting.1, value) == Some(true)
}

/// Removes parts of a document as long as the condition holds.
pub(crate) fn shrink(mut value: Value, shows: &dyn Fn(&Value) -> bool) -> Value {
    let mut left = 2_000usize;
    loop {
        let smaller = smaller(&value).into_iter().find(|smaller| {
            left = left.saturating_sub(1);
            left > 0 && shows(smaller)
        });
        match smaller {
            Some(next) => value = next,
            None => return value,
        }
    }
}

/// The documents that are one step smaller.
fn smaller(value: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    match value {
        Value::Object(object) => {
            for key in object.keys() {
                let mut fewer = object.clone();
                fewer.shift_remove(key);
                found.push(Value::Object(fewer));
            }
            for (key, inner) in object {
                for next in smaller(inner) {
                    let mut changed: Map<String, Value> = object.clone();
                    changed.insert(key.clone(), next);
                    found.push(Value::Object(changed));
                }
            }
        }
        Value::Array(items) => {
            for index in 0..items.len() {
                let mut fewer = items.clone();
                fewer.remove(index);
                found.push(Value::Array(fewer));
            }
            for (index, inner) in items.iter().enumerate() {
                for next in smaller(inner) {
                    let mut changed = items.clone();
                    changed[index] = next;
                    found.push(Value::Array(changed));
                }
            }
        }
        Value::String(text) if !text.is_empty() => {
            found.push(json!(""));
            if text.chars().count() > 1 {
                let half: String = text.chars().take(text.chars().count() / 2).collect();
                found.push(Value::String(half));
                let mut shorter = text.clone();
                shorter.pop();
                found.push(Value::String(shorter));
            }
        }
        Value::Number(number) => {
            let simple = [json!(0), json!(1)];
            found.extend(
                simple.into_iter().filter(|simple| size(simple).0 < size(value).0 || (number.as_f64() != Some(0.0) && *simple == json!(0))),
            );
        }
        _ => {}
    }
    found
}
