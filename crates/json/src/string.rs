//! Strings: the scanner of their bytes, and its result.

use std::borrow::Cow;

use wide::u8x16;

use crate::{Fallback, FastPath};

/// A string of a text, without its quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text<'a> {
    whole: &'a str,
    start: usize,
    end: usize,
    escaped: bool,
}

impl<'a> Text<'a> {
    #[inline(always)]
    pub(crate) fn new(whole: &'a str, start: usize, end: usize, escaped: bool) -> Self {
        Self { whole, start, end, escaped }
    }

    /// Whether it has escapes.
    #[inline(always)]
    pub fn is_escaped(&self) -> bool {
        self.escaped
    }

    /// The string, if it has no escapes.
    ///
    /// # Errors
    /// The string has escapes.
    #[inline(always)]
    pub fn plain(&self) -> FastPath<&'a str> {
        if self.escaped { Err(Fallback) } else { self.raw() }
    }

    /// The bytes of the string with its quotes, if it has no escapes.
    pub fn quoted(&self) -> Option<&'a [u8]> {
        if self.escaped { None } else { self.whole.as_bytes().get(self.start.checked_sub(1)?..self.end + 1) }
    }

    /// The text between the quotes, with its escapes.
    #[inline(always)]
    pub(crate) fn raw(&self) -> FastPath<&'a str> {
        self.whole.get(self.start..self.end).ok_or(Fallback)
    }

    /// The number of characters (code points).
    ///
    /// # Errors
    /// The string has a lone surrogate; [`Cursor::string`](crate::Cursor::string) accepts none.
    #[inline]
    pub fn length(&self) -> FastPath<usize> {
        if self.escaped { Ok(self.value()?.chars().count()) } else { Ok(self.raw()?.chars().count()) }
    }

    /// The string with its escapes resolved.
    ///
    /// # Errors
    /// The string has a lone surrogate; [`Cursor::string`](crate::Cursor::string) accepts none.
    pub fn value(&self) -> FastPath<Cow<'a, str>> {
        let raw = self.raw()?;
        if !self.escaped {
            return Ok(Cow::Borrowed(raw));
        }
        let mut value = String::with_capacity(raw.len());
        let mut rest = raw;
        while let Some((before, after)) = rest.split_once('\\') {
            value.push_str(before);
            let (character, length) = match after.as_bytes().first() {
                Some(b'u') => unicode_escape(after)?,
                Some(byte) if ESCAPED[usize::from(*byte)] != 0 => (char::from(ESCAPED[usize::from(*byte)]), 1),
                _ => return Err(Fallback),
            };
            value.push(character);
            rest = after.get(length..).ok_or(Fallback)?;
        }
        value.push_str(rest);
        Ok(Cow::Owned(value))
    }
}

/// The character of an escape that begins with `u`, and the number of its bytes. A pair of surrogates is two escapes.
fn unicode_escape(escape: &str) -> FastPath<(char, usize)> {
    let unit = |from: usize| u32::from_str_radix(escape.get(from..from + 4)?, 16).ok();
    let first = unit(1).ok_or(Fallback)?;
    let pair = || {
        let second = unit(7).filter(|unit| escape.get(5..7) == Some("\\u") && (0xdc00..0xe000).contains(unit))?;
        char::from_u32(0x1_0000 + ((first - 0xd800) << 10 | (second - 0xdc00)))
    };
    match first {
        0xd800..0xdc00 => pair().map(|character| (character, 11)),
        _ => char::from_u32(first).map(|character| (character, 5)),
    }
    .ok_or(Fallback)
}

/// Scans a string after its opening quote. Returns its length in bytes, the rest after its closing quote, and whether it has escapes.
#[inline(always)]
pub(crate) fn scan(rest: &[u8]) -> FastPath<(usize, &[u8], bool)> {
    let (length, stop) = find_stop(rest)?;
    match stop {
        [b'"', after @ ..] => Ok((length, after, false)),
        _ => scan_escaped::<false>(length, stop),
    }
}

/// As `scan`, by the grammar alone: surrogates are accepted.
#[inline]
pub(crate) fn scan_any(rest: &[u8]) -> FastPath<(usize, &[u8], bool)> {
    let (length, stop) = find_stop(rest)?;
    match stop {
        [b'"', after @ ..] => Ok((length, after, false)),
        _ => scan_escaped::<true>(length, stop),
    }
}

/// Scans a string without escapes after its opening quote. Returns its bytes and the rest after its closing quote.
#[inline(always)]
pub(crate) fn plain(rest: &[u8]) -> FastPath<(&[u8], &[u8])> {
    let (length, stop) = find_stop(rest)?;
    match stop {
        [b'"', after @ ..] => Ok((rest.get(..length).ok_or(Fallback)?, after)),
        _ => Err(Fallback),
    }
}

/// Bytes of a string whose escapes are found at once. Texts of JSON in strings have an escape every few bytes.
const PART: usize = 64;
/// Bytes that are copied at once: a copy of a whole vector is faster than one of a known length.
const VECTOR: usize = 16;

/// The byte that a backslash and a byte stand for; 0 for `u` and bytes that no escape has.
const ESCAPED: [u8; 256] = {
    let mut bytes = [0; 256];
    let pairs = [(b'"', b'"'), (b'\\', b'\\'), (b'/', b'/'), (b'b', 8), (b'f', 0xc), (b'n', b'\n'), (b'r', b'\r'), (b't', b'\t')];
    let mut at = 0;
    while at < pairs.len() {
        bytes[pairs[at].0 as usize] = pairs[at].1;
        at += 1;
    }
    bytes
};

/// Scans a string after its opening quote, appends its value to `out`, and returns the rest after its closing quote. It accepts what [`scan`] accepts.
pub(crate) fn resolve<'a>(mut rest: &'a [u8], out: &mut Vec<u8>) -> FastPath<&'a [u8]> {
    loop {
        while let Some(part) = rest.first_chunk::<PART>() {
            match resolve_part(part, out) {
                Part::Whole(length) => rest = &rest[length..],
                Part::End(at) => return rest.get(at + 1..).ok_or(Fallback),
                Part::Other(at) => {
                    rest = &rest[at..];
                    break;
                }
            }
        }
        if rest.len() < PART {
            let (at, stop) = find_stop_by_bytes(rest)?;
            out.extend_from_slice(&rest[..at]);
            rest = stop;
        }
        rest = match rest {
            [b'"', after @ ..] => return Ok(after),
            [b'\\', b'u', first, second, third, fourth, after @ ..] => {
                let digits = [*first, *second, *third, *fourth];
                let digits = std::str::from_utf8(&digits).ok().filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
                let unit = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()).ok_or(Fallback)?;
                // Pairs of surrogates are left to the reference reader.
                let character = char::from_u32(unit).ok_or(Fallback)?;
                out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                after
            }
            [b'\\', byte, after @ ..] if ESCAPED[usize::from(*byte)] != 0 => {
                out.push(ESCAPED[usize::from(*byte)]);
                after
            }
            _ => return Err(Fallback),
        };
    }
}

/// How far a part of a string was resolved.
enum Part {
    /// So many bytes, with no other end.
    Whole(usize),
    /// Up to the closing quote there.
    End(usize),
    /// Up to what is there: an escape with digits, one that the part does not have completely, or a control character.
    Other(usize),
}

/// Appends the value of a part of a string.
#[inline(always)]
fn resolve_part(part: &[u8; PART], out: &mut Vec<u8>) -> Part {
    let (vectors, _) = part.as_chunks::<VECTOR>();
    let mut marks = vectors.iter().rev().fold(0_u64, |marks, vector| marks << VECTOR | u64::from(stops(*vector)));
    // Room for the last copy of a vector.
    let mut padded = [0; PART + VECTOR];
    padded[..PART].copy_from_slice(part);
    let mut length = out.len();
    out.extend_from_slice(&padded);
    let mut from = 0;
    let result = loop {
        let at = marks.trailing_zeros() as usize;
        // `at` is at most 64, and the value is never longer than the text.
        let mut copied = 0;
        while copied < at - from {
            if let (Some(to), Some(vector)) =
                (out.get_mut(length + copied..length + copied + VECTOR), padded.get(from + copied..from + copied + VECTOR))
            {
                to.copy_from_slice(vector);
            }
            copied += VECTOR;
        }
        length += at - from;
        if at == PART {
            break Part::Whole(PART);
        }
        if part[at] != b'\\' {
            break if part[at] == b'"' { Part::End(at) } else { Part::Other(at) };
        }
        let byte = part.get(at + 1).map_or(0, |byte| ESCAPED[usize::from(*byte)]);
        if byte == 0 {
            break Part::Other(at);
        }
        if let Some(to) = out.get_mut(length) {
            *to = byte;
        }
        length += 1;
        from = at + 2;
        // The byte after a backslash belongs to it.
        marks &= u64::MAX.checked_shl(from as u32).unwrap_or(0);
    };
    out.truncate(length);
    result
}

#[inline(never)]
fn scan_escaped<const SURROGATES: bool>(mut length: usize, mut rest: &[u8]) -> FastPath<(usize, &[u8], bool)> {
    loop {
        let after = match rest {
            [b'"', after @ ..] => return Ok((length, after, true)),
            [b'\\', b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', after @ ..] => after,
            [b'\\', b'u', first, second, third, fourth, after @ ..] => {
                // Pairs of surrogates are rare and left to the reference reader, which also refuses lone ones.
                let surrogate = !SURROGATES && first | 0x20 == b'd' && *second >= b'8';
                if surrogate || ![first, second, third, fourth].iter().all(|digit| digit.is_ascii_hexdigit()) {
                    return Err(Fallback);
                }
                after
            }
            _ => return Err(Fallback),
        };
        let (plain, stop) = find_stop(after)?;
        length += rest.len() - after.len() + plain;
        rest = stop;
    }
}

/// The index of the first quote, backslash or control character, and the rest of the text from there on.
#[inline(always)]
fn find_stop(rest: &[u8]) -> FastPath<(usize, &[u8])> {
    let (mut ahead, mut passed) = (rest, 0);
    while let Some((head, tail)) = ahead.split_first_chunk::<16>() {
        let stops = stops(*head);
        if stops != 0 {
            let at = stops.trailing_zeros() as usize & 15;
            return Ok((passed + at, &ahead[at..]));
        }
        passed += 16;
        ahead = tail;
    }
    let (at, stop) = find_stop_by_bytes(ahead)?;
    Ok((passed + at, stop))
}

#[cold]
#[inline(never)]
fn find_stop_by_bytes(rest: &[u8]) -> FastPath<(usize, &[u8])> {
    let at = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)).ok_or(Fallback)?;
    Ok((at, &rest[at..]))
}

#[inline(always)]
fn stops(bytes: [u8; 16]) -> u32 {
    let bytes = u8x16::new(bytes);
    let stops = bytes.simd_eq(u8x16::splat(b'"')) | bytes.simd_eq(u8x16::splat(b'\\')) | bytes.min(u8x16::splat(0x1f)).simd_eq(bytes);
    stops.to_bitmask()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, wanted: Option<(&str, bool)>) {
        for before in 0..20 {
            let padded = format!("{}{text}", "é".repeat(before));
            let wanted = wanted.map(|(rest, escaped)| (padded.len() - rest.len() - 1, rest.as_bytes(), escaped));
            assert_eq!(scan(padded.as_bytes()).ok(), wanted, "{padded}");
            let mut value = b"before ".to_vec();
            let resolved = resolve(padded.as_bytes(), &mut value).ok();
            assert_eq!(resolved, wanted.map(|(_, rest, _)| rest), "{padded}");
            if let Some((length, ..)) = wanted {
                let expected = Text::new(&padded, 0, length, true).value().expect("a value");
                assert_eq!(value.strip_prefix(b"before "), Some(expected.as_bytes()), "{padded}");
            }
            let plain = plain(padded.as_bytes()).ok().map(|(text, rest)| (text.len(), rest, false));
            assert_eq!(plain, wanted.filter(|(_, _, escaped)| !escaped), "{padded}");
        }
    }

    #[test]
    fn a_string_ends_at_the_first_quote_that_is_not_escaped() {
        check("\"", Some(("", false)));
        check("\": 1}", Some((": 1}", false)));
        check("plain text of more than one vector's length, and then\", x", Some((", x", false)));
        check(r#"a\"b\\\/\b\f\n\r\té" and so on, and so on, and so on"#, Some((" and so on, and so on, and so on", true)));
        check("\u{7f}\"", Some(("", false)));
        check("open", None);
        check("", None);
        check("\\\"", None);
        check("a\nb\"", None);
        check("a\\\nb\"", None);
        check("\u{1f}\"", None);
        check(r#"\x""#, None);
        check(r#"\u12g4""#, None);
        check(r#"\u12"#, None);
        check(r#"\ud83d\ude00""#, None);
        check(r#"\uDfff""#, None);
        check(r#"\ud7ff\ue000""#, Some(("", true)));
    }

    #[test]
    fn long_strings_with_many_escapes_are_resolved() {
        let object = r#"{\"a\":\"b\\n\",\"key\":[1,2.5,null],\"a longer key\":\"a value of more than sixteen bytes\"}"#;
        check(
            &format!("{}\", and so on for more than a part of the string, which has 64 bytes, and so on", object.repeat(3)),
            Some((", and so on for more than a part of the string, which has 64 bytes, and so on", true)),
        );
        for length in 0..140 {
            for escape in ["\\\"", "\\\\", "\\n", "\\u00e9", "\\u000a"] {
                let text = format!("{}{escape}{escape}{}\"", "x".repeat(length), "y".repeat(140 - length));
                check(&text, Some(("", true)));
                check(&format!("{text}{}", " ".repeat(80)), Some((&" ".repeat(80), true)));
            }
            for wrong in ["\\x", "\\ud83d", "\\", "\n", "\u{1f}"] {
                check(&format!("{}{wrong}{}", "x".repeat(length), "y".repeat(140 - length)), None);
            }
        }
    }

    #[test]
    fn escapes_are_resolved_before_characters_are_counted() {
        let raw = r#"ä\u00e4\n\\"\/x\ud7ff"#;
        let text = Text::new(raw, 0, raw.len(), true);
        assert_eq!(text.value().as_deref(), Ok("ää\n\\\"/x\u{d7ff}"));
        assert_eq!(text.length(), Ok(8));
        assert_eq!(text.plain(), Err(Fallback));
        let raw = r#"\ud83d\ude00\uD83D\uDE00x"#;
        let text = Text::new(raw, 0, raw.len(), true);
        assert_eq!(text.value().as_deref(), Ok("😀😀x"));
        for raw in [r#"\ud83d"#, r#"\ude00\ud83d"#, r#"\ud83dx"#, r#"\ud83d\n"#, r#"\ud83d\u0041"#] {
            assert_eq!(Text::new(raw, 0, raw.len(), true).value(), Err(Fallback), "{raw}");
            assert_eq!(scan_any(format!("{raw}\"").as_bytes()), Ok((raw.len(), [].as_slice(), true)), "{raw}");
        }
        let raw = "naïve";
        let text = Text::new(raw, 0, raw.len(), false);
        assert_eq!((text.plain(), text.length()), (Ok("naïve"), Ok(5)));
    }
}
