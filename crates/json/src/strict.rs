//! The reference reader: strict JSON to a [`Value`], with the message and the position of the first error.
//!
//! Strict means: UTF-8, the grammar of RFC 8259, no duplicate key, at most [`DEPTH_LIMIT`] levels, numbers finite in f64.
//! The order of keys is preserved. Integers within i64 and u64 are exact; every other number becomes the nearest double, and
//! [`roundings`](crate::roundings) lists the numbers that this changes.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::map::Entry;
use serde_json::{Map, Number, Value};

use crate::Position;

/// The largest number of nested arrays and objects.
pub const DEPTH_LIMIT: usize = 127;

/// The beginning of the message about a duplicate key.
const DUPLICATE_KEY: &str = "duplicate key ";

/// The first error of a text that is not a strict JSON document, with its position.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} at line {}, column {}", position.line, position.column)]
pub struct JsonError {
    /// What is wrong, without the position.
    pub message: String,
    /// The position where reading stopped.
    pub position: Position,
}

/// Reads one JSON document.
///
/// # Errors
/// The text is not strict JSON.
pub fn parse(bytes: &[u8]) -> Result<Value, JsonError> {
    read(serde_json::Deserializer::from_slice(bytes)).map_err(|error| locate_error(bytes, &error))
}

/// Reads one JSON document like [`parse`]. The text is not checked for UTF-8 again.
///
/// # Errors
/// The text is not strict JSON.
pub fn parse_str(text: &str) -> Result<Value, JsonError> {
    read(serde_json::Deserializer::from_str(text)).map_err(|error| locate_error(text.as_bytes(), &error))
}

fn read<'de>(mut deserializer: serde_json::Deserializer<impl serde_json::de::Read<'de>>) -> Result<Value, serde_json::Error> {
    let value = Strict.deserialize(&mut deserializer)?;
    deserializer.end().map(|()| value)
}

fn locate_error(bytes: &[u8], error: &serde_json::Error) -> JsonError {
    let line_start = match error.line() {
        0 | 1 => 0,
        line => nth_newline(bytes, line - 1).map_or(bytes.len(), |at| at + 1),
    };
    // The column of serde_json is the number of bytes read of the line; the error is at the last of them.
    let mut byte = (line_start + error.column().saturating_sub(1)).min(bytes.len());
    let text = error.to_string();
    let message = text.rsplit_once(" at line ").map_or(&*text, |(message, _)| message);
    if message.starts_with(DUPLICATE_KEY) {
        // The key has been read to its end: point at its beginning.
        let opening = |at: &usize| bytes[*at] == b'"' && bytes[..*at].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 0;
        byte = (0..byte).rev().find(opening).unwrap_or(byte);
    }
    let message = match message {
        "recursion limit exceeded" => format!("arrays and objects nested more than {DEPTH_LIMIT} levels deep"),
        other => other.to_owned(),
    };
    JsonError { message, position: Position::of(bytes, byte) }
}

fn nth_newline(bytes: &[u8], nth: usize) -> Option<usize> {
    bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(nth - 1).map(|(at, _)| at)
}

/// Builds a [`Value`] and refuses duplicate keys.
struct Strict;

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(Strict)? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            match object.entry(key) {
                Entry::Occupied(known) => {
                    return Err(A::Error::custom(format_args!("{DUPLICATE_KEY}{}", Value::String(known.key().clone()))));
                }
                Entry::Vacant(entry) => {
                    entry.insert(entries.next_value_seed(Strict)?);
                }
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_refused(text: &str, message: &str, line: usize, column: usize) {
        let error = parse(text.as_bytes()).expect_err(text);
        assert!(error.message.contains(message), "{text}: {error}");
        assert_eq!((error.position.line, error.position.column), (line, column), "{text}: {error}");
    }

    #[test]
    fn errors_have_a_message_and_a_position() {
        check_refused("{\"a\": 1,\n \"a\": 2}", "duplicate key \"a\"", 2, 2);
        check_refused("{\"a\": {\"b\": 1, \"b\": 2}}", "duplicate key \"b\"", 1, 16);
        check_refused("[1, 1e400]", "number out of range", 1, 9);
        check_refused("[1, 2", "EOF while parsing a list", 1, 5);
        check_refused("{} {}", "trailing characters", 1, 4);
        check_refused("[01]", "invalid number", 1, 3);
        check_refused("", "EOF while parsing a value", 1, 1);
        check_refused(&"[".repeat(10_000), "nested more than 127 levels deep", 1, 128);
        assert!(parse(b"[\"\xff\"]").is_err());
        assert!(parse(br#"["\ud800"]"#).is_err());
    }

    #[test]
    fn the_depth_limit_is_exact() {
        let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(parse(nested(DEPTH_LIMIT).as_bytes()).is_ok());
        assert!(parse(nested(DEPTH_LIMIT + 1).as_bytes()).is_err());
    }
}
