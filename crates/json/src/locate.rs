//! From a JSON Pointer to the bytes of a text that [`parse`](crate::parse) accepts.

use std::collections::HashMap;
use std::ops::Range;

use crate::{Cursor, unescape_token};

/// The bytes of the value at a JSON Pointer. `None` if there is no such value.
///
/// In a text that is not JSON, such as a download, the empty pointer locates the first word.
pub fn locate(bytes: &[u8], pointer: &str) -> Option<Range<usize>> {
    if pointer.is_empty()
        && let Some(word) = first_word(bytes)
    {
        return Some(word);
    }
    enter_all(bytes, pointer)?.span().ok()
}

/// The bytes up to the next delimiter. `None` for strings, arrays, objects and the empty text.
fn first_word(bytes: &[u8]) -> Option<Range<usize>> {
    let start = bytes.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))?;
    let rest = &bytes[start..];
    let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b':' | b' ' | b'\t' | b'\n' | b'\r');
    let length = rest.iter().position(ends).unwrap_or(rest.len());
    (!rest.starts_with(b"\"") && !rest.starts_with(b"{") && !rest.starts_with(b"[")).then_some(start..start + length)
}

/// The bytes of the key that the last token of a pointer names, quotes included. `None` for items of arrays and for missing keys.
pub fn locate_key(bytes: &[u8], pointer: &str) -> Option<Range<usize>> {
    let (parent, token) = pointer.rsplit_once('/')?;
    find_key(&mut enter_all(bytes, parent)?, &unescape_token(token))
}

/// The members of the object or array that begins at a byte of a text: its keys or indices, each with the byte at which its value begins.
/// The first member has precedence if a key is repeated. `None` for other values.
pub fn members(text: &str, start: usize) -> Option<HashMap<String, usize>> {
    let bytes = text.as_bytes();
    let mut members = HashMap::new();
    let is_object = match bytes.get(start)? {
        b'{' => true,
        b'[' => false,
        _ => return None,
    };
    let mut at = skip_space(bytes, start + 1);
    let mut index = 0;
    while !matches!(bytes.get(at)?, b'}' | b']') {
        if is_object {
            let end = end_of_value(bytes, at)?;
            let key = serde_json::from_str::<String>(text.get(at..end)?);
            at = skip_space(bytes, skip_space(bytes, end) + 1);
            if let Ok(key) = key {
                members.entry(key).or_insert(at);
            }
        } else {
            members.insert(index.to_string(), at);
            index += 1;
        }
        at = skip_space(bytes, end_of_value(bytes, at)?);
        if bytes.get(at) == Some(&b',') {
            at = skip_space(bytes, at + 1);
        }
    }
    Some(members)
}

fn skip_space(bytes: &[u8], at: usize) -> usize {
    let space = bytes.iter().skip(at).take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
    at + space.count()
}

/// The end of the value that begins at a byte. The text is valid, so brackets of the other kind need not be counted.
fn end_of_value(bytes: &[u8], start: usize) -> Option<usize> {
    let (open, close) = match bytes.get(start)? {
        b'"' => return end_of_string(bytes, start),
        b'{' => (b'{', b'}'),
        b'[' => (b'[', b']'),
        _ => {
            let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r');
            return Some(bytes[start..].iter().position(ends).map_or(bytes.len(), |length| start + length));
        }
    };
    let (mut at, mut depth) = (start, 0_usize);
    loop {
        at += memchr::memchr3(b'"', open, close, bytes.get(at..)?)?;
        match bytes[at] {
            b'"' => {
                at = end_of_string(bytes, at)?;
                continue;
            }
            byte if byte == open => depth += 1,
            _ => depth -= 1,
        }
        at += 1;
        if depth == 0 {
            return Some(at);
        }
    }
}

/// The end of the string that begins at a byte, after its closing quote.
fn end_of_string(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        match bytes[at] {
            b'"' => return Some(at + 1),
            _ => at += 2,
        }
    }
}

/// A cursor before the value at a pointer.
fn enter_all<'a>(bytes: &'a [u8], pointer: &str) -> Option<Cursor<'a>> {
    let mut cursor = Cursor::from_bytes(bytes).ok()?;
    for token in pointer.split('/').skip(1) {
        enter(&mut cursor, &unescape_token(token))?;
    }
    Some(cursor)
}

/// Moves from before an array or object to before the value that a token names.
fn enter(cursor: &mut Cursor<'_>, token: &str) -> Option<()> {
    match cursor.peek() {
        b'{' => find_key(cursor, token).map(drop),
        b'[' => {
            let index: usize = token.parse().ok()?;
            cursor.enter(b'[').ok()?;
            if cursor.skip_end(b']') {
                return None;
            }
            for _ in 0..index {
                cursor.span().ok()?;
                cursor.has_next(b']').ok()?.then_some(())?;
            }
            Some(())
        }
        _ => None,
    }
}

/// Moves from before an object to before the value of a key. Returns the bytes of the key.
fn find_key(cursor: &mut Cursor<'_>, wanted: &str) -> Option<Range<usize>> {
    cursor.enter(b'{').ok()?;
    if cursor.skip_end(b'}') {
        return None;
    }
    loop {
        let (range, key) = cursor.any_string().ok()?;
        cursor.colon().ok()?;
        if key.value().is_ok_and(|key| key == wanted) {
            return Some(range);
        }
        cursor.span().ok()?;
        cursor.has_next(b'}').ok()?.then_some(())?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_leads_to_the_bytes_of_a_value() {
        let text = r#" {"a": [1, {"b/c": "x\"]"}, null], "d\u0065": {"~": -1.5e3}, "\ud83d\ude00": 12345678901234567890123, "c": []} "#;
        for (pointer, wanted) in [
            ("/a/0", "1"),
            ("/a/1/b~1c", r#""x\"]""#),
            ("/a/2", "null"),
            ("/😀", "12345678901234567890123"),
            ("/de/~0", "-1.5e3"),
            ("/a/1", r#"{"b/c": "x\"]"}"#),
        ] {
            assert_eq!(&text[locate(text.as_bytes(), pointer).expect(pointer)], wanted);
        }
        for pointer in ["/a/3", "/a/-", "/c/0", "/b", "/a/x", "/a/0/b", "/de/~0/z"] {
            assert_eq!(locate(text.as_bytes(), pointer), None, "{pointer}");
        }
        assert_eq!(&text[locate_key(text.as_bytes(), "/de").expect("a key")], r#""d\u0065""#);
    }

    #[test]
    fn members_begin_where_their_pointers_lead() {
        let text = r#" {"a": [1, {"b/\u0063": 2}, [ ]], "d\u0065": {}, "e" : null, "f": [] } "#;
        let root = members(text, 1).expect("an object");
        for key in ["a", "de", "e", "f"] {
            let range = locate(text.as_bytes(), &format!("/{key}")).expect(key);
            assert_eq!(root.get(key), Some(&range.start), "{key}");
        }
        let items = members(text, root["a"]).expect("an array");
        assert_eq!(items.get("1"), locate(text.as_bytes(), "/a/1").map(|range| range.start).as_ref());
        assert_eq!((items.len(), members(text, root["f"]), members(text, root["e"])), (3, Some(HashMap::new()), None));
    }

    #[test]
    fn the_empty_pointer_locates_the_first_word_of_other_texts() {
        for (bytes, wanted) in
            [(&b" no remarks"[..], Some(1..3)), (b"\xff\xfe", Some(0..2)), (b" -1.5 ", Some(1..5)), (b" ", None), (b"[1", None)]
        {
            assert_eq!(locate(bytes, ""), wanted, "{bytes:?}");
        }
        assert_eq!(locate(b"no remarks", "/a"), None);
    }
}
