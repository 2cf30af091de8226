//! The names that a schema declares, ready to be compared by words of eight bytes.

/// Names that objects may have as keys, or strings as values; made by [`keys!`](crate::keys). At most 128.
///
/// A name that JSON cannot write without an escape is never found: a text in which it stands is unsure.
#[derive(Clone, Copy, Debug)]
pub struct Keys {
    keys: &'static [Key],
}

/// One name, made before the program runs.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    name: &'static str,
    /// The first bytes of the name and of the quote that ends it, as they stand in a text.
    words: [u64; WORDS],
    /// Which bits of them count.
    masks: [u64; WORDS],
}

const WORDS: usize = 3;
const HEAD: usize = 8 * WORDS;

impl Key {
    /// The name as it would stand in a text.
    pub const fn new(name: &'static str) -> Self {
        let bytes = name.as_bytes();
        let (mut words, mut masks) = ([0u64; WORDS], [0u64; WORDS]);
        let mut plain = true;
        let mut at = 0;
        while at <= bytes.len() {
            let byte = if at == bytes.len() { b'"' } else { bytes[at] };
            if at < bytes.len() && (byte == b'"' || byte == b'\\' || byte < 0x20) {
                plain = false;
            }
            if at < HEAD {
                words[at / 8] |= (byte as u64) << (8 * (at % 8));
                masks[at / 8] |= 0xff << (8 * (at % 8));
            }
            at += 1;
        }
        if !plain {
            // A word that no mask of zeros leaves over: nothing equals it.
            (words[0], masks[0]) = (1, 0);
        }
        Self { name, words, masks }
    }

    /// Whether the bytes behind an opening quote are this name and a closing quote.
    #[inline(always)]
    fn begins(&self, first: u64, rest: &[u8]) -> bool {
        first & self.masks[0] == self.words[0] && (self.name.len() < 8 || self.continues(rest))
    }

    #[inline(always)]
    fn continues(&self, rest: &[u8]) -> bool {
        if let Some(head) = rest.first_chunk::<HEAD>()
            && self.name.len() < HEAD
        {
            let [_, second, third] = words(head);
            return second & self.masks[1] == self.words[1] && third & self.masks[2] == self.words[2];
        }
        self.is_at(rest)
    }

    /// The same by bytes, for long names and the end of a text.
    #[inline(never)]
    fn is_at(&self, rest: &[u8]) -> bool {
        rest.strip_prefix(self.name.as_bytes()).is_some_and(|rest| rest.first() == Some(&b'"'))
    }
}

#[inline(always)]
fn words(head: &[u8; HEAD]) -> [u64; WORDS] {
    let (words, _) = head.as_chunks::<8>();
    [0, 1, 2].map(|at| u64::from_le_bytes(words[at]))
}

impl Keys {
    /// The names of a list that lives as long as the program does.
    pub const fn of(keys: &'static [Key]) -> Self {
        assert!(keys.len() <= 128, "more keys than a set of bits holds");
        Self { keys }
    }

    /// The name of an index.
    #[inline]
    pub fn name(&self, index: usize) -> Option<&'static str> {
        self.keys.get(index).map(|key| key.name)
    }

    /// How many names these are.
    pub const fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is no name.
    pub const fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Which name stands behind an opening quote, looked for from `expected` on, and what follows its closing quote.
    #[inline(always)]
    pub(crate) fn find<'a>(&self, expected: usize, rest: &'a [u8]) -> Option<(usize, &'a [u8])> {
        let first = first_word(rest);
        let found = |at: usize| {
            let key = self.keys.get(at)?;
            if key.begins(first, rest) { Some((at, rest.get(key.name.len() + 1..)?)) } else { None }
        };
        found(expected).or_else(|| self.search(expected, first, rest))
    }

    #[inline(never)]
    fn search<'a>(&self, expected: usize, first: u64, rest: &'a [u8]) -> Option<(usize, &'a [u8])> {
        let from = expected.min(self.keys.len());
        let (before, after) = self.keys.split_at(from);
        let is = |key: &Key| key.begins(first, rest);
        let at = after.iter().position(is).map(|at| at + from).or_else(|| before.iter().position(is))?;
        Some((at, rest.get(self.keys[at].name.len() + 1..)?))
    }
}

/// The next eight bytes, or what is left of them.
#[inline(always)]
pub(crate) fn first_word(rest: &[u8]) -> u64 {
    match rest.first_chunk::<8>() {
        Some(bytes) => u64::from_le_bytes(*bytes),
        None => short_word(rest),
    }
}

#[cold]
#[inline(never)]
fn short_word(rest: &[u8]) -> u64 {
    rest.iter().rev().take(8).fold(0, |word, byte| word << 8 | u64::from(*byte))
}

/// Names as a value of [`Keys`] that a `static` can hold.
///
/// ```
/// use charter_reader::{Keys, keys};
///
/// static STATUS: Keys = keys!["open", "closed"];
/// assert_eq!(STATUS.len(), 2);
/// ```
#[macro_export]
macro_rules! keys {
    ($($name:expr),* $(,)?) => {
        $crate::Keys::of(const { &[$($crate::Key::new($name)),*] })
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
    fn names_of_any_length_are_found_from_wherever_the_search_begins() {
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
                for rest in ["", ":", ": 1, \"and so on, for longer than three words\": 2}"] {
                    check(keys, expected, &format!("{}\"{rest}", key.name), Some((at, rest)));
                }
                check(keys, expected, &format!("{}x\"", key.name), None);
                check(keys, expected, key.name, None);
            }
        }
    }

    #[test]
    fn a_name_that_needs_an_escape_is_never_found() {
        let keys = keys!["a\"b", "\\", "\u{0}", "\u{1f}x"];
        for text in ["a\"b\"", "a\\\"b\"", "\\\"", "\\\\\"", "\0\"", "", "\u{1f}x\"", "\u{1}\0\0\0\0\0\0\0"] {
            check(keys, 0, text, None);
        }
    }
}
