//! Open values: whatever JSON may hold, in moderation.

use serde_json::{Map, Value, json};

use super::Random;

const WORDS: [&str; 24] = [
    "invoice",
    "total",
    "currency",
    "lines",
    "quantity",
    "sku",
    "supplier",
    "dueDate",
    "reference",
    "notes",
    "page",
    "confidence",
    "größe",
    "naïve",
    "數量",
    "emoji 🚀",
    "quote \" inside",
    "back\\slash",
    "new\nline",
    "tab\there",
    "slash/tilde~",
    "",
    "a long sentence that stands for the free text which documents are full of",
    "net amount",
];

/// An object with a few keys, nested no deeper than asked.
pub(super) fn object(random: &mut Random, depth: u32) -> Value {
    let count = 1 + random.below(4);
    let mut object = Map::new();
    for _ in 0..count {
        let key = random.pick(&WORDS);
        object.insert(key.to_owned(), value(random, depth.saturating_sub(1)));
    }
    Value::Object(object)
}

/// Any value, nested no deeper than asked.
pub(super) fn value(random: &mut Random, depth: u32) -> Value {
    match random.below(if depth == 0 { 7 } else { 10 }) {
        0 => Value::Null,
        1 => random.chance(50).into(),
        2 => random.below(10_000).into(),
        3 => json!((random.unit() * 1e6).round() / 100.0),
        4 => json!(random.pick(&[i64::MIN, i64::MAX, -1, 0, 9_007_199_254_740_993])),
        5 | 6 => random.pick(&WORDS).into(),
        7 => (0..random.below(5)).map(|_| value(random, depth - 1)).collect(),
        _ => object(random, depth),
    }
}
