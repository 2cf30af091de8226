//! Edits in place: a JSON text as a tree of nodes with byte ranges, and replacements that change no other byte.

use std::borrow::Cow;
use std::ops::Range;

use crate::{Cursor, FastPath};

/// The largest number of nested arrays and objects in a text that is edited.
const DEPTH_LIMIT: usize = 256;

/// A value or a key of a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Node<'t> {
    /// Its bytes, quotes included.
    pub range: Range<usize>,
    /// Its kind and content.
    pub kind: NodeKind<'t>,
}

/// The kind of a [`Node`].
#[derive(Clone, Debug, PartialEq)]
pub enum NodeKind<'t> {
    /// The keys and values of an object, in the order of the text; a duplicate key is there twice.
    Object(Vec<(Node<'t>, Node<'t>)>),
    /// The items of an array.
    Array(Vec<Node<'t>>),
    /// A string with its escapes resolved. If it has a lone surrogate, which has no character, the string with its escapes.
    String(Cow<'t, str>),
    /// A number.
    Number,
    /// `true`, `false` or `null`.
    Literal,
}

impl<'t> Node<'t> {
    /// Reads a text. `None` if it breaks the grammar of JSON or has more than 256 levels.
    pub fn parse(text: &'t str) -> Option<Self> {
        let mut cursor = Cursor::with_depth_limit(text, DEPTH_LIMIT);
        let node = Self::read(&mut cursor).ok()?;
        cursor.finish().ok().map(|()| node)
    }

    fn read(cursor: &mut Cursor<'t>) -> FastPath<Self> {
        let first = cursor.peek();
        match first {
            b'{' => Self::object(cursor),
            b'[' => {
                let start = cursor.next_at();
                let mut items = Vec::new();
                cursor.array(|cursor, _| Self::read(cursor).map(|item| items.push(item)))?;
                Ok(Self { range: start..cursor.at(), kind: NodeKind::Array(items) })
            }
            b'"' => Self::string(cursor),
            _ => {
                let kind = if first.is_ascii_alphabetic() { NodeKind::Literal } else { NodeKind::Number };
                cursor.span().map(|range| Self { range, kind })
            }
        }
    }

    fn object(cursor: &mut Cursor<'t>) -> FastPath<Self> {
        let start = cursor.next_at();
        let mut members = Vec::new();
        cursor.enter(b'{')?;
        if !cursor.skip_end(b'}') {
            loop {
                let key = Self::string(cursor)?;
                cursor.colon()?;
                members.push((key, Self::read(cursor)?));
                if !cursor.has_next(b'}')? {
                    break;
                }
            }
        }
        Ok(Self { range: start..cursor.at(), kind: NodeKind::Object(members) })
    }

    fn string(cursor: &mut Cursor<'t>) -> FastPath<Self> {
        let (range, text) = cursor.any_string()?;
        let value = text.value().or_else(|_| text.raw().map(Cow::Borrowed))?;
        Ok(Self { range, kind: NodeKind::String(value) })
    }

    /// The member of an object; the last one, if the key is repeated.
    pub fn get(&self, key: &str) -> Option<&Self> {
        let NodeKind::Object(members) = &self.kind else { return None };
        members.iter().rev().find(|(name, _)| name.as_str() == Some(key)).map(|(_, value)| value)
    }

    /// The characters of a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            NodeKind::String(text) => Some(text),
            _ => None,
        }
    }

    /// The items of an array; empty for other values.
    pub fn items(&self) -> &[Self] {
        match &self.kind {
            NodeKind::Array(items) => items,
            _ => &[],
        }
    }
}

/// Replacements of parts of a text, in any order. They must not overlap.
#[derive(Clone, Debug, Default)]
pub struct Edits(Vec<(Range<usize>, String)>);

impl Edits {
    /// Replaces bytes by a text.
    pub fn push(&mut self, range: Range<usize>, text: String) {
        self.0.push((range, text));
    }

    /// Replaces bytes by the JSON string of a text.
    pub fn set(&mut self, range: Range<usize>, text: &str) {
        self.push(range, json_string(text));
    }

    /// Whether there is no replacement.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text with its replacements. One that overlaps an earlier one is ignored.
    pub fn apply(mut self, text: &str) -> String {
        self.0.sort_by_key(|(range, _)| (range.start, range.end));
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for (range, replacement) in self.0 {
            if range.start >= at {
                out.push_str(&text[at..range.start]);
                out.push_str(&replacement);
                at = range.end;
            }
        }
        out.push_str(&text[at..]);
        out
    }
}

/// A text as a JSON string.
pub fn json_string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_have_byte_ranges_and_can_be_replaced() {
        let text = " {\"a\" : [1.50e2, \"x\\u0041\\\"\", null], \"\": {\"b\":true}, \"a\" : [ -0 ] } ";
        let root = Node::parse(text).expect("JSON");
        let NodeKind::Object(members) = &root.kind else { panic!("an object") };
        let list = &members[0].1;
        let parts: Vec<&str> = list.items().iter().map(|item| &text[item.range.clone()]).collect();
        assert_eq!(parts, ["1.50e2", "\"x\\u0041\\\"\"", "null"]);
        assert_eq!(list.items()[1].as_str(), Some("xA\""));
        assert_eq!(root.get("a").map(|last| &text[last.range.clone()]), Some("[ -0 ]"));
        let mut edits = Edits::default();
        edits.set(members[1].0.range.clone(), "c");
        edits.set(list.items()[1].range.clone(), "\n");
        assert_eq!(edits.apply(text), " {\"a\" : [1.50e2, \"\\n\", null], \"c\": {\"b\":true}, \"a\" : [ -0 ] } ");
    }

    #[test]
    fn rare_forms_are_read_and_broken_texts_are_refused() {
        let root = Node::parse("[\"\\ud800 x\", \"\\ud83d\\ude00\", 1e400, 123456789012345678901234567890]").expect("JSON");
        let strings: Vec<_> = root.items().iter().map(Node::as_str).collect();
        assert_eq!(strings, [Some("\\ud800 x"), Some("😀"), None, None]);
        let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(Node::parse(&nested(DEPTH_LIMIT)).is_some());
        for text in ["[1,", "[1]]", "", "{\"a\" 1}", "[01]", "[tru]", "\"\\x\"", "{\"a\":1,}", &nested(DEPTH_LIMIT + 1), &nested(100_000)] {
            assert!(Node::parse(text).is_none(), "{text}");
        }
    }
}
