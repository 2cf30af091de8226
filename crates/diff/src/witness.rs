//! Finds a small document that one schema accepts and another refuses, by sampling and shrinking.

use std::collections::BTreeSet;

use charter_contract::SchemaId;
use serde_json::{Map, Value, json};

use crate::sample::{Pool, Sampler, size, sorted, weight};
use crate::side::Side;

/// Candidate witnesses: samples of both schemas at the bounds of both.
pub(crate) struct Candidates(Vec<Value>);

impl Candidates {
    /// Samples of both schemas. Only some keys of an object vary, or all if `keys` is `None`.
    pub(crate) fn of(old: &Side<'_>, old_id: SchemaId, new: &Side<'_>, new_id: SchemaId, keys: Option<&BTreeSet<String>>) -> Self {
        let mut pool = Pool::default();
        pool.collect(old, old_id);
        pool.collect(new, new_id);
        pool.add_differences();
        let mut found = vec![json!(null), json!(true), json!(0), json!(0.5), json!(""), json!("a"), json!([]), json!({})];
        found.extend(pool.values.iter().cloned());
        found.extend(Sampler::focused(old, &pool, keys).samples(&[old_id], 1));
        found.extend(Sampler::focused(new, &pool, keys).samples(&[new_id], 1));
        Self(sorted(found))
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

/// Whether the first schema accepts a document and the second refuses it.
pub(crate) fn shows(accepting: (&Side<'_>, SchemaId), refusing: (&Side<'_>, SchemaId), value: &Value) -> bool {
    refusing.0.accepts(refusing.1, value) == Some(false) && accepting.0.accepts(accepting.1, value) == Some(true)
}

/// Whether compiled validators agree that the first schema accepts a document and the second refuses it.
pub(crate) fn is_confirmed(accepting: (&Side<'_>, SchemaId), refusing: (&Side<'_>, SchemaId), value: &Value) -> bool {
    refusing.0.confirms(refusing.1, value, false) && accepting.0.confirms(accepting.1, value, true)
}

/// The maximum number of bytes of the documents that are tried for one witness.
const MOST: usize = 10_000_000;

/// Removes parts of a document as long as the condition holds.
pub(crate) fn shrink(mut value: Value, shows: &dyn Fn(&Value) -> bool) -> Value {
    let (mut left, mut bytes) = (2_000usize, 0usize);
    loop {
        let mut smaller = None;
        let size = weight(&value);
        each_smaller(&value, &mut |candidate| {
            bytes += size;
            left = if bytes > MOST { 0 } else { left.saturating_sub(1) };
            if left > 0 && shows(&candidate) {
                smaller = Some(candidate);
            }
            left == 0 || smaller.is_some()
        });
        match smaller {
            Some(next) => value = next,
            None => return value,
        }
    }
}

/// Calls `stop` with each document that is one step smaller, until it returns true. Large documents have too many for a list.
fn each_smaller(value: &Value, stop: &mut dyn FnMut(Value) -> bool) -> bool {
    match value {
        Value::Object(object) => {
            let without = |key: &String| {
                let mut fewer = object.clone();
                fewer.shift_remove(key);
                Value::Object(fewer)
            };
            let with = |key: &String, value: Value| {
                let mut changed: Map<String, Value> = object.clone();
                changed.insert(key.clone(), value);
                Value::Object(changed)
            };
            object.keys().any(|key| stop(without(key)))
                || object.iter().any(|(key, inner)| each_smaller(inner, &mut |next| stop(with(key, next))))
        }
        Value::Array(items) => {
            let without = |index: usize| {
                let mut fewer = items.clone();
                fewer.remove(index);
                Value::Array(fewer)
            };
            let with = |index: usize, value: Value| {
                let mut changed = items.clone();
                changed[index] = value;
                Value::Array(changed)
            };
            (0..items.len()).any(|index| stop(without(index)))
                || items.iter().enumerate().any(|(index, inner)| each_smaller(inner, &mut |next| stop(with(index, next))))
        }
        Value::String(text) if !text.is_empty() => {
            let length = text.chars().count();
            stop(json!(""))
                || length > 1
                    && (stop(json!(text.chars().take(length / 2).collect::<String>())) || {
                        let mut shorter = text.clone();
                        shorter.pop();
                        stop(Value::String(shorter))
                    })
        }
        Value::Number(number) => [json!(0), json!(1)].into_iter().any(|simple| {
            let is_simpler = size(&simple).0 < size(value).0 || (number.as_f64() != Some(0.0) && simple == json!(0));
            is_simpler && stop(simple)
        }),
        _ => false,
    }
}
