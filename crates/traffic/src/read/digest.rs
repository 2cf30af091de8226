//! The digest of a source. Processes that read ranges of a source hash its blocks, and the digests of all blocks join to that of the source.
//!
//! SHA-256 needs all bytes in one process. So a source of more than one block has a BLAKE3 digest, which is a tree of the digests of blocks.

use blake3::hazmat::HasherExt;
use sha2::{Digest, Sha256};

/// The bytes of a block. Ranges of a source begin at a multiple of it. A power of two: BLAKE3 joins the digests of such blocks only.
pub const DIGEST_BLOCK: u64 = 1 << 20;

/// The digest of a block of a larger source: a chaining value of BLAKE3.
pub type BlockDigest = blake3::hazmat::ChainingValue;

/// Hashes bytes of a source.
#[derive(Debug)]
pub(crate) enum SourceHasher {
    /// All bytes.
    Whole(Box<WholeHasher>),
    /// The blocks of a range.
    Blocks(Box<BlockHasher>),
}

impl Default for SourceHasher {
    fn default() -> Self {
        Self::Whole(Box::default())
    }
}

impl SourceHasher {
    /// Hashes the blocks of a range, from the one that begins at an offset on.
    pub(crate) fn of_blocks(start: u64) -> Self {
        Self::Blocks(Box::new(BlockHasher::new(start)))
    }

    /// Adds bytes.
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Whole(whole) => whole.update(bytes),
            Self::Blocks(blocks) => blocks.update(bytes),
        }
    }

    /// The digest of the source, if all bytes are hashed.
    pub(crate) fn digest(&self) -> Option<String> {
        match self {
            Self::Whole(whole) => Some(whole.digest()),
            Self::Blocks(_) => None,
        }
    }

    /// The digests of the blocks so far, if blocks are hashed. The last one may be shorter than the others.
    pub(crate) fn blocks(&self) -> Option<Vec<BlockDigest>> {
        match self {
            Self::Whole(_) => None,
            Self::Blocks(blocks) => Some(blocks.blocks()),
        }
    }
}

/// Hashes all bytes of a source.
#[derive(Clone, Debug, Default)]
pub(crate) struct WholeHasher {
    all: blake3::Hasher,
    /// The beginning of the source, as long as it may be the whole.
    first: Sha256,
    length: u64,
}

impl WholeHasher {
    /// Adds bytes.
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.length += bytes.len() as u64;
        if self.length <= DIGEST_BLOCK {
            self.first.update(bytes);
        }
        self.all.update(bytes);
    }

    /// The digest of the source: SHA-256 of at most one block, else BLAKE3.
    pub(crate) fn digest(&self) -> String {
        if self.length > DIGEST_BLOCK {
            return format!("blake3:{}", self.all.finalize().to_hex());
        }
        format!("sha256:{}", self.first.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect::<String>())
    }
}

/// Hashes the blocks of a range of a source.
#[derive(Debug)]
pub(crate) struct BlockHasher {
    /// The digests of the blocks that are complete and followed by others.
    blocks: Vec<BlockDigest>,
    current: blake3::Hasher,
    /// The bytes of the current block.
    filled: u64,
    /// Where the current block begins in the source.
    start: u64,
}

impl BlockHasher {
    fn new(start: u64) -> Self {
        Self { blocks: Vec::new(), current: Self::hasher(start), filled: 0, start }
    }

    fn hasher(start: u64) -> blake3::Hasher {
        let mut hasher = blake3::Hasher::new();
        hasher.set_input_offset(start);
        hasher
    }

    fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.filled == DIGEST_BLOCK {
                self.blocks.push(self.current.finalize_non_root());
                (self.start, self.filled) = (self.start + DIGEST_BLOCK, 0);
                self.current = Self::hasher(self.start);
            }
            let room = usize::try_from(DIGEST_BLOCK - self.filled).unwrap_or(usize::MAX);
            let (own, rest) = bytes.split_at(room.min(bytes.len()));
            self.current.update(own);
            self.filled += own.len() as u64;
            bytes = rest;
        }
    }

    fn blocks(&self) -> Vec<BlockDigest> {
        let last = (self.filled > 0).then(|| self.current.finalize_non_root());
        self.blocks.iter().copied().chain(last).collect()
    }
}

/// The digest of a source of several blocks, as the reports of its ranges join it.
#[cfg(test)]
pub(super) fn join(blocks: &[BlockDigest]) -> String {
    use blake3::hazmat::{Mode, merge_subtrees_non_root, merge_subtrees_root};
    fn subtree(blocks: &[BlockDigest]) -> BlockDigest {
        match blocks {
            [only] => *only,
            several => {
                let (left, right) = several.split_at(several.len().next_power_of_two() / 2);
                merge_subtrees_non_root(&subtree(left), &subtree(right), Mode::Hash)
            }
        }
    }
    let (left, right) = blocks.split_at(blocks.len().next_power_of_two() / 2);
    format!("blake3:{}", merge_subtrees_root(&subtree(left), &subtree(right), Mode::Hash).to_hex())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(bytes: &[u8], step: usize) -> String {
        let mut hasher = SourceHasher::default();
        bytes.chunks(step).for_each(|chunk| hasher.update(chunk));
        hasher.digest().expect("all bytes")
    }

    fn blocks(bytes: &[u8], range: std::ops::Range<usize>, step: usize) -> Vec<BlockDigest> {
        let mut hasher = SourceHasher::of_blocks(range.start as u64);
        bytes[range].chunks(step).for_each(|chunk| hasher.update(chunk));
        hasher.blocks().expect("blocks")
    }

    #[test]
    fn a_source_of_one_block_has_its_sha256() {
        assert_eq!(whole(b"abc", 1), "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(whole(b"", 1), "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert!(whole(&vec![7; DIGEST_BLOCK as usize], 4_096).starts_with("sha256:"));
    }

    #[test]
    fn the_digests_of_ranges_join_to_that_of_the_source() {
        let block = DIGEST_BLOCK as usize;
        for size in [block + 1, block * 2, block * 3 + 5, block * 5, block * 8 + 1, block * 11] {
            let bytes: Vec<u8> = (0..size).map(|at| (at % 251) as u8).collect();
            assert_eq!(whole(&bytes, 65_537), format!("blake3:{}", blake3::hash(&bytes).to_hex()));
            let all = [blocks(&bytes, 0..block, 1_000), blocks(&bytes, block..size, 999_999)].concat();
            assert_eq!(all.len(), size.div_ceil(block));
            assert_eq!(join(&all), whole(&bytes, size), "{size} bytes");
        }
        assert!(blocks(b"", 0..0, 1).is_empty());
    }
}
