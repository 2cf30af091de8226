//! The cursor: objects, arrays, literals, and the white space between them.
//!
//! Every method first tries compact JSON and skips white space only when that does not match.

use std::ops::Range;

use crate::names::Names;
use crate::skip::{self, after_space, has_next, skip_end, space, take};
use crate::strict::DEPTH_LIMIT;
use crate::{Fallback, FastPath, KeyTable, Keys, Number, Text, Values, number, string};

/// A position in a text of valid UTF-8.
///
/// After [`Fallback`] the position is unspecified: call only [`Cursor::restore`].
#[derive(Clone, Debug)]
pub struct Cursor<'a> {
    text: &'a str,
    rest: &'a [u8],
    /// How many more levels of arrays and objects are allowed.
    depth_left: usize,
    names: Names<'a>,
}

impl<'a> Cursor<'a> {
    /// A cursor at the beginning of a text. Checks that the text is valid UTF-8.
    ///
    /// # Errors
    /// The text is not valid UTF-8.
    #[inline]
    pub fn from_bytes(bytes: &'a [u8]) -> FastPath<Self> {
        simdutf8::basic::from_utf8(bytes).map(Self::new).map_err(|_| Fallback)
    }

    /// A cursor at the beginning of a text.
    #[inline]
    pub fn new(text: &'a str) -> Self {
        Self::with_depth_limit(text, DEPTH_LIMIT)
    }

    /// A cursor at the beginning of a text, with a limit of its own on nested arrays and objects.
    #[inline]
    pub(crate) fn with_depth_limit(text: &'a str, levels: usize) -> Self {
        Self { text, rest: text.as_bytes(), depth_left: levels, names: Names::default() }
    }

    /// The whole text.
    #[inline(always)]
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// Checks that only white space follows.
    ///
    /// # Errors
    /// Something else follows.
    #[inline]
    pub fn finish(&mut self) -> FastPath<()> {
        self.skip_space();
        if self.rest.is_empty() { Ok(()) } else { Err(Fallback) }
    }

    /// The first byte of the next value or punctuation mark; 0 at the end of the text.
    #[inline(always)]
    pub fn peek(&self) -> u8 {
        match self.rest {
            [byte, ..] if *byte > b' ' => *byte,
            rest => space(rest).first().copied().unwrap_or(0),
        }
    }

    /// The number of bytes before the cursor.
    #[inline(always)]
    pub fn at(&self) -> usize {
        self.text.len() - self.rest.len()
    }

    /// Skips white space. Returns the number of bytes before the next value or punctuation mark.
    #[inline(always)]
    pub fn next_at(&mut self) -> usize {
        self.skip_space();
        self.at()
    }

    /// The current position, for [`Cursor::restore`].
    #[inline(always)]
    pub fn position(&self) -> CursorPosition<'a> {
        CursorPosition { rest: self.rest, depth_left: self.depth_left, names: self.names.len() }
    }

    /// Returns to a position, also after [`Fallback`].
    #[inline(always)]
    pub fn restore(&mut self, position: CursorPosition<'a>) {
        (self.rest, self.depth_left) = (position.rest, position.depth_left);
        // The keys of objects that were not read to their end.
        self.names.truncate(position.names);
    }

    /// Reads `null`.
    ///
    /// # Errors
    /// Something else follows.
    #[inline(always)]
    pub fn null(&mut self) -> FastPath<()> {
        self.literal(b"null")
    }

    /// Reads `true` or `false`.
    ///
    /// # Errors
    /// Something else follows.
    #[inline(always)]
    pub fn boolean(&mut self) -> FastPath<bool> {
        if self.peek() == b't' { self.literal(b"true").map(|()| true) } else { self.literal(b"false").map(|()| false) }
    }

    /// Reads a number.
    ///
    /// # Errors
    /// Something else follows, or the number is not finite, or reading it may round it.
    #[inline(always)]
    pub fn number(&mut self) -> FastPath<Number<'a>> {
        self.skip_space();
        let (number, rest) = number::scan(self.rest)?;
        self.rest = rest;
        Ok(number)
    }

    /// Reads a string.
    ///
    /// # Errors
    /// Something else follows, or an escape is invalid or a surrogate.
    #[inline(always)]
    pub fn string(&mut self) -> FastPath<Text<'a>> {
        self.take(b'"')?;
        let start = self.at();
        let (length, rest, escaped) = string::scan(self.rest)?;
        self.rest = rest;
        Ok(Text::new(self.text, start, start + length, escaped))
    }

    /// Reads a string and appends its value, with its escapes resolved, to `out`.
    ///
    /// # Errors
    /// As [`Cursor::string`]. `out` may end with a part of the value then.
    pub fn string_into(&mut self, out: &mut Vec<u8>) -> FastPath<()> {
        self.take(b'"')?;
        self.rest = string::resolve(self.rest, out)?;
        Ok(())
    }

    /// Skips a value of any type.
    ///
    /// # Errors
    /// The value is not strict JSON, has a duplicate key, or uses a rare form.
    #[inline]
    pub fn skip(&mut self) -> FastPath<()> {
        self.rest = skip::value::<true>(self.rest, self.depth_left, &mut self.names)?;
        Ok(())
    }

    /// Skips a value of any type and returns its bytes. Checks the grammar alone: duplicate keys, surrogates, and numbers that reading rounds are accepted.
    ///
    /// # Errors
    /// The value breaks the grammar or has too many levels.
    pub fn span(&mut self) -> FastPath<Range<usize>> {
        self.skip_space();
        let start = self.at();
        self.rest = skip::value::<false>(self.rest, self.depth_left, &mut self.names)?;
        Ok(start..self.at())
    }

    /// Reads a string, by the grammar alone. Returns its bytes, quotes included, and the string, which may have a lone surrogate.
    pub(crate) fn any_string(&mut self) -> FastPath<(Range<usize>, Text<'a>)> {
        self.take(b'"')?;
        let start = self.at();
        let (length, rest, escaped) = string::scan_any(self.rest)?;
        self.rest = rest;
        Ok((start - 1..self.at(), Text::new(self.text, start, start + length, escaped)))
    }

    /// Reads one of the given strings and returns its index.
    ///
    /// # Errors
    /// Something else follows, or the string has escapes.
    #[inline(always)]
    pub fn choice(&mut self, values: &Values) -> FastPath<usize> {
        let (choice, rest) = match values.find(self.rest) {
            Some(found) => found,
            None => values.find(space(self.rest)).ok_or(Fallback)?,
        };
        self.rest = rest;
        Ok(choice)
    }

    /// Reads one of the strings of a table and returns its index. `None`, without a move, if another text follows.
    #[inline(always)]
    pub fn choice_of(&mut self, values: &KeyTable) -> Option<usize> {
        let (choice, rest) = values.find(0, self.rest).or_else(|| values.find(0, space(self.rest)))?;
        self.rest = rest;
        Some(choice)
    }

    /// Reads an object that may have any keys; `each` reads a value and receives the index of its key, or the key if the table does not have it.
    /// Returns the set of the keys of the table that were read, and the number of other keys.
    ///
    /// # Errors
    /// Something else follows, or there is a duplicate key or a key with escapes, or `each` fails. A table has at most 128 keys.
    #[inline(always)]
    pub fn object_of<E: From<Fallback>>(
        &mut self,
        keys: &KeyTable,
        mut each: impl FnMut(&mut Self, Result<usize, Text<'a>>) -> Result<(), E>,
    ) -> Result<(u128, usize), E> {
        self.enter(b'{')?;
        let (mut seen, mut expected, mut others) = (0_u128, 0, 0);
        if self.skip_end(b'}') {
            return Ok((seen, others));
        }
        let mut open = self.names.open();
        loop {
            let key = match keys.find(expected, self.rest) {
                Some((key, rest)) => {
                    self.rest = rest;
                    Ok(key)
                }
                None => {
                    self.skip_space();
                    let at = self.rest;
                    let name = self.string()?;
                    let plain = name.plain()?;
                    self.colon()?;
                    match keys.position(plain) {
                        Some(key) => Ok(key),
                        None => {
                            self.names.add(&mut open, plain.as_bytes(), at.get(1..).unwrap_or_default());
                            Err(name)
                        }
                    }
                }
            };
            match key {
                Ok(key) => {
                    let bit = 1_u128.checked_shl(key as u32).ok_or(Fallback)?;
                    if seen & bit != 0 {
                        return Err(Fallback.into());
                    }
                    seen |= bit;
                    expected = key + 1;
                }
                Err(_) => others += 1,
            }
            each(self, key)?;
            if !self.has_next(b'}')? {
                self.names.close(&open)?;
                return Ok((seen, others));
            }
        }
    }

    /// Reads an array; `each` reads an item and receives its index. Returns the number of items. As [`Cursor::array`], with another error.
    ///
    /// # Errors
    /// Something else follows, or `each` fails.
    #[inline(always)]
    pub fn array_of<E: From<Fallback>>(&mut self, mut each: impl FnMut(&mut Self, usize) -> Result<(), E>) -> Result<usize, E> {
        self.enter(b'[')?;
        if self.skip_end(b']') {
            return Ok(0);
        }
        let mut length = 0;
        loop {
            each(self, length)?;
            length += 1;
            if !self.has_next(b']')? {
                return Ok(length);
            }
        }
    }

    /// Reads an object that may have only the given keys; `known` reads each value. Returns the set of the keys read: bit n for the key of index n.
    ///
    /// # Errors
    /// Something else follows, or there is another key or a duplicate key, or `known` fails.
    #[inline(always)]
    pub fn object(&mut self, keys: &Keys, mut known: impl FnMut(&mut Self, usize) -> FastPath<()>) -> FastPath<u128> {
        self.enter(b'{')?;
        let (mut seen, mut expected) = (Seen::default(), 0);
        if self.skip_end(b'}') {
            return Ok(seen.bits());
        }
        loop {
            let key = match self.known(keys, expected) {
                Some(key) => key,
                None => self.key_between_spaces(keys)?,
            };
            seen.insert(key, keys)?;
            expected = key + 1;
            known(self, key)?;
            if !self.has_next(b'}')? {
                return Ok(seen.bits());
            }
        }
    }

    /// Reads an object that may have any keys; `each` reads a value and receives the index of its key, or the key if it is not one of the given keys.
    /// Returns the set of the given keys that were read, and the number of other keys.
    ///
    /// # Errors
    /// Something else follows, or there is a duplicate key or a key with escapes, or `each` fails.
    #[inline(always)]
    pub fn open_object(
        &mut self,
        keys: &Keys,
        mut each: impl FnMut(&mut Self, Result<usize, Text<'a>>) -> FastPath<()>,
    ) -> FastPath<(u128, usize)> {
        self.enter(b'{')?;
        let (mut seen, mut expected, mut others) = (Seen::default(), 0, 0);
        if self.skip_end(b'}') {
            return Ok((seen.bits(), others));
        }
        let mut open = self.names.open();
        loop {
            if let Some(key) = self.known(keys, expected) {
                seen.insert(key, keys)?;
                expected = key + 1;
                each(self, Ok(key))?;
            } else {
                self.skip_space();
                let at = self.rest;
                let name = self.string()?;
                let plain = name.plain()?;
                self.colon()?;
                if let Some(key) = keys.position(plain) {
                    seen.insert(key, keys)?;
                    expected = key + 1;
                    each(self, Ok(key))?;
                } else {
                    self.names.add(&mut open, plain.as_bytes(), at.get(1..).unwrap_or_default());
                    others += 1;
                    each(self, Err(name))?;
                }
            }
            if !self.has_next(b'}')? {
                self.names.close(&open)?;
                return Ok((seen.bits(), others));
            }
        }
    }

    /// Reads an array; `each` reads an item and receives its index. Returns the number of items.
    ///
    /// # Errors
    /// Something else follows, or `each` fails.
    #[inline(always)]
    pub fn array(&mut self, each: impl FnMut(&mut Self, usize) -> FastPath<()>) -> FastPath<usize> {
        self.array_of(each)
    }

    /// Reads a key that has white space around it.
    #[cold]
    #[inline(never)]
    fn key_between_spaces(&mut self, keys: &Keys) -> FastPath<usize> {
        let name = self.string()?.plain()?;
        self.colon()?;
        keys.position(name).ok_or(Fallback)
    }

    /// Reads one of the given keys in compact form. Does not move if none follows.
    #[inline(always)]
    fn known(&mut self, keys: &Keys, expected: usize) -> Option<usize> {
        let (key, rest) = keys.find(expected, self.rest)?;
        self.rest = rest;
        Some(key)
    }

    /// Reads the opening bracket of an object or array.
    #[inline(always)]
    pub(crate) fn enter(&mut self, opening: u8) -> FastPath<()> {
        self.depth_left = self.depth_left.checked_sub(1).ok_or(Fallback)?;
        self.take(opening)
    }

    /// Reads the closing bracket, if the object or array is empty. Returns whether it was read.
    #[inline(always)]
    pub(crate) fn skip_end(&mut self, closing: u8) -> bool {
        let after = skip_end(self.rest, closing);
        if let Some(rest) = after {
            self.rest = rest;
            self.depth_left += 1;
        }
        after.is_some()
    }

    /// Reads the comma before another item, or the closing bracket. Returns whether another item follows.
    #[inline(always)]
    pub(crate) fn has_next(&mut self, closing: u8) -> FastPath<bool> {
        let (rest, has_next) = has_next(self.rest, closing)?;
        self.rest = rest;
        if !has_next {
            self.depth_left += 1;
        }
        Ok(has_next)
    }

    #[inline(always)]
    pub(crate) fn colon(&mut self) -> FastPath<()> {
        self.take(b':')
    }

    #[inline(always)]
    fn take(&mut self, wanted: u8) -> FastPath<()> {
        self.rest = take(self.rest, wanted)?;
        Ok(())
    }

    #[inline(always)]
    fn literal<const N: usize>(&mut self, wanted: &[u8; N]) -> FastPath<()> {
        if let Some(rest) = self.rest.strip_prefix(wanted) {
            self.rest = rest;
            return Ok(());
        }
        self.rest = after_space(self.rest, wanted)?;
        Ok(())
    }

    #[inline(always)]
    fn skip_space(&mut self) {
        self.rest = space(self.rest);
    }
}

/// A set of keys. The second half is unused for at most 64 keys.
#[derive(Clone, Copy, Default)]
struct Seen {
    low: u64,
    high: u64,
}

impl Seen {
    /// # Errors
    /// The key is a duplicate.
    #[inline(always)]
    fn insert(&mut self, key: usize, keys: &Keys) -> FastPath<()> {
        let half = if keys.len() <= 64 || key < 64 { &mut self.low } else { &mut self.high };
        let bit = 1 << (key & 63);
        if *half & bit != 0 {
            return Err(Fallback);
        }
        *half |= bit;
        Ok(())
    }

    #[inline(always)]
    fn bits(self) -> u128 {
        u128::from(self.high) << 64 | u128::from(self.low)
    }
}

/// A position of a [`Cursor`].
#[derive(Clone, Copy, Debug)]
pub struct CursorPosition<'a> {
    rest: &'a [u8],
    depth_left: usize,
    names: usize,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{keys, values};

    #[test]
    fn a_closed_object_returns_its_keys() {
        static KEYS: Keys = keys!["a", "b", "a longer key of some length"];
        let check = |text: &str, wanted: FastPath<u128>| {
            let mut cursor = Cursor::new(text);
            let mut read = Vec::new();
            let seen = cursor.object(&KEYS, |cursor, key| {
                read.push((key, cursor.number()?.as_i64()));
                Ok(())
            });
            assert_eq!(seen.and_then(|seen| cursor.finish().map(|()| seen)), wanted, "{text}");
            read
        };
        assert_eq!(check(" { } ", Ok(0)), []);
        assert_eq!(check(r#"{"b":2,"a":1}"#, Ok(0b11)), [(1, Some(2)), (0, Some(1))]);
        assert_eq!(check(r#"{ "a longer key of some length" : 3 , "a" : 1 }"#, Ok(0b101)), [(2, Some(3)), (0, Some(1))]);
        for text in [r#"{"a":1,"a":1}"#, r#"{"c":1}"#, r#"{"\u0061":1}"#, r#"{"a":1,}"#, r#"{"a":1"#, r#"{"a":null}"#, "[]", "{\"a\":1}}"] {
            check(text, Err(Fallback));
        }
    }

    #[test]
    fn an_open_object_passes_its_other_keys_and_refuses_duplicates() {
        static KEYS: Keys = keys!["a"];
        let check = |text: &'static str, wanted: FastPath<(u128, usize)>| {
            let mut cursor = Cursor::new(text);
            let mut names = Vec::new();
            let seen = cursor.open_object(&KEYS, |cursor, key| match key {
                Ok(_) => cursor.null(),
                Err(name) => {
                    names.push(name.plain()?);
                    cursor.skip()
                }
            });
            assert_eq!(seen.and_then(|seen| cursor.finish().map(|()| seen)), wanted, "{text}");
            names
        };
        assert!(check("{}", Ok((0, 0))).is_empty());
        assert_eq!(check(r#"{"x":{"a":1},"a":null,"y":[]}"#, Ok((1, 2))), ["x", "y"]);
        for text in [r#"{"x":1,"a":null,"x":1}"#, r#"{"a":null,"a":null}"#, r#"{"\u0061":1}"#, r#"{"x":{"y":1,"y":1}}"#] {
            check(text, Err(Fallback));
        }
    }

    #[test]
    fn a_position_can_be_restored() {
        let mut cursor = Cursor::new(r#" [1, {"kind": "b"}, true]"#);
        let length = cursor.array(|cursor, index| {
            if index != 1 {
                return cursor.skip();
            }
            let position = cursor.position();
            assert_eq!(cursor.peek(), b'{');
            cursor.skip()?;
            cursor.restore(position);
            cursor.object(&keys!["kind"], |cursor, _| cursor.choice(&values!["a", "b"]).map(|choice| assert_eq!(choice, 1))).map(drop)
        });
        assert_eq!((length, cursor.finish(), cursor.peek()), (Ok(3), Ok(()), 0));
    }

    #[test]
    fn more_than_64_keys_are_distinct() {
        static KEYS: Keys = keys![
            "k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8", "k9", "ka", "kb", "kc", "kd", "ke", "kf", "l0", "l1", "l2", "l3", "l4",
            "l5", "l6", "l7", "l8", "l9", "la", "lb", "lc", "ld", "le", "lf", "m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "m9",
            "ma", "mb", "mc", "md", "me", "mf", "n0", "n1", "n2", "n3", "n4", "n5", "n6", "n7", "n8", "n9", "na", "nb", "nc", "nd", "ne",
            "nf", "o0"
        ];
        let seen = Cursor::new(r#"{"o0":1,"k0":1}"#).object(&KEYS, |cursor, _| cursor.skip());
        assert_eq!(seen, Ok(1 << 64 | 1));
    }
}
