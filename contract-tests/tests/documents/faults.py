#!/usr/bin/env python3
"""Plants faults into recorded exchanges without findings, one at a time, and checks that `charter check` finds each.

usage: CHARTER_DOCUMENTS=FOLDER [CHARTER=PROGRAM] contract-tests/tests/documents/faults.py [RECORDINGS]

Reads the document of Datadog v2 and the recordings FOLDER/traffic/datadog-v2/*.har, as run.sh does. RECORDINGS is the number of recordings
to use (default 12). The places of faults are chosen by the document, without `charter`. Exits with 1 if a fault is not found.
"""
import copy, json, os, pathlib, re, subprocess, sys, tempfile
import yaml

FOLDER = pathlib.Path(os.environ["CHARTER_DOCUMENTS"])
PROGRAM = os.environ.get("CHARTER", "charter")
DOCUMENT = FOLDER / "datadog/v2/openapi.yaml"
UNIONS = ("oneOf", "anyOf", "allOf", "not")
OTHER_TYPE = {"string": 1, "integer": "x", "number": "x", "boolean": "x", "array": "x", "object": "x"}


def check(path):
    """The exit code of `check`: 0 without findings, 1 with findings."""
    arguments = [PROGRAM, "check", "--quiet", "--fail-on", "warning", "--contract", str(DOCUMENT), str(path)]
    return subprocess.run(arguments, capture_output=True).returncode


def resolved(document, node):
    while isinstance(node, dict) and "$ref" in node:
        target = document
        for token in node["$ref"][2:].split("/"):
            target = target[token.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


def operation(document, entry):
    """The operation of an entry; concrete paths precede templates."""
    path = re.sub(r"^https?://[^/]+|[?#].*$", "", entry["request"]["url"])
    for template, item in sorted(document["paths"].items(), key=lambda pair: pair[0].count("{")):
        pattern = re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(template))
        if re.fullmatch(pattern, path) and entry["request"]["method"].lower() in item:
            return item[entry["request"]["method"].lower()]


def value_faults(document, schema, value, depth=0):
    """(kind, changed value) for each value that plain schemas describe. Schemas with unions are left out."""
    schema = resolved(document, schema)
    if depth > 5 or any(key in schema for key in UNIONS):
        return
    kind = schema.get("type")
    if kind in OTHER_TYPE:
        yield f"type {kind}", OTHER_TYPE[kind]
        if not schema.get("nullable"):
            yield f"null for {kind}", None
    if "enum" in schema:
        yield "unknown enumerated value", "planted-value"
    if isinstance(value, dict):
        for key in schema.get("required", []):
            if key in value:
                yield "missing key", {name: member for name, member in value.items() if name != key}
        for key, part in schema.get("properties", {}).items():
            if key in value:
                for fault, changed in value_faults(document, part, value[key], depth + 1):
                    yield fault, {**value, key: changed}
    elif isinstance(value, list) and value and "items" in schema:
        for fault, changed in value_faults(document, schema["items"], value[0], depth + 1):
            yield fault, [changed, *value[1:]]


def faults(document, entry):
    """(kind, entry with the fault)."""
    def with_change(kind, change):
        changed = copy.deepcopy(entry)
        change(changed)
        return kind, changed

    def content_type(message, value):
        message["headers"] = [field for field in message["headers"] if field["name"].lower() != "content-type"]
        message["headers"].append({"name": "Content-Type", "value": value})

    described = operation(document, entry)
    content = entry["response"]["content"]
    yield with_change("status", lambda e: e["response"].update(status=299))
    yield with_change("path", lambda e: e["request"].update(url=re.sub(r"(?=\?|$)", "/planted/x/y/z", e["request"]["url"], count=1)))
    yield with_change("method", lambda e: e["request"].update(method="TRACE"))
    for side in ("response", "request"):
        if side == "response":
            spec, text = resolved(document, described["responses"].get(str(entry["response"]["status"]), {})), content.get("text")
        else:
            spec, text = resolved(document, described.get("requestBody", {})), entry["request"].get("postData", {}).get("text")
        schema = spec.get("content", {}).get("application/json", {}).get("schema")
        if schema is None or not text:
            continue

        def put(e, new):
            (e["response"]["content"] if side == "response" else e["request"]["postData"])["text"] = new

        def other_media_type(e):
            content_type(e[side], "text/planted")
            (e["response"]["content"] if side == "response" else e["request"]["postData"])["mimeType"] = "text/planted"

        yield with_change(f"{side}: media type", other_media_type)
        yield with_change(f"{side}: syntax", lambda e: put(e, text.rstrip()[:-1]))
        for kind, value in value_faults(document, schema, json.loads(text)):
            yield with_change(f"{side}: {kind}", lambda e: put(e, json.dumps(value)))


def main():
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 12
    document = yaml.load(DOCUMENT.read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    planted, missed, used = {}, [], 0
    with tempfile.TemporaryDirectory() as work:
        har = pathlib.Path(work) / "exchange.har"

        def code(entry):
            har.write_text(json.dumps({"log": {"version": "1.2", "creator": {"name": "faults", "version": "1"}, "entries": [entry]}}))
            return check(har)

        for recording in sorted((FOLDER / "traffic/datadog-v2").glob("*.har")):
            entries = json.loads(recording.read_text())["log"]["entries"]
            # An exchange that the document describes and whose request was accepted: wrong requests that are refused are no findings.
            fitting = [entry for entry in entries if 200 <= entry["response"]["status"] < 300 and operation(document, entry)]
            entry = next((entry for entry in fitting if code(entry) == 0), None)
            if entry is None:
                continue
            seen = set()
            for kind, changed in faults(document, entry):
                # One fault of each kind for each recording.
                if kind in seen:
                    continue
                seen.add(kind)
                planted[kind] = planted.get(kind, 0) + 1
                if code(changed) != 1:
                    missed.append(f"{recording.name}: {kind}")
            used += 1
            if used == wanted:
                break
    for kind, count in sorted(planted.items()):
        print(f"{kind}: {count}")
    print(f"{sum(planted.values())} faults of {len(planted)} kinds in {used} exchanges without findings; not found: {len(missed)}")
    print("\n".join(missed))
    sys.exit(1 if missed or not used else 0)


main()
