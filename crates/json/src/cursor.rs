//! A place in a text: objects, arrays, literals, and the white space between.
//!
//! Every step expects what compact JSON has there, and looks for white space only where it finds something else.

use std::ops::Range;

use crate::names::Names;
use crate::skip::{self, behind_space, goes_on, leaves, space, take};
use crate::strict::DEPTH_LIMIT;
use crate::{Keys, Number, Sure, Text, Unsure, Values, number, string};

/// A place in one text, whose UTF-8 was checked.
///
/// After [`Unsure`] the cursor stands somewhere in the text: ask it nothing more.
#[derive(Clone, Debug)]
pub struct Cursor<'a> {
    text: &'a str,
    rest: &'a [u8],
    /// How many levels more there may be.
    room: usize,
    names: Names<'a>,
}

impl<'a> Cursor<'a> {
    /// The beginning of a text, whose UTF-8 is checked.
    ///
    /// # Errors
    /// It is not UTF-8.
    #[inline]
    pub fn of(bytes: &'a [u8]) -> Sure<Self> {
        simdutf8::basic::from_utf8(bytes).map(Self::over).map_err(|_| Unsure)
    }

    /// The beginning of a text.
    #[inline]
    pub fn over(text: &'a str) -> Self {
        Self::with_depth_limit(text, DEPTH_LIMIT)
    }

    /// The beginning of a text that may have so many levels.
    #[inline]
    pub(crate) fn with_depth_limit(text: &'a str, levels: usize) -> Self {
        Self { text, rest: text.as_bytes(), room: levels, names: Names::default() }
    }

    /// That nothing more comes.
    ///
    /// # Errors
    /// Something comes.
    #[inline]
    pub fn finish(&mut self) -> Sure<()> {
        self.skip_space();
        if self.rest.is_empty() { Ok(()) } else { Err(Unsure) }
    }

    /// The first byte of the next value or punctuation; 0 at the end.
    #[inline(always)]
    pub fn peek(&self) -> u8 {
        match self.rest {
            [byte, ..] if *byte > b' ' => *byte,
            rest => space(rest).first().copied().unwrap_or(0),
        }
    }

    /// How many bytes lie behind.
    #[inline(always)]
    pub fn at(&self) -> usize {
        self.text.len() - self.rest.len()
    }

    /// Where the next value or punctuation begins.
    pub(crate) fn next_at(&mut self) -> usize {
        self.skip_space();
        self.at()
    }

    /// A place to come back to.
    #[inline(always)]
    pub fn mark(&self) -> Mark<'a> {
        Mark { rest: self.rest, room: self.room }
    }

    /// Comes back to a place, also after [`Unsure`].
    #[inline(always)]
    pub fn return_to(&mut self, mark: Mark<'a>) {
        (self.rest, self.room) = (mark.rest, mark.room);
    }

    /// `null`.
    ///
    /// # Errors
    /// Something else comes.
    #[inline(always)]
    pub fn null(&mut self) -> Sure<()> {
        self.literal(b"null")
    }

    /// `true` or `false`.
    ///
    /// # Errors
    /// Something else comes.
    #[inline(always)]
    pub fn boolean(&mut self) -> Sure<bool> {
        if self.peek() == b't' { self.literal(b"true").map(|()| true) } else { self.literal(b"false").map(|()| false) }
    }

    /// A number.
    ///
    /// # Errors
    /// Something else comes, or it is not finite, or reading it may round it.
    #[inline(always)]
    pub fn number(&mut self) -> Sure<Number<'a>> {
        self.skip_space();
        let (number, rest) = number::scan(self.rest)?;
        self.rest = rest;
        Ok(number)
    }

    /// A string.
    ///
    /// # Errors
    /// Something else comes, or an escape is wrong or a surrogate.
    #[inline(always)]
    pub fn string(&mut self) -> Sure<Text<'a>> {
        self.take(b'"')?;
        let start = self.at();
        let (length, rest, escaped) = string::scan(self.rest)?;
        self.rest = rest;
        Ok(Text::new(self.text, start, start + length, escaped))
    }

    /// Any value.
    ///
    /// # Errors
    /// It is no strict JSON, repeats a key, or is written in a rare way.
    #[inline]
    pub fn skip(&mut self) -> Sure<()> {
        self.rest = skip::value::<true>(self.rest, self.room, &mut self.names)?;
        Ok(())
    }

    /// The bytes of any value, by the grammar alone: repeated keys, surrogates, and numbers that reading rounds are accepted.
    ///
    /// # Errors
    /// The value breaks the grammar, or has too many levels.
    pub fn span(&mut self) -> Sure<Range<usize>> {
        self.skip_space();
        let start = self.at();
        self.rest = skip::value::<false>(self.rest, self.room, &mut self.names)?;
        Ok(start..self.at())
    }

    /// The bytes of any string, quotes included, and the string; its value may have half a pair of surrogates.
    pub(crate) fn any_string(&mut self) -> Sure<(Range<usize>, Text<'a>)> {
        self.take(b'"')?;
        let start = self.at();
        let (length, rest, escaped) = string::scan_any(self.rest)?;
        self.rest = rest;
        Ok((start - 1..self.at(), Text::new(self.text, start, start + length, escaped)))
    }

    /// A string that is one of these; which one.
    ///
    /// # Errors
    /// Something else comes, or it is written with escapes.
    #[inline(always)]
    pub fn choice(&mut self, values: &Values) -> Sure<usize> {
        let (choice, rest) = match values.find(self.rest) {
            Some(found) => found,
            None => values.find(space(self.rest)).ok_or(Unsure)?,
        };
        self.rest = rest;
        Ok(choice)
    }

    /// An object of these keys only; `known` reads each value. The set of the keys seen: bit n for the key of index n.
    ///
    /// # Errors
    /// Something else comes, another key, a key again, or `known` is unsure.
    #[inline(always)]
    pub fn object(&mut self, keys: &Keys, mut known: impl FnMut(&mut Self, usize) -> Sure<()>) -> Sure<u128> {
        self.enter(b'{')?;
        let (mut seen, mut expected) = (Seen::default(), 0);
        if self.leaves(b'}') {
            return Ok(seen.bits());
        }
        loop {
            let key = match self.known(keys, expected) {
                Some(key) => key,
                None => self.key_between_spaces(keys)?,
            };
            seen.note(key, keys)?;
            expected = key + 1;
            known(self, key)?;
            if !self.goes_on(b'}')? {
                return Ok(seen.bits());
            }
        }
    }

    /// An object of these keys and others; `each` reads a value, given the index of its key or the key. The set of the keys seen, and how many others.
    ///
    /// # Errors
    /// Something else comes, a key again or written with escapes, or `each` is unsure.
    #[inline(always)]
    pub fn open_object(
        &mut self,
        keys: &Keys,
        mut each: impl FnMut(&mut Self, Result<usize, Text<'a>>) -> Sure<()>,
    ) -> Sure<(u128, usize)> {
        self.enter(b'{')?;
        let (mut seen, mut expected, mut others) = (Seen::default(), 0, 0);
        if self.leaves(b'}') {
            return Ok((seen.bits(), others));
        }
        let mut open = self.names.open();
        loop {
            if let Some(key) = self.known(keys, expected) {
                seen.note(key, keys)?;
                expected = key + 1;
                each(self, Ok(key))?;
            } else {
                self.skip_space();
                let at = self.rest;
                let name = self.string()?;
                let plain = name.plain()?;
                self.colon()?;
                if let Some(key) = keys.position(plain) {
                    seen.note(key, keys)?;
                    expected = key + 1;
                    each(self, Ok(key))?;
                } else {
                    self.names.add(&mut open, plain.as_bytes(), at.get(1..).unwrap_or_default());
                    others += 1;
                    each(self, Err(name))?;
                }
            }
            if !self.goes_on(b'}')? {
                self.names.close(&open)?;
                return Ok((seen.bits(), others));
            }
        }
    }

    /// An array; `each` reads an item, given its index. How many there are.
    ///
    /// # Errors
    /// Something else comes, or `each` is unsure.
    #[inline(always)]
    pub fn array(&mut self, mut each: impl FnMut(&mut Self, usize) -> Sure<()>) -> Sure<usize> {
        self.enter(b'[')?;
        if self.leaves(b']') {
            return Ok(0);
        }
        let mut length = 0;
        loop {
            each(self, length)?;
            length += 1;
            if !self.goes_on(b']')? {
                return Ok(length);
            }
        }
    }

    /// A key with white space around it.
    #[cold]
    #[inline(never)]
    fn key_between_spaces(&mut self, keys: &Keys) -> Sure<usize> {
        let name = self.string()?.plain()?;
        self.colon()?;
        keys.position(name).ok_or(Unsure)
    }

    /// Which of these names comes; the cursor moves only where one does.
    #[inline(always)]
    fn known(&mut self, keys: &Keys, expected: usize) -> Option<usize> {
        let (key, rest) = keys.find(expected, self.rest)?;
        self.rest = rest;
        Some(key)
    }

    /// The beginning of an object or array.
    #[inline(always)]
    pub(crate) fn enter(&mut self, opening: u8) -> Sure<()> {
        self.room = self.room.checked_sub(1).ok_or(Unsure)?;
        self.take(opening)
    }

    /// Whether the object or array just entered is empty; then it is left.
    #[inline(always)]
    pub(crate) fn leaves(&mut self, closing: u8) -> bool {
        let behind = leaves(self.rest, closing);
        if let Some(rest) = behind {
            self.rest = rest;
            self.room += 1;
        }
        behind.is_some()
    }

    /// Whether another item follows; if not, the object or array is left.
    #[inline(always)]
    pub(crate) fn goes_on(&mut self, closing: u8) -> Sure<bool> {
        let (rest, goes_on) = goes_on(self.rest, closing)?;
        self.rest = rest;
        if !goes_on {
            self.room += 1;
        }
        Ok(goes_on)
    }

    #[inline(always)]
    pub(crate) fn colon(&mut self) -> Sure<()> {
        self.take(b':')
    }

    #[inline(always)]
    fn take(&mut self, wanted: u8) -> Sure<()> {
        self.rest = take(self.rest, wanted)?;
        Ok(())
    }

    #[inline(always)]
    fn literal<const N: usize>(&mut self, wanted: &[u8; N]) -> Sure<()> {
        if let Some(rest) = self.rest.strip_prefix(wanted) {
            self.rest = rest;
            return Ok(());
        }
        self.rest = behind_space(self.rest, wanted)?;
        Ok(())
    }

    #[inline(always)]
    fn skip_space(&mut self) {
        self.rest = space(self.rest);
    }
}

/// A set of keys; the second half is idle where there are few.
#[derive(Clone, Copy, Default)]
struct Seen {
    low: u64,
    high: u64,
}

impl Seen {
    /// # Errors
    /// The key was seen before.
    #[inline(always)]
    fn note(&mut self, key: usize, keys: &Keys) -> Sure<()> {
        let half = if keys.len() <= 64 || key < 64 { &mut self.low } else { &mut self.high };
        let bit = 1 << (key & 63);
        if *half & bit != 0 {
            return Err(Unsure);
        }
        *half |= bit;
        Ok(())
    }

    #[inline(always)]
    fn bits(self) -> u128 {
        u128::from(self.high) << 64 | u128::from(self.low)
    }
}

/// A place of a cursor, to come back to.
#[derive(Clone, Copy, Debug)]
pub struct Mark<'a> {
    rest: &'a [u8],
    room: usize,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{keys, values};

    #[test]
    fn a_closed_object_says_which_keys_it_has() {
        static KEYS: Keys = keys!["a", "b", "a longer key of some length"];
        let check = |text: &str, wanted: Sure<u128>| {
            let mut cursor = Cursor::over(text);
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
            check(text, Err(Unsure));
        }
    }

    #[test]
    fn an_open_object_gives_its_other_keys_and_none_twice() {
        static KEYS: Keys = keys!["a"];
        let check = |text: &'static str, wanted: Sure<(u128, usize)>| {
            let mut cursor = Cursor::over(text);
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
            check(text, Err(Unsure));
        }
    }

    #[test]
    fn one_can_look_ahead_and_go_back() {
        let mut cursor = Cursor::over(r#" [1, {"kind": "b"}, true]"#);
        let length = cursor.array(|cursor, index| {
            if index != 1 {
                return cursor.skip();
            }
            let mark = cursor.mark();
            assert_eq!(cursor.peek(), b'{');
            cursor.skip()?;
            cursor.return_to(mark);
            cursor.object(&keys!["kind"], |cursor, _| cursor.choice(&values!["a", "b"]).map(|choice| assert_eq!(choice, 1))).map(drop)
        });
        assert_eq!((length, cursor.finish(), cursor.peek()), (Ok(3), Ok(()), 0));
    }

    #[test]
    fn more_keys_than_a_word_has_bits_are_told_apart() {
        static KEYS: Keys = keys![
            "k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8", "k9", "ka", "kb", "kc", "kd", "ke", "kf", "l0", "l1", "l2", "l3", "l4",
            "l5", "l6", "l7", "l8", "l9", "la", "lb", "lc", "ld", "le", "lf", "m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "m9",
            "ma", "mb", "mc", "md", "me", "mf", "n0", "n1", "n2", "n3", "n4", "n5", "n6", "n7", "n8", "n9", "na", "nb", "nc", "nd", "ne",
            "nf", "o0"
        ];
        let seen = Cursor::over(r#"{"o0":1,"k0":1}"#).object(&KEYS, |cursor, _| cursor.skip());
        assert_eq!(seen, Ok(1 << 64 | 1));
    }
}
