#!/usr/bin/env python3
"""Writes pairs.json: the pairs of documents in oasdiff's tests, each with the highest level that its test expects.

    git clone https://github.com/oasdiff/oasdiff /tmp/oasdiff
    python3 extract.py /tmp/oasdiff
    CHARTER_DIFF_PAIRS=/tmp/oasdiff cargo test -p charter-diff --test published
"""

import glob
import json
import re
import sys

ORDER = ["INFO", "WARN", "ERR"]
root = sys.argv[1]
read = lambda path: open(path, encoding="utf-8").read()

ids = {}
for path in glob.glob(f"{root}/checker/*.go"):
    ids.update(re.findall(r'(\w+Id)\s*=\s*"([a-z0-9-]+)"', read(path)))
levels = {ids.get(name, name): level for name, level in re.findall(r"newBackwardCompatibilityRule\((\w+), (\w+),", read(f"{root}/checker/rules.go"))}

pairs = []
for path in sorted(glob.glob(f"{root}/checker/*_test.go")):
    for test in re.finditer(r"\nfunc (Test\w+)\(.*?\n\}\n", read(path), re.S):
        files = re.findall(r'"\.\./(data/[^"]+\.(?:yaml|yml|json))"', test.group(0))
        # Tests that edit the documents in code are left out.
        if len(files) != 2 or files[0] == files[1] or re.search(r"\bs[12]\.", test.group(0)):
            continue
        expected = [levels[ids[name]] for name in re.findall(r"checker\.(\w+Id)\b", test.group(0)) if ids.get(name) in levels]
        if expected:
            pairs.append({"name": test.group(1), "old": files[0], "new": files[1], "level": max(expected, key=ORDER.index)})

with open(f"{root}/pairs.json", "w", encoding="utf-8") as out:
    json.dump(pairs, out, indent=1)
print(len(pairs), "pairs")
