//! External merge sort: sorted runs go to temporary files when memory is full.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};

use super::blocks::{Blocks, Place};

/// Bytes of a key.
pub(crate) const KEY: usize = 32;
/// Number of runs of one level that are merged into one run of the next level.
const FAN_IN: usize = 64;

/// A key, which no two records share, and its value.
pub(crate) type Record = ([u8; KEY], Vec<u8>);

/// A record in memory: its key, and the place of its value.
type Stored = ([u8; KEY], Place);

/// Sorts records.
#[derive(Debug)]
pub(crate) struct Sorter {
    records: Vec<Stored>,
    /// The values of all records in memory.
    values: Blocks,
    /// A buffer for the next value.
    value: Vec<u8>,
    limit: usize,
    /// Runs by level, the number of times that their records were merged.
    levels: Vec<Vec<File>>,
}

impl Sorter {
    /// A sorter that uses about `limit` bytes of memory.
    pub(crate) fn new(limit: usize) -> Self {
        Self { records: Vec::new(), values: Blocks::default(), value: Vec::new(), limit, levels: Vec::new() }
    }

    /// Adds a record. `write` appends its value to an empty buffer.
    pub(crate) fn add(&mut self, key: [u8; KEY], write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> io::Result<()> {
        self.value.clear();
        write(&mut self.value)?;
        self.records.push((key, self.values.push(&self.value)?));
        let used = self.values.len() + self.records.len() * size_of::<Stored>();
        if used > self.limit { self.spill() } else { Ok(()) }
    }

    fn spill(&mut self) -> io::Result<()> {
        self.sort();
        let mut run = BufWriter::new(tempfile::tempfile()?);
        for (key, place) in self.records.drain(..) {
            write(&mut run, &key, self.values.get(place))?;
        }
        self.values.clear();
        self.add_run(rewound(run)?, 0)
    }

    fn sort(&mut self) {
        self.records.sort_unstable_by_key(|(key, ..)| *key);
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
        for record in Merge::new(std::mem::take(runs), Vec::new(), Blocks::default())? {
            let (key, value) = record?;
            write(&mut merged, &key, &value)?;
        }
        self.add_run(rewound(merged)?, level + 1)
    }

    /// All records, sorted.
    pub(crate) fn finish(mut self) -> io::Result<Merge> {
        self.sort();
        Merge::new(self.levels.into_iter().flatten().collect(), self.records, self.values)
    }
}

fn write(out: &mut impl Write, key: &[u8; KEY], payload: &[u8]) -> io::Result<()> {
    out.write_all(key)?;
    out.write_all(&(payload.len() as u64).to_le_bytes())?;
    out.write_all(payload)
}

fn rewound(out: BufWriter<File>) -> io::Result<File> {
    let mut file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.rewind()?;
    Ok(file)
}

fn read(run: &mut BufReader<File>) -> io::Result<Option<([u8; KEY], Vec<u8>)>> {
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

/// The next record of a run. Heads are ordered by their keys.
struct Head {
    key: [u8; KEY],
    /// The index of the run; the last index is the memory.
    run: usize,
    value: HeadValue,
}

/// Where the value of a record is.
enum HeadValue {
    Read(Vec<u8>),
    InMemory(Place),
}

impl PartialEq for Head {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Head {}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Head {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.key, self.run).cmp(&(other.key, other.run))
    }
}

/// Merges sorted runs, and the sorted records in memory.
pub(crate) struct Merge {
    runs: Vec<BufReader<File>>,
    records: std::vec::IntoIter<Stored>,
    values: Blocks,
    heads: BinaryHeap<Reverse<Head>>,
}

impl Merge {
    fn new(runs: Vec<File>, records: Vec<Stored>, values: Blocks) -> io::Result<Self> {
        let runs = runs.into_iter().map(BufReader::new).collect::<Vec<_>>();
        let mut merge = Self { runs, records: records.into_iter(), values, heads: BinaryHeap::new() };
        for run in 0..=merge.runs.len() {
            merge.refill(run)?;
        }
        Ok(merge)
    }

    fn refill(&mut self, run: usize) -> io::Result<()> {
        let next = match self.runs.get_mut(run) {
            Some(file) => read(file)?.map(|(key, value)| (key, HeadValue::Read(value))),
            None => self.records.next().map(|(key, place)| (key, HeadValue::InMemory(place))),
        };
        self.heads.extend(next.map(|(key, value)| Reverse(Head { key, run, value })));
        Ok(())
    }

    /// The key of the next record. Its value replaces the content of `value`.
    pub(crate) fn next_into(&mut self, value: &mut Vec<u8>) -> io::Result<Option<[u8; KEY]>> {
        let Some(Reverse(head)) = self.heads.pop() else { return Ok(None) };
        match head.value {
            HeadValue::Read(read) => *value = read,
            HeadValue::InMemory(place) => {
                value.clear();
                value.extend_from_slice(self.values.get(place));
            }
        }
        self.refill(head.run)?;
        Ok(Some(head.key))
    }
}

impl Iterator for Merge {
    type Item = io::Result<Record>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut value = Vec::new();
        self.next_into(&mut value).map(|key| key.map(|key| (key, value))).transpose()
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
            let write = |out: &mut Vec<u8>| {
                out.extend_from_slice(&payload);
                Ok(())
            };
            sorter.add(key, write).expect("space");
            wanted.push((key, payload));
        }
        assert!(sorter.levels.len() > 1 && sorter.levels.iter().all(|runs| runs.len() < FAN_IN), "no runs were merged");
        wanted.sort();
        let found: Vec<Record> = sorter.finish().expect("runs").map(|record| record.expect("a record")).collect();
        assert!(found == wanted);
    }
}
