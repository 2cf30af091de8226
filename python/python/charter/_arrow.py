"""Arrow columns as offsets and bytes, and verdicts as Arrow columns."""

from __future__ import annotations

from typing import Any, Sequence

import pyarrow as pa
import pyarrow.compute as pc

SCHEMA = pa.schema([("kept", pa.bool_()), ("verdict", pa.string())])
# Older versions of pyarrow have no views.
_VIEWS = [getattr(pa, name)() for name in ("string_view", "binary_view") if hasattr(pa, name)]


def judge_batch(native: Any, batch: Any, column: str, keep: Sequence[str]) -> Any:
    """The verdicts of a batch, or of a table."""
    if not isinstance(batch, (pa.RecordBatch, pa.Table)):
        raise TypeError(f"batch: expected a RecordBatch or a Table of pyarrow, not {type(batch).__name__}")
    if not isinstance(column, str):
        raise TypeError(f"column: expected str, not {type(column).__name__}")
    if isinstance(keep, (str, bytes)) or not all(isinstance(name, str) for name in keep):
        raise TypeError("keep: expected a sequence of names of columns")
    for name in (column, *keep):
        if name not in batch.schema.names:
            raise ValueError(f"the batch has no column {name!r}; its columns are {', '.join(batch.schema.names)}")
    type_ = _bytes_type(column, batch.schema.field(column).type)
    schema = pa.schema([*(batch.schema.field(name) for name in keep), *SCHEMA])
    if isinstance(batch, pa.Table):
        batches = [_judge(native, part, column, keep, type_, schema) for part in batch.to_batches()]
        return pa.Table.from_batches(batches, schema=schema)
    return _judge(native, batch, column, keep, type_, schema)


def _bytes_type(column: str, type_: pa.DataType) -> pa.DataType | None:
    """The type that a column is read as: one with 64-bit offsets. `None` for a column without values."""
    if pa.types.is_dictionary(type_):
        type_ = type_.value_type
    if pa.types.is_null(type_):
        return None
    if pa.types.is_string(type_) or pa.types.is_large_string(type_) or (_VIEWS and type_ == _VIEWS[0]):
        return pa.large_string()
    if pa.types.is_binary(type_) or pa.types.is_large_binary(type_) or pa.types.is_fixed_size_binary(type_) or type_ in _VIEWS:
        return pa.large_binary()
    raise TypeError(f"the column {column!r} has the type {type_}; expected binary or string")


def _judge(native: Any, batch: pa.RecordBatch, column: str, keep: Sequence[str], type_: pa.DataType | None, schema: pa.Schema) -> pa.RecordBatch:
    kept_columns = [batch.column(name) for name in keep]
    count = batch.num_rows
    if count == 0 or type_ is None:
        return pa.RecordBatch.from_arrays([*kept_columns, pa.nulls(count, pa.bool_()), pa.nulls(count, pa.string())], schema=schema)
    documents = batch.column(column)
    if pa.types.is_dictionary(documents.type):
        documents = documents.dictionary_decode()
    documents = documents.cast(type_)
    _, offsets, data = documents.buffers()
    # Only the bytes of the slice: the buffer may be that of a much larger column.
    offsets = offsets.slice(documents.offset * 8, (count + 1) * 8).to_pybytes()
    start, end = (int.from_bytes(offsets[at : at + 8], "little") for at in (0, count * 8))
    data = b"" if data is None or start == end else data.slice(start, end - start).to_pybytes()
    valid = documents.is_valid() if documents.null_count else None
    valid_bytes = None if valid is None else valid.cast(pa.uint8()).buffers()[1].to_pybytes()[:count]
    kept, verdicts = native.judge_column(offsets, data, valid_bytes)
    values = pa.Array.from_buffers(pa.uint8(), count, [None, pa.py_buffer(kept)]).cast(pa.bool_())
    if valid is not None:
        values = pc.if_else(valid, values, None)
    texts: list[str | None] = [None] * count
    for row, text in verdicts:
        texts[row] = text
    return pa.RecordBatch.from_arrays([*kept_columns, values, pa.array(texts, pa.string())], schema=schema)
