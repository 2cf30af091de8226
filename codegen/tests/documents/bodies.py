#!/usr/bin/env python3
"""Builds the request bodies of public OpenAPI documents by the generated builders, sends them with the generated client, and judges them.

    codegen/tests/documents/bodies.py [--charter PATH] [--work DIR] [--mirrors DIR] [--folder DIR] [--samples N] NAME ...

For each operation with a JSON body, values that the schema accepts are sampled (sample.py) and written as expressions that a program would
write (rust_types.py). A test per value builds the body and sends it through `charter proxy`, which judges the requests by the document, to a
server that notes the bodies. The script fails if a body was refused, is not the sampled value, or violates the document, and if it compared
nothing. NAME is a document of documents.tsv, or a file of the folder `--folder`. It needs Python's `jsonschema` and `yaml`.
"""

import argparse
import collections
import http.server
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import threading

import run
import yaml
from rust_types import NotWritten, Types, split, text
from sample import Sampler

METHODS = ("get", "put", "post", "delete", "patch", "options", "head", "trace")


class Server(http.server.ThreadingHTTPServer):
    """Notes the body of each request by its user agent, which is the name of the test."""

    bodies = {}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def respond(self):
        length = int(self.headers.get("content-length") or 0)
        Server.bodies[self.headers.get("user-agent")] = self.rfile.read(length)
        self.send_response(500)
        self.send_header("content-length", "0")
        self.end_headers()

    do_GET = do_PUT = do_POST = do_DELETE = do_PATCH = do_OPTIONS = respond

    def log_message(self, *_):
        pass


def find(arguments, name):
    if arguments.folder:
        return next(file for file in sorted(arguments.folder.iterdir()) if file.stem == name)
    row = next(row for row in run.documents() if row[0] == name)
    return run.obtain(row, arguments.work, arguments.mirrors)


def methods(client):
    """The methods of the client by `METHOD /path`: their names and arguments. The first one of an operation sends JSON."""
    found = {}
    pattern = re.compile(r"    /// `([A-Z]+ /[^`]*)`\n(?:    ///[^\n]*\n|    #\[.*?\]\n)*    pub async fn (\w+)[^(]*\((.*?)\)\s*->", re.S)
    for match in pattern.finditer(client):
        arguments = [argument.split(":", 1) for argument in split(match[3]) if ":" in argument]
        found.setdefault(match[1], (match[2], [(name.strip(), " ".join(type_.split())) for name, type_ in arguments]))
    return found


def required_argument(types, sampler, parameter, type_):
    """A required parameter as an argument of the method."""
    schema = parameter.get("schema") or next(iter(parameter.get("content", {}).values()), {}).get("schema", {})
    value = sampler.value(schema, optional=False)
    if type_ == "&str":
        return text(value if isinstance(value, str) and value else "a")
    if match := re.fullmatch(r"&\s*\[(.*)\]", type_):
        return f"&{types.value(f'Vec<{match[1]}>', value)}"
    return f"&{types.value(type_[1:].strip(), value)}" if type_.startswith("&") else types.value(type_, value)


def tests(document, pointer_of, types, client, sampler, samples):
    """The tests, as the name, the operation, the value and the code; and the reasons for bodies without one."""
    made, reasons, bodies = [], collections.Counter(), 0
    known = methods(client)
    for path, item in document.get("paths", {}).items():
        for method in METHODS:
            operation = item.get(method)
            body = operation and sampler.resolve(operation.get("requestBody", {}))
            media_type = next((key for key in (body or {}).get("content", {}) if "json" in key), None)
            if not media_type or "schema" not in body["content"][media_type]:
                continue
            bodies += 1
            name = f"{method.upper()} {path}"
            if name not in known:
                reasons["no method"] += 1
                continue
            function, arguments = known[name]
            parameters = [sampler.resolve(each) for each in [*item.get("parameters", []), *operation.get("parameters", [])]]
            schema = body["content"][media_type]["schema"]
            pointer = pointer_of(path, method, operation, media_type)
            for index in range(samples):
                try:
                    value = sampler.value(schema, optional=index > 0)
                except RecursionError:
                    reasons["a schema without an end"] += 1
                    continue
                if not sampler.is_valid(pointer, value):
                    reasons["the sample is not valid"] += 1
                    continue
                try:
                    made.append(test(len(made), name, function, arguments, parameters, types, sampler, value))
                except NotWritten as reason:
                    reasons[str(reason)] += 1
    return made, reasons, bodies


def test(number, operation, function, arguments, parameters, types, sampler, value):
    name, passed, expression = f"body_{number}", [], None
    required = [parameter for parameter in parameters if parameter.get("required")]
    for argument, type_ in arguments:
        if argument == "body":
            # As the formatter wraps it: `impl Into< Option<&'body Vec<Line>>, >`.
            type_ = re.sub(r",? ?>", ">", type_.replace("< ", "<"))
            of = re.sub(r"^impl Into<Option<(.*)>>$", r"\1", type_).lstrip("&").strip()
            expression = types.value(of.removeprefix("'body ").strip(), value)
            passed.append("&body")
        elif argument == "options":
            passed.append("&Default::default()")
        else:
            if not required:
                raise NotWritten("a parameter that is not found")
            passed.append(required_argument(types, sampler, required.pop(0), type_))
    code = f"""
/// {operation}
#[tokio::test]
async fn {name}() -> Result<(), Box<dyn std::error::Error>> {{
    let body = {expression};
    let _ = client({text(name)}).{function}({", ".join(passed)}).await;
    Ok(())
}}
"""
    return name, operation, value, code


def write_tests(folder, package, base, made):
    code = f"""//! One test for each body.
#![allow(unused_imports, deprecated)]
use {package.replace("-", "_")}::*;
use {package.replace("-", "_")}::client::{{charter_client, Client}};
use charter_runtime as support;

fn client(name: &str) -> Client {{
    let base = std::env::var("CHARTER_PROXY_URL").expect("the proxy") + {text(base)};
    let agent = charter_client::client_builder().user_agent(name).build().expect("a client");
    Client::new(&base).expect("a base URL").with_client(agent)
}}
"""
    (folder / "tests").mkdir(exist_ok=True)
    (folder / "tests/bodies.rs").write_text(code + "".join(test[3] for test in made))


def base_path(document):
    """The path of the first server, whose variables have their defaults."""
    server = (document.get("servers") or [{"url": ""}])[0]
    variables = server.get("variables", {})
    url = re.sub(r"\{([^}]*)\}", lambda match: str(variables.get(match[1], {}).get("default", "")), server["url"])
    return re.sub(r"^[a-z]*://[^/]*", "", url).rstrip("/")


def judge(arguments, name):
    file = find(arguments, name)
    document = yaml.safe_load(file.read_text()) if file.suffix != ".json" else json.loads(file.read_text())
    package = f"{name}-api"
    folder = arguments.work / "bodies" / package
    shutil.rmtree(folder, ignore_errors=True)
    command = [arguments.charter, "generate", "--schema", file, "--layout", "crate", "--name", package, "--out", folder, "--quiet"]
    subprocess.run([*command, "--client", "reqwest", "--runtime-path", run.REPOSITORY / "crates/runtime"], check=True)
    manifest = folder / "Cargo.toml"
    manifest.write_text(
        manifest.read_text()
        + f"\n[dev-dependencies]\ntokio = {{ version = \"1\", features = [\"macros\", \"rt\"] }}\n\n[workspace]\n\n[profile.dev]\ndebug = false\n"
    )
    types, sampler = Types(folder / "src"), Sampler(document)
    client = next(file for file in folder.rglob("client.rs") if "pub async fn" in file.read_text())

    def pointer_of(path, method, operation, media_type):
        escape = lambda part: part.replace("~", "~0").replace("/", "~1")
        reference = operation["requestBody"].get("$ref")
        start = reference[1:] if reference else f"/paths/{escape(path)}/{method}/requestBody"
        return f"{start}/content/{escape(media_type)}/schema"

    made, reasons, bodies = tests(document, pointer_of, types, client.read_text(), sampler, arguments.samples)
    write_tests(folder, package, base_path(document), made)
    Server.bodies.clear()
    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    report = folder / "report.json"
    environment = dict(os.environ, CARGO_TARGET_DIR=str(arguments.work / "target"), CARGO_INCREMENTAL="0")
    subprocess.run([arguments.cargo, "test", "--test", "bodies", "--no-run", "--quiet"], cwd=folder, env=environment, check=True)
    proxy = [arguments.charter, "proxy", "--upstream", f"http://127.0.0.1:{server.server_port}", "--contract", file]
    proxy += ["--report", f"json={report}", "--samples", "0", "--", arguments.cargo, "test", "--test", "bodies", "--no-fail-fast"]
    with (folder / "log").open("w") as log:
        subprocess.run(proxy, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT)
    server.shutdown()
    failed = set(re.findall(r"^test (body_\d+) \.\.\. FAILED", (folder / "log").read_text(), re.M))
    differs = [name for name, _, value, _ in made if name in Server.bodies and json.loads(Server.bodies[name] or b"null") != value]
    unsent = [name for name, *_ in made if name not in Server.bodies and name not in failed]
    groups = json.loads(report.read_text())["groups"] if report.exists() else []
    broken = [group for group in groups if is_of_body(group)]
    operations = {operation for name, operation, _, _ in made if name in Server.bodies}
    counts = {
        "document": name,
        "operations with a JSON body": bodies,
        "operations sent": len(operations),
        "bodies sent": len(Server.bodies),
        "refused": len(failed),
        "not sent": len(unsent),
        "other than the sample": len(differs),
        "judged": json.loads(report.read_text())["summary"]["exchanges"] if report.exists() else 0,
        "findings": sum(group.get("count", 1) for group in broken),
        "without a test": dict(reasons),
    }
    for number in sorted(failed) + differs + unsent:
        print(f"{name}: {number}: {next(test for test in made if test[0] == number)[1:3]}", file=sys.stderr)
    for group in broken:
        print(f"{name}: {json.dumps(group)[:600]}", file=sys.stderr)
    print(json.dumps(counts), flush=True)
    is_judged = counts["judged"] == len(Server.bodies)
    return bool(Server.bodies) and is_judged and not failed and not differs and not unsent and not broken


def is_of_body(group):
    """Whether a group of findings is about the body of a request."""
    written = json.dumps(group)
    return '"request"' in written and "/parameters/" not in written and "security" not in written


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--charter", default=str(run.REPOSITORY / "target/release/charter"), help="the program")
    parser.add_argument("--cargo", default="cargo", help="cargo")
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("/tmp/charter-documents"), help="folder for documents and crates")
    parser.add_argument("--mirrors", type=pathlib.Path, help="folder with git mirrors")
    parser.add_argument("--folder", type=pathlib.Path, help="folder with documents, instead of documents.tsv")
    parser.add_argument("--samples", type=int, default=3, help="values for each body; the first has only required properties")
    parser.add_argument("names", nargs="+", help="documents")
    arguments = parser.parse_args()
    results = [judge(arguments, name) for name in arguments.names]
    sys.exit(0 if all(results) else "not all bodies were sent as sampled and valid")


if __name__ == "__main__":
    main()
