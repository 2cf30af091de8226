//! Checksums of values: what rules over time compare as a whole is stored as a checksum.

use std::fmt::Write as _;
use std::ops::Range;
use std::sync::LazyLock;

use charter_json::{Cursor, Fallback, FastPath, KeyTable};
use sha2::{Digest, Sha256};

use super::evaluate::{Json, Shape};
use super::project::write_text;

/// A checksum that is the same for equal values: numbers by value, keys in any order.
pub(super) fn digest(value: Json<'_>) -> String {
    let canonical = canonical(value);
    let mut text = String::with_capacity(71);
    text.push_str("sha256:");
    for byte in Sha256::digest(canonical.as_bytes()) {
        let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble)]);
        text.extend([digit(byte >> 4), digit(byte & 15)]);
    }
    text
}

/// A text that is the same for equal values: JSON with the members of objects in the order of their keys, numbers by value, and a comma after each item
/// and member.
fn canonical(value: Json<'_>) -> String {
    let mut out = String::new();
    if let Json::Raw(text) = value {
        let mut scan = Scan { out: String::with_capacity(text.len() + text.len() / 4), members: Vec::new(), object: String::new() };
        let mut cursor = Cursor::new(text);
        if scan.value(&mut cursor).and_then(|()| cursor.finish()).is_ok() {
            return scan.out;
        }
    }
    feed(value, &mut out);
    out
}

/// Writes what [`feed`] writes of a text, in one pass of the scanner. Rare forms are left to [`feed`].
struct Scan<'t> {
    out: String,
    /// The members of the objects that enclose the position: the key, and the range of its text and value in `out`.
    members: Vec<(&'t str, Range<usize>)>,
    /// A buffer for the text of an object.
    object: String,
}

impl<'t> Scan<'t> {
    fn value(&mut self, cursor: &mut Cursor<'t>) -> FastPath<()> {
        match cursor.peek() {
            b'n' => {
                cursor.null()?;
                self.out.push('n');
            }
            b't' | b'f' => self.out.push(if cursor.boolean()? { 't' } else { 'f' }),
            b'"' => {
                let text = cursor.string()?;
                match text.quoted().map(std::str::from_utf8) {
                    Some(Ok(quoted)) => self.out.push_str(quoted),
                    _ => write_text(&text.value()?, &mut self.out),
                }
            }
            b'[' => {
                self.out.push('[');
                cursor.array_of::<Fallback>(|cursor, _| {
                    self.value(cursor)?;
                    self.out.push(',');
                    Ok(())
                })?;
                self.out.push(']');
            }
            b'{' => self.object(cursor)?,
            _ => {
                let number = std::str::from_utf8(cursor.number()?.written()).map_err(|_| Fallback)?;
                feed(Json::Raw(number), &mut self.out);
            }
        }
        Ok(())
    }

    fn object(&mut self, cursor: &mut Cursor<'t>) -> FastPath<()> {
        static NO_KEYS: LazyLock<KeyTable> = LazyLock::new(KeyTable::default);
        self.out.push('{');
        let (start, first) = (self.out.len(), self.members.len());
        cursor.object_of::<Fallback>(&NO_KEYS, |cursor, key| {
            let key = key.err().ok_or(Fallback)?.plain()?;
            let from = self.out.len();
            // A key without escapes.
            self.out.push('"');
            self.out.push_str(key);
            self.out.push_str("\":");
            self.value(cursor)?;
            self.out.push(',');
            self.members.push((key, from..self.out.len()));
            Ok(())
        })?;
        let members = self.members.get_mut(first..).ok_or(Fallback)?;
        if !members.is_sorted_by_key(|(key, _)| *key) {
            members.sort_unstable_by_key(|(key, _)| *key);
            self.object.clear();
            for (_, range) in members.iter() {
                self.object.push_str(self.out.get(range.clone()).ok_or(Fallback)?);
            }
            self.out.truncate(start);
            self.out.push_str(&self.object);
        }
        self.out.push('}');
        self.members.truncate(first);
        Ok(())
    }
}

/// Writes a value so that equal values have equal texts.
fn feed(value: Json<'_>, out: &mut String) {
    if let Json::Raw(text) = value
        && is_plain_number(text)
    {
        return out.push_str(text);
    }
    match value.shape() {
        Shape::Null => out.push('n'),
        Shape::Bool(value) => out.push(if value { 't' } else { 'f' }),
        Shape::Number(number) => {
            let double = number.as_f64().unwrap_or(f64::NAN);
            match number.as_i64() {
                Some(value) => {
                    let _ = write!(out, "{value}");
                }
                None if double.fract() == 0.0 && double.abs() < 9.0e15 => out.push_str(&format!("{double:.0}").replace("-0", "0")),
                None => {
                    let _ = write!(out, "{number}");
                }
            }
        }
        Shape::Text(text) => write_text(&text, out),
        Shape::Array => {
            out.push('[');
            for item in value.items() {
                feed(item, out);
                out.push(',');
            }
            out.push(']');
        }
        Shape::Object => {
            let mut members: Vec<_> = value.members().collect();
            members.sort_unstable_by(|(left, _), (right, _)| left.cmp(right));
            out.push('{');
            for (key, member) in members {
                feed_key(&key, out);
                feed(member, out);
                out.push(',');
            }
            out.push('}');
        }
    }
}

fn feed_key(key: &str, out: &mut String) {
    write_text(key, out);
    out.push(':');
}

/// Whether a text is the shortest one of its number, as serialisation writes it: up to 15 digits, without an exponent and needless zeros.
fn is_plain_number(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, fraction)| (whole, Some(fraction)));
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_fraction = |fraction: &str| are_digits(fraction) && !fraction.ends_with('0') && !fraction.is_empty();
    // Small fractions are written with an exponent.
    let is_whole = |whole: &str| matches!(whole.as_bytes(), [b'1'..=b'9', ..]) && are_digits(whole);
    text.len() <= 16 && is_whole(whole) && fraction.is_none_or(is_fraction) && (fraction.is_some() || text.len() <= 15)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn equal_values_have_equal_checksums() {
        let same = [json!({"a": 1, "b": [1.0, 0]}), json!({"b": [1, -0.0], "a": 1.0})];
        let digest = |value: &Value| digest(value.into());
        assert_eq!(digest(&same[0]), digest(&same[1]));
        assert_eq!(digest(&same[0]), super::digest(Json::Raw(r#"{ "b" : [1.0 ,0], "\u0061":1}"#)));
        for other in [json!({"a": 1, "b": [1, 0, 0]}), json!({"a": "1", "b": [1, 0]}), json!({"a": 1, "b": [1, 0.5]}), json!(null)] {
            assert_ne!(digest(&same[0]), digest(&other), "{other}");
        }
    }

    #[test]
    fn plain_numbers_have_the_checksum_of_their_value() {
        for text in [
            "1",
            "10",
            "999999999999999",
            "1.5",
            "12345678.1234567",
            "19.0",
            "1e2",
            "0.5",
            "0.00001",
            "-3",
            "100.25",
            "1.10",
            "123456789012345.6",
        ] {
            let tree: Value = serde_json::from_str(text).expect("a number");
            let mut fed = [String::new(), String::new()];
            feed(Json::Raw(text), &mut fed[0]);
            feed(Json::Tree(&tree), &mut fed[1]);
            assert_eq!(fed[0], fed[1], "{text}");
        }
    }

    #[test]
    fn the_scanner_writes_the_text_of_the_tree() {
        let text = "{\"b\": [1, 2.50, -0.0, 1e3, 12345678901234567890, {}, {\"z\":\"é\\n\", \"a\" :null,\"aa\":[true , false]}], \"a\": \"x\", \"c\\t\": 0}";
        let mut compared = 0;
        for at in 0..text.len() {
            for byte in *b"\"{}[]:,0.e-xa " {
                for end in [at, at + 1] {
                    let changed = [&text.as_bytes()[..at], &[byte], &text.as_bytes()[end..]].concat();
                    let Ok(changed) = String::from_utf8(changed) else { continue };
                    // A tree has each key once.
                    let Ok(tree) = charter_json::parse_str(&changed) else { continue };
                    let mut expected = String::new();
                    feed(Json::Tree(&tree), &mut expected);
                    assert_eq!(canonical(Json::Raw(changed.trim_ascii())), expected, "{changed}");
                    compared += 1;
                }
            }
        }
        assert!(compared > 200, "{compared}");
    }
}
