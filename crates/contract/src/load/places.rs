//! Where each value of a YAML document begins: a tree beside the document's, walked by pointer when someone asks.

use saphyr_parser::Marker;

use crate::Position;
use charter_json::unescape_token;

/// The places of a document's values.
#[derive(Clone, Debug)]
pub(super) struct Places {
    lines: Vec<usize>,
    root: Place,
}

/// Where a value begins, and the values in it.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// From 1.
    line: usize,
    /// In characters, from 0.
    column: usize,
    below: Below,
}

/// The values in a value.
#[derive(Clone, Debug)]
pub(super) enum Below {
    Nothing,
    Items(Vec<Place>),
    Entries(Vec<(String, Place)>),
}

impl Place {
    pub(super) fn new(start: Marker, below: Below) -> Self {
        Self { line: start.line(), column: start.col(), below }
    }

    /// The same somewhere else; what is in it stays where it is.
    pub(super) fn at(self, start: Marker) -> Self {
        Self::new(start, self.below)
    }

    /// How many values there are, this one included.
    pub(super) fn count(&self) -> usize {
        1 + match &self.below {
            Below::Nothing => 0,
            Below::Items(items) => items.iter().map(Self::count).sum(),
            Below::Entries(entries) => entries.iter().map(|(_, place)| place.count()).sum::<usize>(),
        }
    }

    fn child(&self, token: &str) -> Option<&Self> {
        match &self.below {
            Below::Nothing => None,
            Below::Items(items) => items.get(token.parse::<usize>().ok()?),
            Below::Entries(entries) => {
                let key = unescape_token(token);
                entries.iter().find(|(name, _)| *name == key).map(|(_, place)| place)
            }
        }
    }
}

impl Places {
    pub(super) fn new(text: &str, root: Place) -> Self {
        Self { lines: starts(text), root }
    }

    /// Where the value at a pointer begins, in the text that the places are of.
    pub(super) fn position(&self, text: &str, pointer: &str) -> Option<Position> {
        let place = pointer.split('/').skip(1).try_fold(&self.root, |place, token| place.child(token))?;
        Some(position(text, &self.lines, place.line, place.column))
    }
}

/// The byte that each line begins at: the parser counts characters.
pub(super) fn starts(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect()
}

/// A line, from 1, and a column in characters, from 0, as a position in a text.
pub(super) fn position(text: &str, lines: &[usize], line: usize, column: usize) -> Position {
    let line = line.max(1);
    let start = lines.get(line - 1).copied().unwrap_or(text.len());
    let within: usize = text[start..].chars().take(column).map(char::len_utf8).sum();
    Position { byte: start + within, line, column: column + 1 }
}
