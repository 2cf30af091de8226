//! Values that nothing is promised of: strict JSON, whatever it says.
//!
//! The functions take what is left of a text and give what is left behind a value, so that the place stays in registers.

use crate::names::{Names, Open};
use crate::{Sure, Unsure, number, string};

/// Behind any value, in which so many levels more may stand.
#[inline(always)]
pub(crate) fn value<'a, const EXACT: bool>(rest: &'a [u8], room: usize, names: &mut Names<'a>) -> Sure<&'a [u8]> {
    match rest {
        [b'"', rest @ ..] if EXACT => string::scan(rest).map(|(_, rest, _)| rest),
        [b'"', rest @ ..] => string::scan_any(rest).map(|(_, rest, _)| rest),
        [b'-' | b'0'..=b'9', ..] if EXACT => number::scan(rest).map(|(_, rest)| rest),
        [b'-' | b'0'..=b'9', ..] => number::scan_any(rest).map(|(_, rest)| rest),
        [b'{', rest @ ..] => object::<EXACT>(rest, room, names),
        [b'[', rest @ ..] => array::<EXACT>(rest, room, names),
        [b'n', b'u', b'l', b'l', rest @ ..] | [b't', b'r', b'u', b'e', rest @ ..] | [b'f', b'a', b'l', b's', b'e', rest @ ..] => Ok(rest),
        [0..=b' ', ..] => value_behind_space::<EXACT>(rest, room, names),
        _ => Err(Unsure),
    }
}

#[inline(never)]
fn value_behind_space<'a, const EXACT: bool>(rest: &'a [u8], room: usize, names: &mut Names<'a>) -> Sure<&'a [u8]> {
    match space(rest) {
        // A control character that is no space.
        [0..=b' ', ..] | [] => Err(Unsure),
        rest => value::<EXACT>(rest, room, names),
    }
}

/// Behind an object whose brace has been read.
#[inline(never)]
fn object<'a, const EXACT: bool>(rest: &'a [u8], room: usize, names: &mut Names<'a>) -> Sure<&'a [u8]> {
    let room = room.checked_sub(1).ok_or(Unsure)?;
    if let Some(behind) = leaves(rest, b'}') {
        return Ok(behind);
    }
    let mut open = names.open();
    let behind = members::<EXACT>(rest, room, names, &mut open)?;
    names.close(&open).map(|()| behind)
}

/// Behind the members of an object, the first of which comes.
#[inline(always)]
fn members<'a, const EXACT: bool>(mut rest: &'a [u8], room: usize, names: &mut Names<'a>, open: &mut Open) -> Sure<&'a [u8]> {
    loop {
        let quoted = take(rest, b'"')?;
        let behind = if EXACT {
            let (name, behind) = string::plain(quoted)?;
            names.add(open, name, quoted);
            behind
        } else {
            string::scan_any(quoted)?.1
        };
        let (next, goes_on) = goes_on(value::<EXACT>(take(behind, b':')?, room, names)?, b'}')?;
        if !goes_on {
            return Ok(next);
        }
        rest = next;
    }
}

/// Behind an object of a list. The names of the first one are kept, because those that follow are likely to have the same: then they are
/// neither scanned nor compared with each other again.
#[inline(never)]
fn object_of_list<'a>(rest: &'a [u8], room: usize, names: &mut Names<'a>, kept: &mut (usize, usize)) -> Sure<&'a [u8]> {
    let room = room.checked_sub(1).ok_or(Unsure)?;
    if let Some(behind) = leaves(rest, b'}') {
        return Ok(behind);
    }
    let (from, to) = *kept;
    if from == to {
        let mut open = names.open();
        let behind = members::<true>(rest, room, names, &mut open)?;
        names.check(&open)?;
        *kept = (open.start, names.len());
        return Ok(behind);
    }
    let (mut rest, mut at) = (rest, from);
    while at < to
        && let [b'"', quoted @ ..] = rest
        && let Some(behind) = names.behind(at, quoted)
    {
        at += 1;
        let (next, goes_on) = goes_on(value::<true>(take(behind, b':')?, room, names)?, b'}')?;
        if !goes_on {
            return Ok(next);
        }
        rest = next;
    }
    object_unlike(rest, room, names, (from, at))
}

/// Behind the rest of an object, of which only the first keys were those that are kept.
#[inline(never)]
fn object_unlike<'a>(rest: &'a [u8], room: usize, names: &mut Names<'a>, same: (usize, usize)) -> Sure<&'a [u8]> {
    let mut open = names.open_like(same)?;
    let behind = members::<true>(rest, room, names, &mut open)?;
    names.close(&open).map(|()| behind)
}

/// Behind an array whose bracket has been read.
#[inline(never)]
fn array<'a, const EXACT: bool>(rest: &'a [u8], room: usize, names: &mut Names<'a>) -> Sure<&'a [u8]> {
    let room = room.checked_sub(1).ok_or(Unsure)?;
    if let Some(behind) = leaves(rest, b']') {
        return Ok(behind);
    }
    let (mut rest, mut kept) = (rest, (names.len(), names.len()));
    loop {
        let behind = match rest {
            [b'{', rest @ ..] if EXACT => object_of_list(rest, room, names, &mut kept)?,
            _ => value::<EXACT>(rest, room, names)?,
        };
        let (next, goes_on) = goes_on(behind, b']')?;
        if !goes_on {
            names.truncate(kept.0);
            return Ok(next);
        }
        rest = next;
    }
}

/// Behind one byte of punctuation.
///
/// This and what follows looks for white space only where the byte expected does not come at once.
#[inline(always)]
pub(crate) fn take(rest: &[u8], wanted: u8) -> Sure<&[u8]> {
    match rest {
        [byte, rest @ ..] if *byte == wanted => Ok(rest),
        _ => take_behind_space(rest, wanted),
    }
}

#[cold]
#[inline(never)]
fn take_behind_space(rest: &[u8], wanted: u8) -> Sure<&[u8]> {
    match some_space(rest) {
        [byte, rest @ ..] if *byte == wanted => Ok(rest),
        _ => Err(Unsure),
    }
}

/// Behind a literal with white space before it.
#[cold]
#[inline(never)]
pub(crate) fn behind_space<'a>(rest: &'a [u8], wanted: &[u8]) -> Sure<&'a [u8]> {
    some_space(rest).strip_prefix(wanted).ok_or(Unsure)
}

/// Behind the comma before another item, or behind the end of the object or array; which of the two.
#[inline(always)]
pub(crate) fn goes_on(rest: &[u8], closing: u8) -> Sure<(&[u8], bool)> {
    match rest {
        [b',', rest @ ..] => Ok((rest, true)),
        [byte, rest @ ..] if *byte == closing => Ok((rest, false)),
        _ => goes_on_behind_space(rest, closing),
    }
}

#[cold]
#[inline(never)]
fn goes_on_behind_space(rest: &[u8], closing: u8) -> Sure<(&[u8], bool)> {
    match some_space(rest) {
        [b',', rest @ ..] => Ok((rest, true)),
        [byte, rest @ ..] if *byte == closing => Ok((rest, false)),
        _ => Err(Unsure),
    }
}

/// Behind an object or array that is empty.
#[inline(always)]
pub(crate) fn leaves(rest: &[u8], closing: u8) -> Option<&[u8]> {
    match space(rest) {
        [byte, rest @ ..] if *byte == closing => Some(rest),
        _ => None,
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
    fn objects_of_a_list_need_not_be_alike() {
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
                assert_eq!(is_sure(text.as_bytes()), wanted, "{text}");
                let text = text.replace("\"a\"", &format!("\"{long}\""));
                assert_eq!(is_sure(text.as_bytes()), wanted, "{text}");
            }
        }
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
