//! JSON values one after the other: JSON Lines and JSON text sequences.

use std::ops::Range;

use serde_json::Value;

use super::super::Malformed;
use super::parse_json;

/// The record separator of JSON text sequences.
const RECORD_SEPARATOR: u8 = 0x1e;

/// The values of JSON Lines (`application/jsonl`, `application/x-ndjson`). Empty lines are skipped.
pub(super) fn lines(bytes: &[u8]) -> Result<Vec<(Value, Range<usize>)>, Malformed> {
    let mut items = Vec::new();
    let mut start = 0;
    for line in bytes.split(|byte| *byte == b'\n') {
        let end = start + line.len();
        if !is_blank(line) {
            items.push((parse_json(line, start)?, start..end));
        }
        start = end + 1;
    }
    Ok(items)
}

/// The values of a JSON text sequence (`application/json-seq`), RFC 7464. Empty records are skipped.
pub(super) fn records(bytes: &[u8]) -> Result<Vec<(Value, Range<usize>)>, Malformed> {
    let clause = "RFC 7464, section 2";
    let mut items = Vec::new();
    let mut start = 0;
    for (index, record) in bytes.split(|byte| *byte == RECORD_SEPARATOR).enumerate() {
        let end = start + record.len();
        if !is_blank(record) {
            if index == 0 {
                return Err(Malformed::new("a record does not begin with a record separator (0x1E)", clause).at(0));
            }
            let value = parse_json(record, start)?;
            // Section 2.4: without white space after it, a number, true, false or null may be cut off.
            if matches!(value, Value::Null | Value::Bool(_) | Value::Number(_)) && !record.last().is_some_and(u8::is_ascii_whitespace) {
                return Err(
                    Malformed::new("a number, true, false or null at the end of a record may be cut off", "RFC 7464, section 2.4").at(end)
                );
            }
            items.push((value, start..end));
        }
        start = end + 1;
    }
    Ok(items)
}

fn is_blank(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    type Decoder = fn(&[u8]) -> Result<Vec<(Value, Range<usize>)>, Malformed>;

    type Case = (Decoder, &'static [u8], Result<Value, (&'static str, usize)>);

    #[test]
    fn each_line_or_record_is_an_item() {
        let cases: [Case; 14] = [
            (lines, b"{\"a\":1}\n{\"a\":2}\n", Ok(json!([{"a": 1}, {"a": 2}]))),
            (lines, b"1\r\n\r\n2", Ok(json!([1, 2]))),
            (lines, b"", Ok(json!([]))),
            (lines, b"[1]\n[2", Err(("invalid JSON: EOF while parsing a list", 5))),
            (lines, b"1\n2,\n", Err(("invalid JSON: trailing characters", 3))),
            (lines, b"{\"a\":1,\"a\":2}\n", Err(("invalid JSON: ", 0))),
            (records, b"\x1e{\n\"a\":1}\n\x1e{\"a\":2}\n", Ok(json!([{"a": 1}, {"a": 2}]))),
            // RFC 7464, section 2.1: several record separators in a row are allowed.
            (records, b"\x1e\x1e1\n", Ok(json!([1]))),
            (records, b"\x1e\"a\"", Ok(json!(["a"]))),
            (records, b"", Ok(json!([]))),
            (records, b"1\n", Err(("a record does not begin with a record separator (0x1E)", 0))),
            // RFC 7464, section 2.4.
            (records, b"\x1e12", Err(("a number, true, false or null at the end of a record may be cut off", 3))),
            (records, b"\x1e1\n\x1e{", Err(("invalid JSON: EOF while parsing an object", 4))),
            (records, b"\x1e1\n\x1etru\n", Err(("invalid JSON: ", 0))),
        ];
        for (decode, bytes, expected) in cases {
            let text = String::from_utf8_lossy(bytes);
            match (decode(bytes), expected) {
                (Ok(items), Ok(expected)) => {
                    assert_eq!(items.iter().map(|(item, _)| item.clone()).collect::<Value>(), expected, "{text:?}");
                    for (item, range) in items {
                        assert_eq!(parse_json(&bytes[range], 0), Ok(item), "{text:?}");
                    }
                }
                (Err(error), Err((message, offset))) => {
                    assert!(error.message.starts_with(message), "{text:?}: {error}");
                    assert!(offset == 0 || error.offset == offset, "{text:?}: {error} at {}", error.offset);
                }
                (found, expected) => panic!("{text:?}: {found:?}, not {expected:?}"),
            }
        }
    }

    proptest! {
        #[test]
        fn no_bytes_cause_a_panic(bytes in "[\x1e\n\r 0-9a\\[\\]{}\":,\u{e9}]{0,40}") {
            for bytes in [bytes.as_bytes(), &bytes.as_bytes()[bytes.len().min(1)..]] {
                let _ = (lines(bytes), records(bytes));
            }
        }
    }
}
