//! Skips values of any content.
//!
//! The functions take the rest of a text and return the rest after a value, so that the position stays in registers.
//!
//! With `EXACT` they accept only strict JSON without duplicate keys, rare forms, and numbers that reading rounds. Without it they check the grammar alone.

use crate::names::{Names, Open};
use crate::{Fallback, FastPath, number, string};

/// Skips a value that may have `depth_left` more levels.
#[inline(always)]
pub(crate) fn value<'a, const EXACT: bool>(rest: &'a [u8], depth_left: usize, names: &mut Names<'a>) -> FastPath<&'a [u8]> {
    match rest {
        [b'"', rest @ ..] if EXACT => string::scan(rest).map(|(_, rest, _)| rest),
        [b'"', rest @ ..] => string::scan_any(rest).map(|(_, rest, _)| rest),
        [b'-' | b'0'..=b'9', ..] if EXACT => number::skip(rest),
        [b'-' | b'0'..=b'9', ..] => number::scan_any(rest).map(|(_, rest)| rest),
        [b'{', rest @ ..] => object::<EXACT>(rest, depth_left, names),
        [b'[', rest @ ..] => array::<EXACT>(rest, depth_left, names),
        [b'n', b'u', b'l', b'l', rest @ ..] | [b't', b'r', b'u', b'e', rest @ ..] | [b'f', b'a', b'l', b's', b'e', rest @ ..] => Ok(rest),
        [0..=b' ', ..] => value_after_space::<EXACT>(rest, depth_left, names),
        _ => Err(Fallback),
    }
}

#[inline(never)]
fn value_after_space<'a, const EXACT: bool>(rest: &'a [u8], depth_left: usize, names: &mut Names<'a>) -> FastPath<&'a [u8]> {
    match space(rest) {
        // A control character that is not white space.
        [0..=b' ', ..] | [] => Err(Fallback),
        rest => value::<EXACT>(rest, depth_left, names),
    }
}

/// Skips the rest of an object after its opening brace.
#[inline(never)]
fn object<'a, const EXACT: bool>(rest: &'a [u8], depth_left: usize, names: &mut Names<'a>) -> FastPath<&'a [u8]> {
    let depth_left = depth_left.checked_sub(1).ok_or(Fallback)?;
    if let Some(after) = skip_end(rest, b'}') {
        return Ok(after);
    }
    let mut open = names.open();
    let after = members::<EXACT>(rest, depth_left, names, &mut open)?;
    names.close(&open).map(|()| after)
}

/// Skips the members and the closing brace of an object that is not empty.
#[inline(always)]
fn members<'a, const EXACT: bool>(mut rest: &'a [u8], depth_left: usize, names: &mut Names<'a>, open: &mut Open) -> FastPath<&'a [u8]> {
    loop {
        let quoted = take(rest, b'"')?;
        let after = if EXACT {
            let (name, after) = string::plain(quoted)?;
            names.add(open, name, quoted);
            after
        } else {
            string::scan_any(quoted)?.1
        };
        let (next, has_next) = has_next(value::<EXACT>(take(after, b':')?, depth_left, names)?, b'}')?;
        if !has_next {
            return Ok(next);
        }
        rest = next;
    }
}

/// Skips an object of an array. The keys of the first object stay in `names`, because the objects after it mostly have the same keys: such keys are
/// neither scanned nor compared with each other again.
#[inline(never)]
fn object_of_list<'a>(rest: &'a [u8], depth_left: usize, names: &mut Names<'a>, first_keys: &mut (usize, usize)) -> FastPath<&'a [u8]> {
    let depth_left = depth_left.checked_sub(1).ok_or(Fallback)?;
    if let Some(after) = skip_end(rest, b'}') {
        return Ok(after);
    }
    let (from, to) = *first_keys;
    if from == to {
        let mut open = names.open();
        let after = members::<true>(rest, depth_left, names, &mut open)?;
        names.check(&open)?;
        *first_keys = (open.start, names.len());
        return Ok(after);
    }
    let (mut rest, mut at) = (rest, from);
    while at < to
        && let [b'"', quoted @ ..] = rest
        && let Some(after) = names.after(at, quoted)
    {
        at += 1;
        let (next, has_next) = has_next(value::<true>(take(after, b':')?, depth_left, names)?, b'}')?;
        if !has_next {
            return Ok(next);
        }
        rest = next;
    }
    object_unlike(rest, depth_left, names, (from, at))
}

/// Skips the rest of an object that has only its first keys in common with the first object.
#[inline(never)]
fn object_unlike<'a>(rest: &'a [u8], depth_left: usize, names: &mut Names<'a>, same: (usize, usize)) -> FastPath<&'a [u8]> {
    let mut open = names.open_like(same)?;
    let after = members::<true>(rest, depth_left, names, &mut open)?;
    names.close(&open).map(|()| after)
}

/// Skips the rest of an array after its opening bracket.
#[inline(never)]
fn array<'a, const EXACT: bool>(rest: &'a [u8], depth_left: usize, names: &mut Names<'a>) -> FastPath<&'a [u8]> {
    let depth_left = depth_left.checked_sub(1).ok_or(Fallback)?;
    if let Some(after) = skip_end(rest, b']') {
        return Ok(after);
    }
    let (mut rest, mut first_keys) = (rest, (names.len(), names.len()));
    loop {
        let after = match rest {
            [b'{', rest @ ..] if EXACT => object_of_list(rest, depth_left, names, &mut first_keys)?,
            _ => value::<EXACT>(rest, depth_left, names)?,
        };
        let (next, has_next) = has_next(after, b']')?;
        if !has_next {
            names.truncate(first_keys.0);
            return Ok(next);
        }
        rest = next;
    }
}

/// Skips one byte of punctuation.
///
/// This function and those below skip white space only if the expected byte does not follow at once.
#[inline(always)]
pub(crate) fn take(rest: &[u8], wanted: u8) -> FastPath<&[u8]> {
    match rest {
        [byte, rest @ ..] if *byte == wanted => Ok(rest),
        _ => take_after_space(rest, wanted),
    }
}

#[cold]
#[inline(never)]
fn take_after_space(rest: &[u8], wanted: u8) -> FastPath<&[u8]> {
    match some_space(rest) {
        [byte, rest @ ..] if *byte == wanted => Ok(rest),
        _ => Err(Fallback),
    }
}

/// Skips white space and a literal.
#[cold]
#[inline(never)]
pub(crate) fn after_space<'a>(rest: &'a [u8], wanted: &[u8]) -> FastPath<&'a [u8]> {
    some_space(rest).strip_prefix(wanted).ok_or(Fallback)
}

/// Skips the comma before another item, or the closing bracket. Returns whether another item follows.
#[inline(always)]
pub(crate) fn has_next(rest: &[u8], closing: u8) -> FastPath<(&[u8], bool)> {
    match rest {
        [b',', rest @ ..] => Ok((rest, true)),
        [byte, rest @ ..] if *byte == closing => Ok((rest, false)),
        _ => has_next_after_space(rest, closing),
    }
}

#[cold]
#[inline(never)]
fn has_next_after_space(rest: &[u8], closing: u8) -> FastPath<(&[u8], bool)> {
    match some_space(rest) {
        [b',', rest @ ..] => Ok((rest, true)),
        [byte, rest @ ..] if *byte == closing => Ok((rest, false)),
        _ => Err(Fallback),
    }
}

/// Skips the closing bracket of an empty object or array. `None` if it is not empty.
#[inline(always)]
pub(crate) fn skip_end(rest: &[u8], closing: u8) -> Option<&[u8]> {
    match space(rest) {
        [byte, rest @ ..] if *byte == closing => Some(rest),
        _ => None,
    }
}

/// Skips white space. Mostly there is none.
#[inline(always)]
pub(crate) fn space(rest: &[u8]) -> &[u8] {
    match rest {
        [0..=b' ', ..] => some_space(rest),
        _ => rest,
    }
}

#[cold]
#[inline(never)]
fn some_space(rest: &[u8]) -> &[u8] {
    let spaces = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count();
    rest.get(spaces..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::{Cursor, Fallback};

    fn is_accepted(text: &[u8]) -> bool {
        let skipped = Cursor::from_bytes(text).and_then(|mut cursor| {
            cursor.skip()?;
            cursor.finish()
        });
        skipped != Err(Fallback)
    }

    #[test]
    fn strict_json_is_skipped() {
        for text in [
            "0",
            " null ",
            "\t[ ]\r\n",
            "{}",
            "{ }",
            "\"\"",
            "[1,2.5,-3e-1]",
            "[[],[[]],{}]",
            r#"{"a":{"b":[true,false,null]},"c":"\n"}"#,
            "{\n  \"a\" : 1 ,\n  \"b\" : [ 1 , 2 ]\n}\n",
            r#"{"":0,"a":"","aa":{"a":{"a":[{"a":0},{"a":0}]}}}"#,
            "\"\u{7f}é😀\"",
        ] {
            assert!(is_accepted(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn other_texts_fall_back() {
        for text in [
            "",
            " ",
            "nul",
            "nulll",
            "True",
            "tru",
            "falsy",
            "[",
            "]",
            "{",
            "[1",
            "[1,",
            "[,1]",
            "[1,]",
            "[1 2]",
            "[1],",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{,}",
            "{a:1}",
            "{1:1}",
            "{\"a\" 1}",
            "{\"a\":1 \"b\":2}",
            "{\"a\":1,\"a\":1}",
            "[{\"b\":{\"a\":1,\"b\":2,\"a\":1}}]",
            "\"",
            "\"\\\"",
            "\"\n\"",
            "'a'",
            "[1]x",
            "{} {}",
            "\u{feff}1",
            "\u{a0}1",
            "[1\u{b}]",
            "NaN",
            "Infinity",
            "-",
            "/**/1",
            "[\"\\ud800\"]",
            "{\"\\u0061\":1}",
        ] {
            assert!(!is_accepted(text.as_bytes()), "{text}");
        }
        assert!(!is_accepted(b"\"\xff\"") && !is_accepted(b"\"\xed\xa0\x80\"") && !is_accepted(b"[1]\0"));
    }

    #[test]
    fn objects_of_an_array_may_differ() {
        let long = "a name of more than thirty-two bytes, which is compared as any other";
        for (first, second, wanted) in [
            (r#"{"a":1,"b":2}"#, r#"{"a":1,"b":2}"#, true),
            (r#"{"a":1,"b":2}"#, r#"{"a":1}"#, true),
            (r#"{"a":1,"b":2}"#, r#"{"b":1,"a":2}"#, true),
            (r#"{"a":1,"b":2}"#, r#"{"a":1,"b":2,"c":3}"#, true),
            (r#"{"a":1,"b":2}"#, r#"{"a":1,"b":2,"a":3}"#, false),
            (r#"{"a":1,"b":2}"#, r#"{"a":1,"a":2}"#, false),
            (r#"{"a":1,"b":2}"#, r#"{"b":1,"b":2}"#, false),
            (r#"{"a":1,"b":2}"#, r#"{"a":1,"b":2,}"#, false),
            (r#"{"a" :1}"#, r#"{"a" :1,"a":2}"#, false),
            (r#"{"a" :1}"#, r#"{ "a": 1 , "b":2}"#, true),
            ("{}", r#"{"a":1,"a":2}"#, false),
            (r#"{"a":1}"#, r#"{"a::1}"#, false),
            (r#"{"a":1}"#, r#"{"ab":1}"#, true),
            (r#"{"a":{"a":1}}"#, r#"{"a":{"b":1,"b":2}}"#, false),
            (r#"{"a":[{"b":1},{"b":2}],"b":3}"#, r#"{"a":[{"b":1},{"b":2}],"a":3}"#, false),
            (r#"{"a":[{"b":1},{"b":2}],"b":3}"#, r#"{"a":[{"b":1},{"c":2}],"b":3}"#, true),
        ] {
            for rest in ["", ",1", ",\"and so on for more bytes than are compared at once\""] {
                let text = format!("[{first},{second},{second},{first}{rest}]");
                assert_eq!(is_accepted(text.as_bytes()), wanted, "{text}");
                let text = text.replace("\"a\"", &format!("\"{long}\""));
                assert_eq!(is_accepted(text.as_bytes()), wanted, "{text}");
            }
        }
    }

    #[test]
    fn the_depth_limit_equals_that_of_the_reference_reader() {
        for (open, close) in [("[", "]"), ("{\"a\":[", "]}")] {
            let levels = |count: usize| format!("{}{}", open.repeat(count), close.repeat(count));
            let fits = 127 / open.matches(['[', '{']).count();
            assert!(is_accepted(levels(fits).as_bytes()));
            assert!(!is_accepted(levels(fits + 1).as_bytes()));
            assert!(!is_accepted(levels(100_000).as_bytes()));
        }
        assert!(is_accepted(format!("[{}]", "[[]],".repeat(200) + "[]").as_bytes()), "the depth is not the number of arrays");
    }
}
