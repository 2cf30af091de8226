//! Positions of values of a JSON document. Each object and array on the way to a value is read once, not once for each value.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, OnceLock, PoisonError};

use charter_json::{Position, locate, members, unescape_token};

/// The parts of a document that were searched for positions.
#[derive(Debug, Default)]
pub(super) struct JsonPositions {
    /// The byte at which each line begins.
    lines: OnceLock<Vec<usize>>,
    /// The members of objects and arrays, by the byte at which these begin.
    members: Mutex<HashMap<usize, HashMap<String, usize>>>,
}

impl JsonPositions {
    /// The start of the value at a pointer. `text` is the text of the document.
    pub(super) fn position(&self, text: &str, pointer: &str) -> Option<Position> {
        if pointer.is_empty() {
            return Some(self.of(text, locate(text.as_bytes(), "")?.start));
        }
        let mut at = text.len() - text.trim_start().len();
        let mut known = self.members.lock().unwrap_or_else(PoisonError::into_inner);
        for token in pointer.split('/').skip(1) {
            let members = match known.entry(at) {
                Entry::Occupied(entry) => entry.into_mut(),
                Entry::Vacant(entry) => entry.insert(members(text, at)?),
            };
            at = *members.get(&unescape_token(token))?;
        }
        drop(known);
        Some(self.of(text, at))
    }

    fn of(&self, text: &str, byte: usize) -> Position {
        let lines = self.lines.get_or_init(|| std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect());
        let line = lines.partition_point(|start| *start <= byte);
        let column = text[lines[line - 1]..byte].chars().count() + 1;
        Position { byte, line, column }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_those_of_the_text() {
        let text = "\n{\"a\": \"é\", \"/b\": [1,\n {\"é\": [], \"c\": {\"d\\u0065\": 2}}]}\n";
        let positions = JsonPositions::default();
        for _ in 0..2 {
            for pointer in ["", "/a", "/~1b", "/~1b/0", "/~1b/1", "/~1b/1/é", "/~1b/1/c/de", "/~1b/2", "/~1b/1/é/0", "/a/b", "/c"] {
                let expected = locate(text.as_bytes(), pointer).map(|range| Position::of(text.as_bytes(), range.start));
                assert_eq!(positions.position(text, pointer), expected, "{pointer}");
            }
        }
    }
}
