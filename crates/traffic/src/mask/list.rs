//! Lists that are the value of a secret name in a text: `passwords: ["…", "…"]`, `tokens=[…, …]`, and the defaults of variables of GraphQL.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::Masker;
use super::count::Kind;
use super::detect::{Found, is_placeholder, is_plain};
use super::named::quoted_end;
use super::names::Place;
use super::random::is_words;

/// The most bytes between a name and its list.
const LONGEST_BEGINNING: usize = 120;

impl Masker {
    /// The items of the lists after secret names. Each byte is read once.
    pub(super) fn lists(&self, text: &str, names: &[Range<usize>], out: &mut Found) {
        if memchr::memchr(b'[', text.as_bytes()).is_none() {
            return;
        }
        let mut read = 0;
        for name in names.iter() {
            if name.start < read {
                continue;
            }
            let Some((items, end)) = items_after(text, name.end) else { continue };
            read = end;
            let Some(reach) = self.names.reach(&text[name.clone()], Place::Member) else { continue };
            for item in items.into_iter().filter(|item| reach.covers(&text[item.clone()])) {
                self.item(text, item, out);
            }
        }
    }

    /// An item of a list that is a secret. Words are those of a message about the name.
    pub(super) fn item(&self, text: &str, item: Range<usize>, out: &mut Found) {
        let value = &text[item.clone()];
        if !is_words(value) && !is_plain(value) && !is_placeholder(value) {
            out.add_secret(item, self.secret(value), Kind::Member);
        }
    }
}

/// The items of a list of strings after a name, and where the list ends. `None` if another value follows.
pub(super) fn items_after(text: &str, at: usize) -> Option<(Vec<Range<usize>>, usize)> {
    // The end of the quoted name, a separator, and the type and the equals sign of a variable.
    static BEGINNING: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let blank = r"[ \t\r\n+]{0,8}";
        let type_ = format!(r"(?:{blank}\[?\w{{1,40}}!?\]?!?{blank}=)?");
        Regex::new(&format!(r#"^\\{{0,8}}["']?{blank}(?::|=>?|:=){type_}{blank}\["#)).ok()
    });
    let limit = (at..=(at + LONGEST_BEGINNING).min(text.len())).rev().find(|end| text.is_char_boundary(*end))?;
    let mut at = at + BEGINNING.as_ref()?.find(&text[at..limit])?.end();
    let bytes = text.as_bytes();
    let run = |at: usize, wanted: fn(u8) -> bool| at + bytes[at..].iter().take_while(|byte| wanted(**byte)).count();
    let mut items = Vec::new();
    loop {
        at = run(at, |byte| byte.is_ascii_whitespace() || matches!(byte, b',' | b'+'));
        let first = run(at, |byte| byte == b'\\');
        if let Some(quote) = bytes.get(first).copied().filter(|byte| matches!(byte, b'"' | b'\'' | b'`')) {
            let end = quoted_end(bytes, first + 1, quote, first - at);
            items.push(first + 1..end);
            at = (end + (first - at) + 1).min(bytes.len());
            continue;
        }
        let end = run(at, |byte| {
            !byte.is_ascii_whitespace()
                && !matches!(byte, b',' | b'[' | b']' | b'{' | b'}' | b'(' | b')' | b'"' | b'\'' | b'\\' | b':' | b'<' | b'>' | b'&')
        });
        if end == at {
            return Some((items, at));
        }
        items.push(at..end);
        at = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_items_of_a_list_are_between_commas_and_quotes() {
        let read =
            |text: &'static str| items_after(text, 1).map(|(items, _)| items.into_iter().map(|item| &text[item]).collect::<Vec<_>>());
        assert_eq!(read(r#"a: ["b c", 'd', e]f"#), Some(vec!["b c", "d", "e"]));
        assert_eq!(read(r#"a":["b\"c"]"#), Some(vec![r#"b\"c"#]));
        assert_eq!(read(r#"a\":[\"b\", \"c\"]"#), Some(vec!["b", "c"]));
        assert_eq!(read(r#"a: [String!]! = ["b"]"#), Some(vec!["b"]));
        assert_eq!(read(r#"a=>[x, {"b""#), Some(vec!["x"]));
        assert_eq!(read(r#"a: [""#), Some(vec![""]));
        assert_eq!(read("a: b"), None);
        assert_eq!(read("a: {[b]}"), None);
    }
}
