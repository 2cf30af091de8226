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
        let line_start = before.iter().rposition(|&b| b == b'\n').map_or(0, |at| at + 1);
        let line = before.iter().filter(|&&b| b == b'\n').count() + 1;
        // Continuation bytes of UTF-8 do not begin a character.
        let column = before[line_start..].iter().filter(|&&b| b & 0xC0 != 0x80).count() + 1;
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
