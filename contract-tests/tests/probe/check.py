"""Probes the right app and each of its faults: python check.py CHARTER BASE_URL, where BASE_URL is that of faulty.py."""

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from faulty import FAULTS

charter, base_url = sys.argv[1:]
# The contract for checks of the recordings: a check does not know the path of --base-url.
CHECKED = "checked"


def write_checked():
    os.makedirs(CHECKED, exist_ok=True)
    for file in ("openapi.json", "shop.invariants.yaml"):
        shutil.copy(file, CHECKED)
    with open("charter.toml") as settings, open(f"{CHECKED}/charter.toml", "w") as copy:
        paths = json.dumps([f"/{name}" for name in names])
        copy.write(settings.read().replace("[check]\n", f"[check]\nbase-paths = {paths}\n", 1))


def probe(name):
    """The exit code, the finding ids with their counts, and the error of the input."""
    report, recording = f"{name}.json", f"{name}.ndjson"
    command = [charter, "probe", "--contract", ".", "--base-url", f"{base_url}/{name}", "--all", "--errors", "--retries", "0"]
    ran = subprocess.run(command + ["--quiet", "--record", recording, "--report", f"json={report}"], capture_output=True, text=True)
    assert ran.returncode in (0, 1, 3), f"{name}: exit code {ran.returncode}\n{ran.stderr}"
    with open(report) as file:
        probed = json.load(file)
    # The recording has the same findings.
    again = subprocess.run([charter, "check", recording, "--contract", CHECKED, "--quiet", "--report", f"json={report}"], capture_output=True)
    assert again.returncode in (0, 1), f"{name}: the check of the recording has exit code {again.returncode}"
    with open(report) as file:
        assert found(json.load(file)) == found(probed), f"{name}: the recording has other findings"
    return ran.returncode, found(probed), probed["inputs"][0].get("error") or "", probed["summary"]["exchanges"]


def found(report):
    counts = {}
    for group in report["groups"]:
        id = group["rule"] or f"schema.{group['keyword']}"
        counts[id] = counts.get(id, 0) + group["count"]
    return counts


def problems(name):
    code, findings, error, exchanges = probe(name)
    if name == "right":
        wanted, expected, part = 0, {}, ""
        # 37 requests of the operations, 14 without a key or with a wrong one, and 4 for unknown ids.
        if exchanges != 53:
            yield f"{exchanges} exchanges, not 53"
    else:
        fault = FAULTS[name]
        wanted = 3 if fault.is_error else 0 if fault.is_warning else 1
        expected = {fault.finding: fault.count} if fault.count else {}
        part = "" if fault.count else fault.finding
    if code != wanted:
        yield f"exit code {code}, not {wanted}"
    if findings != expected:
        yield f"findings {findings}, not {expected}"
    if part not in error or bool(error) != (wanted == 3):
        yield f"the error is {error!r}"


names = ["right", *FAULTS]
write_checked()
with ThreadPoolExecutor(2) as pool:
    results = list(pool.map(lambda name: list(problems(name)), names))
for name, messages in zip(names, results):
    for message in messages:
        print(f"{name}: {message}")
if any(results):
    sys.exit(1)
print(f"found {len(FAULTS)} of {len(FAULTS)} planted faults; no finding without a fault")
