#!/usr/bin/env python3
"""Generates a crate with a client and a server for each public OpenAPI document of documents.tsv, compiles it, and prints a table.
Times are CPU seconds.

    codegen/tests/documents/run.py [--charter PATH] [--work DIR] [--mirrors DIR] [--clippy] [--no-server] [--progenitor PATH] [NAME ...]

With `--progenitor`, the program `cargo-progenitor` generates crates of the same documents, whose types are those of typify. They are compiled in
the same way and stand in further columns.

Documents are read from git mirrors (`DIR/owner+name/repo`, for machines without a network) or from raw.githubusercontent.com, at the commit
that documents.tsv names, and stay in the work folder. All crates are packages of one workspace, so that dependencies are compiled once.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parents[2]
LINTS = ["-D", "warnings", "-D", "clippy::all", "-D", "clippy::pedantic"]


def documents():
    for line in (HERE / "documents.tsv").read_text().splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def obtain(row, work, mirrors):
    """The file of a document."""
    name, repository, commit, path = row
    file = work / "documents" / f"{name}{pathlib.Path(path).suffix}"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        mirror = mirrors and mirrors / repository.replace("/", "+") / "repo"
        if mirror and mirror.exists():
            data = subprocess.run(
                ["git", f"--git-dir={mirror}", "show", f"{commit}:{path}"], check=True, capture_output=True
            ).stdout
        else:
            url = f"https://raw.githubusercontent.com/{repository}/{commit}/{path}"
            data = urllib.request.urlopen(url, timeout=60).read()
        file.write_bytes(data)
    return file


def package(row):
    """The name of the package: some names of documents are reserved words of Rust."""
    return f"{row[0]}-api"


def measured(command, log, **options):
    """Runs a command: its exit code, its CPU seconds and its peak memory in MB."""
    with log.open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, **options)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = status
    return status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024


def lines(folder):
    """The lines of code that are compiled by default: without those of the feature `schemars`."""
    files = [file for file in (folder / "src").rglob("*.rs") if not file.name.endswith("_schema.rs")]
    return sum(len(file.read_text().splitlines()) for file in files)


def with_charter(arguments, name, file, folder, log):
    """Generates a crate with this project. Returns whether it succeeded, and the cost."""
    command = [arguments.charter, "generate", "--schema", file, "--layout", "crate", "--name", name, "--out", folder, "--client", "reqwest"]
    if not arguments.no_server:
        command += ["--server", "axum"]
    return measured([*command, "--runtime-path", REPOSITORY / "crates/runtime", "--quiet"], log)


def with_progenitor(arguments, name, file, folder, log):
    """Generates a crate with progenitor. Returns whether it succeeded, and the cost."""
    if file.suffix in (".yaml", ".yml"):
        # Its parser of YAML refuses documents that its parser of JSON accepts.
        import yaml

        document = file.with_suffix(".from-yaml.json")
        document.write_text(json.dumps(yaml.safe_load(file.read_text()), default=str))
        file = document
    command = [arguments.progenitor, "progenitor", "--input", file, "--output", folder, "--name", name, "--version", "0.1.0"]
    status, seconds, memory = measured(command, log)
    return status or not (folder / "src/lib.rs").exists(), seconds, memory


def crates_of(arguments, rows, generate, workspace, logs, dependencies, lints):
    """Generates and compiles a crate for each document, all in one workspace. Returns the columns of each document."""
    for folder in (workspace, logs):
        folder.mkdir(parents=True, exist_ok=True)
    results = {}
    for row in rows:
        name, file = package(row), obtain(row, arguments.work, arguments.mirrors)
        shutil.rmtree(workspace / name, ignore_errors=True)
        status, seconds, memory = generate(arguments, name, file, workspace / name, logs / f"{name}.generate")
        results[row[0]] = {"kB": file.stat().st_size // 1000, "generate": "fails" if status else f"{seconds:.1f} s, {memory} MB"}
        if status:
            shutil.rmtree(workspace / name, ignore_errors=True)
            print(f"{name}: not generated: see {logs / name}.generate", file=sys.stderr)
    members = sorted(folder.name for folder in workspace.iterdir() if (folder / "Cargo.toml").exists())
    (workspace / "Cargo.toml").write_text(f"[workspace]\nresolver = \"3\"\nmembers = {json.dumps(members)}\n[profile.dev]\ndebug = false\n")
    environment = dict(os.environ, CARGO_TARGET_DIR=str(arguments.work / "target"), CARGO_INCREMENTAL="0")
    packages = [word for name in dependencies for word in ("-p", name)]
    subprocess.run([arguments.cargo, "check", *packages], cwd=workspace, env=environment, capture_output=True)
    for row in rows:
        name, result = package(row), results[row[0]]
        if name not in members:
            continue
        result["lines"] = lines(workspace / name)
        status, seconds, memory = measured([arguments.cargo, "check", "-p", name], logs / f"{name}.check", cwd=workspace, env=environment)
        result["check"] = f"{seconds:.1f} s, {memory} MB" if status == 0 else "fails"
        if lints and status == 0:
            command = [arguments.cargo, "clippy", "-p", name, "--no-deps", "--", *LINTS]
            status, _, _ = measured(command, logs / f"{name}.clippy", cwd=workspace, env=environment)
            result["clippy"] = "clean" if status == 0 else "warnings"
        print(name, result, file=sys.stderr, flush=True)
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--charter", default=str(REPOSITORY / "target/release/charter"), help="the program")
    parser.add_argument("--cargo", default="cargo", help="cargo")
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("/tmp/charter-documents"), help="folder for documents and crates")
    parser.add_argument("--mirrors", type=pathlib.Path, help="folder with git mirrors")
    parser.add_argument("--clippy", action="store_true", help="also check the lints of clippy, pedantic ones included")
    parser.add_argument("--no-server", action="store_true", help="generate the client only")
    parser.add_argument("--progenitor", help="the program cargo-progenitor, to compare with")
    parser.add_argument("names", nargs="*", help="documents; by default all")
    arguments = parser.parse_args()

    rows = [row for row in documents() if not arguments.names or row[0] in arguments.names]
    own = crates_of(
        arguments,
        rows,
        with_charter,
        arguments.work / "crates",
        arguments.work / "logs",
        ["charter-client"] if arguments.no_server else ["charter-client", "charter-server"],
        arguments.clippy,
    )
    columns = ["generate", "lines", "check"] + (["clippy"] if arguments.clippy else [])
    tables = [("", own, columns)]
    if arguments.progenitor:
        folder = arguments.work / "progenitor"
        peer = crates_of(arguments, rows, with_progenitor, folder / "crates", folder / "logs", ["progenitor-client"], False)
        tables.append(("progenitor: ", peer, ["generate", "lines", "check"]))
    heads = ["document", "kB"] + [prefix + column for prefix, _, columns in tables for column in columns]
    print("| " + " | ".join(heads) + " |")
    print("|---|" + "--:|" * (len(heads) - 1))
    for row in rows:
        cells = [row[0], own[row[0]]["kB"]] + [results[row[0]].get(column, "–") for _, results, columns in tables for column in columns]
        print("| " + " | ".join(map(str, cells)) + " |")
    bad = [name for name, result in own.items() if result.get("check", "fails") == "fails" or result.get("clippy") == "warnings"]
    sys.exit(f"not clean: {', '.join(bad)}" if bad else 0)


if __name__ == "__main__":
    main()
