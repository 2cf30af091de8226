//! Positions of parts of a source.

use charter_json::Position;

/// The position in the source of `within`, a position in a part that begins at `start`.
pub(crate) fn offset(start: Position, within: Position) -> Position {
    let column = if within.line == 1 { start.column + within.column - 1 } else { within.column };
    Position { byte: start.byte + within.byte, line: start.line + within.line - 1, column }
}
