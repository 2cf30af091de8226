//! A text with one encoding decoded, and the place of each of its bytes in the original text: percent-encoding, HTML entities, escapes,
//! quoted-printable, and base64 in lines.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::ops::Range;

/// The maximum number of encodings of a text, one inside another.
pub(super) const DEPTH_LIMIT: usize = 4;

/// A decoded text.
pub(super) struct View {
    pub(super) text: String,
    /// The first and the last byte of the original text that each byte stands for. A byte of a character stands for the whole encoded character.
    sources: Vec<(u32, u32)>,
}

impl View {
    /// The original range of a range that is not empty.
    pub(super) fn range(&self, range: Range<usize>) -> Range<usize> {
        self.sources[range.start].0 as usize..self.sources[range.end - 1].1 as usize + 1
    }

    /// The original bytes, if the view is of a view.
    fn below(mut self, outer: Option<&Self>) -> Self {
        if let Some(outer) = outer {
            self.sources
                .iter_mut()
                .for_each(|(first, last)| (*first, *last) = (outer.sources[*first as usize].0, outer.sources[*last as usize].1));
        }
        self
    }
}

/// Passes every view of a text to `visit`, each encoding alone and one inside another. A view is freed before the next one is made, because the text may be long.
pub(super) fn each_view(text: &str, visit: &mut dyn FnMut(&View)) {
    // The places in the original text have 32 bits. Longer texts are not read.
    if u32::try_from(text.len()).is_ok() {
        let mut views = Views { known: HashMap::new(), hasher: RandomState::new() };
        views.known.insert(views.hasher.hash_one(text), 0);
        views.visit(text, None, 0, visit);
    }
}

/// The number of encodings around each view that was made, by the checksum of its text.
struct Views {
    known: HashMap<u64, usize>,
    hasher: RandomState,
}

impl Views {
    fn visit(&mut self, text: &str, outer: Option<&View>, depth: usize, visit: &mut dyn FnMut(&View)) {
        for decode in [percent as fn(&str) -> Option<View>, entities, escapes, quoted_printable, base64_lines] {
            let Some(view) = decode(text) else { continue };
            let checksum = self.hasher.hash_one(&view.text);
            let known = self.known.get(&checksum).copied();
            // A view that is found again with fewer encodings around it has more encodings inside.
            if known.is_some_and(|known| known <= depth) {
                continue;
            }
            self.known.insert(checksum, depth);
            let view = view.below(outer);
            if known.is_none() {
                visit(&view);
            }
            if depth + 1 < DEPTH_LIMIT {
                self.visit(&view.text, Some(&view), depth + 1, visit);
            }
        }
    }
}

/// Collects the decoded bytes.
struct Writer {
    bytes: Vec<u8>,
    sources: Vec<(u32, u32)>,
    is_changed: bool,
}

impl Writer {
    fn new(length: usize) -> Self {
        Self { bytes: Vec::with_capacity(length), sources: Vec::with_capacity(length), is_changed: false }
    }

    fn copy(&mut self, byte: u8, at: usize) {
        self.bytes.push(byte);
        self.sources.push((at as u32, at as u32));
    }

    fn decoded(&mut self, bytes: &[u8], source: Range<usize>) {
        self.is_changed = true;
        self.bytes.extend_from_slice(bytes);
        self.sources.extend(std::iter::repeat_n((source.start as u32, source.end as u32 - 1), bytes.len()));
    }

    /// Omits bytes of the original text, such as line breaks.
    fn omit(&mut self) {
        self.is_changed = true;
    }

    fn view(self) -> Option<View> {
        let text = String::from_utf8(self.bytes).ok()?;
        self.is_changed.then_some(View { text, sources: self.sources })
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
                writer.decoded(&[byte], at..at + 3);
                at += 3;
            }
            None => {
                writer.copy(bytes[at], at);
                at += 1;
            }
        }
    }
    writer.view()
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
                writer.decoded(character.encode_utf8(&mut [0; 4]).as_bytes(), at..at + 1 + length);
                at += 1 + length;
            }
            None => {
                writer.copy(bytes[at], at);
                at += 1;
            }
        }
    }
    writer.view()
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
                writer.decoded(character.encode_utf8(&mut [0; 4]).as_bytes(), at..at + 1 + length);
                at += 1 + length;
            }
            None => {
                writer.copy(bytes[at], at);
                at += 1;
            }
        }
    }
    writer.view()
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

/// Quoted-printable, RFC 2045, section 6.7. Other texts have `=` as well: here each one is a soft line break or a byte that encoders encode, or
/// the text has a soft line break or names the encoding.
fn quoted_printable(text: &str) -> Option<View> {
    memchr::memchr(b'=', text.as_bytes())?;
    let bytes = text.as_bytes();
    let after = |at: usize| bytes.get(at + 1..).unwrap_or_default();
    // Two signs at the end of a line are the padding of base64.
    let is_soft = |at: usize| {
        let ends_line = after(at).starts_with(b"\n") || after(at).starts_with(b"\r\n");
        ends_line && !bytes[..at].ends_with(b"=")
    };
    let byte = |at: usize| after(at).get(..2).and_then(hex_pair);
    let is_byte = |at: usize| byte(at).is_some();
    // Letters and digits are not encoded unless all characters are, and `@` is either encoded everywhere or nowhere. `user=42@a.example` is
    // a parameter.
    let has_at_sign = memchr::memchr(b'@', bytes).is_some();
    let is_usual = |at: usize| byte(at).is_some_and(|byte| !(byte.is_ascii_alphanumeric() || byte == b'@' && has_at_sign));
    let is_run = |at: usize| bytes.get(at + 3) == Some(&b'=') && is_byte(at) && is_byte(at + 3);
    let signs = || memchr::memchr_iter(b'=', bytes);
    let are_encoded =
        signs().all(|at| is_byte(at) || is_soft(at)) && (signs().any(is_run) || signs().all(|at| is_usual(at) || is_soft(at)));
    let is_encoded = are_encoded || signs().any(is_soft) || memchr::memmem::find(bytes, b"uoted-printable").is_some();
    if !is_encoded {
        return None;
    }
    let mut writer = Writer::new(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'=' if is_soft(at) => {
                writer.omit();
                at += if bytes[at + 1] == b'\r' { 3 } else { 2 };
            }
            b'=' if is_byte(at) => {
                writer.decoded(&[hex_pair(&bytes[at + 1..at + 3])?], at..at + 3);
                at += 3;
            }
            byte => {
                writer.copy(byte, at);
                at += 1;
            }
        }
    }
    writer.view()
}

/// The fewest characters of a full line of base64. MIME has 76, PEM 64.
const BASE64_LINE: usize = 60;

/// Base64 in lines, RFC 2045, section 6.8, without the line breaks.
fn base64_lines(text: &str) -> Option<View> {
    let bytes = text.as_bytes();
    memchr::memchr(b'\n', bytes)?;
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
    let mut writer = Writer::new(bytes.len());
    let mut run = 0;
    let mut at = 0;
    while at < bytes.len() {
        let width = if bytes[at..].starts_with(b"\r\n") { 2 } else { 1 };
        if run >= BASE64_LINE && bytes[at + width - 1] == b'\n' && bytes.get(at + width).is_some_and(is_part) {
            writer.omit();
            (at, run) = (at + width, 0);
            continue;
        }
        run = if is_part(&bytes[at]) { run + 1 } else { 0 };
        writer.copy(bytes[at], at);
        at += 1;
    }
    writer.view()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn views(text: &str) -> Vec<View> {
        let mut found = Vec::new();
        each_view(text, &mut |view| found.push(View { text: view.text.clone(), sources: view.sources.clone() }));
        found
    }

    #[test]
    fn encodings_are_decoded_one_inside_another() {
        for text in ["a%40b", "a&#64;b", "a&commat;b", "a\\u0040b", "a\\x40b", "a%2540b", "a%26%2364%3Bb", "a&#x40;b", "a\\\\u0040b"] {
            let view = views(text).into_iter().find(|view| view.text == "a@b").unwrap_or_else(|| panic!("{text}"));
            assert_eq!((view.range(0..1), view.range(2..3)), (0..1, text.len() - 1..text.len()), "{text}");
        }
        for text in ["a=40b", "=61=40b=\n", "x=y a=40=\r\nb"] {
            let view = views(text).into_iter().find(|view| view.text.contains("a@b")).unwrap_or_else(|| panic!("{text}"));
            assert!(!view.text.contains("=\n") && !view.text.contains("=\r"), "{text}");
        }
        for text in ["x=y&a=40b", "user=42b@c.example", "password=40b@c.example"] {
            assert!(
                views(text).iter().all(|view| !view.text.contains("a@b") && !view.text.starts_with("userB") && !view.text.contains("d@b")),
                "{text}"
            );
        }
        let line = "QUJD".repeat(19);
        let view = &views(&format!("{line}\r\n{line}\r\nQQ==\r\n"))[0];
        assert_eq!(view.text, format!("{line}{line}QQ==\r\n"));
        assert_eq!((view.range(0..2), view.range(75..76), view.range(76..77)), (0..2, 75..76, 78..79));
        assert_eq!(views("plain").len(), 0);
        assert!(views("%zz & \\q %").is_empty());
        assert_eq!(views("%C3%BC%FF").len(), 0);
        assert_eq!(views("%41%FF")[0].text, "A%FF");
    }
}
