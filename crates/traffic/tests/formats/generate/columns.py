"""Writes the three exchanges as the log of a gateway: NDJSON, and Parquet with pyarrow. `columns.py kept|broken OUT`

pip install pyarrow

The columns are those of `columns.toml`: nested ones, header fields as a list, as a map and as a text of JSON, bodies as texts and as bytes.
"""

import json
import os
import sys

import pyarrow
import pyarrow.parquet

FORM, OUT = sys.argv[1], sys.argv[2]
HOST = os.environ.get("ORDERS_URL", "http://orders.example")
BROKEN = FORM == "broken"
JSON = {"content-type": "application/json"}
EXCHANGES = [
    ("GET", "/orders/order_1", None, 200, {"id": "order_1", "status": "lost" if BROKEN else "paid", "total": 12.5, "note": "café, “two” copies"}),
    ("POST", "/orders", {"item": "book", "quantity": 2}, 201, {"id": "order_2", "status": "open", "total": "25" if BROKEN else 25, "note": None}),
    ("GET", "/orders/order_9", None, 404, {"error": "no such order"}),
]

rows = []
for index, (method, path, sent, status, received) in enumerate(EXCHANGES):
    request = {"verb": method, "uri": HOST + path, "fields": json.dumps(JSON if sent else {}), "body": json.dumps(sent) if sent else ""}
    response = {"fields": [{"name": "content-type", "value": "application/json"}], "body": json.dumps(received, ensure_ascii=False)}
    rows.append({"ts": 1767225600000 + index, "http": request, "reply": response, "code": status, "ms": 1.5})

folder = os.path.join(OUT, "columns")
os.makedirs(folder, exist_ok=True)
with open(os.path.join(folder, f"{FORM}.ndjson"), "w", encoding="utf-8") as file:
    for row in rows:
        file.write(json.dumps(row, ensure_ascii=False) + "\n")

text = pyarrow.string()
pair = pyarrow.struct([("name", text), ("value", text)])
schema = pyarrow.schema(
    [
        ("ts", pyarrow.timestamp("ms")),
        ("http", pyarrow.struct([("verb", pyarrow.dictionary(pyarrow.int32(), text)), ("uri", text), ("fields", text), ("body", pyarrow.binary())])),
        ("reply", pyarrow.struct([("fields", pyarrow.list_(pair)), ("body", pyarrow.large_string())])),
        ("code", pyarrow.int16()),
        ("ms", pyarrow.float64()),
    ]
)
for row in rows:
    row["http"]["body"] = row["http"]["body"].encode()
table = pyarrow.Table.from_pylist(rows, schema=schema)
for codec in ["snappy", "zstd", "gzip", "lz4", "none"]:
    name = FORM if codec == "snappy" else f"{FORM}-{codec}"
    pyarrow.parquet.write_table(table, os.path.join(folder, f"{name}.parquet"), compression=codec, row_group_size=2)

# The same columns without nesting, and header fields as a map.
flat = pyarrow.schema(
    [
        ("time", pyarrow.timestamp("us", tz="UTC")),
        ("verb", text),
        ("uri", text),
        ("code", pyarrow.int64()),
        ("fields", pyarrow.map_(text, text)),
        ("sent", text),
        ("body", text),
    ]
)
flat_rows = [
    {
        "time": row["ts"] * 1000,
        "verb": row["http"]["verb"],
        "uri": row["http"]["uri"],
        "code": row["code"],
        "fields": [("content-type", "application/json")],
        "sent": row["http"]["body"].decode(),
        "body": row["reply"]["body"],
    }
    for row in rows
]
pyarrow.parquet.write_table(pyarrow.Table.from_pylist(flat_rows, schema=flat), os.path.join(folder, f"{FORM}-flat.parquet"), version="2.6", data_page_version="2.0")
