//! The scanner of the fast path: one pass over strict JSON. Unusual input falls back to `serde_json`.
//!
//! It expects compact JSON and skips white space only if the expected byte is missing.

use std::borrow::Cow;

use serde::de::{IgnoredAny, Visitor};

use super::text::{Fallback, FastPath};

/// The maximum depth of arrays and objects; the limit of `serde_json`.
const DEPTH_LIMIT: u8 = 127;
/// In objects with more keys, duplicate keys are found by sorting.
const FEW: usize = 16;
/// A number with fewer bytes and no exponent is finite.
const FINITE: usize = 300;

/// A position in a text.
pub(super) struct Pass<'de> {
    text: &'de str,
    rest: &'de [u8],
    /// The remaining levels of depth.
    room: u8,
    /// The keys of the open objects around the position.
    names: Vec<Cow<'de, str>>,
}

impl<'de> Pass<'de> {
    pub(super) fn over(text: &'de str) -> Self {
        Self { text, rest: text.as_bytes(), room: DEPTH_LIMIT, names: Vec::new() }
    }

    /// Checks that the whole text was read and that no value is open.
    #[inline]
    pub(super) fn finish(&mut self) -> FastPath<()> {
        self.skip_space();
        if self.rest.is_empty() && self.room == DEPTH_LIMIT { Ok(()) } else { Err(Fallback) }
    }

    /// The next byte after white space; 0 at the end.
    #[inline(always)]
    pub(super) fn peek(&mut self) -> u8 {
        self.skip_space();
        self.rest.first().copied().unwrap_or(0)
    }

    #[inline(always)]
    fn skip_space(&mut self) {
        if let [0..=b' ', ..] = self.rest {
            self.skip_some_space();
        }
    }

    #[cold]
    #[inline(never)]
    fn skip_some_space(&mut self) {
        while let [b' ' | b'\t' | b'\n' | b'\r', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }

    /// Reads one byte of punctuation.
    #[inline(always)]
    pub(super) fn take(&mut self, wanted: u8) -> FastPath<()> {
        match self.rest {
            [byte, rest @ ..] if *byte == wanted => self.rest = rest,
            _ => {
                self.skip_some_space();
                self.rest = self.rest.strip_prefix(&[wanted]).ok_or(Fallback)?;
            }
        }
        Ok(())
    }

    /// Reads `null`, `true` or `false`.
    #[inline(always)]
    pub(super) fn literal(&mut self, wanted: &[u8]) -> FastPath<()> {
        self.rest = self.rest.strip_prefix(wanted).ok_or(Fallback)?;
        Ok(())
    }

    /// The text since the position with this number of remaining bytes.
    #[inline(always)]
    fn since(&self, left: usize) -> FastPath<&'de str> {
        let end = self.text.len();
        self.text.get(end - left..end - self.rest.len()).ok_or(Fallback)
    }

    /// Reads a string.
    #[inline(always)]
    pub(super) fn string(&mut self) -> FastPath<Cow<'de, str>> {
        self.take(b'"')?;
        let left = self.rest.len();
        self.rest = self.rest.get(plain(self.rest)..).unwrap_or_default();
        match self.rest {
            [b'"', behind @ ..] => {
                let text = self.since(left)?;
                self.rest = behind;
                Ok(Cow::Borrowed(text))
            }
            [b'\\', ..] => self.escaped(left).map(Cow::Owned),
            _ => Err(Fallback),
        }
    }

    /// Reads a string with escapes. The argument is the number of remaining bytes after the opening quote.
    #[cold]
    #[inline(never)]
    fn escaped(&mut self, left: usize) -> FastPath<String> {
        while let [b'\\', _, behind @ ..] = self.rest {
            self.rest = behind.get(plain(behind)..).unwrap_or_default();
        }
        self.rest = self.rest.strip_prefix(b"\"").ok_or(Fallback)?;
        serde_json::from_str(self.since(left + 1)?).map_err(|_| Fallback)
    }

    /// Reads a string that equals one of the names, which need no escapes. Returns its index.
    #[inline(always)]
    pub(super) fn one_of(&mut self, names: &[&str]) -> Option<usize> {
        self.skip_space();
        let rest = self.rest.strip_prefix(b"\"")?;
        let is = |name: &&str| rest.get(name.len()) == Some(&b'"') && rest.starts_with(name.as_bytes());
        let found = names.iter().position(is)?;
        self.rest = rest.get(names[found].len() + 1..)?;
        Some(found)
    }

    /// Reads a number like `serde_json`: a number that is not an integer of `u64` or `i64` becomes a double.
    #[inline(always)]
    pub(super) fn number<V: Visitor<'de>>(&mut self, visitor: V) -> FastPath<V::Value> {
        let left = self.rest.len();
        let (count, value, negative) = self.whole()?;
        if self.has_fraction() {
            self.fraction()?;
            return visitor.visit_f64(self.double(left)?);
        }
        match (count, value, negative) {
            // Nineteen digits fit into a `u64`.
            (..=19, _, false) => visitor.visit_u64(value),
            (..=19, 0, true) => visitor.visit_f64(-0.0),
            (..=19, _, true) => visitor.visit_i64(0_i64.checked_sub_unsigned(value).ok_or(Fallback)?),
            _ => Err(Fallback),
        }
    }

    /// Reads the integer part of a number: the number of digits, their value if there are at most nineteen, and the sign.
    #[inline(always)]
    fn whole(&mut self) -> FastPath<(usize, u64, bool)> {
        let negative = self.rest.strip_prefix(b"-").map(|rest| self.rest = rest).is_some();
        if let [b'0', b'0'..=b'9', ..] = self.rest {
            return Err(Fallback);
        }
        let (mut rest, mut value) = (self.rest, 0_u64);
        while let [digit @ b'0'..=b'9', behind @ ..] = rest {
            value = value.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
            rest = behind;
        }
        let count = self.rest.len() - rest.len();
        self.rest = rest;
        if count > 0 { Ok((count, value, negative)) } else { Err(Fallback) }
    }

    #[inline(always)]
    fn has_fraction(&self) -> bool {
        matches!(self.rest, [b'.' | b'e' | b'E', ..])
    }

    /// Reads a fraction, an exponent or both. Returns whether there is an exponent.
    fn fraction(&mut self) -> FastPath<bool> {
        if let [b'.', rest @ ..] = self.rest {
            self.rest = rest;
            self.digits()?;
        }
        if let [b'e' | b'E', b'+' | b'-', rest @ ..] | [b'e' | b'E', rest @ ..] = self.rest {
            self.rest = rest;
            return self.digits().map(|()| true);
        }
        Ok(false)
    }

    fn digits(&mut self) -> FastPath<()> {
        let count = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.rest = self.rest.get(count..).unwrap_or_default();
        if count > 0 { Ok(()) } else { Err(Fallback) }
    }

    /// The double in the text since the position with this number of remaining bytes.
    #[inline(never)]
    fn double(&self, left: usize) -> FastPath<f64> {
        self.since(left)?.parse().ok().filter(|value: &f64| value.is_finite()).ok_or(Fallback)
    }

    /// Reads any value without duplicate keys and returns its text.
    pub(super) fn any(&mut self) -> FastPath<&'de str> {
        self.skip_space();
        self.names.reserve(FEW);
        let left = self.rest.len();
        self.skip()?;
        self.since(left)
    }

    fn skip(&mut self) -> FastPath<()> {
        match self.peek() {
            b'"' => self.skip_string(),
            b'{' => self.inside(b'}', |entries| entries.skip_entries()),
            b'[' => self.inside(b']', |items| items.skip_items()),
            b'-' | b'0'..=b'9' => self.skip_number(),
            b'n' => self.literal(b"null"),
            b't' => self.literal(b"true"),
            b'f' => self.literal(b"false"),
            _ => Err(Fallback),
        }
    }

    fn skip_string(&mut self) -> FastPath<()> {
        let start = self.rest;
        self.rest = self.rest.get(1..).unwrap_or_default();
        loop {
            self.rest = self.rest.get(plain(self.rest)..).unwrap_or_default();
            match self.rest {
                [b'"', rest @ ..] => {
                    self.rest = rest;
                    return Ok(());
                }
                [b'\\', b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', rest @ ..] => self.rest = rest,
                _ => break,
            }
        }
        self.rest = start;
        self.string().map(drop)
    }

    fn skip_number(&mut self) -> FastPath<()> {
        let start = self.rest;
        self.whole()?;
        if self.has_fraction() && !self.fraction()? && start.len() - self.rest.len() < FINITE {
            return Ok(());
        }
        self.rest = start;
        self.number(IgnoredAny).map(drop)
    }

    /// Reads the content of an array or object. `finish` detects content that was not read to its end, because the depth is not restored.
    #[inline(always)]
    pub(super) fn inside<T>(&mut self, closing: u8, read: impl FnOnce(Inside<'_, 'de>) -> FastPath<T>) -> FastPath<T> {
        self.rest = self.rest.get(1..).unwrap_or_default();
        self.room = self.room.checked_sub(1).ok_or(Fallback)?;
        read(Inside { pass: self, closing, first: true, ended: false })
    }
}

/// The content of an object or array.
pub(super) struct Inside<'p, 'de> {
    pub(super) pass: &'p mut Pass<'de>,
    closing: u8,
    first: bool,
    ended: bool,
}

impl<'de> Inside<'_, 'de> {
    /// Whether another item follows. If not, the closing bracket is consumed.
    #[inline(always)]
    pub(super) fn goes_on(&mut self) -> FastPath<bool> {
        let byte = self.pass.peek();
        if byte == self.closing || self.ended {
            // A visitor can call this again after the end.
            if !std::mem::replace(&mut self.ended, true) {
                self.pass.rest = self.pass.rest.get(1..).unwrap_or_default();
                self.pass.room += 1;
            }
            return Ok(false);
        }
        if self.first {
            self.first = false;
        } else if byte == b',' {
            self.pass.rest = self.pass.rest.get(1..).unwrap_or_default();
        } else {
            return Err(Fallback);
        }
        Ok(true)
    }

    fn skip_items(mut self) -> FastPath<()> {
        while self.goes_on()? {
            self.pass.skip()?;
        }
        Ok(())
    }

    fn skip_entries(mut self) -> FastPath<()> {
        let outer = self.pass.names.len();
        while self.goes_on()? {
            let key = self.pass.string()?;
            let known = self.pass.names.get(outer..).unwrap_or_default();
            if known.len() < FEW && known.contains(&key) {
                return Err(Fallback);
            }
            self.pass.names.push(key);
            self.pass.take(b':')?;
            self.pass.skip()?;
        }
        let names = self.pass.names.get_mut(outer..).unwrap_or_default();
        if names.len() > FEW {
            names.sort_unstable();
            if names.windows(2).any(|pair| pair[0] == pair[1]) {
                return Err(Fallback);
            }
        }
        self.pass.names.truncate(outer);
        Ok(())
    }
}

const ONES: u64 = u64::MAX / 255;
const HIGHS: u64 = ONES << 7;

/// The number of bytes before a quote, a backslash or a control character.
#[inline(always)]
fn plain(bytes: &[u8]) -> usize {
    let mut length = 0;
    let mut rest = bytes;
    while let Some((eight, behind)) = rest.split_first_chunk::<8>() {
        let word = u64::from_le_bytes(*eight);
        let is = |byte: u64| (word ^ (ONES * byte)).wrapping_sub(ONES);
        // The lowest bit is exact; higher bits can result from a borrow.
        let found = (is(0x22) | is(0x5c) | word.wrapping_sub(ONES * 0x20)) & !word & HIGHS;
        if found != 0 {
            return length + (found.trailing_zeros() / 8) as usize;
        }
        length += 8;
        rest = behind;
    }
    length + rest.iter().take_while(|byte| !matches!(byte, b'"' | b'\\' | 0..0x20)).count()
}
