//! One of N disjoint partitions of the input, chosen by a hash.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

/// Partition `K` of `N`, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partition {
    number: u32,
    of: u32,
}

/// Maximum number of partitions.
const MOST: u32 = 1_000_000;

/// Why a text is not a partition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PartitionError {
    /// It has another form.
    #[error("expected a partition such as 2/4: its number, from 1, and the number of partitions")]
    Form,
    /// Partitions are numbered from 1.
    #[error("partitions are numbered from 1: the first of {of} is 1/{of}{}", if *of == 0 { ", and there is at least one" } else { "" })]
    Zero {
        /// Of how many.
        of: u32,
    },
    /// The number is greater than the number of partitions.
    #[error("there is no partition {number} of {of}: the last is {of}/{of}")]
    Beyond {
        /// The partition's number.
        number: u32,
        /// Of how many.
        of: u32,
    },
    /// Too many partitions.
    #[error("{of} partitions are too many: at most {MOST}")]
    TooMany {
        /// How many.
        of: u32,
    },
}

impl Partition {
    /// Its number, from 1.
    pub fn number(self) -> u32 {
        self.number
    }

    /// The number of partitions.
    pub fn of(self) -> u32 {
        self.of
    }

    /// Whether a key belongs to this partition. The result is the same on every machine and in every version.
    pub fn has(self, words: &[&[u8]]) -> bool {
        let mut hasher = Sha256::new();
        for word in words {
            hasher.update((word.len() as u64).to_le_bytes());
            hasher.update(word);
        }
        let digest = hasher.finalize();
        let mut first = [0; 8];
        first.copy_from_slice(&digest[..8]);
        u64::from_le_bytes(first) % u64::from(self.of) == u64::from(self.number - 1)
    }
}

impl FromStr for Partition {
    type Err = PartitionError;

    fn from_str(text: &str) -> Result<Self, PartitionError> {
        let number = |text: &str| text.parse::<u32>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
        let (number, of) =
            text.split_once('/').and_then(|(one, other)| Some((number(one)?, number(other)?))).ok_or(PartitionError::Form)?;
        match (number, of) {
            (0, of) | (_, of @ 0) => Err(PartitionError::Zero { of }),
            (_, of) if of > MOST => Err(PartitionError::TooMany { of }),
            (number, of) if number > of => Err(PartitionError::Beyond { number, of }),
            (number, of) => Ok(Self { number, of }),
        }
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.number, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_are_written_as_number_of_count() {
        let parsed = |text: &str| text.parse::<Partition>().map(|part| part.to_string()).map_err(|error| error.to_string());
        assert_eq!(parsed("2/4"), Ok("2/4".to_owned()));
        assert_eq!(parsed("1/1"), Ok("1/1".to_owned()));
        for (text, wanted) in [
            ("0/4", "partitions are numbered from 1: the first of 4 is 1/4"),
            ("5/4", "there is no partition 5 of 4: the last is 4/4"),
            ("1/0", "partitions are numbered from 1"),
            ("1/1000001", "at most 1000000"),
            ("x", "expected a partition such as 2/4"),
            ("1/", "expected a partition such as 2/4"),
            ("+1/4", "expected a partition such as 2/4"),
            ("1/4/2", "expected a partition such as 2/4"),
            ("1/99999999999", "expected a partition such as 2/4"),
        ] {
            let error = parsed(text).expect_err(text);
            assert!(error.contains(wanted), "{text}: {error}");
        }
    }

    #[test]
    fn every_key_belongs_to_exactly_one_partition() {
        for of in 1..=8 {
            let mut sizes = vec![0; of as usize];
            for word in 0..2_000_u32 {
                let owners: Vec<u32> =
                    (1..=of).filter(|number| Partition { number: *number, of }.has(&[b"order", &word.to_le_bytes()])).collect();
                assert_eq!(owners.len(), 1, "{word} of {of}: {owners:?}");
                sizes[owners[0] as usize - 1] += 1;
            }
            // No partition differs from the average by more than a fifth.
            assert!(sizes.iter().all(|size: &u32| (size * of).abs_diff(2_000) < 400), "{sizes:?}");
        }
    }

    #[test]
    fn the_assignment_of_keys_is_stable() {
        let part = |word: &str| (1..=1_000).find(|number| Partition { number: *number, of: 1_000 }.has(&[b"resource", word.as_bytes()]));
        assert_eq!([part("\"order_1\""), part("\"order_2\""), part("7")], [Some(907), Some(317), Some(450)]);
    }
}
