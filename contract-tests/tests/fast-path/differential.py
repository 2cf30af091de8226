"""Compares the reports of `charter check` with and without the fast path, on generated, changed and torn exchanges.

    differential.py --charter target/release/charter --corpus runs.ndjson --minutes 10

The contracts are the Run contract, whose exchanges are lines of the corpus (`cargo xtask bench --corpus runs.ndjson --exchanges`), and two contracts below, whose
exchanges are generated here. Each batch is a file of recorded exchanges or a HAR. A difference ends the run, and its file stays.
"""

import argparse
import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

PARCELS = {
    "openapi.json": json.dumps({
        "openapi": "3.1.0", "info": {"title": "Parcels", "version": "1"},
        "servers": [{"url": "https://api.example.com/v1"}, {"url": "/v1"}],
        "paths": {
            "/parcels/{id}": {
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string", "pattern": "^p[0-9]+$"}}],
                "get": {"operationId": "parcels.get",
                        "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 9}},
                                       {"name": "X-Mode", "in": "header", "schema": {"enum": ["a", "b"]}}],
                        "responses": {
                            "200": {"description": "A parcel.", "headers": {"X-Count": {"schema": {"type": "integer"}}},
                                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Parcel"}}}},
                            "4XX": {"description": "An error.",
                                    "content": {"application/problem+json": {"schema": {"type": "object", "required": ["title"]}}}}}},
                "put": {"operationId": "parcels.put",
                        "requestBody": {"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Parcel"}}}},
                        "responses": {"200": {"description": "The parcel.",
                                              "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Parcel"}}}}}}},
            "/shelves/{number}/parcels": {
                "get": {"operationId": "shelves.get",
                        "parameters": [{"name": "number", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}}],
                        "responses": {"200": {"description": "Parcels.", "content": {"application/json": {
                            "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Parcel"}}}}}}}}},
        "components": {"schemas": {
            "Parcel": {"type": "object", "required": ["id", "size"], "properties": {
                "id": {"type": "string"}, "size": {"type": "integer", "minimum": 0}, "sent": {"type": "string", "format": "date-time"},
                "state": {"enum": ["new", "sent", "done"]}, "shelf": {"type": "integer"}, "note": {"type": ["string", "null"], "maxLength": 20},
                "route": {}, "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Part"}}}},
            "Part": {"type": "object", "required": ["weight"], "properties": {"weight": {"type": "number"}, "tags": {
                "type": "array", "uniqueItems": True, "items": {"type": "string"}}}}}},
    }),
    "parcels.invariants.yaml": """
format: charter-invariants/1
resources: [{schema: "openapi.json#/components/schemas/Parcel", identity: /id}]
invariants:
  - {id: parcel.id-is-requested, on: {operation: parcels.get, status: 200}, rule: "self.id == request.path.id",
     message: "{{ self.id }}", severity: warning, promise: {kind: documented, where: w, quote: q}}
  - {id: parcel.sent-has-a-time, on: "openapi.json#/components/schemas/Parcel", when: "has(self.state) && self.state == 'sent'", rule: "has(self.sent)",
     message: m, severity: warning, promise: {kind: documented, where: w, quote: q}}
  - {id: parcel.limit-bounds-size, on: "openapi.json#/components/schemas/Parcel", when: "has(request.query.limit)", rule: "self.size <= request.query.limit",
     message: m, severity: warning, promise: {kind: documented, where: w, quote: q}}
  - {id: part.has-weight, on: "openapi.json#/components/schemas/Part", rule: "self.weight > 0.0",
     message: m, severity: warning, promise: {kind: documented, where: w, quote: q}}
  - {id: parcel.size-stays, on: "openapi.json#/components/schemas/Parcel", rule: "self.size >= oldSelf.size",
     message: m, severity: warning, promise: {kind: documented, where: w, quote: q}}
  - {id: parcel.route-stays, on: "openapi.json#/components/schemas/Parcel", when: "has(oldSelf.route)", rule: "has(self.route) && self.route == oldSelf.route",
     message: m, severity: warning, promise: {kind: documented, where: w, quote: q}}
""",
}

BOOKS = {
    "openapi.json": json.dumps({
        "openapi": "3.0.3", "info": {"title": "Books", "version": "1"}, "servers": [{"url": "/"}],
        "paths": {
            "/books": {"get": {"operationId": "books.list", "responses": {"200": {"description": "Books.", "content": {"application/json": {
                "schema": {"type": "object", "required": ["items"], "properties": {
                    "items": {"type": "array", "maxItems": 5, "items": {"$ref": "#/components/schemas/Book"}},
                    "next": {"type": "string", "nullable": True}}, "additionalProperties": False}}}}}}},
            "/books/{id}": {"get": {"operationId": "books.get",
                                    "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
                                    "responses": {"200": {"description": "A book.", "content": {"application/json": {
                                        "schema": {"$ref": "#/components/schemas/Book"}}}},
                                        "404": {"description": "None."}}}}},
        "components": {"schemas": {
            "Book": {"oneOf": [{"$ref": "#/components/schemas/Printed"}, {"$ref": "#/components/schemas/Audio"}],
                     "discriminator": {"propertyName": "kind"}},
            "Printed": {"type": "object", "required": ["kind", "id", "pages"], "properties": {
                "kind": {"type": "string", "enum": ["printed"]}, "id": {"type": "integer"}, "pages": {"type": "integer", "minimum": 1, "maximum": 5000},
                "price": {"type": "number", "multipleOf": 0.01}, "title": {"type": "string", "minLength": 1}}},
            "Audio": {"type": "object", "required": ["kind", "id", "seconds"], "properties": {
                "kind": {"type": "string", "enum": ["audio"]}, "id": {"type": "integer"}, "seconds": {"type": "number", "exclusiveMinimum": True, "minimum": 0},
                "chapters": {"type": "object", "additionalProperties": {"type": "number"}}, "title": {"type": "string", "minLength": 1}}}}},
    }),
    "books.invariants.yaml": """
format: charter-invariants/1
invariants:
  - {id: book.id-is-requested, on: {operation: books.get, status: 200}, rule: "self.id == request.path.id",
     message: m, severity: warning, promise: {kind: documented, where: w, quote: q}}
  - {id: book.chapters-fit, on: "openapi.json#/components/schemas/Audio", when: "has(self.chapters)", rule: "self.chapters.all(key, self.chapters[key] <= self.seconds)",
     message: m, severity: warning, promise: {kind: documented, where: w, quote: q}}
  - {id: books.next-is-not-empty, on: {operation: books.list, status: 200}, when: "has(self.next) && self.next != null", rule: "self.next != '' && self.items.size() > 0",
     message: m, severity: warning, promise: {kind: documented, where: w, quote: q}}
""",
}

WORDS = ["", "a", "new", "sent", "printed", "Zürich", "東京", "a \"b\" \\ c", "x" * 30, "2026-01-01T00:00:00Z", "p12", "7"]
SPELLINGS = ["null", "true", "0", "-1", "1.0", "1e2", "0.1", "12345678901234567890", "1e400", "-0.0", "\"\"", "\"x\"", "\"\\u0061\"", "\"\\ud800\"",
             "\"2026-01-01T00:00:00Z\"", "[]", "{}", "[1,1]", "{\"a\":1,\"a\":2}", "nul", "\"open"]


def parcel(rng, identity):
    value = {"id": identity, "size": rng.randrange(40)}
    if rng.random() < 0.7:
        value["state"] = rng.choice(["new", "sent", "done"])
    if rng.random() < 0.7 or value.get("state") == "sent":
        value["sent"] = "2026-02-0%dT00:00:00Z" % rng.randrange(1, 9)
    if rng.random() < 0.5:
        value["note"] = rng.choice([None, "", "short", "Zürich"])
    if rng.random() < 0.5:
        value["route"] = rng.choice([["a", {"b": 1.50}], {"z": 1, "a": [True, None]}, 7])
    if rng.random() < 0.5:
        value["parts"] = [{"weight": rng.choice([1, 0.5, 2.25]), "tags": rng.sample(WORDS, rng.randrange(3))} for _ in range(rng.randrange(4))]
    items = list(value.items())
    if rng.random() < 0.2:
        rng.shuffle(items)
    return dict(items)


def parcels(rng):
    kind = rng.random()
    identity = "p%d" % rng.randrange(60)
    headers = [["content-type", "application/json"]]
    if kind < 0.6:
        url = rng.choice(["/v1/parcels/%s", "https://api.example.com/v1/parcels/%s"]) % identity + rng.choice(["", "", "", "?limit=9", "?limit=x"])
        return ["GET", url, [["x-mode", rng.choice("ab")]] if rng.random() < 0.2 else [], None, 200,
                headers + ([["X-Count", "1"]] if rng.random() < 0.5 else []), parcel(rng, identity)]
    if kind < 0.8:
        body = parcel(rng, identity)
        return ["PUT", "/v1/parcels/%s" % identity, headers, body, 200, headers, body]
    if kind < 0.9:
        return ["GET", "/v1/shelves/%d/parcels" % rng.randrange(1, 9), [], None, 200, headers, [parcel(rng, "p%d" % rng.randrange(60)) for _ in range(rng.randrange(3))]]
    return ["GET", "/v1/parcels/%s" % identity, [], None, 404, [["content-type", "application/problem+json"]], {"title": "none"}]


def book(rng, identity):
    value = {"kind": rng.choice(["printed", "audio"]), "id": identity, "title": rng.choice([word for word in WORDS if word])}
    if value["kind"] == "printed":
        value.update(pages=rng.randrange(1, 900), price=rng.choice([1, 2.5, 19.99]))
    else:
        value.update(seconds=rng.choice([10, 3.5, 1e3]), chapters={word: rng.choice([0, 1, 2.5]) for word in rng.sample(WORDS, rng.randrange(4))})
    return value


def books(rng):
    headers = [["Content-Type", "application/json; charset=utf-8"]]
    identity = rng.randrange(60)
    if rng.random() < 0.4:
        page = {"items": [book(rng, rng.randrange(60)) for _ in range(rng.randrange(6))], "next": rng.choice([None, "b"])}
        return ["GET", "/books", [], None, 200, headers, page]
    if rng.random() < 0.1:
        return ["GET", "/books/%d" % identity, [], None, 404, [], None]
    return ["GET", "/books/%d" % identity, [], None, 200, headers, book(rng, identity)]


TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"\s*:?|-?\d[\d.eE+-]*|true|false|null')


def changed(rng, text):
    """Changes a JSON text at one place."""
    tokens = list(TOKEN.finditer(text))
    token = rng.choice(tokens) if tokens else None
    kind = rng.randrange(9)
    if token and kind < 4:
        if not token.group().endswith(":"):
            return text[:token.start()] + rng.choice(SPELLINGS) + text[token.end():]
        return text[:token.start()] + rng.choice(["\"other\":", token.group().replace("\"", "\"\\u0061", 1), token.group() + "1," + token.group()]) + text[token.end():]
    if token and kind == 4:
        return text[:token.start()] + rng.choice([" ", "\t", "  "]) + text[token.start():]
    if token and kind == 5:
        return text[:token.start()] + text[token.end():].lstrip(",")
    at = rng.randrange(len(text) + 1)
    if kind == 6:
        return text[:at]
    if kind == 7:
        return text[:at] + text[at + 1:]
    return text[:at] + rng.choice("\"\\{}[]:,0.eE x\u00e9") + text[at:]


def line_of(rng, exchange, number):
    method, url, request_fields, request_body, status, response_fields, body = exchange
    fields = lambda pairs: [{"name": name, "value": value} for name, value in pairs]
    start = "2026-07-02T00:%02d:%02d.%03dZ" % (number // 60 % 60, number % 60, rng.randrange(1000))
    request = {"method": method, "url": url, "headers": fields(request_fields)}
    if request_body is not None:
        request["body"] = request_body
    response = {"status": status, "headers": fields(response_fields)}
    if body is not None:
        response["body"] = body
    line = {"format": "charter-exchange/1", "startedDateTime": start, "time": rng.choice([0, 1.5, 20, 3000]), "request": request, "response": response}
    if rng.random() < 0.05:
        del line["startedDateTime"]
    if rng.random() < 0.3:
        line["headersComplete"] = rng.random() < 0.5
    return json.dumps(line, ensure_ascii=rng.random() < 0.2, separators=rng.choice([(",", ":"), (",", ":"), (", ", ": ")]))


def entry_of(rng, line):
    """The HAR entry of a line, which may be changed."""
    try:
        line = json.loads(line)
        side = lambda name: line[name] if isinstance(line.get(name), dict) else {}
        request, response = side("request"), side("response")
    except (ValueError, TypeError, AttributeError):
        return None
    entry = {"startedDateTime": line.get("startedDateTime"), "time": line.get("time"),
             "request": {"method": request.get("method"), "url": request.get("url"), "cookies": [], "headers": request.get("headers", []), "bodySize": -1},
             "response": {"status": response.get("status"), "headers": response.get("headers", []), "content": {"size": 1, "mimeType": "application/json"}}}
    entry = {key: value for key, value in entry.items() if value is not None}
    text = lambda body: json.dumps(body, ensure_ascii=rng.random() < 0.2, separators=(",", ":"))
    if "body" in response:
        entry["response"]["content"]["text"] = changed(rng, text(response["body"])) if rng.random() < 0.1 else text(response["body"])
    if "body" in request:
        entry["request"]["postData"] = {"mimeType": "application/json", "text": text(request["body"])}
    if rng.random() < 0.1:
        entry["_resourceType"] = rng.choice(["fetch", "websocket"])
    entry = json.dumps(entry, ensure_ascii=rng.random() < 0.2)
    return entry if rng.random() < 0.97 else changed(rng, entry)


def report_of(charter, contract, file, options, out):
    command = [charter, "check", str(file), "--contract", str(contract), "--report", "json=%s" % out, "--quiet"] + options
    done = subprocess.run(command, capture_output=True, text=True)
    if not out.exists():
        sys.exit("%s: exit code %d\n%s" % (" ".join(command), done.returncode, done.stderr))
    report = json.loads(out.read_text())
    out.unlink()
    decided = (report.pop("reader", None) or {}).get("decided", 0)
    return report, done.returncode, decided


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--charter", required=True)
    parser.add_argument("--corpus", help="recorded exchanges of the Run contract")
    parser.add_argument("--minutes", type=float, default=3)
    parser.add_argument("--batch", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="fast-path-"))
    contracts = []
    for name, files, generate in [("parcels", PARCELS, parcels), ("books", BOOKS, books)]:
        (folder / name).mkdir()
        for file, text in files.items():
            (folder / name / file).write_text(text)
        contracts.append((name, folder / name, generate))
    if arguments.corpus:
        lines = [line for line in Path(arguments.corpus).read_text().splitlines() if line]
        if not lines:
            sys.exit("the corpus %s has no exchanges" % arguments.corpus)
        contracts.append(("runs", ROOT / "schema", lines))
    end, seed = time.monotonic() + 60 * arguments.minutes, arguments.seed
    totals = {}
    while time.monotonic() < end:
        for name, contract, source in contracts:
            rng = random.Random(seed)
            seed += 1
            share = rng.choice([0.01, 0.1, 0.5])
            made = []
            for number in range(arguments.batch):
                line = line_of(rng, source(rng), number) if callable(source) else rng.choice(source)
                made.append(changed(rng, line) if rng.random() < share else line)
            is_har = rng.random() < 0.4
            file = folder / ("%s-%d.%s" % (name, seed, "har" if is_har else "ndjson"))
            if is_har:
                entries = [entry for entry in (entry_of(rng, line) for line in made) if entry]
                # A changed entry may end the file.
                made = entries
                text = "{\"log\": {\"version\": \"1.2\", \"entries\": [%s]}}" % rng.choice([",", ",\n"]).join(entries)
                text = text[:rng.randrange(len(text))] if rng.random() < 0.1 else text
                file.write_text(text, errors="surrogatepass" if rng.random() < 0.02 else "replace")
            else:
                file.write_text("\n".join(made) + "\n", errors="surrogatepass")
            options = ["--jobs", rng.choice(["1", "2"])]
            fast, fast_code, decided = report_of(arguments.charter, contract, file, options, folder / "fast.json")
            slow, slow_code, _ = report_of(arguments.charter, contract, file, options + ["--no-fast-path"], folder / "slow.json")
            if (fast, fast_code) != (slow, slow_code):
                (folder / "fast.json").write_text(json.dumps(fast, indent=1))
                (folder / "slow.json").write_text(json.dumps(slow, indent=1))
                sys.exit("the reports of %s differ: %s %s" % (file, folder / "fast.json", folder / "slow.json"))
            file.unlink()
            total = totals.setdefault(name, [0, 0, 0])
            for at, value in enumerate([fast["summary"]["exchanges"], decided, fast["summary"]["broken"]]):
                total[at] += value
    shutil.rmtree(folder)
    # A run that compares nothing finds no difference.
    for name, _, _ in contracts:
        exchanges, decided, _ = totals.get(name, [0, 0, 0])
        if not decided:
            sys.exit("%s: nothing was compared: %d exchanges, none of them decided by the fast path" % (name, exchanges))
    for name, (exchanges, decided, broken) in totals.items():
        print("%s: %d exchanges, %d decided by the fast path, %d with a violation; all reports are equal" % (name, exchanges, decided, broken))


if __name__ == "__main__":
    main()
