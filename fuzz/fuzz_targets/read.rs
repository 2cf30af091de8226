//! Arbitrary bytes as a JSON text: the strict parser accepts each text that the cursor accepts, and rounds no number of it.
#![no_main]

use charter_json::{Cursor, FastPath, Keys, keys, parse, roundings};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

static KEYS: Keys = keys!["id", "finished", "sampleRank", "a key that is longer than three words"];

/// Reads a value with every kind of step of the cursor.
fn walk(cursor: &mut Cursor<'_>) -> FastPath<()> {
    match cursor.peek() {
        b'{' => cursor.open_object(&KEYS, |cursor, key| if key.is_ok() { walk(cursor) } else { cursor.skip() }).map(drop),
        b'[' => cursor.array(|cursor, index| if index % 2 == 0 { walk(cursor) } else { cursor.skip() }).map(drop),
        b'"' => cursor.string()?.length().map(drop),
        b't' | b'f' => cursor.boolean().map(drop),
        b'n' => cursor.null(),
        _ => cursor.number().map(|number| assert!(number.as_f64().is_finite())),
    }
}

fn has_unsigned(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_u64() && !number.is_i64(),
        Value::Array(items) => items.iter().any(has_unsigned),
        Value::Object(members) => members.values().any(has_unsigned),
        _ => false,
    }
}

fuzz_target!(|bytes: &[u8]| {
    let walked = Cursor::from_bytes(bytes).and_then(|mut cursor| walk(&mut cursor).and_then(|()| cursor.finish()));
    let skipped = Cursor::from_bytes(bytes).and_then(|mut cursor| cursor.skip().and_then(|()| cursor.finish()));
    // Only a skipped number may be an integer of 64 bits without a sign.
    if walked != skipped {
        assert!(walked.is_err() && parse(bytes).is_ok_and(|value| has_unsigned(&value)));
    }
    if skipped.is_ok() {
        assert!(parse(bytes).is_ok() && roundings(bytes).is_empty());
    }
});
