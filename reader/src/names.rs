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

    #[inline(always)]
    pub(crate) fn add(&mut self, open: &mut Open, name: &'a [u8]) {
        let hash = hash(name);
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

/// Mixes a name's length, beginning and end: equal names have equal hashes.
#[inline(always)]
fn hash(name: &[u8]) -> u64 {
    let word = |bytes: &[u8; 8]| u64::from_le_bytes(*bytes);
    let mixed = match (name.first_chunk::<8>(), name.last_chunk::<8>()) {
        (Some(first), Some(last)) => word(first) ^ word(last).rotate_left(23),
        _ => crate::keys::first_word(name),
    };
    (mixed ^ (name.len() as u64) << 57).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(texts: &[String]) -> bool {
        let mut names = Names::default();
        let mut open = names.open();
        for text in texts {
            names.add(&mut open, text.as_bytes());
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
    fn objects_inside_do_not_mix_their_names_with_those_around() {
        let mut names = Names::default();
        let mut outer = names.open();
        names.add(&mut outer, b"a");
        let mut inner = names.open();
        names.add(&mut inner, b"a");
        assert!(names.close(&inner).is_ok());
        names.add(&mut outer, b"b");
        assert!(names.close(&outer).is_ok());
        assert!(names.names.is_empty());
    }
}
