//! Values of the members that the contract leaves open: arguments, outputs, steps, traces.

use crate::random::Random;
use serde_json::{Map, Value, json};

const KEYS: [&str; 24] = [
    "invoiceNumber",
    "supplier",
    "customer",
    "address",
    "city",
    "country",
    "currency",
    "net",
    "tax",
    "total",
    "dueDate",
    "reference",
    "iban",
    "page",
    "confidence",
    "language",
    "approved",
    "category",
    "attachments",
    "department",
    "größe",
    "notes",
    "unit",
    "id",
];

const WORDS: [&str; 20] = [
    "Rechnung",
    "Lieferung",
    "hydraulic pump",
    "spare part",
    "consulting",
    "net 30",
    "Zürich",
    "Kraków",
    "東京",
    "pallet",
    "express",
    "paid in advance",
    "see attachment",
    "A4",
    "second reminder",
    "the amount was taken from the summary on the last page",
    "handwritten",
    "PO-",
    "€",
    "n/a",
];

/// Texts and keys that need an escape, have several bytes a character, or are empty.
const EDGE_CASES: [&str; 12] = [
    "total",
    "confidence",
    "größe",
    "數量",
    "emoji 🚀",
    "quote \" inside",
    "back\\slash",
    "new\nline",
    "tab\there",
    "slash/tilde~",
    "",
    "a long sentence, as free text in documents often is",
];

/// An object of about `bytes` bytes as JSON.
pub(crate) fn object(random: &mut Random, bytes: usize) -> Value {
    let mut object = Map::new();
    let mut left = bytes.cast_signed();
    while left > 0 {
        let key = match KEYS.get(object.len()) {
            Some(_) if object.len() < 10 => random.pick(&KEYS).to_owned(),
            _ => format!("{}{}", random.pick(&KEYS), object.len()),
        };
        let (value, size) = value(random, left.cast_unsigned());
        left -= (key.len() + size + 6).cast_signed();
        object.insert(key, value);
    }
    Value::Object(object)
}

/// A value of at most about `bytes` bytes, and its size.
fn value(random: &mut Random, bytes: usize) -> (Value, usize) {
    match random.below(12) {
        0 if bytes > 100 => {
            let part = bytes / 3;
            (object(random, part), part)
        }
        1 | 2 if bytes > 100 => lines(random, bytes / 2),
        0..=5 => {
            let text = text(random);
            let size = text.len();
            (text.into(), size)
        }
        6 => (random.below(100_000).into(), 5),
        7 | 8 => (json!(random.below(10_000_000) as f64 / 100.0), 8),
        9 => (json!((random.unit() * 1e4).round() / 1e4), 6),
        10 => (random.chance(60).into(), 5),
        _ => (Value::Null, 4),
    }
}

/// Any JSON value, nested at most `depth` levels: edge cases of numbers, texts and keys.
pub(crate) fn edge_case(random: &mut Random, depth: u32) -> Value {
    match random.below(if depth == 0 { 7 } else { 10 }) {
        0 => Value::Null,
        1 => random.chance(50).into(),
        2 => random.below(10_000).into(),
        3 => json!((random.unit() * 1e6).round() / 100.0),
        4 => json!(random.pick(&[i64::MIN, i64::MAX, -1, 0, 9_007_199_254_740_993])),
        5 | 6 => random.pick(&EDGE_CASES).into(),
        7 => (0..random.below(5)).map(|_| edge_case(random, depth - 1)).collect(),
        _ => (0..1 + random.below(4)).map(|_| (random.pick(&EDGE_CASES).to_owned(), edge_case(random, depth - 1))).collect(),
    }
}

/// An array of objects with the same keys.
fn lines(random: &mut Random, bytes: usize) -> (Value, usize) {
    const LINE: usize = 110;
    let count = (bytes / LINE).max(1);
    let line = |number: usize| {
        json!({
            "position": number + 1,
            "description": random.pick(&WORDS),
            "quantity": 1 + random.below(40),
            "unitPrice": random.below(100_000) as f64 / 100.0,
            "taxRate": random.pick(&[0.0, 7.0, 19.0]),
            "sku": format!("SKU-{:06}", random.below(1_000_000)),
        })
    };
    ((0..count).map(line).collect(), count * LINE)
}

/// A few words; some have characters that JSON escapes.
fn text(random: &mut Random) -> String {
    let mut text = random.pick(&WORDS).to_owned();
    for _ in 0..random.below(3) {
        text.push(' ');
        text.push_str(random.pick(&WORDS));
    }
    match random.below(40) {
        0 => text.push_str("\nsecond line"),
        1 => text.push_str(" \"as is\""),
        2..8 => text.push_str(&random.below(1_000_000).to_string()),
        _ => {}
    }
    text
}
