//! Parquet files of gateways and log archives. Each row is an exchange; `[traffic.columns]` names the columns, as for rows of JSON.

use std::fs::File;
use std::io;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use charter_contract::TrafficColumns;
use charter_json::Position;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::{Field, Row};

use super::columns::read_row;
use super::document::DocumentReader;
use super::tree::{Kind, Node, Syntax};
use crate::read::decode::{Compression, Decoded, Skipped};
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
    let name = source.name();
    let mut rows = guarded(|| reader.get_row_iter(None))?;
    for index in 0.. {
        let Some(row) = guarded(|| rows.next().transpose())? else { break };
        if sink(entry(columns, row, &name, index)).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
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
