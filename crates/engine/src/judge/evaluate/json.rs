//! JSON that rules read in place: a tree, or the bytes of a text.
//!
//! The bytes must be valid JSON, such as a value that the strict scanner has accepted. On other bytes the functions return some value or none; they do
//! not panic.

use std::borrow::Cow;

use serde_json::{Map, Number, Value};

/// A JSON value, not converted.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Json<'d> {
    /// A parsed value.
    Tree(&'d Value),
    /// The text of a value, without white space around it.
    Raw(&'d str),
}

/// What a JSON value is. Arrays and objects are read later.
#[derive(Debug)]
pub(crate) enum Shape<'d> {
    Null,
    Bool(bool),
    Number(Number),
    Text(Cow<'d, str>),
    Array,
    Object,
}

impl<'d> Json<'d> {
    /// The value at the beginning of a text.
    #[cfg(test)]
    pub(crate) fn raw(text: &'d str) -> Self {
        Self::Raw(text.trim_matches([' ', '\t', '\n', '\r']))
    }

    pub(in crate::judge) fn shape(self) -> Shape<'d> {
        match self {
            Self::Tree(Value::Null) => Shape::Null,
            Self::Tree(Value::Bool(value)) => Shape::Bool(*value),
            Self::Tree(Value::Number(number)) => Shape::Number(number.clone()),
            Self::Tree(Value::String(text)) => Shape::Text(Cow::Borrowed(text)),
            Self::Tree(Value::Array(_)) => Shape::Array,
            Self::Tree(Value::Object(_)) => Shape::Object,
            Self::Raw(text) => match text.as_bytes().first() {
                Some(b't') => Shape::Bool(true),
                Some(b'f') => Shape::Bool(false),
                Some(b'"') => Shape::Text(unquoted(text)),
                Some(b'[') => Shape::Array,
                Some(b'{') => Shape::Object,
                Some(b'n') | None => Shape::Null,
                Some(_) => number(text).map_or(Shape::Null, Shape::Number),
            },
        }
    }

    /// The items of an array; none of another value.
    pub(in crate::judge) fn items(self) -> Items<'d> {
        match self {
            Self::Tree(Value::Array(items)) => Items::Tree(items.iter()),
            Self::Tree(_) => Items::Tree([].iter()),
            Self::Raw(text) => Items::Raw(Scan::new(text, b'[')),
        }
    }

    /// The members of an object in the order of the text; none of another value.
    pub(in crate::judge) fn members(self) -> Members<'d> {
        match self {
            Self::Tree(Value::Object(members)) => Members::Tree(members.iter()),
            Self::Tree(_) => Members::None,
            Self::Raw(text) => Members::Raw(Scan::new(text, b'{')),
        }
    }

    /// A member of an object.
    pub(in crate::judge) fn get(self, key: &str) -> Option<Self> {
        match self {
            Self::Tree(Value::Object(members)) => members.get(key).map(Self::Tree),
            Self::Tree(_) => None,
            Self::Raw(_) => self.members().find(|(name, _)| name == key).map(|(_, value)| value),
        }
    }

    /// The item at an index of an array.
    pub(super) fn item(self, index: usize) -> Option<Self> {
        match self {
            Self::Tree(Value::Array(items)) => items.get(index).map(Self::Tree),
            Self::Tree(_) => None,
            Self::Raw(_) => self.items().nth(index),
        }
    }

    /// The value at a JSON Pointer.
    pub(in crate::judge) fn pointer(self, pointer: &str) -> Option<Self> {
        match self {
            Self::Tree(value) => value.pointer(pointer).map(Self::Tree),
            Self::Raw(_) => {
                let mut tokens = pointer.split('/').skip(1).map(charter_json::unescape_token);
                tokens.try_fold(self, |value, token| match value.shape() {
                    Shape::Object => value.get(&token),
                    Shape::Array => value.item(token.parse().ok()?),
                    _ => None,
                })
            }
        }
    }

    /// The value as a tree.
    pub(in crate::judge) fn to_tree(self) -> Cow<'d, Value> {
        match self {
            Self::Tree(value) => Cow::Borrowed(value),
            Self::Raw(text) => Cow::Owned(serde_json::from_str(text).unwrap_or(Value::Null)),
        }
    }

    /// The number of items or members.
    pub(super) fn len(self) -> usize {
        match self {
            Self::Tree(Value::Array(items)) => items.len(),
            Self::Tree(Value::Object(members)) => members.len(),
            Self::Tree(_) => 0,
            Self::Raw(text) if text.starts_with('{') => self.members().count(),
            Self::Raw(_) => self.items().count(),
        }
    }

    /// The members of a tree, for a caller that looks up keys of its own.
    pub(in crate::judge) fn tree(self) -> Option<&'d Map<String, Value>> {
        match self {
            Self::Tree(Value::Object(members)) => Some(members),
            _ => None,
        }
    }
}

impl<'d> From<&'d Value> for Json<'d> {
    fn from(value: &'d Value) -> Self {
        Self::Tree(value)
    }
}

/// The items of an array.
pub(in crate::judge) enum Items<'d> {
    Tree(std::slice::Iter<'d, Value>),
    Raw(Scan<'d>),
}

impl<'d> Iterator for Items<'d> {
    type Item = Json<'d>;

    fn next(&mut self) -> Option<Json<'d>> {
        match self {
            Self::Tree(items) => items.next().map(Json::Tree),
            Self::Raw(scan) => scan.value().map(Json::Raw),
        }
    }
}

/// The members of an object.
pub(in crate::judge) enum Members<'d> {
    None,
    Tree(serde_json::map::Iter<'d>),
    Raw(Scan<'d>),
}

impl<'d> Iterator for Members<'d> {
    type Item = (Cow<'d, str>, Json<'d>);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::None => None,
            Self::Tree(members) => members.next().map(|(key, value)| (Cow::Borrowed(key.as_str()), Json::Tree(value))),
            Self::Raw(scan) => {
                let key = scan.value().filter(|key| key.starts_with('"'))?;
                Some((unquoted(key), Json::Raw(scan.value()?)))
            }
        }
    }
}

/// A position within an array or object. Keys and values follow each other; punctuation marks are skipped.
pub(in crate::judge) struct Scan<'d> {
    text: &'d str,
    at: usize,
}

impl<'d> Scan<'d> {
    /// The position after the opening bracket; at the end if the text has another one.
    fn new(text: &'d str, opening: u8) -> Self {
        Self { text, at: if text.as_bytes().first() == Some(&opening) { 1 } else { text.len() } }
    }

    /// The next key or value.
    fn value(&mut self) -> Option<&'d str> {
        let bytes = self.text.as_bytes();
        let skipped = bytes.get(self.at..)?.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b',' | b':')).count();
        let start = self.at + skipped;
        let end = match bytes.get(start)? {
            b'"' => end_of_string(bytes, start),
            b'[' | b'{' => end_of_brackets(bytes, start),
            b']' | b'}' => return None,
            _ => {
                let ends = |byte: &u8| matches!(byte, b',' | b']' | b'}' | b' ' | b'\t' | b'\n' | b'\r');
                start + bytes[start..].iter().position(ends).unwrap_or(bytes.len() - start)
            }
        };
        self.at = end;
        self.text.get(start..end)
    }
}

/// The position after the closing quote of a string.
fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        at += found;
        if bytes[at] == b'"' {
            return at + 1;
        }
        at += 2;
    }
    bytes.len()
}

/// The position after the closing bracket of an array or object.
fn end_of_brackets(bytes: &[u8], start: usize) -> usize {
    let (mut at, mut depth) = (start, 0usize);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at = end_of_string(bytes, at);
                continue;
            }
            b'[' | b'{' => depth += 1,
            b']' | b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// A number, with the value that a tree has.
fn number(text: &str) -> Option<Number> {
    const DIGITS: usize = 18;
    // A short integer is read here: serde_json takes several times as long.
    let is_short = text.len() <= DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_short {
        return Some(text.bytes().fold(0_u64, |value, digit| value * 10 + u64::from(digit - b'0')).into());
    }
    text.parse().ok()
}

/// The content of a string with its quotes.
fn unquoted(text: &str) -> Cow<'_, str> {
    let inner = text.get(1..text.len().saturating_sub(1)).unwrap_or_default();
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    serde_json::from_str::<String>(text).map_or(Cow::Borrowed(inner), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn copy(json: Json<'_>) -> Value {
        match json.shape() {
            Shape::Null => Value::Null,
            Shape::Bool(value) => value.into(),
            Shape::Number(number) => Value::Number(number),
            Shape::Text(text) => text.into(),
            Shape::Array => json.items().map(copy).collect(),
            Shape::Object => Value::Object(json.members().map(|(key, value)| (key.into_owned(), copy(value))).collect()),
        }
    }

    #[test]
    fn bytes_have_the_same_content_as_a_tree() {
        for text in [
            "null",
            " true ",
            "-0",
            "18446744073709551616",
            r#""a\"b\u00e9\\""#,
            "[]",
            "{ }",
            r#"[1, [2, {"a" : "]"}], "x,y", -1.5e3, null, false]"#,
            "{\"a\":{\"b\":[]},\n \"c\\n\" : \"}\" , \"d\":{\"e\":{}}, \"f\\\\\": 1}",
        ] {
            let tree: Value = serde_json::from_str(text).expect(text);
            assert_eq!(copy(Json::raw(text)), tree, "{text}");
            assert_eq!(copy(Json::Tree(&tree)), tree, "{text}");
            assert_eq!(Json::raw(text).len(), Json::Tree(&tree).len(), "{text}");
        }
        let json = Json::raw(r#"{"a": [1, "x"], "b\t": 2}"#);
        assert_eq!(json.get("b\t").map(copy), Some(json!(2)));
        assert_eq!(json.get("a").and_then(|a| a.item(1)).map(copy), Some(json!("x")));
        assert!(json.get("c").is_none() && json.item(0).is_none());
    }

    #[test]
    fn torn_bytes_do_not_panic() {
        let text = r#"{"a": ["é\u00e9", {"b": -1.5e3}, true], "c": null}"#;
        for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
            for start in (0..end).filter(|start| text.is_char_boundary(*start)) {
                copy(Json::Raw(&text[start..end]));
            }
        }
    }
}
