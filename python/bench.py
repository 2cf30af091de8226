"""Throughput of the wheel and of `jsonschema-rs` with rules in Python, on the same documents. Prints the ratio.

The documents are the recorded responses of one operation, repeated with other ids. Both sides read the exchanges as lines of a recording.
"""

import json
import pathlib
import time

import jsonschema_rs
import pyarrow as pa

from charter import Contract

ROOT = pathlib.Path(__file__).resolve().parents[1]
DOCUMENTS = 4_000
ROUNDS = 5


def documents():
    lines = []
    for path in sorted((ROOT / "contract-tests/recordings/kept").glob("*.ndjson")):
        for line in path.read_text().splitlines():
            exchange = json.loads(line)
            body = (exchange.get("response") or {}).get("body")
            request = exchange.get("request") or {}
            is_run = isinstance(body, dict) and "timing" in body and "sampleRank" in body
            if is_run and request.get("method") == "GET" and "/runs/" in request.get("url", "") and "?" not in request["url"]:
                lines.append((line, body["id"]))
    assert len(lines) > 10, "the recordings have no runs"
    found = []
    for number in range(DOCUMENTS):
        line, id_ = lines[number % len(lines)]
        found.append(line.replace(id_, f"run_bench{number:05}").encode())
    return found


def rules(run):
    """Five of the rules of the contract; the wheel evaluates all of them."""
    timing = run["timing"]
    yield run["sampleRank"] is None or run["sampleRank"] < 1.0
    yield (timing.get("completedAt") is not None) == run["finished"]
    yield timing.get("startedAt") is None or timing["createdAt"] <= timing["startedAt"]
    yield timing.get("completedAt") is None or timing.get("startedAt") is None or timing["startedAt"] <= timing["completedAt"]
    yield all(file.get("path") for file in run.get("files") or [])


def peer():
    def retrieve(uri):
        return json.loads((ROOT / "schema" / uri.rsplit("/", 1)[-1]).read_text())

    schema = json.loads((ROOT / "schema/run.schema.json").read_text())
    validator = jsonschema_rs.validator_for(schema, retriever=retrieve)

    def judge(lines):
        kept = 0
        for line in lines:
            body = json.loads(line)["response"]["body"]
            kept += validator.is_valid(body) and all(rules(body))
        return kept

    return judge


def best(judge, lines):
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        kept = judge(lines)
        times.append(time.perf_counter() - start)
    return min(times), kept


def main():
    lines = documents()
    batch = pa.RecordBatch.from_arrays([pa.array(lines, pa.binary())], ["body"])
    contract = Contract(ROOT / "schema")
    size = sum(map(len, lines)) / 1e6
    columns = {
        "judge_arrow": lambda _: sum(contract.judge_arrow(batch).column("kept").to_pylist()),
        "judge": lambda lines: sum(contract.judge(line).kept for line in lines),
        "jsonschema-rs and five rules in Python": peer(),
    }
    print(f"{len(lines)} exchanges, {size:.1f} MB, best of {ROUNDS}")
    seconds = {}
    for name, judge in columns.items():
        seconds[name], kept = best(judge, lines)
        if not kept:
            raise SystemExit(f"{name}: nothing was compared: no document of {len(lines)} is kept")
        print(f"{name}: {seconds[name]:.3f} s, {seconds[name] / len(lines) * 1e6:.1f} µs a document, {size / seconds[name]:.0f} MB/s, {kept} kept")
    last = seconds["jsonschema-rs and five rules in Python"]
    print(f"ratio of judge_arrow: {last / seconds['judge_arrow']:.1f}")


main()
