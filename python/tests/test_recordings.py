"""The verdicts on the bundled recordings equal those of the command."""

import collections
import json
import os
import pathlib
import subprocess

import pytest

from charter import Contract

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMAND = os.environ.get("CHARTER_COMMAND", str(ROOT / "target" / "debug" / "charter"))
FOLDERS = ["contract-tests/recordings/kept", "contract-tests/recordings/broken"]


def run(*arguments):
    result = subprocess.run([COMMAND, *arguments], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode in (0, 1, 3), result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """The findings of the command by input and exchange, and the inputs. A split does not evaluate rules over time and downloads, which need other exchanges."""
    folder = tmp_path_factory.mktemp("report")
    path = folder / "report.json"
    split = ["--split", "1/1", "--observations", str(folder)]
    run("check", *FOLDERS, "--contract", "schema", "--samples", "all", "--quiet", *split, "--report", f"json={path}")
    report = json.loads(path.read_text())
    findings = collections.defaultdict(list)
    for group in report["groups"]:
        assert group["count"] == group["shown"]
        for sample in group["samples"]:
            exchange = sample["exchange"]
            found = (group["fingerprint"], group["severity"], sample["message"], sample["instanceLocation"])
            findings[exchange["source"], exchange["index"]].append(found)
    return findings, report["inputs"]


def test_verdicts_equal_those_of_the_command(report):
    findings, inputs = report
    contract = Contract(ROOT / "schema")
    compared = broken = 0
    for source in inputs:
        path = ROOT / source["source"]
        content = path.read_bytes()
        if path.suffix == ".ndjson":
            documents = [line for line in content.splitlines() if line.strip()]
        elif path.suffix == ".json":
            documents = [content]
        else:
            # The command converts other formats to lines.
            documents = []
        if len(documents) != source["exchanges"]:
            continue
        for index, document in enumerate(documents):
            judgement = contract.judge(document)
            found = [(one["fingerprint"], one["severity"], one["message"], one["instanceLocation"]) for one in judgement.findings]
            wanted = findings[source["source"], index]
            assert sorted(found) == sorted(wanted), f"{source['source']} {index}"
            is_broken = any(severity == "error" for _, severity, _, _ in wanted)
            assert judgement.kept == (not is_broken and judgement.unreadable is None), f"{source['source']} {index}"
            compared += 1
            broken += is_broken
    total = sum(source["exchanges"] for source in inputs)
    assert compared >= 0.95 * total, f"only {compared} of {total} exchanges were compared"
    assert broken > 100
