//! Values that nothing is promised of: strict JSON, whatever it says.
//!
//! The functions take what is left of a text and give what is left behind a value, so that the place stays in registers.

use crate::names::Names;
use crate::{Sure, Unsure, number, string};

/// Behind any value, in which so many levels more may stand.
#[inline(always)]
pub(crate) fn value<'a>(rest: &'a [u8], room: usize, names: &mut Names<'a>) -> Sure<&'a [u8]> {
    match rest {
        [b'"', rest @ ..] => string::scan(rest).map(|(_, rest, _)| rest),
        [b'-' | b'0'..=b'9', ..] => number::scan(rest).map(|(_, rest)| rest),
        [b'{', rest @ ..] => object(rest, room, names),
        [b'[', rest @ ..] => array(rest, room, names),
        [b'n', b'u', b'l', b'l', rest @ ..] | [b't', b'r', b'u', b'e', rest @ ..] | [b'f', b'a', b'l', b's', b'e', rest @ ..] => Ok(rest),
        [0..=b' ', ..] => value_behind_space(rest, room, names),
        _ => Err(Unsure),
    }
}

#[inline(never)]
fn value_behind_space<'a>(rest: &'a [u8], room: usize, names: &mut Names<'a>) -> Sure<&'a [u8]> {
    match space(rest) {
        // A control character that is no space.
        [0..=b' ', ..] | [] => Err(Unsure),
        rest => value(rest, room, names),
    }
}

/// Behind an object whose brace has been read.
#[inline(never)]
fn object<'a>(rest: &'a [u8], room: usize, names: &mut Names<'a>) -> Sure<&'a [u8]> {
    let room = room.checked_sub(1).ok_or(Unsure)?;
    let mut rest = space(rest);
    if let [b'}', rest @ ..] = rest {
        return Ok(rest);
    }
    let mut open = names.open();
    loop {
        let [b'"', behind @ ..] = rest else { return Err(Unsure) };
        let (name, behind) = string::plain(behind)?;
        names.add(&mut open, name);
        let [b':', behind @ ..] = space(behind) else { return Err(Unsure) };
        match space(value(behind, room, names)?) {
            [b',', behind @ ..] => rest = space(behind),
            [b'}', behind @ ..] => return names.close(&open).map(|()| behind),
            _ => return Err(Unsure),
        }
    }
}

/// Behind an array whose bracket has been read.
#[inline(never)]
fn array<'a>(rest: &'a [u8], room: usize, names: &mut Names<'a>) -> Sure<&'a [u8]> {
    let room = room.checked_sub(1).ok_or(Unsure)?;
    let mut rest = space(rest);
    if let [b']', rest @ ..] = rest {
        return Ok(rest);
    }
    loop {
        match space(value(rest, room, names)?) {
            [b',', behind @ ..] => rest = behind,
            [b']', behind @ ..] => return Ok(behind),
            _ => return Err(Unsure),
        }
    }
}

/// Behind white space, of which there mostly is none.
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
    use crate::{Cursor, Unsure};

    fn is_sure(text: &[u8]) -> bool {
        let skipped = Cursor::of(text).and_then(|mut cursor| {
            cursor.skip()?;
            cursor.finish()
        });
        skipped != Err(Unsure)
    }

    #[test]
    fn strict_json_is_passed_over() {
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
            assert!(is_sure(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn what_is_not_strict_is_unsure() {
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
            assert!(!is_sure(text.as_bytes()), "{text}");
        }
        assert!(!is_sure(b"\"\xff\"") && !is_sure(b"\"\xed\xa0\x80\"") && !is_sure(b"[1]\0"));
    }

    #[test]
    fn the_depth_limit_is_that_of_the_reference_reader() {
        for (open, close) in [("[", "]"), ("{\"a\":[", "]}")] {
            let levels = |count: usize| format!("{}{}", open.repeat(count), close.repeat(count));
            let fits = 127 / open.matches(['[', '{']).count();
            assert!(is_sure(levels(fits).as_bytes()));
            assert!(!is_sure(levels(fits + 1).as_bytes()));
            assert!(!is_sure(levels(100_000).as_bytes()));
        }
        assert!(is_sure(format!("[{}]", "[[]],".repeat(200) + "[]").as_bytes()), "depth is no count of arrays");
    }
}
