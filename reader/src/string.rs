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
            let character = match after.as_bytes().first() {
                Some(b'b') => '\u{8}',
                Some(b'f') => '\u{c}',
                Some(b'n') => '\n',
                Some(b'r') => '\r',
                Some(b't') => '\t',
                Some(b'u') => {
                    after.get(1..5).and_then(|digits| u32::from_str_radix(digits, 16).ok()).and_then(char::from_u32).ok_or(Unsure)?
                }
                Some(byte @ (b'"' | b'\\' | b'/')) => char::from(*byte),
                _ => return Err(Unsure),
            };
            value.push(character);
            rest = after.get(if after.starts_with('u') { 5 } else { 1 }..).ok_or(Unsure)?;
        }
        value.push_str(rest);
        Ok(Cow::Owned(value))
    }
}

/// From behind an opening quote to the closing one: what stands from there on, and whether there were escapes.
#[inline(always)]
pub(crate) fn scan(rest: &[u8]) -> Sure<(&[u8], bool)> {
    let stop = find_stop(rest)?;
    if stop.first() == Some(&b'"') { Ok((stop, false)) } else { scan_escaped(stop) }
}

#[inline(never)]
fn scan_escaped(mut rest: &[u8]) -> Sure<(&[u8], bool)> {
    loop {
        rest = match rest {
            [b'"', ..] => return Ok((rest, true)),
            [b'\\', b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', after @ ..] => find_stop(after)?,
            [b'\\', b'u', first, second, third, fourth, after @ ..] => {
                // Surrogates come in pairs, or are wrong: not for here.
                let surrogate = first | 0x20 == b'd' && *second >= b'8';
                if surrogate || ![first, second, third, fourth].iter().all(|digit| digit.is_ascii_hexdigit()) {
                    return Err(Unsure);
                }
                find_stop(after)?
            }
            _ => return Err(Unsure),
        }
    }
}

/// What begins with the first byte that is no plain part of a string: a quote, a backslash, a control character.
#[inline(always)]
fn find_stop(mut rest: &[u8]) -> Sure<&[u8]> {
    while let Some((head, tail)) = rest.split_first_chunk::<16>() {
        let stops = stops(*head);
        if stops != 0 {
            return Ok(&rest[stops.trailing_zeros() as usize & 15..]);
        }
        rest = tail;
    }
    find_stop_by_bytes(rest)
}

#[cold]
#[inline(never)]
fn find_stop_by_bytes(rest: &[u8]) -> Sure<&[u8]> {
    let at = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)).ok_or(Unsure)?;
    Ok(&rest[at..])
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
            let found = scan(padded.as_bytes());
            assert_eq!(found.ok(), wanted.map(|(rest, escaped)| (rest.as_bytes(), escaped)), "{padded}");
        }
    }

    #[test]
    fn a_string_ends_with_the_first_quote_that_is_not_escaped() {
        check("\"", Some(("\"", false)));
        check("\": 1}", Some(("\": 1}", false)));
        check("plain text of more than one vector's length, and then\", x", Some(("\", x", false)));
        check(r#"a\"b\\\/\b\f\n\r\té" and so on, and so on, and so on"#, Some((r#"" and so on, and so on, and so on"#, true)));
        check("\u{7f}\"", Some(("\"", false)));
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
        check(r#"\ud7ff\ue000""#, Some(("\"", true)));
    }

    #[test]
    fn characters_are_counted_once_escapes_are_resolved() {
        let raw = r#"ä\u00e4\n\\"\/x\ud7ff"#;
        let text = Text::new(raw, 0, raw.len(), true);
        assert_eq!(text.value().as_deref(), Ok("ää\n\\\"/x\u{d7ff}"));
        assert_eq!(text.length(), Ok(8));
        assert_eq!(text.plain(), Err(Unsure));
        let raw = "naïve";
        let text = Text::new(raw, 0, raw.len(), false);
        assert_eq!((text.plain(), text.length()), (Ok("naïve"), Ok(5)));
    }
}
