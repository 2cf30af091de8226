//! Tokens of JSON Pointers (RFC 6901).

use std::fmt;

/// Appends one token to a JSON Pointer, escaped as RFC 6901 requires.
pub fn push_token(pointer: &mut String, token: impl fmt::Display) {
    pointer.push('/');
    for character in token.to_string().chars() {
        match character {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}

/// The key that a token of a JSON Pointer names.
pub fn unescape_token(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}
