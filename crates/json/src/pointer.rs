//! Tokens of JSON Pointers (RFC 6901).

use std::fmt::{self, Write as _};

/// Appends one token to a JSON Pointer, escaped as RFC 6901 requires.
pub fn push_token(pointer: &mut String, token: impl fmt::Display) {
    pointer.push('/');
    // Writing to a string does not fail.
    let _ = write!(Escaped(pointer), "{token}");
}

/// Escapes what is written to it.
struct Escaped<'p>(&'p mut String);

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for part in text.split_inclusive(['~', '/']) {
            match part.as_bytes() {
                [.., b'~'] => self.0.extend([&part[..part.len() - 1], "~0"]),
                [.., b'/'] => self.0.extend([&part[..part.len() - 1], "~1"]),
                _ => self.0.push_str(part),
            }
        }
        Ok(())
    }
}

/// The key that a token of a JSON Pointer names.
pub fn unescape_token(token: &str) -> String {
    if !token.contains('~') {
        return token.to_owned();
    }
    token.replace("~1", "/").replace("~0", "~")
}
