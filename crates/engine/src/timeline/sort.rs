//! External merge sort: sorted runs go to temporary files when memory is full.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Bytes of a key.
pub(super) const KEY: usize = 32;
/// Number of runs of one level that are merged into one run of the next level.
const FAN_IN: usize = 64;
/// Memory overhead of a record, in bytes.
const OVERHEAD: usize = 64;

/// A key, which no two records share, and its value.
pub(super) type Record<T> = ([u8; KEY], T);

/// Sorts records.
#[derive(Debug)]
pub(super) struct Sorter<T> {
    buffer: Vec<Record<T>>,
    bytes: usize,
    limit: usize,
    /// Runs by level, the number of times that their records were merged.
    levels: Vec<Vec<File>>,
}

impl<T: Serialize + DeserializeOwned> Sorter<T> {
    /// A sorter that uses about `limit` bytes of memory.
    pub(super) fn new(limit: usize) -> Self {
        Self { buffer: Vec::new(), bytes: 0, limit, levels: Vec::new() }
    }

    /// Adds a record. `size` is the memory that the value needs.
    pub(super) fn add(&mut self, key: [u8; KEY], value: T, size: usize) -> io::Result<()> {
        self.bytes += size + OVERHEAD;
        self.buffer.push((key, value));
        if self.bytes > self.limit { self.spill() } else { Ok(()) }
    }

    fn spill(&mut self) -> io::Result<()> {
        self.sort();
        let mut run = BufWriter::new(tempfile::tempfile()?);
        for (key, value) in self.buffer.drain(..) {
            write(&mut run, &key, &serde_json::to_vec(&value)?)?;
        }
        self.bytes = 0;
        self.add_run(rewound(run)?, 0)
    }

    fn sort(&mut self) {
        self.buffer.sort_unstable_by_key(|(key, _)| *key);
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
        let mut merge = Merge::<T>::new(std::mem::take(runs), Vec::new())?;
        while let Some(head) = merge.pop() {
            let head = head?;
            if let Payload::Stored(bytes) = head.payload {
                write(&mut merged, &head.key, &bytes)?;
            }
        }
        self.add_run(rewound(merged)?, level + 1)
    }

    /// All records, sorted.
    pub(super) fn finish(mut self) -> io::Result<Merge<T>> {
        self.sort();
        Merge::new(self.levels.into_iter().flatten().collect(), self.buffer)
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

/// A value in memory, or read from a run.
enum Payload<T> {
    Value(T),
    Stored(Vec<u8>),
}

/// The next record of a run. Heads are ordered by their keys.
struct Head<T> {
    key: [u8; KEY],
    /// The index of the run; the last index is the memory buffer.
    run: usize,
    payload: Payload<T>,
}

impl<T> PartialEq for Head<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<T> Eq for Head<T> {}

impl<T> PartialOrd for Head<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Head<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.key, self.run).cmp(&(other.key, other.run))
    }
}

/// Merges sorted runs.
pub(super) struct Merge<T> {
    runs: Vec<BufReader<File>>,
    memory: std::vec::IntoIter<Record<T>>,
    heads: BinaryHeap<Reverse<Head<T>>>,
}

impl<T> Merge<T> {
    fn new(runs: Vec<File>, memory: Vec<Record<T>>) -> io::Result<Self> {
        let runs = runs.into_iter().map(BufReader::new).collect::<Vec<_>>();
        let mut merge = Self { runs, memory: memory.into_iter(), heads: BinaryHeap::new() };
        for run in 0..=merge.runs.len() {
            merge.refill(run)?;
        }
        Ok(merge)
    }

    fn refill(&mut self, run: usize) -> io::Result<()> {
        let next = match self.runs.get_mut(run) {
            Some(file) => read(file)?.map(|(key, bytes)| (key, Payload::Stored(bytes))),
            None => self.memory.next().map(|(key, value)| (key, Payload::Value(value))),
        };
        self.heads.extend(next.map(|(key, payload)| Reverse(Head { key, run, payload })));
        Ok(())
    }

    fn pop(&mut self) -> Option<io::Result<Head<T>>> {
        let Reverse(head) = self.heads.pop()?;
        Some(self.refill(head.run).map(|()| head))
    }
}

impl<T: DeserializeOwned> Iterator for Merge<T> {
    type Item = io::Result<Record<T>>;

    fn next(&mut self) -> Option<Self::Item> {
        let record = |head: Head<T>| match head.payload {
            Payload::Value(value) => Ok((head.key, value)),
            Payload::Stored(bytes) => Ok((head.key, serde_json::from_slice(&bytes)?)),
        };
        Some(self.pop()?.and_then(record))
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
            sorter.add(key, payload.clone(), payload.len()).expect("space");
            wanted.push((key, payload));
        }
        assert!(sorter.levels.len() > 1 && sorter.levels.iter().all(|runs| runs.len() < FAN_IN), "no runs were merged");
        wanted.sort();
        let found: Vec<Record<Vec<u8>>> = sorter.finish().expect("runs").map(|record| record.expect("a record")).collect();
        assert!(found == wanted);
    }
}
