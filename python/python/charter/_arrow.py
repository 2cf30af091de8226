"""Arrow columns as offsets and bytes, and verdicts as Arrow columns."""

from __future__ import annotations

from typing import Any, Sequence

import pyarrow as pa
import pyarrow.compute as pc

SCHEMA = pa.schema([("kept", pa.bool_()), ("verdict", pa.string())])


def judge_batch(native: Any, batch: pa.RecordBatch, column: str, keep: Sequence[str]) -> pa.RecordBatch:
    for name in (column, *keep):
        if name not in batch.schema.names:
            raise ValueError(f"the batch has no column {name!r}; its columns are {', '.join(batch.schema.names)}")
    kept_columns = [batch.column(name) for name in keep]
    schema = pa.schema([*(batch.schema.field(name) for name in keep), *SCHEMA])
    documents = batch.column(column)
    if pa.types.is_string(documents.type) or pa.types.is_large_string(documents.type):
        documents = documents.cast(pa.large_string())
    elif pa.types.is_binary(documents.type) or pa.types.is_large_binary(documents.type):
        documents = documents.cast(pa.large_binary())
    else:
        raise TypeError(f"the column {column!r} has the type {documents.type}; expected binary or string")
    count = len(documents)
    if count == 0:
        return pa.RecordBatch.from_arrays([*kept_columns, pa.array([], pa.bool_()), pa.array([], pa.string())], schema=schema)
    _, offsets, data = documents.buffers()
    offsets = offsets.slice(documents.offset * 8, (count + 1) * 8).to_pybytes()
    kept, verdicts = native.judge_column(offsets, data.to_pybytes() if data is not None else b"")
    values = pa.Array.from_buffers(pa.uint8(), count, [None, pa.py_buffer(kept)]).cast(pa.bool_())
    texts: list[str | None] = [None] * count
    for row, text in verdicts:
        texts[row] = text
    verdict = pa.array(texts, pa.string())
    if documents.null_count:
        valid = documents.is_valid()
        values = pc.if_else(valid, values, None)
        verdict = pc.if_else(valid, verdict, None)
    return pa.RecordBatch.from_arrays([*kept_columns, values, verdict], schema=schema)
