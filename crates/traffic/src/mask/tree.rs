//! A JSON text as a tree that knows where each part stands, so that a part can be replaced and every other byte stays.

use std::borrow::Cow;
use std::ops::Range;

/// Levels below which a text is not followed; the reader of recordings allows fewer.
const DEPTH: usize = 256;

/// A part of a text.
pub(super) struct Node<'t> {
    /// Its bytes, quotes included.
    pub(super) range: Range<usize>,
    pub(super) kind: Kind<'t>,
}

/// What a part is.
pub(super) enum Kind<'t> {
    Object(Vec<(Node<'t>, Node<'t>)>),
    Array(Vec<Node<'t>>),
    /// The characters that the string stands for.
    String(Cow<'t, str>),
    Number,
    Literal,
}

impl<'t> Node<'t> {
    /// Reads a text; `None` where it is no JSON.
    pub(super) fn parse(text: &'t str) -> Option<Self> {
        serde_json::from_str::<serde::de::IgnoredAny>(text).ok()?;
        let mut parser = Parser { text, at: 0 };
        let node = parser.node(0)?;
        Some(node)
    }

    /// The member of an object; the last, where a key is repeated.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let Kind::Object(entries) = &self.kind else { return None };
        entries.iter().rev().find(|(name, _)| name.as_str() == Some(key)).map(|(_, value)| value)
    }

    /// The characters of a string.
    pub(super) fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(text) => Some(text),
            _ => None,
        }
    }

    /// The items of an array; none for anything else.
    pub(super) fn items(&self) -> &[Self] {
        match &self.kind {
            Kind::Array(items) => items,
            _ => &[],
        }
    }
}

/// Reads a text that is known to be JSON.
struct Parser<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Parser<'t> {
    fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while bytes.get(self.at).is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    fn node(&mut self, depth: usize) -> Option<Node<'t>> {
        if depth > DEPTH {
            return None;
        }
        let first = self.peek()?;
        let start = self.at;
        let kind = match first {
            b'{' => {
                let mut entries = Vec::new();
                self.at += 1;
                while self.peek()? != b'}' {
                    if self.peek()? == b',' {
                        self.at += 1;
                    }
                    let key = self.node(depth + 1)?;
                    if self.peek()? != b':' {
                        return None;
                    }
                    self.at += 1;
                    entries.push((key, self.node(depth + 1)?));
                }
                self.at += 1;
                Kind::Object(entries)
            }
            b'[' => {
                let mut items = Vec::new();
                self.at += 1;
                while self.peek()? != b']' {
                    if self.peek()? == b',' {
                        self.at += 1;
                    }
                    items.push(self.node(depth + 1)?);
                }
                self.at += 1;
                Kind::Array(items)
            }
            b'"' => self.string()?,
            b't' | b'f' | b'n' => {
                self.run(|byte| byte.is_ascii_alphabetic());
                Kind::Literal
            }
            _ => {
                self.run(|byte| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'));
                Kind::Number
            }
        };
        (self.at > start).then_some(Node { range: start..self.at, kind })
    }

    fn run(&mut self, belongs: impl Fn(u8) -> bool) {
        while self.text.as_bytes().get(self.at).is_some_and(|byte| belongs(*byte)) {
            self.at += 1;
        }
    }

    fn string(&mut self) -> Option<Kind<'t>> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.text.as_bytes().get(self.at)? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        let inner = &self.text[start + 1..self.at - 1];
        if !inner.contains('\\') {
            return Some(Kind::String(Cow::Borrowed(inner)));
        }
        // Half a pair of surrogates stands for no character: such a string is looked at as it is written.
        let decoded = serde_json::from_str::<String>(&self.text[start..self.at]).unwrap_or_else(|_| inner.to_owned());
        Some(Kind::String(Cow::Owned(decoded)))
    }
}

/// Replacements of parts, in any order; none overlaps another.
#[derive(Default)]
pub(super) struct Edits(Vec<(Range<usize>, String)>);

impl Edits {
    pub(super) fn push(&mut self, range: Range<usize>, text: String) {
        self.0.push((range, text));
    }

    /// Replaces a string by the JSON of another.
    pub(super) fn set(&mut self, range: Range<usize>, text: &str) {
        self.push(range, json_string(text));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn apply(mut self, text: &str) -> String {
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
pub(super) fn json_string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_knows_its_bytes() {
        let text = " {\"a\" : [1.50e2, \"x\\u0041\\\"\", null], \"\": {\"b\":true}} ";
        let root = Node::parse(text).expect("JSON");
        let list = root.get("a").expect("a list");
        let parts: Vec<&str> = list.items().iter().map(|item| &text[item.range.clone()]).collect();
        assert_eq!(parts, ["1.50e2", "\"x\\u0041\\\"\"", "null"]);
        assert_eq!(list.items()[1].as_str(), Some("xA\""));
        let mut edits = Edits::default();
        edits.set(list.items()[1].range.clone(), "\n");
        assert_eq!(edits.apply(text), " {\"a\" : [1.50e2, \"\\n\", null], \"\": {\"b\":true}} ");
    }

    #[test]
    fn half_a_surrogate_is_no_reason_to_stop() {
        let root = Node::parse("[\"\\ud800 x\"]");
        assert!(root.is_none() || root.is_some_and(|root| root.items()[0].as_str() == Some("\\ud800 x")));
        assert!(Node::parse("[1,").is_none());
    }
}
