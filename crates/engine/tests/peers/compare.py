#!/usr/bin/env python3
"""Compares the verdicts of the tables in ../http with those of other validators, and writes docs/book/src/peers.md. README.md says how to run it."""

import argparse
import base64
import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.parse

from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from ruamel.yaml import YAML
from werkzeug.datastructures import Headers, ImmutableMultiDict
from werkzeug.http import parse_cookie

FOLDER = pathlib.Path(__file__).resolve().parent
ROOT = FOLDER.parents[3]
# The book cannot refer to files outside its folder.
REPOSITORY = "https://github.com/charter-rs/charter/blob/main"
BASE = "http://localhost"
PEERS = ["openapi-core", "openapi-response-validator", "@redocly/cli"]
JSON = re.compile(r"^(application|text)/json$|\+json$")


class Case:
    """A case of a table: an exchange and the expected verdict."""

    def __init__(self, table, contract, row, part):
        self.table, self.contract, self.row, self.part = table, contract, row, part
        self.name = row["case"]
        self.is_wrong = bool(row.get("finds"))
        self.method, url = row["request"].split(" ", 1)
        self.url = urllib.parse.urlsplit(url)
        self.request_body = bytes_of(row.get("request_body"))
        self.body = bytes_of(row.get("body"))
        self.request_fields = fields_of(row.get("request_headers"), row.get("request_body"))
        self.fields = fields_of(row.get("headers"), row.get("body"))
        self.status = row.get("status", 200)

    def message(self):
        """The header fields and the body that the case is about."""
        return (self.fields, self.body) if self.part == "response" else (self.request_fields, self.request_body)

    def header(self, name):
        return next((value for key, value in self.message()[0] if key.lower() == name), None)

    def operation(self):
        """The path item and the operation, for paths that a regular expression finds."""
        for template, item in self.contract["paths"].items():
            pattern = "".join("[^/]+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{[^}]*\})", template))
            if re.fullmatch(pattern, self.url.path) and self.method.lower() in item:
                return item[self.method.lower()]
        return None

    def response(self):
        responses = (self.operation() or {}).get("responses", {})
        for key in (str(self.status), f"{self.status // 100}XX", "default"):
            if key in responses:
                return responses[key]
        return None


def bytes_of(body):
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, dict) and list(body) == ["base64"]:
        return base64.b64decode(body["base64"])
    if body == {"recorded": False}:
        return b""
    return json.dumps(body).encode()


def fields_of(fields, body):
    if fields is None:
        fields = ["content-type: application/json"] if body is not None else []
    return [tuple(part.strip() for part in field.split(":", 1)) for field in fields]


def cases():
    for path in sorted((FOLDER.parent / "http").glob("*.yaml")):
        table = YAML(typ="safe", pure=True).load(path.read_text())
        for row in table["cases"]:
            yield Case(path.stem, table["contract"], row, row.get("part", table.get("part", "operation")))


def unsupported(case):
    """Why no peer can judge a case."""
    if case.row.get("out_of_scope") or case.table == "traffic":
        return "traffic that the contract does not describe"
    if (case.header("content-encoding") or "identity") != "identity":
        return "content codings"
    return None


# openapi-core


class Request:
    """The request as a web framework passes it to openapi-core: the path, names and values are percent-decoded."""

    def __init__(self, case):
        self.host_url = f"{case.url.scheme}://{case.url.netloc}" if case.url.netloc else BASE
        self.method = case.method.lower()
        self.path = urllib.parse.unquote(case.url.path)
        self.body = case.request_body
        self.content_type = case_header(case.request_fields, "content-type")
        query = urllib.parse.parse_qsl(case.url.query, keep_blank_values=True)
        cookies = ImmutableMultiDict(
            pair for name, value in case.request_fields if name.lower() == "cookie" for pair in parse_cookie(value).items(multi=True)
        )
        self.parameters = RequestParameters(query=ImmutableMultiDict(query), header=Headers(case.request_fields), cookie=cookies)


class Response:
    def __init__(self, case):
        self.data = case.body
        self.status_code = case.status
        self.headers = Headers(case.fields)
        self.content_type = case_header(case.fields, "content-type")


def case_header(fields, name):
    return next((value for key, value in fields if key.lower() == name), "")


def openapi_core(all_cases):
    contracts = {}
    verdicts = []
    for case in all_cases:
        if unsupported(case):
            verdicts.append("not supported")
            continue
        try:
            if case.table not in contracts:
                contracts[case.table] = OpenAPI.from_dict(plain(case.contract), config=Config(spec_base_uri=BASE, server_base_url=BASE, spec_validator_cls=None))
            openapi = contracts[case.table]
            if case.part == "response":
                errors = list(openapi.iter_response_errors(Request(case), Response(case)))
            else:
                errors = list(openapi.iter_request_errors(Request(case)))
            verdicts.append("refuses" if errors else "accepts")
        except OpenAPIError:
            verdicts.append("refuses")
        except Exception as error:  # a defect of the peer
            verdicts.append(f"fails: {type(error).__name__}")
    return verdicts


def plain(value):
    """The value without the types of the YAML reader."""
    return json.loads(json.dumps(value))


# openapi-response-validator


def value_of(case):
    """The value of a JSON body or a text; raises ValueError if the peer's caller cannot make one."""
    fields, body = case.message()
    content_type = case_header(fields, "content-type").split(";")[0].strip().lower()
    if JSON.search(content_type):
        return json.loads(body.decode(), parse_constant=lambda constant: int(constant))
    if content_type.startswith("text/") and content_type != "text/event-stream":
        return body.decode()
    raise ValueError


def response_validator(all_cases, modules):
    inputs, verdicts = [], ["not supported"] * len(all_cases)
    for index, case in enumerate(all_cases):
        response = case.response()
        media_type_only = all(rule.startswith("http.") for rule in case.row.get("finds", [])) and case.is_wrong
        takes_more = case.row.get("finds") in (["http.undocumented-status"], ["http.undocumented-body"], ["http.unexpected-body"])
        if case.part != "response" or unsupported(case) or case.method == "HEAD" or (response or {}).get("headers"):
            continue
        if media_type_only and not takes_more and "http.write-only" not in case.row["finds"]:
            continue
        operation = case.operation()
        if operation is None:
            continue
        try:
            body = value_of(case) if case.body else None
        except ValueError:
            continue
        components = case.contract.get("components", {})
        item = {"responses": operation["responses"], "components": components, "status": case.status}
        inputs.append((index, item if body is None and not case.body else {**item, "body": body}))
    script = str(FOLDER / "response-validator.cjs")
    text = json.dumps([item for _, item in inputs])
    output = subprocess.run(["node", script, str(modules)], input=text, capture_output=True, text=True, check=True).stdout
    for (index, _), verdict in zip(inputs, json.loads(output)):
        verdicts[index] = verdict
    return verdicts


# @redocly/cli


def media_type(case):
    """The documented media type of the body, if the body is JSON and one key is written like the `Content-Type`."""
    content_type = (case.header("content-type") or "").replace(" ", "").lower()
    if case.part == "response":
        content = (case.response() or {}).get("content", {})
    else:
        body = (case.operation() or {}).get("requestBody", {})
        content = body.get("content", {})
    keys = [key for key in content if key.replace(" ", "").lower() == content_type]
    if len(keys) != 1 or not JSON.search(content_type.split(";")[0]) or "schema" not in content[keys[0]]:
        return None
    return keys[0], content[keys[0]]


def redocly(all_cases, modules, lints):
    """Verdicts on bodies as examples of their media type. `lints` receives the problem of each contract, if it has one."""
    verdicts = ["not supported"] * len(all_cases)
    command = [str(modules / "node_modules/.bin/redocly"), "lint", "--format", "json", "--max-problems", "10000"]
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        example = {"severity": "error", "allowAdditionalProperties": True}
        (folder / "examples.yaml").write_text(json.dumps({"rules": {"no-invalid-media-type-examples": example}}))
        (folder / "contract.yaml").write_text(json.dumps({"rules": {"struct": "error", "no-unresolved-refs": "error"}}))
        for table in dict.fromkeys(case.table for case in all_cases):
            group = [(index, case) for index, case in enumerate(all_cases) if case.table == table]
            contract = plain(group[0][1].contract)
            paths = {}
            for index, case in group:
                chosen = media_type(case)
                rules = [rule for rule in case.row.get("finds", []) if not rule.startswith("schema.") and "-only" not in rule]
                is_bodiless = not case.message()[1] or case.status in (204, 205, 304)
                if not chosen or is_bodiless or rules or case.row.get("not_judged") or unsupported(case) or case.part == "operation":
                    continue
                key, spec = plain(chosen[0]), plain(chosen[1])
                spec["example"] = json.loads(case.message()[1])
                description = {"description": "any"}
                operation = {"responses": {"200": description}}
                if case.part == "response":
                    operation["responses"]["200"] = {"description": "any", "content": {key: spec}}
                else:
                    operation["requestBody"] = {"content": {key: spec}}
                paths[f"/case-{index}"] = {"post": operation}
                verdicts[index] = "accepts"
            lints[table] = next(iter(run_redocly(command, folder, "contract", contract).values()), None)
            if paths:
                document = {**contract, "paths": paths}
                for index, verdict in run_redocly(command, folder, "examples", document).items():
                    verdicts[index] = verdict
    return verdicts


def run_redocly(command, folder, config, document):
    """The verdicts on the cases with problems, by number; number -1 for a problem elsewhere in a contract."""
    (folder / "openapi.json").write_text(json.dumps(document))
    environment = {**os.environ, "REDOCLY_TELEMETRY": "off"}
    run = [*command, "--config", str(folder / f"{config}.yaml"), str(folder / "openapi.json")]
    output = subprocess.run(run, capture_output=True, text=True, env=environment, check=False).stdout
    verdicts = {}
    for problem in json.loads(output[output.index("{") :])["problems"]:
        match = re.match(r"#/paths/~1case-(\d+)/", problem["location"][0].get("pointer", ""))
        if match or config == "contract":
            is_defect = "validation errored" in problem["message"]
            verdicts[int(match[1]) if match else -1] = f"{'fails' if is_defect else 'refuses'}: {problem['message']}"
    return verdicts


# The report


def charter(cargo):
    """Whether the table test passes: every verdict of charter is the expected one."""
    run = [cargo, "test", "-q", "-p", "charter-engine", "--test", "http"]
    return subprocess.run(run, cwd=ROOT, capture_output=True, check=False).returncode == 0


def is_agreement(case, verdict):
    return verdict.split(":")[0] == ("refuses" if case.is_wrong else "accepts")


def explain(all_cases, results):
    """Disagreements by the entry of disagreements.yaml that argues them."""
    entries = YAML(typ="safe", pure=True).load((FOLDER / "disagreements.yaml").read_text()) or []
    argued, open_ = collections.defaultdict(list), []
    for peer, verdicts in results.items():
        for case, verdict in zip(all_cases, verdicts):
            if verdict == "not supported" or is_agreement(case, verdict):
                continue
            fits = lambda entry: (
                entry["peer"] == peer
                and case.table in entry["tables"]
                and (entry.get("verdict") is None or verdict.startswith(entry["verdict"]))
                and ("cases" not in entry or case.name in entry["cases"])
            )
            index = next((index for index, entry in enumerate(entries) if fits(entry)), None)
            if index is None:
                open_.append((peer, case, verdict))
            else:
                argued[index].append((case, verdict))
    return entries, argued, open_


def report(all_cases, results, lints, passes, entries, argued):
    judged = {part: sum(case.part == part for case in all_cases) for part in ("request", "response", "operation")}
    wrong = sum(case.is_wrong for case in all_cases)
    lines = [
        "# Comparison with other validators",
        "",
        f"The tables in [crates/engine/tests/http]({REPOSITORY}/crates/engine/tests/http) hold exchanges with the verdict that the standard demands; each case",
        f"cites its clause. [compare.py]({REPOSITORY}/crates/engine/tests/peers/README.md) gives the same exchanges to other validators and writes this page.",
        "",
        f"{len(all_cases)} cases: {judged['request']} of requests, {judged['response']} of responses, {judged['operation']} of the choice of an operation. "
        f"{wrong} exchanges violate the contract.",
        "",
        "| validator | judged | agrees | accepts a wrong exchange | refuses a right exchange | fails | not supported |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    if passes:
        lines.append(f"| charter | {len(all_cases)} | {len(all_cases)} | 0 | 0 | 0 | 0 |")
    else:
        lines.append("| charter | the table test fails | | | | | |")
    for peer, verdicts in results.items():
        pairs = [(case, verdict) for case, verdict in zip(all_cases, verdicts) if verdict != "not supported"]
        agrees = sum(is_agreement(*pair) for pair in pairs)
        accepts = sum(case.is_wrong and verdict == "accepts" for case, verdict in pairs)
        refuses = sum(not case.is_wrong and verdict.startswith("refuses") for case, verdict in pairs)
        fails = sum(verdict.startswith("fails") for _, verdict in pairs)
        lines.append(
            f"| {peer} {VERSIONS[peer]} | {len(pairs)} | {agrees} | {accepts} | {refuses} | {fails} | {len(all_cases) - len(pairs)} |"
        )
    by = collections.Counter()
    for index, found in argued.items():
        by[entries[index]["by"]] += len(found)
    lines += [
        "",
        f"Disagreements: {by['peer']} contradict the standard on the side of the peer, {by['choice']} concern what the standard leaves open or only recommends, "
        f"{by['charter']} contradict the standard on the side of charter.",
        "",
        "What is not supported:",
        "",
        "- Content codings and traffic that no server of the contract names: no peer takes them.",
        "- openapi-response-validator takes a status and a value. It sees no header field, no media type and no request.",
        "- @redocly/cli lints documents. A JSON body is given to it as the `example` of its media type, with `allowAdditionalProperties`. "
        "It does not see parameters, header fields, statuses or other bodies.",
        f"- The contracts of the tables: @redocly/cli accepts {sum(problem is None for problem in lints.values())} of {len(lints)}.",
        *(f"  It refuses that of {table}: {problem.split(': ', 1)[1]}" for table, problem in sorted(lints.items()) if problem),
        "",
        "## Disagreements",
        "",
        "Each row is one kind. *Side* is the one that contradicts the standard; *open* means that the standard leaves it open or only recommends it.",
        "",
        "| validator | table | cases | verdict of the peer | side | why |",
        "|---|---|--:|---|---|---|",
    ]
    sides = {"peer": "peer", "choice": "open", "charter": "charter"}
    for index, entry in enumerate(entries):
        found = argued.get(index, [])
        verdicts = "; ".join(sorted({verdict.split(":")[0] for _, verdict in found}))
        tables = ", ".join(dict.fromkeys(case.table for case, _ in found))
        lines.append(f"| {entry['peer']} | {tables} | {len(found)} | {verdicts} | {sides[entry['by']]} | {entry['why']} |")
    lines += ["", "## Tables", "", "| table | requests | responses | operations | wrong | " + " | ".join(f"{peer} agrees" for peer in results) + " |"]
    lines.append("|---|--:|--:|--:|--:|" + "--:|" * len(results))
    for table in dict.fromkeys(case.table for case in all_cases):
        rows = [index for index, case in enumerate(all_cases) if case.table == table]
        count = lambda part: sum(all_cases[index].part == part for index in rows)
        agree = []
        for verdicts in results.values():
            judged_rows = [index for index in rows if verdicts[index] != "not supported"]
            agree.append(f"{sum(is_agreement(all_cases[index], verdicts[index]) for index in judged_rows)} of {len(judged_rows)}")
        wrong_rows = sum(all_cases[index].is_wrong for index in rows)
        lines.append(f"| {table} | {count('request')} | {count('response')} | {count('operation')} | {wrong_rows} | {' | '.join(agree)} |")
    return "\n".join(lines) + "\n"


VERSIONS = {}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--modules", type=pathlib.Path, required=True, help="folder with node_modules")
    parser.add_argument("--cargo", default="cargo", help="the cargo program")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "docs/book/src/peers.md", help="the page to write")
    options = parser.parse_args()
    packages = json.loads((FOLDER / "package.json").read_text())["dependencies"]
    VERSIONS.update({**packages, "openapi-core": (FOLDER / "requirements.txt").read_text().split("openapi-core==")[1].split()[0]})
    all_cases, lints = list(cases()), {}
    modules = options.modules.resolve()
    results = {
        "openapi-core": openapi_core(all_cases),
        "openapi-response-validator": response_validator(all_cases, modules),
        "@redocly/cli": redocly(all_cases, modules, lints),
    }
    entries, argued, open_ = explain(all_cases, results)
    for peer, case, verdict in open_:
        print(f"not argued: {peer} {verdict}: {case.table}: {case.name} (expected {'refuses' if case.is_wrong else 'accepts'})")
    for index, entry in enumerate(entries):
        missing = sorted(set(entry.get("cases", [])) - {case.name for case, _ in argued[index]})
        if missing or not argued[index]:
            print(f"argued, but the peer agrees: {entry['peer']} {entry['tables']} {missing}")
    if open_:
        sys.exit(1)
    options.out.write_text(report(all_cases, results, lints, charter(options.cargo), entries, argued))
    print(f"written: {options.out}")


if __name__ == "__main__":
    main()
