//! JSON and YAML documents as one tree, with the bytes of each value. Formats whose documents hold several exchanges are read from it.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashMap;
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use charter_json::edit::{self, NodeKind};
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Tag};
use serde_json::Value;

/// The maximum number of values that the aliases of a YAML document stand for.
const ALIAS_LIMIT: usize = 100_000;
/// The maximum depth of a YAML document.
const DEPTH_LIMIT: usize = 256;

/// A value and its bytes in the text.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) range: Range<usize>,
    pub(super) kind: Kind,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Null,
    Bool(bool),
    /// As written.
    Number(String),
    String(String),
    /// `!!binary` of YAML.
    Binary(Vec<u8>),
    Array(Vec<Node>),
    /// In the order of the text.
    Object(Vec<(String, Node)>),
}

/// The syntax of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Syntax {
    Json,
    Yaml,
}

impl Node {
    /// Reads a JSON text. `None` if it is not JSON, or too deep.
    pub(super) fn json(text: &str) -> Option<Self> {
        edit::Node::parse(text).map(|node| from_json(node, text))
    }

    /// The member of an object; the last one, if the key is repeated.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.members().iter().rev().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The member of an object, unless it is null.
    pub(super) fn present(&self, key: &str) -> Option<&Self> {
        self.get(key).filter(|node| !matches!(node.kind, Kind::Null))
    }

    /// The value of the first member that is there and not null.
    pub(super) fn any(&self, keys: &[&str]) -> Option<&Self> {
        keys.iter().find_map(|key| self.present(key))
    }

    pub(super) fn members(&self) -> &[(String, Self)] {
        match &self.kind {
            Kind::Object(members) => members,
            _ => &[],
        }
    }

    pub(super) fn items(&self) -> &[Self] {
        match &self.kind {
            Kind::Array(items) => items,
            _ => &[],
        }
    }

    pub(super) fn is_array(&self) -> bool {
        matches!(self.kind, Kind::Array(_))
    }

    pub(super) fn is_object(&self) -> bool {
        matches!(self.kind, Kind::Object(_))
    }

    /// The characters of a string.
    pub(super) fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(text) => Some(text),
            _ => None,
        }
    }

    /// The text of a string, a number or a boolean.
    pub(super) fn text(&self) -> Option<Cow<'_, str>> {
        match &self.kind {
            Kind::String(text) | Kind::Number(text) => Some(Cow::Borrowed(text)),
            Kind::Bool(value) => Some(Cow::Borrowed(if *value { "true" } else { "false" })),
            _ => None,
        }
    }

    /// The string of a member.
    pub(super) fn str(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_str()
    }

    /// The text of a member.
    pub(super) fn text_of(&self, key: &str) -> Option<String> {
        self.get(key)?.text().map(Cow::into_owned)
    }

    /// The integer of a number, or of a string.
    pub(super) fn integer(&self) -> Option<i64> {
        let text = self.text()?;
        text.parse().ok().or_else(|| text.parse::<f64>().ok().filter(|number| number.fract() == 0.0).map(|number| number as i64))
    }

    pub(super) fn number(&self) -> Option<f64> {
        self.text()?.parse().ok()
    }

    /// The JSON value. Bytes become a string of base64.
    pub(super) fn to_value(&self) -> Value {
        match &self.kind {
            Kind::Null => Value::Null,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Number(text) => serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.clone())),
            Kind::String(text) => Value::String(text.clone()),
            Kind::Binary(bytes) => Value::String(STANDARD.encode(bytes)),
            Kind::Array(items) => Value::Array(items.iter().map(Self::to_value).collect()),
            Kind::Object(members) => Value::Object(members.iter().map(|(key, value)| (key.clone(), value.to_value())).collect()),
        }
    }
}

fn from_json(node: edit::Node<'_>, text: &str) -> Node {
    let range = node.range;
    let kind = match node.kind {
        NodeKind::Object(members) => {
            let member =
                |(key, value): (edit::Node<'_>, edit::Node<'_>)| (key.as_str().unwrap_or_default().to_owned(), from_json(value, text));
            Kind::Object(members.into_iter().map(member).collect())
        }
        NodeKind::Array(items) => Kind::Array(items.into_iter().map(|item| from_json(item, text)).collect()),
        NodeKind::String(text) => Kind::String(text.into_owned()),
        NodeKind::Number => Kind::Number(text[range.clone()].to_owned()),
        NodeKind::Literal => match &text[range.clone()] {
            "true" => Kind::Bool(true),
            "false" => Kind::Bool(false),
            _ => Kind::Null,
        },
    };
    Node { range, kind }
}

/// An error in a YAML text: what is wrong, and the byte.
#[derive(Debug)]
pub(super) struct YamlError {
    pub(super) message: String,
    pub(super) byte: usize,
}

/// The bytes of the parser's positions, which count lines and characters.
struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
    /// The line, the column and the byte of the last marker. Markers ascend, and a line may be long.
    last: Cell<(usize, usize, usize)>,
}

impl<'t> Lines<'t> {
    fn new(text: &'t str) -> Self {
        let starts = std::iter::once(0).chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1)).collect();
        Self { text, starts, last: Cell::default() }
    }

    fn byte(&self, marker: Marker) -> usize {
        let line = marker.line().max(1) - 1;
        let (mut column, mut at) = match self.last.get() {
            (last, column, at) if last == line => (column, at),
            _ => (0, self.starts.get(line).copied().unwrap_or(self.text.len())),
        };
        let width = |character: Option<char>| character.map(char::len_utf8);
        while column < marker.col()
            && let Some(width) = width(self.text[at..].chars().next())
        {
            (column, at) = (column + 1, at + width);
        }
        while column > marker.col()
            && let Some(width) = width(self.text[..at].chars().next_back())
        {
            (column, at) = (column - 1, at - width);
        }
        self.last.set((line, column, at));
        at
    }
}

/// An open collection of YAML.
struct Open {
    kind: Kind,
    start: usize,
    anchor: usize,
    /// The key whose value is next.
    key: Option<String>,
}

impl Node {
    /// Reads a YAML text of one document. Tags other than those of the core schema are ignored.
    pub(super) fn yaml(text: &str) -> Result<Self, YamlError> {
        let lines = Lines::new(text);
        let mut open: Vec<Open> = Vec::new();
        let (mut anchors, mut expanded) = (HashMap::<usize, Self>::new(), 0);
        let mut document: Option<Self> = None;
        for event in Parser::new_from_str(text) {
            let (event, span) = event.map_err(|error| YamlError { message: error.info().to_owned(), byte: lines.byte(*error.marker()) })?;
            let at = lines.byte(span.start);
            let error = |message: &str| YamlError { message: message.to_owned(), byte: at };
            let (node, anchor) = match event {
                Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _) if open.len() >= DEPTH_LIMIT => {
                    let _ = anchor;
                    return Err(error("collections are nested too deeply"));
                }
                Event::SequenceStart(anchor, _) => {
                    open.push(Open { kind: Kind::Array(Vec::new()), start: at, anchor, key: None });
                    continue;
                }
                Event::MappingStart(anchor, _) => {
                    open.push(Open { kind: Kind::Object(Vec::new()), start: at, anchor, key: None });
                    continue;
                }
                Event::SequenceEnd | Event::MappingEnd => {
                    let Some(Open { kind, start, anchor, .. }) = open.pop() else { continue };
                    (Self { range: start..at.max(start), kind }, anchor)
                }
                Event::Alias(number) => {
                    let node = anchors.get(&number).ok_or_else(|| error("an alias inside the value of its own anchor"))?;
                    expanded += node.count();
                    if expanded > ALIAS_LIMIT {
                        return Err(error("aliases stand for too many values"));
                    }
                    (Self { range: at..at, kind: node.kind.clone() }, 0)
                }
                Event::Scalar(value, style, anchor, tag) => {
                    (Self { range: at..lines.byte(span.end), kind: scalar(value, style, tag.as_deref()) }, anchor)
                }
                _ => continue,
            };
            if anchor > 0 {
                anchors.insert(anchor, node.clone());
            }
            match open.last_mut() {
                Some(Open { kind: Kind::Array(items), .. }) => items.push(node),
                Some(Open { kind: Kind::Object(members), key, .. }) => match key.take() {
                    Some(name) => members.push((name, node)),
                    None => *key = Some(node.text().map(Cow::into_owned).unwrap_or_default()),
                },
                _ if document.is_some() => return Err(error("more than one document")),
                _ => document = Some(node),
            }
        }
        document.ok_or_else(|| YamlError { message: "the document is empty".to_owned(), byte: 0 })
    }

    /// The names of the members of a YAML text, with their bytes. Names that are aliases or collections are omitted.
    pub(super) fn yaml_names(text: &str) -> Vec<(Range<usize>, String)> {
        let lines = Lines::new(text);
        let mut names = Vec::new();
        // For each open collection, whether the next node is a name; `None` in a sequence.
        let mut open: Vec<Option<bool>> = Vec::new();
        for event in Parser::new_from_str(text) {
            let Ok((event, span)) = event else { return Vec::new() };
            match event {
                Event::SequenceStart(..) => {
                    open.push(None);
                    continue;
                }
                Event::MappingStart(..) => {
                    open.push(Some(true));
                    continue;
                }
                Event::SequenceEnd | Event::MappingEnd => drop(open.pop()),
                Event::Scalar(value, style, ..) if open.last() == Some(&Some(true)) => {
                    // A block scalar has no simple replacement.
                    if !matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
                        names.push((lines.byte(span.start)..lines.byte(span.end), value.into_owned()));
                    }
                }
                Event::Scalar(..) | Event::Alias(_) => {}
                _ => continue,
            }
            if let Some(Some(is_name)) = open.last_mut() {
                *is_name = !*is_name;
            }
        }
        names
    }

    fn count(&self) -> usize {
        let members = self.members().iter().map(|(_, value)| value.count()).sum::<usize>();
        1 + members + self.items().iter().map(Self::count).sum::<usize>()
    }
}

fn scalar(text: Cow<'_, str>, style: ScalarStyle, tag: Option<&Tag>) -> Kind {
    match tag.map(|tag| tag.suffix.as_str()) {
        // Ruby writes `!binary`, Python `!!binary`.
        Some("binary") => {
            let encoded: String = text.split_ascii_whitespace().collect();
            return STANDARD.decode(encoded).map_or_else(|_| Kind::String(text.into_owned()), Kind::Binary);
        }
        Some("int" | "float" | "bool" | "null") | None if style == ScalarStyle::Plain => {}
        _ => return Kind::String(text.into_owned()),
    }
    match &*text {
        "" | "~" | "null" | "Null" | "NULL" => Kind::Null,
        "true" | "True" | "TRUE" => Kind::Bool(true),
        "false" | "False" | "FALSE" => Kind::Bool(false),
        number if serde_json::from_str::<serde_json::Number>(number).is_ok() => Kind::Number(text.into_owned()),
        _ => Kind::String(text.into_owned()),
    }
}

/// The offsets in a body and in the text of a scalar at which they are in step. The offsets between two of them are in step as well.
pub(super) type Steps = Vec<(usize, usize)>;

/// How the text of a YAML scalar maps to its value; `None` for styles without a simple mapping.
pub(super) fn steps(text: &str, range: &Range<usize>, value: &str) -> Option<Steps> {
    let raw = &text[range.clone()];
    // The range of a block scalar begins at its first character, after its header and the indentation.
    let before = text[..range.start].trim_end_matches(' ');
    let line = before.len();
    let is_block = || {
        let header = || before.trim_end().rsplit([' ', ':']).next().unwrap_or_default();
        before.ends_with('\n') && header().starts_with(['|', '>'])
    };
    match raw.as_bytes().first()? {
        _ if is_block() => literal(raw, value, range.start - line),
        quote @ (b'\'' | b'"') => quoted(raw, value, *quote),
        _ => quoted(raw, value, 0),
    }
}

/// A flow scalar: escapes and folded lines. `quote` is 0 for a plain scalar.
fn quoted(raw: &str, value: &str, quote: u8) -> Option<Steps> {
    let (raw, value) = (raw.as_bytes(), value.as_bytes());
    let (mut at, mut out) = (usize::from(quote != 0), 0);
    let mut steps = vec![(0, at)];
    // The end of the blanks that were searched for line breaks.
    let mut searched = 0;
    while out < value.len() {
        let byte = *raw.get(at)?;
        let rest = if at < searched { &[] } else { &raw[at..] };
        let blank = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let breaks = rest[..blank].iter().filter(|byte| **byte == b'\n').count();
        searched = searched.max(at + blank);
        if breaks > 0 {
            // A fold: one line break is a blank, several are one less.
            (at, out) = (at + blank, out + if breaks == 1 { 1 } else { breaks - 1 });
            steps.push((out, at));
            continue;
        }
        match (quote, byte, raw.get(at + 1)) {
            (b'\'', b'\'', Some(b'\'')) => (at, out) = (at + 2, out + 1),
            (b'"', b'\\', Some(b'\n')) => {
                let blank = raw[at + 2..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
                at += 2 + blank;
            }
            (b'"', b'\\', Some(escape)) => {
                let digits = match escape {
                    b'x' => 2,
                    b'u' => 4,
                    b'U' => 8,
                    _ => 0,
                };
                // The bytes of one character.
                let width = 1 + value[out + 1..].iter().take(3).take_while(|byte| matches!(byte, 0x80..=0xBF)).count();
                (at, out) = (at + 2 + digits, out + width);
            }
            _ if byte == value[out] => {
                (at, out) = (at + 1, out + 1);
                continue;
            }
            _ => return None,
        }
        steps.push((out, at));
    }
    Some(steps)
}

/// A literal block scalar: every line without its indentation. A folded one has no such mapping.
fn literal(raw: &str, value: &str, indent: usize) -> Option<Steps> {
    let (mut steps, mut at, mut out) = (Vec::new(), 0, 0);
    for line in value.split_inclusive('\n') {
        let text = line.trim_end_matches('\n');
        let own = if at == 0 { 0 } else { raw[at..].bytes().take(indent).take_while(|byte| *byte == b' ').count() };
        let rest = raw.get(at + own..)?;
        if !rest.starts_with(text) {
            return None;
        }
        steps.push((out, at + own));
        out += line.len();
        at += own + rest.find('\n').map_or(rest.len(), |end| end + 1);
    }
    (!steps.is_empty()).then_some(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_yaml_members_have_their_bytes() {
        let text = "a: {b: [c, {'d e': f}], g: h}\ni:\n- \"j\": k\n  ? l\n  : [m]\n";
        let names: Vec<(&str, String)> = Node::yaml_names(text).into_iter().map(|(range, name)| (&text[range], name)).collect();
        let expected = [("a", "a"), ("b", "b"), ("'d e'", "d e"), ("g", "g"), ("i", "i"), ("\"j\"", "j"), ("l", "l")];
        assert_eq!(names, expected.map(|(raw, name)| (raw, name.to_owned())));
    }

    #[test]
    fn the_text_of_a_yaml_scalar_maps_to_its_value() {
        let texts = [
            "a: plain text x",
            "a: 'it''s a x'",
            "a: \"caf\\xE9 \\u201C\\\"q\\\" x\"",
            "a: \"one\n  two \\\n  three x\"",
            "a: 'one\n\n  two x'",
            "a: |\n  {\n    x\n  }\n",
            "a: |-\n    one\n\n    x",
        ];
        for text in texts {
            let root = Node::yaml(text).expect("YAML");
            let node = root.get("a").expect("a member");
            let value = node.as_str().expect("a string");
            let steps = steps(text, &node.range, value).unwrap_or_else(|| panic!("{text:?} {:?}", node.range));
            let wanted = value.find('x').expect("an x");
            let (out, at) = steps.iter().rev().find(|(out, _)| *out <= wanted).expect("a step");
            assert_eq!(&text[node.range.start + at + wanted - out..][..1], "x", "{text:?} {steps:?}");
        }
    }

    #[test]
    fn binary_scalars_of_ruby_and_python_are_decoded() {
        for text in ["a: !binary |-\n  e30K", "a: !!binary |\n  e3\n  0K\n"] {
            let root = Node::yaml(text).expect("YAML");
            assert!(matches!(&root.get("a").expect("a").kind, Kind::Binary(bytes) if bytes == b"{}\n"), "{root:?}");
        }
    }

    #[test]
    fn hostile_yaml_is_refused() {
        let deep = "[".repeat(1_000);
        let bomb = format!("a: &a [{}]\nb: &b [{}]\nc: [{}]\n", "1,".repeat(500), "*a,".repeat(500), "*b,".repeat(500));
        for text in [&*deep, &bomb, "a: *a", "a: [", "", "a: 1\n---\nb: 2\n"] {
            assert!(Node::yaml(text).is_err(), "{}", &text[..text.len().min(40)]);
        }
    }
}
