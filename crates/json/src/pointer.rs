//! Tokens of JSON Pointers (RFC 6901).

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use serde_json::Value;

/// Appends one token to a JSON Pointer, escaped as RFC 6901 requires.
pub fn push_token(pointer: &mut String, token: impl fmt::Display) {
    pointer.push('/');
    // Writing to a string does not fail.
    let _ = write!(Escaped(pointer), "{token}");
}

/// Appends a key to a JSON Pointer like [`push_token`].
pub fn push_key(pointer: &mut String, key: &str) {
    pointer.push('/');
    push_escaped(pointer, key);
}

fn push_escaped(pointer: &mut String, text: &str) {
    if !text.bytes().any(|byte| matches!(byte, b'~' | b'/')) {
        pointer.push_str(text);
        return;
    }
    for character in text.chars() {
        match character {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}

/// Escapes what is written to it.
struct Escaped<'p>(&'p mut String);

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        push_escaped(self.0, text);
        Ok(())
    }
}

/// The key that a token of a JSON Pointer names.
pub fn unescape_token(token: &str) -> String {
    unescaped(token).into_owned()
}

fn unescaped(token: &str) -> Cow<'_, str> {
    match token.contains('~') {
        true => token.replace("~1", "/").replace("~0", "~").into(),
        false => token.into(),
    }
}

/// The value at a JSON Pointer below a value: the same as [`Value::pointer`], which copies every token.
pub fn value_at<'v>(value: &'v Value, pointer: &str) -> Option<&'v Value> {
    if pointer.is_empty() {
        return Some(value);
    }
    pointer.strip_prefix('/')?.split('/').try_fold(value, |value, token| match value {
        Value::Object(members) => members.get(&*unescaped(token)),
        Value::Array(items) => items.get(index(token)?),
        _ => None,
    })
}

/// An index as RFC 6901 writes it: digits, without a leading zero.
fn index(token: &str) -> Option<usize> {
    match token.starts_with('+') || (token.starts_with('0') && token.len() > 1) {
        true => None,
        false => token.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_those_of_the_reference() {
        let value = json!({"a": [1, {"b": null}], "": {"": 2}, "/": {"~1": 3, "~": [true]}, "é": "text", "01": 4});
        for pointer in [
            "", "/", "//", "a", "/a", "/a/", "/a/0", "/a/1/b", "/a/1/b/c", "/a/2", "/a/-", "/a/+1", "/a/01", "/01", "/~1", "/~1/~01",
            "/~1/~0/0", "/~0", "/é", "/é/0",
        ] {
            assert_eq!(value_at(&value, pointer), value.pointer(pointer), "{pointer}");
        }
    }

    #[test]
    fn keys_are_escaped_like_other_tokens() {
        for key in ["", "a", "/", "~", "a/b~c//", "é/ü", "~1"] {
            let (mut one, mut other) = (String::new(), String::new());
            push_key(&mut one, key);
            push_token(&mut other, key);
            assert_eq!(one, other);
            assert_eq!(unescape_token(&one[1..]), key);
        }
    }
}
