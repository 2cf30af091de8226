//! The strict reader of JSON bytes that both readers stand behind, and the way back from a pointer to the bytes.
//!
//! Strict means: UTF-8, the grammar of RFC 8259, no repeated key, at most [`DEPTH_LIMIT`] levels, numbers finite in f64.
//! Key order is kept. Integers within i64 and u64 are exact; every other number becomes the nearest double, and
//! [`roundings`] tells where that changed what was written.

use std::fmt;
use std::ops::Range;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::{Position, unescape_token};

/// How many arrays and objects may stand inside each other.
pub const DEPTH_LIMIT: usize = 127;

/// How the complaint about a repeated key ends.
const REPEATED: &str = " is repeated";

/// Why a text is no JSON document, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} at line {}, column {}", position.line, position.column)]
pub struct JsonError {
    /// What is wrong, without the place.
    pub message: String,
    /// Where reading stopped.
    pub position: Position,
}

/// Reads one JSON document.
///
/// # Errors
/// Whatever is not strict JSON, with the place where reading stopped.
pub fn parse(bytes: &[u8]) -> Result<Value, JsonError> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    Strict.deserialize(&mut deserializer).and_then(|value| deserializer.end().map(|()| value)).map_err(|error| locate_error(bytes, &error))
}

fn locate_error(bytes: &[u8], error: &serde_json::Error) -> JsonError {
    let line_start = match error.line() {
        0 | 1 => 0,
        line => memchr_nth_newline(bytes, line - 1).map_or(bytes.len(), |at| at + 1),
    };
    // serde_json counts the bytes it has read of the line: the culprit is the last of them.
    let mut byte = (line_start + error.column().saturating_sub(1)).min(bytes.len());
    let text = error.to_string();
    let message = text.rsplit_once(" at line ").map_or(&*text, |(message, _)| message);
    if message.ends_with(REPEATED) {
        // The repeated key has been read to its end: point at its beginning.
        let opening = |at: &usize| bytes[*at] == b'"' && bytes[..*at].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 0;
        byte = (0..byte).rev().find(opening).unwrap_or(byte);
    }
    let message = match message {
        "recursion limit exceeded" => format!("arrays and objects nested more than {DEPTH_LIMIT} levels deep"),
        other => other.to_owned(),
    };
    JsonError { message, position: Position::of(bytes, byte) }
}

fn memchr_nth_newline(bytes: &[u8], nth: usize) -> Option<usize> {
    bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(nth - 1).map(|(at, _)| at)
}

/// Builds a [`Value`] and refuses repeated keys.
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
            if object.contains_key(&key) {
                return Err(A::Error::custom(format_args!("the key {}{REPEATED}", Value::String(key))));
            }
            let value = entries.next_value_seed(Strict)?;
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}

/// The bytes of the value at a JSON Pointer, in a text that [`parse`] accepts. `None` where the pointer leads nowhere.
pub fn locate(bytes: &[u8], pointer: &str) -> Option<Range<usize>> {
    let mut walk = Walk { bytes, at: 0 };
    for token in pointer.split('/').skip(1).map(unescape_token) {
        walk.enter(&token)?;
    }
    walk.skip_space();
    let start = walk.at;
    walk.skip_value()?;
    Some(start..walk.at)
}

/// The bytes of the key that the last token of a pointer names. `None` for items of arrays and keys that are not there.
pub fn locate_key(bytes: &[u8], pointer: &str) -> Option<Range<usize>> {
    let (parent, token) = pointer.rsplit_once('/')?;
    let start = locate(bytes, parent)?.start;
    let mut walk = Walk { bytes, at: start };
    walk.eat(b'{')?;
    walk.find_key(&unescape_token(token))
}

/// A number whose written digits a double cannot hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Rounding {
    /// Where it stands.
    pub bytes: Range<usize>,
    /// As written.
    pub written: String,
    /// What it is read as.
    pub read: f64,
}

/// The numbers of a text, accepted by [`parse`], that reading changes: integers beyond i64 and u64 that are no double,
/// and decimals of more than 17 significant digits that their nearest double does not stand for.
pub fn roundings(bytes: &[u8]) -> Vec<Rounding> {
    // Only a run of at least 17 digits and points can be such a number; most texts have none.
    let mut run = 0;
    let suspicious = bytes.iter().any(|byte| {
        run = if byte.is_ascii_digit() || *byte == b'.' { run + 1 } else { 0 };
        run >= 18
    });
    if !suspicious {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut walk = Walk { bytes, at: 0 };
    while let Some(&byte) = bytes.get(walk.at) {
        match byte {
            b'"' => {
                if walk.skip_string().is_none() {
                    break;
                }
            }
            b'-' | b'0'..=b'9' => {
                let start = walk.at;
                walk.skip_scalar();
                found.extend(rounding(bytes, start..walk.at));
            }
            _ => walk.at += 1,
        }
    }
    found
}

fn rounding(bytes: &[u8], range: Range<usize>) -> Option<Rounding> {
    let written = std::str::from_utf8(&bytes[range.clone()]).ok()?;
    if written.parse::<i64>().is_ok() || written.parse::<u64>().is_ok() {
        return None;
    }
    let read: f64 = written.parse().ok()?;
    let (digits, exponent) = decimal(written);
    let integer = !written.contains(['.', 'e', 'E']);
    // The shortest decimal that stands for the double; an integer is compared with all of its digits.
    let back = if integer { format!("{read:.0}") } else { format!("{read:e}") };
    let changed = (integer || digits.len() > 17) && decimal(&back) != (digits, exponent);
    changed.then(|| Rounding { bytes: range, written: written.to_owned(), read })
}

/// A decimal as its significant digits and the power of ten of the last one.
fn decimal(text: &str) -> (String, i64) {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.trim_start_matches('-').split_once('.').unwrap_or((mantissa.trim_start_matches('-'), ""));
    let all = format!("{whole}{fraction}");
    let digits = all.trim_start_matches('0');
    let significant = digits.trim_end_matches('0');
    let dropped = (digits.len() - significant.len()) as i64;
    let exponent = exponent.trim_start_matches('+').parse::<i64>().unwrap_or(0);
    if significant.is_empty() { (String::new(), 0) } else { (significant.to_owned(), exponent - fraction.len() as i64 + dropped) }
}

/// A cursor over a text that is known to be JSON. Every step says `None` instead of reading past the end.
struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Walk<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn eat(&mut self, wanted: u8) -> Option<()> {
        self.skip_space();
        (self.peek()? == wanted).then(|| self.at += 1)
    }

    /// Moves to the value that a token names, inside the array or object that begins here.
    fn enter(&mut self, token: &str) -> Option<()> {
        self.skip_space();
        match self.peek()? {
            b'{' => {
                self.at += 1;
                self.find_key(token)?;
                self.eat(b':')
            }
            b'[' => {
                self.at += 1;
                for _ in 0..token.parse::<usize>().ok()? {
                    self.skip_value()?;
                    self.eat(b',')?;
                }
                self.skip_space();
                (self.peek()? != b']').then_some(())
            }
            _ => None,
        }
    }

    /// From behind the brace of an object to behind a key; returns where the key stands.
    fn find_key(&mut self, wanted: &str) -> Option<Range<usize>> {
        loop {
            self.skip_space();
            let start = self.at;
            self.skip_string()?;
            let key = start..self.at;
            if self.is_key(key.clone(), wanted) {
                return Some(key);
            }
            self.eat(b':')?;
            self.skip_value()?;
            self.eat(b',')?;
        }
    }

    fn is_key(&self, range: Range<usize>, wanted: &str) -> bool {
        let inside = &self.bytes[range.start + 1..range.end - 1];
        if inside.contains(&b'\\') {
            serde_json::from_slice::<String>(&self.bytes[range]).is_ok_and(|key| key == wanted)
        } else {
            inside == wanted.as_bytes()
        }
    }

    fn skip_value(&mut self) -> Option<()> {
        self.skip_space();
        match self.peek()? {
            b'"' => self.skip_string(),
            b'{' | b'[' => self.skip_nested(),
            _ => {
                self.skip_scalar();
                Some(())
            }
        }
    }

    fn skip_nested(&mut self) -> Option<()> {
        let mut depth = 0usize;
        loop {
            match self.peek()? {
                b'"' => {
                    self.skip_string()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Some(());
            }
        }
    }

    fn skip_string(&mut self) -> Option<()> {
        if self.peek()? != b'"' {
            return None;
        }
        self.at += 1;
        loop {
            match self.peek()? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        Some(())
    }

    fn skip_scalar(&mut self) {
        while !matches!(self.peek(), None | Some(b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r' | b':')) {
            self.at += 1;
        }
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
    fn what_is_not_strict_is_refused_with_its_place() {
        check_refused("{\"a\": 1,\n \"a\": 2}", "the key \"a\" is repeated", 2, 2);
        check_refused("{\"a\": {\"b\": 1, \"b\": 2}}", "the key \"b\" is repeated", 1, 16);
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
    fn the_depth_limit_is_what_it_says() {
        let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(parse(nested(DEPTH_LIMIT).as_bytes()).is_ok());
        assert!(parse(nested(DEPTH_LIMIT + 1).as_bytes()).is_err());
    }

    #[test]
    fn a_pointer_leads_back_to_the_bytes() {
        let text = r#" {"a": [1, {"b/c": "x\"]"}, null], "d\u0065": {"~": -1.5e3} } "#;
        for (pointer, wanted) in
            [("/a/0", "1"), ("/a/1/b~1c", r#""x\"]""#), ("/a/2", "null"), ("/de/~0", "-1.5e3"), ("/a/1", r#"{"b/c": "x\"]"}"#)]
        {
            assert_eq!(&text[locate(text.as_bytes(), pointer).expect(pointer)], wanted);
        }
        for pointer in ["/a/3", "/b", "/a/x", "/a/0/b", "/de/~0/z"] {
            assert_eq!(locate(text.as_bytes(), pointer), None, "{pointer}");
        }
        assert_eq!(&text[locate_key(text.as_bytes(), "/de").expect("a key")], r#""d\u0065""#);
    }

    #[test]
    fn rounded_numbers_are_told() {
        let told = |text: &str| roundings(text.as_bytes()).into_iter().map(|rounding| rounding.written).collect::<Vec<_>>();
        assert_eq!(
            told("[18446744073709551615, -9223372036854775808, 0.1, 1e300, 0.12345678901234567, 18446744073709551616]"),
            [] as [&str; 0]
        );
        assert_eq!(told("[18446744073709551617]"), ["18446744073709551617"]);
        assert_eq!(told("{\"18446744073709551617\": \"18446744073709551617\"}"), [] as [&str; 0]);
        assert_eq!(told("[0.1234567890123456789]"), ["0.1234567890123456789"]);
        assert_eq!(told("[0.50000000000000000000]"), [] as [&str; 0]);
    }
}
