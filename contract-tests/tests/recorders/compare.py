"""Compares the verdicts on the recordings of every tool with the verdicts on the HAR that Polly.js wrote. `compare.py CHARTER OUT CONTRACTS`

`OUT` has the files of `crates/traffic/tests/formats/generate`, `CONTRACTS` has the contract of each form. Prints the number of files of each tool.
"""

import json
import os
import subprocess
import sys

CHARTER, OUT, CONTRACTS = sys.argv[1:]


def check(form, path):
    """The exit code, the findings without the index of their exchange, and the counts."""
    contract = os.path.join(CONTRACTS, form + ".yaml")
    done = subprocess.run([CHARTER, "check", "--contract", contract, "--samples", "all", "--report", "json", path], capture_output=True, text=True)
    try:
        report = json.loads(done.stdout)
    except ValueError:
        return done.returncode, [done.stderr.strip()], None
    findings = [
        f"{group.get('rule') or group.get('keyword')} {group['operation']} {sample['instanceLocation']} {sample['found']}"
        for group in report["groups"]
        if group["severity"] == "error"
        for sample in group["samples"]
    ]
    findings += [entry["error"] for entry in report["inputs"] if entry.get("error")]
    return done.returncode, sorted(findings), [report["summary"][key] for key in ("exchanges", "kept", "broken", "unreadable", "errors")]


def form_of(path):
    parts = path.replace(os.sep, "/").rsplit(".", 1)[0].split("/")
    # A folder of mappings, or of a HAR with its attachments, is named after its form.
    for part in [*reversed(parts)]:
        for form in ("kept-gzip", "broken-gzip", "kept", "broken"):
            if part == form or part.endswith("-" + form):
                return form
    return None


def recordings():
    for folder, folders, files in os.walk(OUT):
        name = os.path.relpath(folder, OUT)
        if os.path.basename(folder) == "mappings":
            folders.clear()
            yield name
        elif "__files" not in name and "attached" not in name:
            yield from (os.path.normpath(os.path.join(name, file)) for file in files)
        else:
            yield from (os.path.join(name, file) for file in files if file.endswith(".har"))


failed = 0
expected = {form: check(form, os.path.join(OUT, "polly", form + ".har")) for form in ("kept", "broken", "kept-gzip", "broken-gzip")}
for form, (code, findings, counts) in expected.items():
    broken = form.startswith("broken")
    if code != int(broken) or len(findings) != 2 * broken or counts[0] != 3:
        failed += 1
        print(f"different: the HAR of {form}: {code} {findings} {counts}")
# Schemathesis makes requests of its own: its reports have the verdicts of its HAR.
own = {form: check(form, os.path.join(OUT, "schemathesis", form + ".har")) for form in ("kept", "broken")}
if own["kept"][0] != 0 or own["broken"][0] != 1:
    failed += 1
    print(f"different: the HAR of Schemathesis: {own}")
tools = {}
for path in sorted(recordings()):
    form = form_of(path)
    if form is None:
        continue
    wanted = (own if path.startswith("schemathesis") else expected)[form]
    found = check(form, os.path.join(OUT, path))
    if found != wanted:
        failed += 1
        print(f"different: {path}: {found}, the HAR: {wanted}")
    tools.setdefault(path.split(os.sep)[0], []).append(path)
for tool, paths in sorted(tools.items()):
    print(f"{tool}: {len(paths)} files")
print(f"{sum(map(len, tools.values()))} passed, {failed} failed")
sys.exit(min(failed, 1))
