//! What one step of the plan hands to the next: parts of documents, as rows.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use datafusion::arrow::array::{Array, BinaryArray, RecordBatch, UInt8Array, UInt32Array, UInt64Array};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::hash_utils::create_hashes;
use datafusion::common::internal_datafusion_err;
use datafusion::error::Result;
use datafusion::physical_plan::repartition::REPARTITION_RANDOM_STATE;
use tempfile::SpooledTempFile;

/// Maximum bytes of a row. Messages between machines have a limit.
const CHUNK: usize = 1 << 20;
/// Bytes of a document in memory; the rest is in a temporary file.
const SPOOL: usize = 1 << 20;

/// The columns. A document is divided into rows, which the last step joins again.
pub(crate) static ROWS: LazyLock<SchemaRef> = LazyLock::new(|| {
    let field = |name: &str, of: DataType| Field::new(name, of, false);
    Arc::new(Schema::new(vec![
        // Decides which task of the next step gets the row.
        field("key", DataType::UInt64),
        field("kind", DataType::UInt8),
        field("share", DataType::UInt32),
        field("split", DataType::UInt32),
        field("offset", DataType::UInt64),
        field("length", DataType::UInt64),
        field("bytes", DataType::Binary),
    ]))
});

/// The kind of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// The report of a split.
    SplitReport = 0,
    /// The observations of a split that belong to a share of the resources.
    Observations = 1,
    /// The report of a share of the resources.
    ShareReport = 2,
    /// Why a split or a share has no report.
    Failure = 3,
}

/// Identifies a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Id {
    pub(crate) kind: Kind,
    pub(crate) share: u32,
    pub(crate) split: u32,
}

/// For each share, a key whose rows go to a task of its own, as far as there are as many tasks as shares.
pub(crate) fn keys(shares: u32) -> Result<Vec<u64>> {
    let mut keys: Vec<Option<u64>> = vec![None; shares as usize];
    let mut first = 0_u64;
    while keys.iter().any(Option::is_none) {
        let candidates = UInt64Array::from_iter_values(first..first + 1_024);
        let mut hashes = vec![0; candidates.len()];
        create_hashes([&candidates as &dyn Array], REPARTITION_RANDOM_STATE.random_state(), &mut hashes)?;
        for (key, hash) in candidates.values().iter().zip(hashes) {
            keys[(hash % u64::from(shares)) as usize].get_or_insert(*key);
        }
        first += 1_024;
    }
    Ok(keys.into_iter().flatten().collect())
}

/// The rows of a document, one batch for each chunk.
pub(crate) fn write(key: u64, id: Id, mut document: impl Read, length: u64, sink: &mut dyn FnMut(RecordBatch) -> Result<()>) -> Result<()> {
    let mut offset = 0;
    let mut chunk = Vec::new();
    while offset < length || offset == 0 {
        chunk.clear();
        (&mut document).take((length - offset).min(CHUNK as u64)).read_to_end(&mut chunk)?;
        sink(RecordBatch::try_new(
            ROWS.clone(),
            vec![
                Arc::new(UInt64Array::from(vec![key])),
                Arc::new(UInt8Array::from(vec![id.kind as u8])),
                Arc::new(UInt32Array::from(vec![id.share])),
                Arc::new(UInt32Array::from(vec![id.split])),
                Arc::new(UInt64Array::from(vec![offset])),
                Arc::new(UInt64Array::from(vec![length])),
                Arc::new(BinaryArray::from_vec(vec![&chunk])),
            ],
        )?)?;
        if chunk.is_empty() {
            break;
        }
        offset += chunk.len() as u64;
    }
    Ok(())
}

/// Documents that arrive in rows.
#[derive(Default)]
pub(crate) struct Documents(BTreeMap<Id, Document>);

struct Document {
    file: SpooledTempFile,
    length: u64,
    /// The offsets of the chunks that arrived.
    chunks: BTreeSet<u64>,
    received: u64,
}

impl Documents {
    /// Adds the rows that `is_wanted`.
    pub(crate) fn add(&mut self, batch: &RecordBatch, is_wanted: impl Fn(Kind) -> bool) -> Result<()> {
        let kinds = column::<UInt8Array>(batch, 1)?;
        let (shares, splits) = (column::<UInt32Array>(batch, 2)?, column::<UInt32Array>(batch, 3)?);
        let (offsets, lengths) = (column::<UInt64Array>(batch, 4)?, column::<UInt64Array>(batch, 5)?);
        let bytes = column::<BinaryArray>(batch, 6)?;
        for row in 0..batch.num_rows() {
            let kind = Kind::of(kinds.value(row)).ok_or_else(|| internal_datafusion_err!("a row of unknown kind {}", kinds.value(row)))?;
            if is_wanted(kind) {
                let id = Id { kind, share: shares.value(row), split: splits.value(row) };
                self.add_chunk(id, offsets.value(row), lengths.value(row), bytes.value(row))?;
            }
        }
        Ok(())
    }

    fn add_chunk(&mut self, id: Id, offset: u64, length: u64, bytes: &[u8]) -> Result<()> {
        let new = || Document { file: SpooledTempFile::new(SPOOL), length, chunks: BTreeSet::new(), received: 0 };
        let document = self.0.entry(id).or_insert_with(new);
        let differs = || internal_datafusion_err!("{id:?} arrived twice and differs: an input has changed during the run");
        if document.length != length {
            return Err(differs());
        }
        document.file.seek(SeekFrom::Start(offset))?;
        if document.chunks.insert(offset) {
            document.file.write_all(bytes)?;
            document.received += bytes.len() as u64;
            return Ok(());
        }
        // A worker that was lost, and then was not, may deliver what another one was asked to make again.
        let mut known = vec![0; bytes.len()];
        let is_equal = document.file.read_exact(&mut known).is_ok() && known == bytes;
        if is_equal { Ok(()) } else { Err(differs()) }
    }

    /// The documents, each from its beginning.
    pub(crate) fn into_files(self) -> Result<Vec<(Id, SpooledTempFile)>> {
        let files = self.0.into_iter().map(|(id, Document { mut file, length, received, .. })| {
            if received != length {
                return Err(internal_datafusion_err!("{received} of {length} bytes of {id:?} arrived"));
            }
            file.rewind()?;
            Ok((id, file))
        });
        files.collect()
    }
}

impl Kind {
    fn of(number: u8) -> Option<Self> {
        [Self::SplitReport, Self::Observations, Self::ShareReport, Self::Failure].into_iter().find(|kind| *kind as u8 == number)
    }
}

fn column<T: Array + 'static>(batch: &RecordBatch, index: usize) -> Result<&T> {
    let column = batch.columns().get(index).and_then(|column| column.as_any().downcast_ref::<T>());
    column.ok_or_else(|| internal_datafusion_err!("column {index} of a row has another type"))
}

/// A document while it is written. Clones write to the same document.
#[derive(Clone)]
pub(crate) struct Spool(Arc<Mutex<SpooledTempFile>>);

impl Spool {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(SpooledTempFile::new(SPOOL))))
    }

    /// The document from its beginning, and its length.
    pub(crate) fn into_file(self) -> io::Result<(SpooledTempFile, u64)> {
        let empty = SpooledTempFile::new(SPOOL);
        let mut file = std::mem::replace(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner), empty);
        let length = file.stream_position()?;
        file.rewind()?;
        Ok((file, length))
    }
}

impl Write for Spool {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).flush()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use datafusion::physical_plan::Partitioning;
    use datafusion::physical_plan::expressions::Column;
    use datafusion::physical_plan::metrics::Time;
    use datafusion::physical_plan::repartition::BatchPartitioner;

    use super::*;

    const ID: Id = Id { kind: Kind::Observations, share: 2, split: 7 };

    fn batches(document: &[u8]) -> Vec<RecordBatch> {
        let mut batches = Vec::new();
        write(5, ID, Cursor::new(document), document.len() as u64, &mut |batch| {
            batches.push(batch);
            Ok(())
        })
        .expect("rows");
        batches
    }

    #[test]
    fn documents_of_any_size_are_joined_again() {
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 17] {
            let document: Vec<u8> = (0..length).map(|number| (number * 31 % 255) as u8).collect();
            let mut documents = Documents::default();
            // The order of the rows does not matter.
            for batch in batches(&document).iter().rev() {
                documents.add(batch, |kind| kind == Kind::Observations).expect("a row");
            }
            let files = documents.into_files().expect("complete");
            let [(id, mut file)] = <[_; 1]>::try_from(files).map_err(|files| files.len()).expect("one document");
            let mut read = Vec::new();
            file.read_to_end(&mut read).expect("bytes");
            assert!(id == ID && read == document, "{length} bytes");
        }
    }

    #[test]
    fn missing_rows_are_refused_and_repeated_ones_must_be_equal() {
        let rows = batches(&vec![1; 2 * CHUNK]);
        let mut documents = Documents::default();
        documents.add(&rows[0], |_| true).expect("a row");
        assert!(documents.into_files().is_err_and(|error| error.to_string().contains("1048576 of 2097152 bytes")));
        let mut documents = Documents::default();
        for row in [&rows[0], &rows[1], &rows[0], &rows[1]] {
            documents.add(row, |_| true).expect("an equal row");
        }
        for other in [vec![2; 2 * CHUNK], vec![1; 2 * CHUNK + 1]] {
            let error = documents.add(&batches(&other)[1], |_| true).expect_err("another row");
            assert!(error.to_string().contains("arrived twice and differs"), "{error}");
        }
        assert_eq!(documents.into_files().expect("complete").len(), 1);
    }

    #[test]
    fn each_share_has_a_task_of_its_own() {
        for shares in [1, 2, 3, 16, 100] {
            let keys = keys(shares).expect("keys");
            let mut seen = vec![0; shares as usize];
            let partitioning = Partitioning::Hash(vec![Arc::new(Column::new("key", 0))], shares as usize);
            let mut partitioner = BatchPartitioner::try_new(partitioning, Time::new(), 0, 1).expect("a partitioner");
            for key in &keys {
                let mut rows = Vec::new();
                write(*key, ID, Cursor::new(b"x"), 1, &mut |batch| {
                    rows.push(batch);
                    Ok(())
                })
                .expect("rows");
                for row in rows {
                    partitioner
                        .partition(row, |task, batch| {
                            seen[task] += batch.num_rows();
                            Ok(())
                        })
                        .expect("partitioned");
                }
            }
            assert!(seen.iter().all(|rows| *rows == 1), "{shares} shares: {seen:?}");
        }
    }
}
