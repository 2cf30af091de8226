//! The start of each value of a YAML document: a tree next to the value tree, walked by pointer on demand.

use charter_json::{Position, unescape_token};
use saphyr_parser::Marker;

/// The positions of a document's values.
#[derive(Clone, Debug)]
pub(super) struct Positions {
    lines: Lines,
    root: Node,
}

/// The start of a value, and the nodes of its members.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// From 1.
    line: usize,
    /// In characters, from 0.
    column: usize,
    children: Children,
}

/// The nodes of a value's members.
#[derive(Clone, Debug)]
pub(super) enum Children {
    None,
    Items(Vec<Node>),
    Entries(Vec<(String, Node)>),
}

impl Node {
    pub(super) fn new(start: Marker, children: Children) -> Self {
        Self { line: start.line(), column: start.col(), children }
    }

    /// The same node at another start; its members keep their positions.
    pub(super) fn moved_to(self, start: Marker) -> Self {
        Self::new(start, self.children)
    }

    pub(super) fn into_children(self) -> Children {
        self.children
    }

    /// The number of values, this one included.
    pub(super) fn count(&self) -> usize {
        1 + match &self.children {
            Children::None => 0,
            Children::Items(items) => items.iter().map(Self::count).sum(),
            Children::Entries(entries) => entries.iter().map(|(_, node)| node.count()).sum::<usize>(),
        }
    }

    fn child(&self, token: &str) -> Option<&Self> {
        match &self.children {
            Children::None => None,
            Children::Items(items) => items.get(token.parse::<usize>().ok()?),
            Children::Entries(entries) => {
                let key = unescape_token(token);
                entries.iter().find(|(name, _)| *name == key).map(|(_, node)| node)
            }
        }
    }
}

impl Positions {
    pub(super) fn new(lines: Lines, root: Node) -> Self {
        Self { lines, root }
    }

    /// The start of the value at a pointer. `text` is the text of the document.
    pub(super) fn position(&self, text: &str, pointer: &str) -> Option<Position> {
        let node = pointer.split('/').skip(1).try_fold(&self.root, |node, token| node.child(token))?;
        Some(self.lines.position(text, node.line, node.column))
    }
}

/// The byte at which each line begins. The YAML parser counts lines and characters.
#[derive(Clone, Debug)]
pub(super) struct Lines(Vec<usize>);

impl Lines {
    pub(super) fn new(text: &str) -> Self {
        Self(std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect())
    }

    /// The position of a line, from 1, and a column in characters, from 0.
    pub(super) fn position(&self, text: &str, line: usize, column: usize) -> Position {
        let line = line.max(1);
        let start = self.0.get(line - 1).copied().unwrap_or(text.len());
        let within: usize = text[start..].chars().take(column).map(char::len_utf8).sum();
        Position { byte: start + within, line, column: column + 1 }
    }
}
