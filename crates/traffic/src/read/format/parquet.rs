//! Parquet files of gateways and log archives. Each row is an exchange; `[traffic.columns]` names the columns, as for rows of JSON.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::{ControlFlow, Range};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use charter_contract::TrafficColumns;
use charter_json::Position;
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::reader::RowIter;
use parquet::record::{Field, Row};

use super::columns::read_row;
use super::document::DocumentReader;
use super::tree::{Kind, Node, Syntax};
use crate::read::decode::{Compression, Decoded, Skipped};
use crate::read::digest::DIGEST_BLOCK;
use crate::read::range::seekable;
use crate::read::{Entry, EntryError, ReadError, Source};

/// The position of every row: a row has no line.
const NOWHERE: Position = Position { byte: 0, line: 1, column: 1 };

/// Passes the exchange of each row to the sink. The file is read by row groups, so that its size is not limited.
pub(in crate::read) fn read(
    source: &Source,
    decoded: &mut Decoded,
    columns: &TrafficColumns,
    sink: &mut dyn FnMut(Entry) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, ReadError> {
    // The index is at the end, so that the whole file is needed.
    let file = match source {
        Source::File(path) | Source::Live { path, .. } if path.is_file() && decoded.compression == Compression::None => File::open(path)?,
        _ => {
            let mut file = tempfile::tempfile()?;
            io::copy(decoded, &mut file).map_err(ReadError::from_io)?;
            file
        }
    };
    let groups = RowGroups::of(source, file, columns.clone())?;
    groups.rows(&mut |_| Ok(()), sink)
}

/// Row groups of an open Parquet file.
pub(in crate::read) struct RowGroups {
    reader: SerializedFileReader<File>,
    columns: TrafficColumns,
    source: Arc<str>,
    /// The groups to be read.
    groups: Range<usize>,
    /// The bytes of each group of the file.
    extents: Vec<Range<u64>>,
    /// The offset up to which the bytes were read for the digest.
    read_to: u64,
    /// A file with the footer, to which the bytes of the groups have to be copied. `None` for a file, which is read itself.
    copy: Option<File>,
}

impl RowGroups {
    /// All row groups of a file.
    fn of(source: &Source, file: File, columns: TrafficColumns) -> Result<Self, ReadError> {
        let reader = guarded(|| SerializedFileReader::new(file))?;
        let schema = reader.metadata().file_metadata().schema();
        let names: Vec<&str> = schema.get_fields().iter().map(|field| field.name()).collect();
        for column in [&columns.url, &columns.status] {
            let token = column.strip_prefix('/').and_then(|pointer| pointer.split('/').next());
            let name = token.map_or_else(|| column.to_string(), charter_json::unescape_token);
            if !names.contains(&name.as_str()) {
                let found = names.join("`, `");
                return Err(ReadError::UnknownForm(format!(
                    "the Parquet file has no column `{name}`, which [traffic.columns] in charter.toml names; its columns are `{found}`"
                )));
            }
        }
        let groups = 0..reader.num_row_groups();
        Ok(Self { reader, columns, source: source.name(), groups, extents: Vec::new(), read_to: 0, copy: None })
    }

    /// Opens the file of a source to read some of its row groups. `None` if the groups do not follow each other. Of other sources than files, the footer is read, and the groups
    /// when they are needed.
    pub(in crate::read) fn open(source: &Source, columns: TrafficColumns) -> Result<Option<Self>, ReadError> {
        let (file, copy) = match source {
            Source::File(path) => (File::open(path)?, None),
            _ => {
                let file = copy_footer(source)?;
                (file.try_clone()?, Some(file))
            }
        };
        let size = file.metadata()?.len();
        let groups = Self { copy, ..Self::of(source, file, columns)? };
        let extents = guarded(|| Ok(groups.reader.metadata().row_groups().iter().map(extent).collect::<Option<Vec<_>>>()))?;
        let Some(extents) = extents else { return Ok(None) };
        let follow = extents.windows(2).all(|pair| pair[0].end <= pair[1].start);
        let are_inside = extents.iter().all(|extent| extent.start <= extent.end && extent.end <= size);
        Ok((follow && are_inside).then_some(Self { extents, ..groups }))
    }

    /// The groups that begin in a range of the file, and the bytes from the first of them to the first one after the range.
    pub(in crate::read) fn in_range(self, range: Range<u64>, size: u64) -> (Self, Range<u64>) {
        let first = |at: u64| self.extents.partition_point(|extent| extent.start < at);
        let border = |at: u64| self.extents.get(first(at)).map_or(size, |extent| extent.start);
        let groups = first(range.start)..first(range.end);
        let start = if range.start == 0 { 0 } else { border(range.start) };
        let end = if range.end == size { size } else { border(range.end) };
        // The first byte of the range that is read for the digest.
        let read_to = start / DIGEST_BLOCK * DIGEST_BLOCK;
        (Self { groups, read_to, ..self }, start..end)
    }

    /// Passes the exchange of each row to the sink. `bytes` are those of the groups, from the block in which the first one begins.
    pub(in crate::read) fn read(
        mut self,
        bytes: &mut Decoded,
        sink: &mut dyn FnMut(Entry) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, ReadError> {
        let extents = std::mem::take(&mut self.extents);
        let (mut copy, mut read_to) = (self.copy.take(), self.read_to);
        // The bytes of a group are read for the digest immediately before its rows, so that a file is read from the disk once.
        let mut begin = |group: usize| -> Result<(), ReadError> {
            let end = extents[group].end;
            let mut part = (&mut *bytes).take(end.saturating_sub(read_to));
            match &mut copy {
                Some(copy) => {
                    copy.seek(SeekFrom::Start(read_to))?;
                    io::copy(&mut part, copy)
                }
                None => io::copy(&mut part, &mut io::sink()),
            }
            .map_err(ReadError::from_io)?;
            read_to = read_to.max(end);
            Ok(())
        };
        self.rows(&mut begin, sink)
    }

    /// Passes the exchange of each row to the sink. `begin` is called before a group is read.
    fn rows(
        &self,
        begin: &mut dyn FnMut(usize) -> Result<(), ReadError>,
        sink: &mut dyn FnMut(Entry) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, ReadError> {
        let mut index = 0;
        for group in self.groups.clone() {
            begin(group)?;
            let group = guarded(|| self.reader.get_row_group(group))?;
            let mut rows = guarded(|| RowIter::from_row_group(None, &*group))?;
            while let Some(row) = guarded(|| rows.next().transpose())? {
                if sink(entry(&self.columns, row, &self.source, index)).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
                index += 1;
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

/// The bytes of a row group; `None` if it has no columns.
fn extent(group: &RowGroupMetaData) -> Option<Range<u64>> {
    let columns = group.columns().iter().map(|column| column.byte_range()).map(|(start, length)| start..start.saturating_add(length));
    columns.reduce(|group, column| group.start.min(column.start)..group.end.max(column.end))
}

/// A temporary file of the size of a source, with its footer at the end. The rest takes no space on most file systems.
fn copy_footer(source: &Source) -> Result<File, ReadError> {
    /// The length of the metadata in 4 bytes, and `PAR1`.
    const END: u64 = 8;
    let size = source.size().unwrap_or_default();
    let mut file = tempfile::tempfile()?;
    file.set_len(size)?;
    let mut copy = |start: u64| -> Result<Vec<u8>, ReadError> {
        let mut reader = seekable(source, size)?;
        reader.seek(SeekFrom::Start(start)).map_err(ReadError::from_io)?;
        let mut bytes = Vec::new();
        reader.take(size - start).read_to_end(&mut bytes).map_err(ReadError::from_io)?;
        file.seek(SeekFrom::Start(start))?;
        file.write_all(&bytes)?;
        Ok(bytes)
    };
    let end = copy(size.saturating_sub(END))?;
    if let Some(length) = end.first_chunk() {
        copy(size.saturating_sub(END).saturating_sub(u32::from_le_bytes(*length).into()))?;
    }
    Ok(file)
}

/// Runs the decoder of the library, which panics for some malformed files.
fn guarded<T>(decode: impl FnOnce() -> parquet::errors::Result<T>) -> Result<T, ReadError> {
    let damaged = |message: String| ReadError::Damaged { format: "Parquet", message };
    match catch_unwind(AssertUnwindSafe(decode)) {
        Ok(decoded) => decoded.map_err(|error| damaged(error.to_string())),
        Err(_) => Err(damaged("a page is malformed".to_owned())),
    }
}

/// The exchange of a row. Its values have no positions.
fn entry(columns: &TrafficColumns, row: Row, source: &Arc<str>, index: usize) -> Entry {
    let row = group(row);
    let mut skipped = Skipped::default();
    let mut reader = DocumentReader::new("", Syntax::Yaml, NOWHERE, source, index, &mut skipped);
    if !read_row(columns, &row, &mut reader) {
        let message = "the row has no URL or no status".to_owned();
        return Err(EntryError { message, remedy: None, position: NOWHERE, index, line: None });
    }
    let entry = reader.entries.pop().unwrap_or_else(|| unreachable!("the reader has an entry for the row"));
    entry
        .map(|mut exchange| {
            (exchange.origin.line, exchange.origin.column) = (None, None);
            exchange
        })
        .map_err(|error| EntryError { line: None, ..error })
}

fn group(row: Row) -> Node {
    node(Kind::Object(row.into_columns().into_iter().map(|(name, field)| (name, value(field))).collect()))
}

fn node(kind: Kind) -> Node {
    Node { range: 0..0, kind }
}

fn value(field: Field) -> Node {
    node(match field {
        Field::Null => Kind::Null,
        Field::Bool(value) => Kind::Bool(value),
        Field::Byte(number) => Kind::Number(number.to_string()),
        Field::Short(number) => Kind::Number(number.to_string()),
        Field::Int(number) | Field::TimeMillis(number) => Kind::Number(number.to_string()),
        Field::Long(number) | Field::TimeMicros(number) | Field::TimestampMillis(number) | Field::TimestampMicros(number) => {
            Kind::Number(number.to_string())
        }
        Field::UByte(number) => Kind::Number(number.to_string()),
        Field::UShort(number) => Kind::Number(number.to_string()),
        Field::UInt(number) => Kind::Number(number.to_string()),
        Field::ULong(number) => Kind::Number(number.to_string()),
        Field::Float16(number) => float(number.to_f64()),
        Field::Float(number) => float(number.into()),
        Field::Double(number) => float(number),
        Field::Str(text) => Kind::String(text),
        // RFC 3339, "full-date", not a number of days.
        date @ Field::Date(_) => Kind::String(date.to_string()),
        // A binary column may hold a text.
        Field::Bytes(bytes) => match std::str::from_utf8(bytes.data()) {
            Ok(text) => Kind::String(text.to_owned()),
            Err(_) => Kind::Binary(bytes.data().to_vec()),
        },
        decimal @ Field::Decimal(_) => Kind::Number(decimal.to_string()),
        Field::Group(row) => return group(row),
        Field::ListInternal(list) => Kind::Array(list.elements().iter().cloned().map(value).collect()),
        Field::MapInternal(map) => {
            let entries = map.entries().iter().cloned();
            Kind::Object(entries.map(|(key, field)| (value(key).text().unwrap_or_default().into_owned(), value(field))).collect())
        }
    })
}

fn float(number: f64) -> Kind {
    if number.is_finite() { Kind::Number(number.to_string()) } else { Kind::Null }
}
