"""Throughput of the wheel and of `jsonschema-rs` with rules in Python, on the same documents. Prints the ratio.

The documents are the recorded responses of one operation, repeated with other ids, as lines of a recording and as bodies alone. The wheel evaluates all rules of the contract, the
other side those about a body alone. The program fails if the two sides do not agree that each document keeps the contract, because it would then compare nothing.
"""

import json
import pathlib
import sys
import time

import jsonschema_rs
import pyarrow as pa

from bench_rules import compile_rules
from charter import Contract

ROOT = pathlib.Path(__file__).resolve().parents[1]
# The operation of the bodies.
OPERATION = "runs.get"
PEER = "jsonschema-rs and the rules in Python"
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


def peer(read):
    def retrieve(uri):
        return json.loads((ROOT / "schema" / uri.rsplit("/", 1)[-1]).read_text())

    schema = json.loads((ROOT / "schema/run.schema.json").read_text())
    validator = jsonschema_rs.validator_for(schema, retriever=retrieve)
    keeps, count = compile_rules(ROOT / "schema/run.invariants.yaml")
    print(f"{count} rules in Python")

    def judge(lines):
        kept = 0
        for line in lines:
            body = read(line)
            kept += validator.is_valid(body) and keeps(body)
        return kept

    return judge


def best(judge, lines):
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        kept = judge(lines)
        times.append(time.process_time() - start)
    return min(times), kept


def compare(name, documents, contract, read):
    batch = pa.RecordBatch.from_arrays([pa.array(documents, pa.binary())], ["body"])
    size = sum(map(len, documents)) / 1e6
    columns = {
        "judge_arrow": lambda _: sum(contract.judge_arrow(batch).column("kept").to_pylist()),
        "judge_many": lambda documents: sum(judgement.kept for judgement in contract.judge_many(documents)),
        "judge": lambda documents: sum(contract.judge(document).kept for document in documents),
        PEER: peer(read),
    }
    print(f"{len(documents)} {name}, {size:.1f} MB, CPU time, best of {ROUNDS}")
    seconds = {}
    for column, judge in columns.items():
        seconds[column], kept = best(judge, documents)
        print(f"{column}: {seconds[column]:.3f} s, {seconds[column] / len(documents) * 1e6:.1f} µs a document, {size / seconds[column]:.0f} MB/s, {kept} kept")
        if kept != len(documents):
            sys.exit(f"{column} found that {kept} of {len(documents)} {name} keep the contract, so nothing was compared")
    print(f"ratio of judge_arrow: {seconds[PEER] / seconds['judge_arrow']:.1f}")


def main():
    lines = documents()
    bodies = [json.dumps(json.loads(line)["response"]["body"], ensure_ascii=False, separators=(",", ":")).encode() for line in lines]
    compare("exchanges", lines, Contract(ROOT / "schema"), lambda line: json.loads(line)["response"]["body"])
    compare("bodies", bodies, Contract(ROOT / "schema", operation=OPERATION), json.loads)


main()
