//! Detects duplicate keys in objects whose keys are not known at compile time.

use wide::u8x16;

use crate::{Fallback, FastPath};

/// The keys of the objects that enclose the position, the innermost last.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names<'a> {
    names: Vec<Name<'a>>,
}

/// A key of an object.
#[derive(Clone, Copy, Debug)]
struct Name<'a> {
    hash: u64,
    /// The rest of the text from the name on.
    text: &'a [u8],
    length: usize,
}

/// The keys of one object.
#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) start: usize,
    /// A bit for each hash: if no bit is set twice, no name is a duplicate.
    bits: [u64; 4],
    /// Whether a name may be a duplicate.
    suspicious: bool,
}

/// The first capacity of the list of names.
const CAPACITY: usize = 64;
/// Up to this number, names are compared with each other when they are added; more are sorted at the end.
const FEW: usize = 16;
/// The number of bytes of a name that are compared at once.
const HEAD: usize = 32;

impl<'a> Name<'a> {
    #[inline(always)]
    fn new(name: &'a [u8], text: &'a [u8]) -> Self {
        Self { hash: hash(name, text), text, length: name.len() }
    }

    fn key(&self) -> (u64, &'a [u8]) {
        (self.hash, self.text.get(..self.length).unwrap_or_default())
    }
}

impl<'a> Names<'a> {
    #[inline(always)]
    pub(crate) fn open(&self) -> Open {
        Open { start: self.names.len(), bits: [0; 4], suspicious: false }
    }

    /// The number of names.
    #[inline(always)]
    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    /// Adds a name. `text` is the rest of the text from the name on.
    #[inline(always)]
    pub(crate) fn add(&mut self, open: &mut Open, name: &'a [u8], text: &'a [u8]) {
        self.push(open, Name::new(name, text));
    }

    #[inline(always)]
    fn push(&mut self, open: &mut Open, name: Name<'a>) {
        let (word, bit) = ((name.hash >> 62) as usize, 1 << (name.hash >> 56 & 63));
        if open.bits[word] & bit != 0 {
            self.compare_with_earlier(open, name);
        }
        open.bits[word] |= bit;
        if self.names.len() == self.names.capacity() {
            self.grow();
        }
        self.names.push(name);
    }

    /// Handles a bit that is already set, mostly by a name with another hash. A small number of names is compared at once.
    #[inline(never)]
    fn compare_with_earlier(&self, open: &mut Open, name: Name<'a>) {
        let names = self.names.get(open.start..).unwrap_or_default();
        open.suspicious |= names.len() > FEW || names.iter().any(|other| other.key() == name.key());
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self) {
        self.names.reserve(CAPACITY.max(self.names.len()));
    }

    /// # Errors
    /// A name is a duplicate.
    #[inline(always)]
    pub(crate) fn close(&mut self, open: &Open) -> FastPath<()> {
        self.check(open)?;
        self.truncate(open.start);
        Ok(())
    }

    /// As [`Names::close`], but the names stay in the list.
    ///
    /// # Errors
    /// A name is a duplicate.
    #[inline(always)]
    pub(crate) fn check(&mut self, open: &Open) -> FastPath<()> {
        if open.suspicious { self.compare(open.start) } else { Ok(()) }
    }

    /// Removes the names from an index on.
    #[inline(always)]
    pub(crate) fn truncate(&mut self, start: usize) {
        self.names.truncate(start);
    }

    #[inline(never)]
    fn compare(&mut self, start: usize) -> FastPath<()> {
        let names = self.names.get_mut(start..).ok_or(Fallback)?;
        let mut keys: Vec<_> = names.iter().map(Name::key).collect();
        keys.sort_unstable();
        if keys.is_sorted_by(|left, right| left < right) { Ok(()) } else { Err(Fallback) }
    }

    /// The text after the name of an index and its closing quote, if the text begins with them.
    #[inline(always)]
    pub(crate) fn after<'t>(&self, at: usize, rest: &'t [u8]) -> Option<&'t [u8]> {
        let name = self.names.get(at)?;
        let equal = equal(name.text.first_chunk()?, rest.first_chunk()?);
        let wanted = u64::MAX >> (63 - (name.length & 63));
        if name.length < HEAD && u64::from(equal) & wanted == wanted { rest.get(name.length + 1..) } else { None }
    }

    /// Opens an object whose first keys are the names of a range of indices.
    #[inline(never)]
    pub(crate) fn open_like(&mut self, (from, to): (usize, usize)) -> FastPath<Open> {
        let mut open = self.open();
        for at in from..to {
            let name = *self.names.get(at).ok_or(Fallback)?;
            self.push(&mut open, name);
        }
        Ok(open)
    }
}

/// The bytes that are equal, as bits.
#[inline(always)]
fn equal(left: &[u8; HEAD], right: &[u8; HEAD]) -> u32 {
    let (([low, high], _), ([other_low, other_high], _)) = (left.as_chunks::<16>(), right.as_chunks::<16>()) else { return 0 };
    let equal = |left: &[u8; 16], right: &[u8; 16]| u8x16::new(*left).simd_eq(u8x16::new(*right)).to_bitmask();
    equal(low, other_low) | equal(high, other_high) << 16
}

/// By length, the bits of that many first bytes of sixteen.
const MASKS: [u128; 17] = {
    let mut masks = [0; 17];
    let mut bytes = 1;
    while bytes <= 16 {
        masks[bytes] = u128::MAX >> (128 - 8 * bytes);
        bytes += 1;
    }
    masks
};

/// Equal names have equal hashes. Different names of at most 16 bytes nearly always have different hashes.
#[inline(always)]
fn hash(name: &[u8], text: &[u8]) -> u64 {
    match (text.first_chunk::<16>(), MASKS.get(name.len())) {
        (Some(head), Some(mask)) => mix(u128::from_le_bytes(*head) & mask),
        _ => hash_by_ends(name),
    }
}

/// The hash of a short name at the end of a text, or of a long name by its first bytes, its last bytes and its length.
#[inline(never)]
fn hash_by_ends(name: &[u8]) -> u64 {
    match (name.first_chunk::<16>(), name.last_chunk::<16>()) {
        (Some(first), Some(last)) if name.len() > 16 => {
            mix(u128::from_le_bytes(*first)) ^ mix(u128::from_le_bytes(*last) ^ name.len() as u128).rotate_left(17)
        }
        _ => mix(name.iter().rev().fold(0, |word, byte| word << 8 | u128::from(*byte))),
    }
}

#[inline(always)]
fn mix(bytes: u128) -> u64 {
    ((bytes as u64) ^ ((bytes >> 64) as u64).rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(texts: &[String]) -> bool {
        let mut names = Names::default();
        let mut open = names.open();
        for text in texts {
            names.add(&mut open, text.as_bytes(), text.as_bytes());
        }
        names.close(&open).is_ok()
    }

    #[test]
    fn exactly_the_duplicates_are_detected() {
        for count in [0, 1, 2, 5, FEW, FEW + 1, 100, 10_000] {
            // The names have the same length, the same beginning and the same end.
            for (before, after) in [("", ""), ("a long beginning ", " and a long end")] {
                let mut texts: Vec<String> = (0..count).map(|number| format!("{before}{number:05}{after}")).collect();
                assert!(check(&texts), "{count}");
                if let Some(last) = texts.last().cloned() {
                    texts.insert(count / 3, last);
                    assert!(!check(&texts), "{count}");
                }
            }
        }
    }

    #[test]
    fn the_hash_of_a_name_does_not_depend_on_its_position() {
        for name in ["", "a", "sixteen letters!", "seventeen letters", "a name that is longer than two words of sixteen"] {
            let text = format!("{name}\": 1, \"and so on\": 2");
            assert_eq!(hash(name.as_bytes(), text.as_bytes()), hash(name.as_bytes(), name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn keys_of_nested_objects_are_separate() {
        let mut names = Names::default();
        let mut outer = names.open();
        names.add(&mut outer, b"a", b"a");
        let mut inner = names.open();
        names.add(&mut inner, b"a", b"a\": 1, \"and so on\": 2");
        assert!(names.close(&inner).is_ok());
        names.add(&mut outer, b"b", b"b");
        assert!(names.close(&outer).is_ok());
        assert!(names.names.is_empty());
    }
}
