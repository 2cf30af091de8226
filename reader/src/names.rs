//! Whether a key is repeated, for objects whose keys nobody knows beforehand.

use crate::{Sure, Unsure};

/// The keys of the open objects, the innermost last.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names<'a> {
    names: Vec<(u64, &'a [u8])>,
}

/// The keys of one object.
#[derive(Debug)]
pub(crate) struct Open {
    start: usize,
    /// Bits of the hashes so far: where none is met twice, no name is.
    bits: [u64; 4],
    met: bool,
}

/// Room for the names of the first objects of a text.
const ROOM: usize = 64;
/// So few are compared each with each; more are sorted.
const FEW: usize = 16;

impl<'a> Names<'a> {
    #[inline(always)]
    pub(crate) fn open(&self) -> Open {
        Open { start: self.names.len(), bits: [0; 4], met: false }
    }

    /// Notes a name, with the text that begins with it.
    #[inline(always)]
    pub(crate) fn add(&mut self, open: &mut Open, name: &'a [u8], text: &'a [u8]) {
        let hash = hash(name, text);
        let (word, bit) = ((hash >> 62) as usize, 1 << (hash >> 56 & 63));
        open.met |= open.bits[word] & bit != 0;
        open.bits[word] |= bit;
        if self.names.len() == self.names.capacity() {
            self.grow();
        }
        self.names.push((hash, name));
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self) {
        self.names.reserve(ROOM.max(self.names.len()));
    }

    /// # Errors
    /// A name is repeated.
    #[inline(always)]
    pub(crate) fn close(&mut self, open: &Open) -> Sure<()> {
        if open.met {
            self.compare(open.start)?;
        }
        self.names.truncate(open.start);
        Ok(())
    }

    #[inline(never)]
    fn compare(&mut self, start: usize) -> Sure<()> {
        let names = self.names.get_mut(start..).ok_or(Unsure)?;
        let repeated = if names.len() <= FEW {
            names.iter().enumerate().any(|(at, name)| names[..at].contains(name))
        } else {
            names.sort_unstable();
            names.is_sorted_by(|left, right| left < right).eq(&false)
        };
        if repeated { Err(Unsure) } else { Ok(()) }
    }
}

/// The bits of so many first bytes of sixteen.
const MASKS: [u128; 17] = {
    let mut masks = [0; 17];
    let mut bytes = 1;
    while bytes <= 16 {
        masks[bytes] = u128::MAX >> (128 - 8 * bytes);
        bytes += 1;
    }
    masks
};

/// Equal names have equal hashes, and short names different ones nearly always.
#[inline(always)]
fn hash(name: &[u8], text: &[u8]) -> u64 {
    match (text.first_chunk::<16>(), MASKS.get(name.len())) {
        (Some(head), Some(mask)) => mix(u128::from_le_bytes(*head) & mask),
        _ => hash_by_ends(name),
    }
}

/// The same for short names at the end of a text; of long ones the beginning, the end and the length count.
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
    fn every_repetition_is_met_and_nothing_else_is() {
        for count in [0, 1, 2, 5, FEW, FEW + 1, 100, 10_000] {
            // Of one length, with one beginning and one end: nothing but the names themselves tells them apart.
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
    fn a_name_has_one_hash_wherever_it_stands() {
        for name in ["", "a", "sixteen letters!", "seventeen letters", "a name that is longer than two words of sixteen"] {
            let text = format!("{name}\": 1, \"and so on\": 2");
            assert_eq!(hash(name.as_bytes(), text.as_bytes()), hash(name.as_bytes(), name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn objects_inside_do_not_mix_their_names_with_those_around() {
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
