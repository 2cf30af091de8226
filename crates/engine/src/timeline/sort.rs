//! External merge sort: sorted runs go to temporary files when memory is full.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};

/// Bytes of a key.
pub(super) const KEY: usize = 32;
/// Number of runs of one level that are merged into one run of the next level.
const FAN_IN: usize = 64;
/// Memory overhead of a record, in bytes.
const OVERHEAD: usize = 64;

/// A key and its payload.
pub(super) type Record = ([u8; KEY], Vec<u8>);

/// Sorts records.
#[derive(Debug)]
pub(super) struct Sorter {
    buffer: Vec<Record>,
    bytes: usize,
    limit: usize,
    /// Runs by level, the number of times that their records were merged.
    levels: Vec<Vec<File>>,
}

impl Sorter {
    /// A sorter that uses about `limit` bytes of memory.
    pub(super) fn new(limit: usize) -> Self {
        Self { buffer: Vec::new(), bytes: 0, limit, levels: Vec::new() }
    }

    /// Adds a record.
    pub(super) fn add(&mut self, key: [u8; KEY], payload: Vec<u8>) -> io::Result<()> {
        self.bytes += payload.len() + OVERHEAD;
        self.buffer.push((key, payload));
        if self.bytes > self.limit { self.spill() } else { Ok(()) }
    }

    fn spill(&mut self) -> io::Result<()> {
        self.buffer.sort_unstable();
        let mut run = BufWriter::new(tempfile::tempfile()?);
        for record in self.buffer.drain(..) {
            write(&mut run, &record)?;
        }
        self.bytes = 0;
        self.add_run(rewound(run)?, 0)
    }

    /// Adds a run to a level. A full level is merged into one run of the next level.
    fn add_run(&mut self, run: File, level: usize) -> io::Result<()> {
        if self.levels.len() == level {
            self.levels.push(Vec::new());
        }
        let runs = &mut self.levels[level];
        runs.push(run);
        if runs.len() < FAN_IN {
            return Ok(());
        }
        let mut merged = BufWriter::new(tempfile::tempfile()?);
        for record in Merge::new(std::mem::take(runs), Vec::new())? {
            write(&mut merged, &record?)?;
        }
        self.add_run(rewound(merged)?, level + 1)
    }

    /// All records, sorted.
    pub(super) fn finish(mut self) -> io::Result<Merge> {
        self.buffer.sort_unstable();
        Merge::new(self.levels.into_iter().flatten().collect(), self.buffer)
    }
}

fn write(out: &mut impl Write, (key, payload): &Record) -> io::Result<()> {
    out.write_all(key)?;
    out.write_all(&(payload.len() as u64).to_le_bytes())?;
    out.write_all(payload)
}

fn rewound(out: BufWriter<File>) -> io::Result<File> {
    let mut file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.rewind()?;
    Ok(file)
}

fn read(run: &mut BufReader<File>) -> io::Result<Option<Record>> {
    let mut key = [0; KEY];
    if let Err(error) = run.read_exact(&mut key) {
        return if error.kind() == io::ErrorKind::UnexpectedEof { Ok(None) } else { Err(error) };
    }
    let mut length = [0; 8];
    run.read_exact(&mut length)?;
    let mut payload = vec![0; usize::try_from(u64::from_le_bytes(length)).map_err(io::Error::other)?];
    run.read_exact(&mut payload)?;
    Ok(Some((key, payload)))
}

/// Merges sorted runs.
pub(super) struct Merge {
    runs: Vec<BufReader<File>>,
    memory: std::vec::IntoIter<Record>,
    /// The next record of each run, with the index of the run; the last index is the memory buffer.
    heads: BinaryHeap<Reverse<(Record, usize)>>,
}

impl Merge {
    fn new(runs: Vec<File>, memory: Vec<Record>) -> io::Result<Self> {
        let runs = runs.into_iter().map(BufReader::new).collect::<Vec<_>>();
        let mut merge = Self { runs, memory: memory.into_iter(), heads: BinaryHeap::new() };
        for run in 0..=merge.runs.len() {
            merge.refill(run)?;
        }
        Ok(merge)
    }

    fn refill(&mut self, run: usize) -> io::Result<()> {
        let next = match self.runs.get_mut(run) {
            Some(file) => read(file)?,
            None => self.memory.next(),
        };
        self.heads.extend(next.map(|record| Reverse((record, run))));
        Ok(())
    }
}

impl Iterator for Merge {
    type Item = io::Result<Record>;

    fn next(&mut self) -> Option<Self::Item> {
        let Reverse((record, run)) = self.heads.pop()?;
        Some(self.refill(run).map(|()| record))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spilled_records_are_merged_in_order() {
        let mut sorter = Sorter::new(500);
        let mut wanted = Vec::new();
        let mut state = 7u64;
        for _ in 0..3_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let mut key = [0; KEY];
            key[..8].copy_from_slice(&state.to_be_bytes());
            let payload = vec![state as u8; (state >> 32) as usize % 50];
            sorter.add(key, payload.clone()).expect("space");
            wanted.push((key, payload));
        }
        assert!(sorter.levels.len() > 1 && sorter.levels.iter().all(|runs| runs.len() < FAN_IN), "no runs were merged");
        wanted.sort();
        let found: Vec<Record> = sorter.finish().expect("runs").map(|record| record.expect("a record")).collect();
        assert!(found == wanted);
    }
}
