#!/usr/bin/env python3
"""Generates a crate with a client and a server for each public OpenAPI document of documents.tsv, compiles it, and prints a table.
Times are CPU seconds.

    codegen/tests/documents/run.py [--charter PATH] [--work DIR] [--mirrors DIR] [--clippy] [NAME ...]

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


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--charter", default=str(REPOSITORY / "target/release/charter"), help="the program")
    parser.add_argument("--cargo", default="cargo", help="cargo")
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("/tmp/charter-documents"), help="folder for documents and crates")
    parser.add_argument("--mirrors", type=pathlib.Path, help="folder with git mirrors")
    parser.add_argument("--clippy", action="store_true", help="also check the lints of clippy, pedantic ones included")
    parser.add_argument("names", nargs="*", help="documents; by default all")
    arguments = parser.parse_args()

    rows = [row for row in documents() if not arguments.names or row[0] in arguments.names]
    crates = arguments.work / "crates"
    logs = arguments.work / "logs"
    for folder in (crates, logs):
        folder.mkdir(parents=True, exist_ok=True)
    results = []
    for row in rows:
        name = package(row)
        file = obtain(row, arguments.work, arguments.mirrors)
        shutil.rmtree(crates / name, ignore_errors=True)
        status, seconds, memory = measured(
            [arguments.charter, "generate", "--schema", file, "--layout", "crate", "--name", name, "--out", crates / name]
            + ["--client", "reqwest", "--server", "axum", "--runtime-path", REPOSITORY / "crates/runtime", "--quiet"],
            logs / f"{name}.generate",
        )
        results.append({"name": name, "kB": file.stat().st_size // 1000, "generated": status == 0, "generate": f"{seconds:.1f} s, {memory} MB"})
    members = sorted(folder.name for folder in crates.iterdir() if (folder / "Cargo.toml").exists())
    (crates / "Cargo.toml").write_text(f"[workspace]\nresolver = \"3\"\nmembers = {json.dumps(members)}\n[profile.dev]\ndebug = false\n")
    environment = dict(os.environ, CARGO_TARGET_DIR=str(arguments.work / "target"), CARGO_INCREMENTAL="0")
    dependencies = [arguments.cargo, "check", "-p", "charter-client", "-p", "charter-server"]
    subprocess.run(dependencies, cwd=crates, env=environment, capture_output=True)
    for result in results:
        name = result["name"]
        if not result["generated"]:
            print(f"{name}: not generated: see {logs / name}.generate", file=sys.stderr)
            continue
        result["lines"] = lines(crates / name)
        status, seconds, memory = measured([arguments.cargo, "check", "-p", name], logs / f"{name}.check", cwd=crates, env=environment)
        result["check"] = f"{seconds:.1f} s, {memory} MB" if status == 0 else "fails"
        if arguments.clippy and status == 0:
            command = [arguments.cargo, "clippy", "-p", name, "--no-deps", "--", *LINTS]
            status, _, _ = measured(command, logs / f"{name}.clippy", cwd=crates, env=environment)
            result["clippy"] = "clean" if status == 0 else "warnings"
        print(result, file=sys.stderr, flush=True)
    columns = ["name", "kB", "generate", "lines", "check"] + (["clippy"] if arguments.clippy else [])
    print("| " + " | ".join(columns) + " |")
    print("|" + "---|" * len(columns))
    for result in results:
        print("| " + " | ".join(str(result.get(column, "–")) for column in columns) + " |")
    bad = [result["name"] for result in results if result.get("check", "fails") == "fails" or result.get("clippy") == "warnings"]
    sys.exit(f"not clean: {', '.join(bad)}" if bad else 0)


if __name__ == "__main__":
    main()
