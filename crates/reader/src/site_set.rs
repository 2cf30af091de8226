//! Sets of rule sites.
//!
//! A rule site is a schema that has rules. Its number is its index in [`Compiled::sites`](crate::Compiled::sites).

/// A set of rule sites, by number. The first 128 sites are the bits of one word; the other words are allocated when a higher number is added.
#[derive(Clone, Debug, Default)]
pub struct SiteSet {
    first: u128,
    rest: Vec<u128>,
}

const BITS: usize = u128::BITS as usize;

impl SiteSet {
    /// Adds a site.
    #[inline(always)]
    pub fn insert(&mut self, site: usize) {
        if site < BITS {
            self.first |= 1 << site;
        } else {
            self.insert_in_rest(site - BITS);
        }
    }

    #[cold]
    #[inline(never)]
    fn insert_in_rest(&mut self, bit: usize) {
        let word = bit / BITS;
        if self.rest.len() <= word {
            self.rest.resize(word + 1, 0);
        }
        self.rest[word] |= 1 << (bit % BITS);
    }

    /// Removes every site. The memory stays allocated.
    #[inline]
    pub(crate) fn clear(&mut self) {
        self.first = 0;
        self.rest.clear();
    }

    /// Whether both sets have a site in common.
    #[inline]
    pub fn intersects(&self, other: &Self) -> bool {
        self.first & other.first != 0 || self.rest.iter().zip(&other.rest).any(|(left, right)| left & right != 0)
    }

    /// The sites, in ascending order.
    #[inline]
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        let rest = self.rest.iter().zip(1..).flat_map(|(word, at)| bits(*word).map(move |bit| at * BITS + bit));
        bits(self.first).chain(rest)
    }
}

/// The positions of the bits that are set in a word.
#[inline]
fn bits(mut word: u128) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = (word != 0).then(|| word.trailing_zeros() as usize);
        word &= word.wrapping_sub(1);
        bit
    })
}

impl FromIterator<usize> for SiteSet {
    fn from_iter<I: IntoIterator<Item = usize>>(sites: I) -> Self {
        let mut set = Self::default();
        sites.into_iter().for_each(|site| set.insert(site));
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_any_number_of_sites() {
        let sites = [0, 3, 127, 128, 130, 255, 256, 70_000];
        let set: SiteSet = sites.into_iter().rev().collect();
        assert_eq!(set.iter().collect::<Vec<_>>(), sites);
        for site in 0..300 {
            assert_eq!(set.intersects(&[site].into_iter().collect()), sites.contains(&site), "{site}");
        }
        assert_eq!(SiteSet::default().iter().count(), 0);
    }
}
