"""Writes an archive of 64 objects: NDJSON, compressed NDJSON and Parquet, with violations of schemas, of rules and of rules over time."""

import argparse
import gzip
import json
import os
import shutil
import subprocess
from pathlib import Path

import pyarrow
import pyarrow.parquet

OBJECTS = 64
ROOT = Path(__file__).parent.parent.parent.parent
COLUMNS = """
[traffic.columns]
url = "url"
status = "status"
method = "method"
time = "time"
duration = "duration"
response-headers = "response_headers"
response-body = "response_body"
"""


def contract(folder):
    """A copy of the contract that names the columns of the Parquet files."""
    shutil.copytree(ROOT / "schema", folder, ignore=shutil.ignore_patterns("src"))
    with open(folder / "charter.toml", "a", encoding="utf-8") as settings:
        settings.write(COLUMNS)


def object_of(number):
    """The object of a line. The lines of a run are in different objects, and the first object is divided into several splits."""
    return 0 if number % 4 == 0 else 1 + number % (OBJECTS - 1)


def changed(line):
    """The line with another value of a property that a rule over time compares."""
    exchange = json.loads(line)
    body = exchange["response"].get("body")
    if not isinstance(body, dict) or "sampleRank" not in body:
        return line
    body["sampleRank"] = 0.25 if body["sampleRank"] != 0.25 else 0.5
    return json.dumps(exchange, ensure_ascii=False, separators=(",", ":")) + "\n"


def row(line):
    exchange = json.loads(line)
    request, response = exchange["request"], exchange["response"]
    return {
        "url": request["url"],
        "status": response["status"],
        "method": request["method"],
        "time": exchange.get("startedDateTime"),
        "duration": float(exchange.get("time") or 0),
        "response_headers": json.dumps(response.get("headers", [])),
        "response_body": json.dumps(response["body"], ensure_ascii=False) if "body" in response else response.get("bodyText"),
    }


def recordings():
    """The bundled recordings of exchanges with all operations, as lines."""
    for path in sorted((ROOT / "contract-tests" / "recordings").glob("*/*.ndjson")):
        for line in path.read_text(encoding="utf-8").splitlines():
            exchange = json.loads(line)
            if exchange.get("request") and exchange.get("response"):
                yield line


def write(path, lines):
    if path.name.endswith(".parquet"):
        table = pyarrow.Table.from_pylist([row(line) for line in lines])
        pyarrow.parquet.write_table(table, path, compression="zstd", row_group_size=500)
        return
    text = "".join(lines).encode()
    path.write_bytes(gzip.compress(text, 6, mtime=0) if path.name.endswith(".gz") else text)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", required=True)
    parser.add_argument("--folder", required=True, type=Path)
    arguments = parser.parse_args()
    corpus = arguments.folder / "corpus.ndjson"
    command = [os.environ["CHARTER_XTASK"], "bench", "--corpus", str(corpus), "--exchanges", "--broken", "1", "--size", arguments.size]
    subprocess.run(command, check=True, cwd=ROOT)
    objects = [[] for _ in range(OBJECTS)]
    with open(corpus, encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            objects[object_of(number)].append(changed(line) if number % 1_009 == 1_000 else line)
    corpus.unlink()
    archive = arguments.folder / "archive"
    for number, lines in enumerate(objects):
        ending = ["ndjson", "ndjson.gz", "parquet"][number % 3]
        path = archive / f"day-{number // 16}" / f"part-{number:02}.{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, lines)
    # Files of a folder that are not read.
    (archive / "README.md").write_text("# Notes\n")
    (archive / "day-0" / ".hidden").write_text("hidden\n")
    contract(arguments.folder / "contract")
    write(arguments.folder / "recordings.parquet", list(recordings()))
    sizes = [path.stat().st_size for path in archive.rglob("part-*")]
    print(f"archive: {sum(map(len, objects))} exchanges, {len(sizes)} objects, {sum(sizes):,} bytes")


main()
