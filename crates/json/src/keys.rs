//! Names that are known at compile time, compared by words of eight bytes.

/// The known keys of an object, at most 128; made by [`keys!`](crate::keys).
///
/// A name that JSON cannot write without an escape never matches: a text that has it falls back.
#[derive(Clone, Copy, Debug)]
pub struct Keys {
    keys: &'static [Key],
}

/// The strings that a value may have; made by [`values!`](crate::values).
#[derive(Clone, Copy, Debug)]
pub struct Values(Keys);

/// One name, prepared at compile time.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    name: &'static str,
    pattern: Pattern,
}

/// Names that are known when a contract is loaded: the keys of objects, or strings.
#[derive(Clone, Debug, Default)]
pub struct KeyTable {
    names: Vec<Box<str>>,
    patterns: Vec<Pattern>,
}

/// The bytes of a name in a compact text.
#[derive(Clone, Copy, Debug)]
struct Pattern {
    /// The first bytes in a compact text: the name in quotes, and a colon if it is a key.
    words: [u64; WORDS],
    /// The bits of the words that are compared.
    masks: [u64; WORDS],
    /// The number of bytes; more than the words have if the name is long.
    length: usize,
}

const WORDS: usize = 3;
const HEAD: usize = 8 * WORDS;

impl Key {
    /// A name that is a key of an object.
    pub const fn of_object(name: &'static str) -> Self {
        Self::new(name, name.len() + 3)
    }

    /// A name that is a string value.
    pub const fn of_string(name: &'static str) -> Self {
        Self::new(name, name.len() + 2)
    }

    const fn new(name: &'static str, length: usize) -> Self {
        Self { name, pattern: Pattern::new(name, length) }
    }

    #[inline(always)]
    fn begins<'a>(&self, head: &[u64; WORDS], rest: &'a [u8]) -> Option<&'a [u8]> {
        self.pattern.begins(self.name, head, rest)
    }
}

impl Pattern {
    const fn new(name: &str, length: usize) -> Self {
        let bytes = name.as_bytes();
        let (mut words, mut masks) = ([0u64; WORDS], [0u64; WORDS]);
        let mut plain = true;
        let mut at = 0;
        while at < length {
            let byte = match at {
                0 => b'"',
                _ if at <= bytes.len() => bytes[at - 1],
                _ if at == bytes.len() + 1 => b'"',
                _ => b':',
            };
            if at >= 1 && at <= bytes.len() && (byte == b'"' || byte == b'\\' || byte < 0x20) {
                plain = false;
            }
            if at < HEAD {
                words[at / 8] |= (byte as u64) << (8 * (at % 8));
                masks[at / 8] |= 0xff << (8 * (at % 8));
            }
            at += 1;
        }
        if !plain {
            // A word masked to zero never equals 1, so that this name never matches.
            (words[0], masks[0]) = (1, 0);
        }
        Self { words, masks, length }
    }

    /// The rest of a text after this name, if the text begins with it.
    #[inline(always)]
    fn begins<'a>(&self, name: &str, head: &[u64; WORDS], rest: &'a [u8]) -> Option<&'a [u8]> {
        if head[0] & self.masks[0] != self.words[0] {
            return None;
        }
        let differ = ((head[1] ^ self.words[1]) & self.masks[1]) | ((head[2] ^ self.words[2]) & self.masks[2]);
        if differ != 0 || (self.length > HEAD && !self.is_at(name, rest)) {
            return None;
        }
        rest.get(self.length..)
    }

    /// Compares a long name by bytes.
    #[inline(never)]
    fn is_at(&self, name: &str, rest: &[u8]) -> bool {
        let end = if self.length == name.len() + 3 { b"\":".as_slice() } else { b"\"" };
        let after = rest.strip_prefix(b"\"").and_then(|rest| rest.strip_prefix(name.as_bytes()));
        after.is_some_and(|rest| rest.starts_with(end))
    }
}

/// The next bytes as words, padded with zeros after the end of the text.
#[inline(always)]
fn head(rest: &[u8]) -> [u64; WORDS] {
    match rest.first_chunk::<HEAD>() {
        Some(head) => words(head),
        None => short_head(rest),
    }
}

#[cold]
#[inline(never)]
fn short_head(rest: &[u8]) -> [u64; WORDS] {
    let mut head = [0; HEAD];
    head.iter_mut().zip(rest).for_each(|(to, byte)| *to = *byte);
    words(&head)
}

#[inline(always)]
fn words(head: &[u8; HEAD]) -> [u64; WORDS] {
    let (words, _) = head.as_chunks::<8>();
    [0, 1, 2].map(|at| u64::from_le_bytes(words[at]))
}

impl Keys {
    /// The keys of a static list.
    pub const fn of(keys: &'static [Key]) -> Self {
        assert!(keys.len() <= 128, "at most 128 keys");
        Self { keys }
    }

    /// The key of an index.
    #[inline]
    pub fn name(&self, index: usize) -> Option<&'static str> {
        self.keys.get(index).map(|key| key.name)
    }

    /// The number of keys.
    #[inline(always)]
    pub const fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there are no keys.
    pub const fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The index of a key.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.keys.iter().position(|key| key.name == name)
    }

    /// The index of the name at the beginning of a compact text, and the rest after it. The search begins at the index `expected`.
    #[inline(always)]
    pub(crate) fn find<'a>(&self, expected: usize, rest: &'a [u8]) -> Option<(usize, &'a [u8])> {
        let head = head(rest);
        if let Some(key) = self.keys.get(expected)
            && let Some(after) = key.begins(&head, rest)
        {
            return Some((expected, after));
        }
        self.search(expected, rest)
    }

    #[inline(never)]
    fn search<'a>(&self, expected: usize, rest: &'a [u8]) -> Option<(usize, &'a [u8])> {
        // Computed again: passed as an argument, it would be written to memory first.
        let head = &head(rest);
        let from = expected.min(self.keys.len());
        let (earlier, later) = self.keys.split_at(from);
        let among = |keys: &[Key]| keys.iter().enumerate().find_map(|(at, key)| key.begins(head, rest).map(|after| (at, after)));
        among(later).map(|(at, after)| (at + from, after)).or_else(|| among(earlier))
    }
}

impl KeyTable {
    /// The keys of an object.
    pub fn of_object(names: impl IntoIterator<Item = impl Into<Box<str>>>) -> Self {
        Self::new(names, 3)
    }

    /// Strings.
    pub fn of_strings(names: impl IntoIterator<Item = impl Into<Box<str>>>) -> Self {
        Self::new(names, 2)
    }

    /// `marks` is the number of bytes around a name: its quotes, and the colon of a key.
    fn new(names: impl IntoIterator<Item = impl Into<Box<str>>>, marks: usize) -> Self {
        let names: Vec<Box<str>> = names.into_iter().map(Into::into).collect();
        let patterns = names.iter().map(|name| Pattern::new(name, name.len() + marks)).collect();
        Self { names, patterns }
    }

    /// The number of names.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there are no names.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The name of an index.
    pub fn name(&self, index: usize) -> Option<&str> {
        self.names.get(index).map(|name| &**name)
    }

    /// The index of a name.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| **known == *name)
    }

    /// The index of the name at the beginning of a compact text, and the rest after it. The search begins at the index `expected`.
    #[inline(always)]
    pub(crate) fn find<'a>(&self, expected: usize, rest: &'a [u8]) -> Option<(usize, &'a [u8])> {
        let head = head(rest);
        if let Some(after) = self.begins(expected, &head, rest) {
            return Some((expected, after));
        }
        self.search(expected, rest)
    }

    #[inline(always)]
    fn begins<'a>(&self, at: usize, head: &[u64; WORDS], rest: &'a [u8]) -> Option<&'a [u8]> {
        self.patterns.get(at)?.begins(self.names.get(at)?, head, rest)
    }

    #[inline(never)]
    fn search<'a>(&self, expected: usize, rest: &'a [u8]) -> Option<(usize, &'a [u8])> {
        let head = &head(rest);
        let from = expected.min(self.len());
        (from..self.len()).chain(0..from).find_map(|at| self.begins(at, head, rest).map(|after| (at, after)))
    }
}

impl Values {
    /// The strings of a static list.
    pub const fn of(values: &'static [Key]) -> Self {
        // Unlike keys, values need no set of bits, so that their number is not limited.
        Self(Keys { keys: values })
    }

    /// The string of an index.
    #[inline]
    pub fn name(&self, index: usize) -> Option<&'static str> {
        self.0.name(index)
    }

    /// The number of strings.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no strings.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The index of the string at the beginning of a text, and the rest after it.
    #[inline(always)]
    pub(crate) fn find<'a>(&self, rest: &'a [u8]) -> Option<(usize, &'a [u8])> {
        self.0.find(0, rest)
    }
}

/// Keys of objects as [`Keys`], for a `static`.
///
/// ```
/// use charter_json::{Keys, keys};
///
/// static POINT: Keys = keys!["x", "y"];
/// assert_eq!(POINT.len(), 2);
/// ```
#[macro_export]
macro_rules! keys {
    ($($name:expr),* $(,)?) => {
        $crate::Keys::of(const { &[$($crate::Key::of_object($name)),*] })
    };
}

/// String values as [`Values`], for a `static`.
///
/// ```
/// use charter_json::{Values, values};
///
/// static STATUS: Values = values!["open", "closed"];
/// assert_eq!(STATUS.len(), 2);
/// ```
#[macro_export]
macro_rules! values {
    ($($name:expr),* $(,)?) => {
        $crate::Values::of(const { &[$($crate::Key::of_string($name)),*] })
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(keys: Keys, expected: usize, text: &str, wanted: Option<(usize, &str)>) {
        let found = keys.find(expected, text.as_bytes());
        assert_eq!(found, wanted.map(|(at, rest)| (at, rest.as_bytes())), "{text}");
    }

    #[test]
    fn names_of_any_length_are_found_from_any_start_of_the_search() {
        let keys = keys![
            "",
            "a",
            "sevenly",
            "eightlen",
            "nine bytes",
            "fifteen letters",
            "sixteen letters!",
            "twenty-three letters ...",
            "a name that is longer than three words",
            "naïve"
        ];
        for (at, key) in keys.keys.iter().enumerate() {
            for expected in 0..=keys.len() {
                for rest in ["", "1", " 1, \"and so on, for longer than three words\": 2}"] {
                    check(keys, expected, &format!("\"{}\":{rest}", key.name), Some((at, rest)));
                }
                check(keys, expected, &format!("\"{}x\":", key.name), None);
                check(keys, expected, &format!("\"{}\" :", key.name), None);
                check(keys, expected, &format!("\"{}\"", key.name), None);
                check(keys, expected, &format!("\"{}", key.name), None);
                check(keys, expected, &format!("{}\":", key.name), None);
            }
        }
    }

    #[test]
    fn a_value_ends_with_its_quote() {
        let values = values!["", "open", "closed", "twenty-three letters ...", "a name that is longer than three words"];
        for (at, value) in values.0.keys.iter().enumerate() {
            for rest in ["", ",", "}", ", and so on, for longer than three words"] {
                check(values.0, 0, &format!("\"{}\"{rest}", value.name), Some((at, rest)));
            }
            check(values.0, 0, &format!("\"{}x\"", value.name), None);
        }
    }

    #[test]
    fn a_list_of_values_has_no_limit() {
        static VALUES: [Key; 130] = [const { Key::of_string("open") }; 130];
        assert_eq!(Values::of(&VALUES).len(), 130);
    }

    #[test]
    fn a_table_finds_the_same_names() {
        let names = ["", "a", "sevenly", "twenty-three letters ...", "a name that is longer than three words", "a\"b"];
        let (keys, values) = (KeyTable::of_object(names), KeyTable::of_strings(names));
        for (at, name) in names.iter().enumerate().take(5) {
            assert_eq!((keys.position(name), keys.name(at)), (Some(at), Some(*name)));
            for expected in 0..=names.len() {
                assert_eq!(keys.find(expected, format!("\"{name}\":1").as_bytes()), Some((at, b"1".as_slice())), "{name}");
                assert_eq!(values.find(expected, format!("\"{name}\"").as_bytes()), Some((at, b"".as_slice())), "{name}");
                assert_eq!(keys.find(expected, format!("\"{name}x\":1").as_bytes()), None, "{name}");
            }
        }
        assert_eq!(keys.find(0, b"\"a\"b\":1"), None);
    }

    #[test]
    fn a_name_that_needs_an_escape_never_matches() {
        let keys = keys!["a\"b", "\\", "\u{0}", "\u{1f}x"];
        for text in ["a\"b\"", "a\\\"b\"", "\\\"", "\\\\\"", "\0\"", "", "\u{1f}x\"", "\u{1}\0\0\0\0\0\0\0"] {
            check(keys, 0, &format!("\"{text}:"), None);
        }
    }
}
