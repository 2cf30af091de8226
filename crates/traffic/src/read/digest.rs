//! The digest of a source, which can be joined from the digests of its blocks.
//!
//! SHA-256 of a whole source needs all bytes in one process. A source of more than one block has the SHA-256 of the SHA-256 digests of its blocks instead, so that
//! processes can hash different ranges of it.

use sha2::{Digest, Sha256};

/// The bytes of a block. Ranges of a source begin at a multiple of it.
pub const DIGEST_BLOCK: u64 = 1 << 20;
/// The beginning of the digest of a source of one block: SHA-256 of its bytes.
const ONE_BLOCK: &str = "sha256:";
/// The beginning of the digest of a source of several blocks: SHA-256 of the digests of the blocks, as bytes.
const SEVERAL_BLOCKS: &str = "sha256-blocks:";

/// The SHA-256 digest of a block.
pub type BlockDigest = [u8; 32];

/// Hashes the bytes of a source.
#[derive(Clone, Debug, Default)]
pub(crate) struct SourceHasher {
    /// The digests of the blocks that are complete and followed by others.
    blocks: Vec<BlockDigest>,
    current: Sha256,
    /// The bytes of the current block.
    filled: u64,
}

impl SourceHasher {
    /// Adds bytes.
    pub(crate) fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.filled == DIGEST_BLOCK {
                self.blocks.push(self.current.finalize_reset().into());
                self.filled = 0;
            }
            let room = usize::try_from(DIGEST_BLOCK - self.filled).unwrap_or(usize::MAX);
            let (own, rest) = bytes.split_at(room.min(bytes.len()));
            self.current.update(own);
            self.filled += own.len() as u64;
            bytes = rest;
        }
    }

    /// The digests of all blocks so far, the last of which may be shorter than the others.
    pub(crate) fn blocks(mut self) -> Vec<BlockDigest> {
        self.blocks.push(self.current.finalize().into());
        self.blocks
    }

    /// The digest of the source.
    pub(crate) fn digest(self) -> String {
        join_digests(&self.blocks())
    }
}

/// The digest of a source, from the digests of all its blocks.
pub fn join_digests(blocks: &[BlockDigest]) -> String {
    let (prefix, digest) = match blocks {
        [only] => (ONE_BLOCK, *only),
        several => (SEVERAL_BLOCKS, Sha256::digest(several.concat()).into()),
    };
    format!("{prefix}{}", digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8], step: usize) -> SourceHasher {
        let mut hasher = SourceHasher::default();
        bytes.chunks(step).for_each(|chunk| hasher.update(chunk));
        hasher
    }

    #[test]
    fn a_source_of_one_block_has_its_sha256() {
        assert_eq!(of(b"abc", 1).digest(), "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(of(b"", 1).digest(), "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert!(of(&vec![7; DIGEST_BLOCK as usize], 4_096).digest().starts_with("sha256:"));
    }

    #[test]
    fn the_digests_of_ranges_join_to_that_of_the_source() {
        let bytes: Vec<u8> = (0..DIGEST_BLOCK * 3 + 5).map(|at| (at % 251) as u8).collect();
        let whole = of(&bytes, 65_537).digest();
        let (first, rest) = bytes.split_at(DIGEST_BLOCK as usize);
        let blocks = [of(first, 1_000).blocks(), of(rest, 999_999).blocks()].concat();
        assert_eq!(blocks.len(), 4);
        assert_eq!(join_digests(&blocks), whole);
        assert!(whole.starts_with("sha256-blocks:"));
    }
}
