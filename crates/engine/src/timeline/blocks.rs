//! Bytes in memory that is mapped from the operating system, not taken from the allocator.
//!
//! Observations are many, and they are freed together. An allocator keeps freed memory for later, and a buffer that grows is copied, so that the
//! memory limit of rules over time would be exceeded by far.

use std::io;

use memmap2::MmapMut;

/// Bytes of a block. A longer value has a block of its own.
const BLOCK: usize = 4 << 20;

/// Values, one after another.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    blocks: Vec<MmapMut>,
    /// Number of used bytes of the last block.
    used: usize,
    /// Number of bytes of all values.
    len: usize,
}

/// The place of a value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    block: u32,
    start: u32,
    len: u32,
}

impl Blocks {
    /// Adds a value.
    pub(super) fn push(&mut self, value: &[u8]) -> io::Result<Place> {
        let has_room = self.blocks.last().is_some_and(|block| block.len() - self.used >= value.len());
        if !has_room {
            self.blocks.push(MmapMut::map_anon(BLOCK.max(value.len()))?);
            self.used = 0;
        }
        let (block, start) = (self.blocks.len() - 1, self.used);
        self.blocks[block][start..start + value.len()].copy_from_slice(value);
        self.used += value.len();
        self.len += value.len();
        let number = |number: usize| u32::try_from(number).map_err(io::Error::other);
        Ok(Place { block: number(block)?, start: number(start)?, len: number(value.len())? })
    }

    /// The value at a place.
    pub(super) fn get(&self, place: Place) -> &[u8] {
        let (block, start, len) = (place.block as usize, place.start as usize, place.len as usize);
        &self.blocks[block][start..start + len]
    }

    /// Number of bytes of all values.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Removes all values and returns their memory.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_at_their_places() {
        let mut blocks = Blocks::default();
        let values: Vec<Vec<u8>> =
            [0, 1, BLOCK - 1, 1, 0, BLOCK + 1, 5, BLOCK, 3].iter().enumerate().map(|(index, len)| vec![index as u8; *len]).collect();
        let places: Vec<Place> = values.iter().map(|value| blocks.push(value).expect("memory")).collect();
        assert!(places.iter().zip(&values).all(|(place, value)| blocks.get(*place) == value));
        assert_eq!(blocks.len(), values.iter().map(Vec::len).sum::<usize>());
        assert!(blocks.blocks.len() > 3);
        blocks.clear();
        assert!(blocks.len() == 0 && blocks.blocks.is_empty());
    }
}
