//! Strings: the scanner of their bytes, and what it found.

use std::borrow::Cow;

use wide::u8x16;

use crate::{Sure, Unsure};

/// A string of a text, between its quotes.
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

    /// Whether it is written with escapes.
    #[inline(always)]
    pub fn is_escaped(&self) -> bool {
        self.escaped
    }

    /// The string itself, where it is written as it is.
    ///
    /// # Errors
    /// It has escapes.
    #[inline(always)]
    pub fn plain(&self) -> Sure<&'a str> {
        if self.escaped { Err(Unsure) } else { self.raw() }
    }

    /// The bytes between the quotes, escapes and all.
    #[inline(always)]
    pub(crate) fn raw(&self) -> Sure<&'a str> {
        self.whole.get(self.start..self.end).ok_or(Unsure)
    }

    /// How many characters (code points) it has.
    ///
    /// # Errors
    /// None that a string of a cursor has.
    #[inline]
    pub fn length(&self) -> Sure<usize> {
        if self.escaped { Ok(self.value()?.chars().count()) } else { Ok(self.raw()?.chars().count()) }
    }

    /// The string with its escapes resolved.
    ///
    /// # Errors
    /// None that a string of a cursor has.
    pub fn value(&self) -> Sure<Cow<'a, str>> {
        let raw = self.raw()?;
        if !self.escaped {
            return Ok(Cow::Borrowed(raw));
        }
        let mut value = String::with_capacity(raw.len());
        let mut rest = raw;
        while let Some((before, after)) = rest.split_once('\\') {
            value.push_str(before);
            let (character, length) = match after.as_bytes().first() {
                Some(b'b') => ('\u{8}', 1),
                Some(b'f') => ('\u{c}', 1),
                Some(b'n') => ('\n', 1),
                Some(b'r') => ('\r', 1),
                Some(b't') => ('\t', 1),
                Some(b'u') => unicode_escape(after)?,
                Some(byte @ (b'"' | b'\\' | b'/')) => (char::from(*byte), 1),
                _ => return Err(Unsure),
            };
            value.push(character);
            rest = after.get(length..).ok_or(Unsure)?;
        }
        value.push_str(rest);
        Ok(Cow::Owned(value))
    }
}

/// The character of an escape that begins with `u`, and how many bytes it is written in: two escapes for a pair of surrogates.
fn unicode_escape(escape: &str) -> Sure<(char, usize)> {
    let unit = |from: usize| u32::from_str_radix(escape.get(from..from + 4)?, 16).ok();
    let first = unit(1).ok_or(Unsure)?;
    let pair = || {
        let second = unit(7).filter(|unit| escape.get(5..7) == Some("\\u") && (0xdc00..0xe000).contains(unit))?;
        char::from_u32(0x1_0000 + ((first - 0xd800) << 10 | (second - 0xdc00)))
    };
    match first {
        0xd800..0xdc00 => pair().map(|character| (character, 11)),
        _ => char::from_u32(first).map(|character| (character, 5)),
    }
    .ok_or(Unsure)
}

/// From behind an opening quote: how many bytes the string has, what follows its closing quote, and whether there were escapes.
#[inline(always)]
pub(crate) fn scan(rest: &[u8]) -> Sure<(usize, &[u8], bool)> {
    let (length, stop) = find_stop(rest)?;
    match stop {
        [b'"', after @ ..] => Ok((length, after, false)),
        _ => scan_escaped::<false>(length, stop),
    }
}

/// The same by the grammar alone: surrogates are accepted.
#[inline]
pub(crate) fn scan_any(rest: &[u8]) -> Sure<(usize, &[u8], bool)> {
    let (length, stop) = find_stop(rest)?;
    match stop {
        [b'"', after @ ..] => Ok((length, after, false)),
        _ => scan_escaped::<true>(length, stop),
    }
}

/// A string that is written without escapes: its bytes, and what follows its closing quote.
#[inline(always)]
pub(crate) fn plain(rest: &[u8]) -> Sure<(&[u8], &[u8])> {
    let (length, stop) = find_stop(rest)?;
    match stop {
        [b'"', after @ ..] => Ok((rest.get(..length).ok_or(Unsure)?, after)),
        _ => Err(Unsure),
    }
}

#[inline(never)]
fn scan_escaped<const SURROGATES: bool>(mut length: usize, mut rest: &[u8]) -> Sure<(usize, &[u8], bool)> {
    loop {
        let after = match rest {
            [b'"', after @ ..] => return Ok((length, after, true)),
            [b'\\', b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', after @ ..] => after,
            [b'\\', b'u', first, second, third, fourth, after @ ..] => {
                // Surrogates come in pairs, or are wrong: not for here.
                let surrogate = !SURROGATES && first | 0x20 == b'd' && *second >= b'8';
                if surrogate || ![first, second, third, fourth].iter().all(|digit| digit.is_ascii_hexdigit()) {
                    return Err(Unsure);
                }
                after
            }
            _ => return Err(Unsure),
        };
        let (plain, stop) = find_stop(after)?;
        length += rest.len() - after.len() + plain;
        rest = stop;
    }
}

/// Where the first byte is that is no plain part of a string (a quote, a backslash, a control character), and what begins with it.
#[inline(always)]
fn find_stop(rest: &[u8]) -> Sure<(usize, &[u8])> {
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
fn find_stop_by_bytes(rest: &[u8]) -> Sure<(usize, &[u8])> {
    let at = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)).ok_or(Unsure)?;
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
            let plain = plain(padded.as_bytes()).ok().map(|(text, rest)| (text.len(), rest, false));
            assert_eq!(plain, wanted.filter(|(_, _, escaped)| !escaped), "{padded}");
        }
    }

    #[test]
    fn a_string_ends_with_the_first_quote_that_is_not_escaped() {
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
    fn characters_are_counted_once_escapes_are_resolved() {
        let raw = r#"ä\u00e4\n\\"\/x\ud7ff"#;
        let text = Text::new(raw, 0, raw.len(), true);
        assert_eq!(text.value().as_deref(), Ok("ää\n\\\"/x\u{d7ff}"));
        assert_eq!(text.length(), Ok(8));
        assert_eq!(text.plain(), Err(Unsure));
        let raw = r#"\ud83d\ude00\uD83D\uDE00x"#;
        let text = Text::new(raw, 0, raw.len(), true);
        assert_eq!(text.value().as_deref(), Ok("😀😀x"));
        for raw in [r#"\ud83d"#, r#"\ude00\ud83d"#, r#"\ud83dx"#, r#"\ud83d\n"#, r#"\ud83d\u0041"#] {
            assert_eq!(Text::new(raw, 0, raw.len(), true).value(), Err(Unsure), "{raw}");
            assert_eq!(scan_any(format!("{raw}\"").as_bytes()), Ok((raw.len(), [].as_slice(), true)), "{raw}");
        }
        let raw = "naïve";
        let text = Text::new(raw, 0, raw.len(), false);
        assert_eq!((text.plain(), text.length()), (Ok("naïve"), Ok(5)));
    }
}
