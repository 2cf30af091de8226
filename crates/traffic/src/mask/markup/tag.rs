//! The tags of a text of HTML or XML, and the texts between them.

use std::ops::Range;

/// A part of a text.
pub(super) enum Tag<'t> {
    /// The text between two tags, or a CDATA section.
    Text(Range<usize>),
    /// The beginning of an element.
    Start { name: &'t str, attributes: Vec<Attribute<'t>>, is_empty: bool },
    /// The end of an element.
    End(&'t str),
}

/// An attribute with a value.
pub(super) struct Attribute<'t> {
    pub(super) name: &'t str,
    pub(super) value: Range<usize>,
}

/// The ends of quoted values, CDATA sections, comments and instructions.
const MARKS: [&str; 5] = ["\"", "'", "]]>", "->", "?>"];

/// Reads the tags of a text, each byte once.
pub(super) struct Tags<'t> {
    text: &'t str,
    at: usize,
    /// Whether the rest of the text has each of [`MARKS`].
    has: [bool; 5],
}

impl<'t> Tags<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        Self { text, at: 0, has: [true; 5] }
    }

    /// The position of the end mark of a quoted value or a section. A mark that is missing is searched for once.
    fn find(&mut self, number: usize, from: usize) -> Option<usize> {
        let rest = self.text.as_bytes().get(from..)?;
        let found = self.has[number].then(|| memchr::memmem::find(rest, MARKS[number].as_bytes())).flatten();
        self.has[number] = found.is_some();
        found.map(|at| from + at)
    }

    fn skip_bytes(&self, from: usize, wanted: impl Fn(u8) -> bool) -> usize {
        from + self.text.as_bytes()[from..].iter().take_while(|byte| wanted(**byte)).count()
    }

    fn blank(&self, from: usize) -> usize {
        self.skip_bytes(from, |byte| byte.is_ascii_whitespace())
    }

    /// The beginning of an element whose name begins at a byte.
    fn start(&mut self, from: usize) -> Tag<'t> {
        let bytes = self.text.as_bytes();
        let name = from..self.skip_bytes(from, is_name);
        let mut at = name.end;
        let mut attributes = Vec::new();
        let mut is_empty = false;
        loop {
            at = self.blank(at);
            match bytes.get(at) {
                None | Some(b'<') => break,
                Some(b'>') => {
                    at += 1;
                    break;
                }
                Some(byte) if !is_name(*byte) => {
                    is_empty = *byte == b'/' && bytes.get(at + 1) == Some(&b'>');
                    at += 1;
                }
                Some(_) => {
                    let attribute = at..self.skip_bytes(at, is_name);
                    at = attribute.end;
                    let equals = self.blank(at);
                    if bytes.get(equals) != Some(&b'=') {
                        continue;
                    }
                    let (value, end) = self.value(self.blank(equals + 1));
                    attributes.push(Attribute { name: &self.text[attribute], value });
                    at = end;
                }
            }
        }
        self.at = at;
        Tag::Start { name: &self.text[name], attributes, is_empty }
    }

    /// The value of an attribute, and where the tag goes on.
    fn value(&mut self, from: usize) -> (Range<usize>, usize) {
        let bytes = self.text.as_bytes();
        let quoted = match bytes.get(from) {
            Some(b'"') => self.find(0, from + 1),
            Some(b'\'') => self.find(1, from + 1),
            _ => None,
        };
        match quoted {
            Some(end) => (from + 1..end, end + 1),
            None => {
                let end = self.skip_bytes(from, |byte| !byte.is_ascii_whitespace() && !matches!(byte, b'<' | b'>' | b'"' | b'\''));
                (from..end, end)
            }
        }
    }
}

impl<'t> Iterator for Tags<'t> {
    type Item = Tag<'t>;

    fn next(&mut self) -> Option<Tag<'t>> {
        const SECTION: &str = "<![CDATA[";
        let bytes = self.text.as_bytes();
        loop {
            let start = self.at;
            if start >= bytes.len() {
                return None;
            }
            let tag = memchr::memchr(b'<', &bytes[start..]).map_or(bytes.len(), |offset| start + offset);
            if tag > start {
                self.at = tag;
                return Some(Tag::Text(start..tag));
            }
            if bytes[tag..].starts_with(SECTION.as_bytes()) {
                let from = tag + SECTION.len();
                let end = self.find(2, from);
                self.at = end.map_or(bytes.len(), |end| end + 3);
                return Some(Tag::Text(from..end.unwrap_or(bytes.len())));
            }
            // Other searches find secrets in comments and instructions.
            let passed_over = match bytes.get(tag + 1) {
                Some(b'!') if bytes[tag..].starts_with(b"<!--") => self.find(3, tag + 4),
                Some(b'?') => self.find(4, tag + 2),
                _ => None,
            };
            if let Some(end) = passed_over {
                self.at = end + 2;
                continue;
            }
            let next = bytes.get(tag + 1).copied().unwrap_or_default();
            if next == b'/' {
                let from = self.blank(tag + 2);
                let end = self.skip_bytes(from, is_name);
                // What follows the name is a part of the tag.
                let close = self.blank(end);
                self.at = if bytes.get(close) == Some(&b'>') { close + 1 } else { end };
                return Some(Tag::End(&self.text[from..end]));
            }
            if is_name(next) {
                return Some(self.start(tag + 1));
            }
            self.at = tag + 1;
        }
    }
}

/// Whether a byte is a part of a name. Letters that are not ASCII are parts of names too.
fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':' | 0x80..)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        let tag = |tag: Tag<'_>| match tag {
            Tag::Text(range) => format!("[{}]", &text[range]),
            Tag::Start { name, attributes, is_empty } => {
                let attributes = attributes.iter().map(|attribute| format!(" {}={}", attribute.name, &text[attribute.value.clone()]));
                format!("<{name}{}{}>", attributes.collect::<String>(), if is_empty { "/" } else { "" })
            }
            Tag::End(name) => format!("</{name}>"),
        };
        Tags::of(text).map(tag).collect()
    }

    #[test]
    fn tags_and_texts_are_read() {
        for (text, wanted) in [
            ("<a:b c = 'd>' e=\"f\" g=h i>x</ a:b >", "<a:b c=d> e=f g=h>[x]</a:b>"),
            ("<a\n b\n=\n\"c\"\n/>", "<a b=c/>"),
            ("<a> <![CDATA[<b>]]]></a>", "<a>[ ][<b>]]</a>"),
            ("1 < 2 <b", "[1 ][ 2 ]<b>"),
            ("a<!-- <x> --><?y <z?>b<!-- c", "[a][b][!-- c]"),
            ("<a b=\"c d", "<a b=>"),
            ("<![CDATA[x", "[x]"),
            ("<a/b>", "<a>"),
        ] {
            assert_eq!(read(text), wanted, "{text}");
        }
    }
}
