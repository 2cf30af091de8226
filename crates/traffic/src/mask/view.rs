//! A text with one encoding decoded, and the place of each of its bytes in the original text: percent-encoding, HTML entities, escapes.

use std::ops::Range;

/// The maximum number of encodings of a text, one inside another.
pub(super) const DEPTH_LIMIT: usize = 4;

/// A decoded text.
pub(super) struct View {
    pub(super) text: String,
    /// The byte of the original text at which each byte begins, and the original length.
    starts: Vec<usize>,
}

impl View {
    /// The original range of a range.
    pub(super) fn range(&self, range: Range<usize>) -> Range<usize> {
        self.starts[range.start]..self.starts[range.end]
    }

    /// The original ranges, if the view is of a view.
    fn below(mut self, outer: Option<&Self>) -> Self {
        if let Some(outer) = outer {
            self.starts.iter_mut().for_each(|start| *start = outer.starts[*start]);
        }
        self
    }
}

/// Every view of a text, each encoding alone and one inside another.
pub(super) fn views(text: &str) -> Vec<View> {
    let mut found: Vec<View> = Vec::new();
    let mut open = vec![(None, 0)];
    while let Some((at, depth)) = open.pop() {
        let outer: Option<usize> = at;
        let inner = outer.map_or(text, |at: usize| found[at].text.as_str());
        let decoded: Vec<View> =
            [percent as fn(&str) -> Option<View>, entities, escapes].iter().filter_map(|decode| decode(inner)).collect();
        for view in decoded {
            let view = view.below(outer.map(|at| &found[at]));
            if view.text == text || found.iter().any(|known| known.text == view.text) {
                continue;
            }
            found.push(view);
            if depth + 1 < DEPTH_LIMIT {
                open.push((Some(found.len() - 1), depth + 1));
            }
        }
    }
    found
}

/// Collects the decoded bytes.
struct Writer {
    bytes: Vec<u8>,
    starts: Vec<usize>,
    is_changed: bool,
}

impl Writer {
    fn new(length: usize) -> Self {
        Self { bytes: Vec::with_capacity(length), starts: Vec::with_capacity(length + 1), is_changed: false }
    }

    fn copy(&mut self, byte: u8, at: usize) {
        self.bytes.push(byte);
        self.starts.push(at);
    }

    fn decoded(&mut self, bytes: &[u8], at: usize) {
        self.is_changed = true;
        self.bytes.extend_from_slice(bytes);
        self.starts.extend(std::iter::repeat_n(at, bytes.len()));
    }

    fn view(mut self, length: usize) -> Option<View> {
        self.starts.push(length);
        let text = String::from_utf8(self.bytes).ok()?;
        self.is_changed.then_some(View { text, starts: self.starts })
    }
}

/// Percent-encoding, RFC 3986, section 2.1. Bytes that are not UTF-8 stay encoded.
fn percent(text: &str) -> Option<View> {
    memchr::memchr(b'%', text.as_bytes())?;
    percent_bytes(text, false).or_else(|| percent_bytes(text, true))
}

fn percent_bytes(text: &str, ascii_only: bool) -> Option<View> {
    let bytes = text.as_bytes();
    let mut writer = Writer::new(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let decoded = (bytes[at] == b'%').then(|| hex_pair(bytes.get(at + 1..at + 3)?)).flatten();
        match decoded.filter(|byte| byte.is_ascii() || !ascii_only) {
            Some(byte) => {
                writer.decoded(&[byte], at);
                at += 3;
            }
            None => {
                writer.copy(bytes[at], at);
                at += 1;
            }
        }
    }
    writer.view(bytes.len())
}

fn hex_pair(digits: &[u8]) -> Option<u8> {
    let text = std::str::from_utf8(digits).ok()?;
    text.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u8::from_str_radix(text, 16).ok()).flatten()
}

/// The named entities of characters that occur in addresses and keys, and those of XML.
const ENTITIES: [(&str, char); 16] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("commat", '@'),
    ("colon", ':'),
    ("sol", '/'),
    ("equals", '='),
    ("plus", '+'),
    ("period", '.'),
    ("lowbar", '_'),
    ("num", '#'),
    ("percnt", '%'),
    ("hyphen", '-'),
    ("nbsp", '\u{a0}'),
];

/// Entities of HTML and XML.
fn entities(text: &str) -> Option<View> {
    memchr::memchr(b'&', text.as_bytes())?;
    let bytes = text.as_bytes();
    let mut writer = Writer::new(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let entity = (bytes[at] == b'&').then(|| entity(&text[at + 1..])).flatten();
        match entity {
            Some((character, length)) => {
                writer.decoded(character.encode_utf8(&mut [0; 4]).as_bytes(), at);
                at += 1 + length;
            }
            None => {
                writer.copy(bytes[at], at);
                at += 1;
            }
        }
    }
    writer.view(bytes.len())
}

/// The character of an entity after its `&`, and its length.
fn entity(text: &str) -> Option<(char, usize)> {
    let end = text.bytes().take(12).position(|byte| byte == b';');
    let Some(number) = text.strip_prefix('#') else {
        let name = &text[..end?];
        return ENTITIES.iter().find(|(known, _)| *known == name).map(|(_, character)| (*character, name.len() + 1));
    };
    let (digits, radix) = match number.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16),
        None => (number, 10),
    };
    let count = digits.bytes().take(8).take_while(|byte| char::from(*byte).is_digit(radix)).count();
    let character = char::from_u32(u32::from_str_radix(&digits[..count], radix).ok()?)?;
    let before = text.len() - digits.len();
    let has_end = digits.as_bytes().get(count) == Some(&b';');
    Some((character, before + count + usize::from(has_end)))
}

/// Escapes of JSON and JavaScript: `\"`, `\/`, `\n`, `\u0040`, `\x40`.
fn escapes(text: &str) -> Option<View> {
    memchr::memchr(b'\\', text.as_bytes())?;
    let bytes = text.as_bytes();
    let mut writer = Writer::new(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escape = (bytes[at] == b'\\').then(|| escape(&text[at + 1..])).flatten();
        match escape {
            Some((character, length)) => {
                writer.decoded(character.encode_utf8(&mut [0; 4]).as_bytes(), at);
                at += 1 + length;
            }
            None => {
                writer.copy(bytes[at], at);
                at += 1;
            }
        }
    }
    writer.view(bytes.len())
}

fn escape(text: &str) -> Option<(char, usize)> {
    let unit = |digits: &str| u32::from_str_radix(digits, 16).ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    match *text.as_bytes().first()? {
        byte @ (b'"' | b'\'' | b'\\' | b'/') => Some((char::from(byte), 1)),
        b'n' => Some(('\n', 1)),
        b'r' => Some(('\r', 1)),
        b't' => Some(('\t', 1)),
        b'x' => Some((char::from_u32(unit(text.get(1..3)?)?)?, 3)),
        b'u' => match unit(text.get(1..5)?)? {
            high @ 0xD800..=0xDBFF => {
                let low = unit(text.get(5..)?.strip_prefix("\\u")?.get(..4)?).filter(|low| (0xDC00..=0xDFFF).contains(low))?;
                Some((char::from_u32(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))?, 11))
            }
            unit => Some((char::from_u32(unit)?, 5)),
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_decoded_one_inside_another() {
        for text in ["a%40b", "a&#64;b", "a&commat;b", "a\\u0040b", "a\\x40b", "a%2540b", "a%26%2364%3Bb", "a&#x40;b", "a\\\\u0040b"] {
            let view = views(text).into_iter().find(|view| view.text == "a@b").unwrap_or_else(|| panic!("{text}"));
            assert_eq!((view.range(0..1), view.range(2..3)), (0..1, text.len() - 1..text.len()), "{text}");
        }
        assert_eq!(views("plain").len(), 0);
        assert!(views("%zz & \\q %").is_empty());
        assert_eq!(views("%C3%BC%FF").len(), 0);
        assert_eq!(views("%41%FF")[0].text, "A%FF");
    }
}
