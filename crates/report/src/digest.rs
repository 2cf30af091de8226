//! Short checksums that identify groups and findings across runs, and the digest of an input whose ranges were read apart.

use blake3::hazmat::{ChainingValue, Mode, merge_subtrees_non_root, merge_subtrees_root};
use sha2::{Digest, Sha256};

/// Sixteen hexadecimal digits: a checksum of a list of strings.
pub fn short<'p>(parts: impl IntoIterator<Item = &'p str>) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update([0]);
    }
    hasher.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The digest of an input that was read by ranges: BLAKE3, joined from the chaining values of its blocks. `None` if it has not several blocks, or if one of them is not a chaining value.
pub(crate) fn of_blocks(blocks: &[String]) -> Option<String> {
    let blocks = blocks.iter().map(|block| block.parse::<blake3::Hash>().ok().map(ChainingValue::from)).collect::<Option<Vec<_>>>()?;
    let (left, right) = halves(&blocks)?;
    Some(format!("blake3:{}", merge_subtrees_root(&subtree(left)?, &subtree(right)?, Mode::Hash).to_hex()))
}

/// The chaining value of blocks that follow each other.
fn subtree(blocks: &[ChainingValue]) -> Option<ChainingValue> {
    match blocks {
        [only] => Some(*only),
        several => {
            let (left, right) = halves(several)?;
            Some(merge_subtrees_non_root(&subtree(left)?, &subtree(right)?, Mode::Hash))
        }
    }
}

/// The subtrees of several blocks: the left one is the largest that is complete and not the whole.
fn halves(blocks: &[ChainingValue]) -> Option<(&[ChainingValue], &[ChainingValue])> {
    (blocks.len() > 1).then(|| blocks.split_at(blocks.len().next_power_of_two() / 2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use blake3::hazmat::HasherExt;

    #[test]
    fn blocks_join_to_the_blake3_digest_of_the_input() {
        const BLOCK: usize = 1 << 20;
        for size in [BLOCK + 1, 2 * BLOCK, 3 * BLOCK, 6 * BLOCK + 7] {
            let bytes: Vec<u8> = (0..size).map(|at| (at % 253) as u8).collect();
            let value = |(number, block): (usize, &[u8])| {
                let mut hasher = blake3::Hasher::new();
                let value = hasher.set_input_offset((number * BLOCK) as u64).update(block).finalize_non_root();
                blake3::Hash::from_bytes(value).to_string()
            };
            let blocks: Vec<String> = bytes.chunks(BLOCK).enumerate().map(value).collect();
            assert_eq!(of_blocks(&blocks), Some(format!("blake3:{}", blake3::hash(&bytes))), "{size} bytes");
            assert_eq!(of_blocks(&blocks[..1]), None);
            assert_eq!(of_blocks(&[blocks[0].clone(), "z".into()]), None);
        }
    }
}
