//! Positions in a text: bytes, lines and columns.

use serde::Serialize;

/// A position in a text: `byte` from 0, `line` and `column` from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize)]
pub struct Position {
    /// The number of bytes before the position.
    pub byte: usize,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, counted in characters.
    pub column: usize,
}

impl Position {
    /// The position of a byte offset in a text. An offset past the end counts as the end.
    pub fn of(text: &[u8], byte: usize) -> Self {
        let before = &text[..byte.min(text.len())];
        let line_start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        // The bytes may be no UTF-8: all but continuation bytes are counted.
        let column = bytecount::num_chars(&before[line_start..]) + 1;
        Self { byte: before.len(), line, column }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let text = "a\nbé, c".as_bytes();
        let at = text.iter().position(|&b| b == b',').expect("a comma");
        assert_eq!(Position::of(text, at), Position { byte: at, line: 2, column: 3 });
    }
}
