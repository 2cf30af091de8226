"""Runs the commands of the tutorial, as the page has them, in empty folders.

usage: newcomer.py PROGRAM FOLDER [DOCUMENT RECORDING]...

The sections 1 to 5 of the page run as written: its files are created and its commands run. Section 6 runs once for each document of another
API, with the names of the document and of the recording replaced. The published documents of packaging/newcomer/foreign are downloaded; without
the network they are skipped, with a message. Further pairs are arguments. FOLDER is for the work.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/book/src/tutorial.md"
# The machine time of all steps, without the build of the command.
LIMIT = 180


def steps(text):
    """The files and the commands of a part of the page, in order: (name, content) or (command, exit code)."""
    named = None
    lines = iter(text.splitlines())
    for line in lines:
        if not line.startswith("```"):
            found = re.search(r"`([^`\s]+)`:$", line.strip())
            named = found.group(1) if found else (named if not line.strip() else None)
            continue
        language, block = line[3:], []
        for line in lines:
            if line.startswith("```"):
                break
            block.append(line)
        if language in ("yaml", "json") and named:
            content = "\n".join(block)
            include = re.fullmatch(r"\{\{#include (.+)\}\}", content.strip())
            yield "file", named, (PAGE.parent / include.group(1)).read_text() if include else content + "\n"
        elif language == "console":
            for index, line in enumerate(block):
                if line.startswith("$ "):
                    following = block[index + 1] if index + 1 < len(block) else ""
                    yield "command", line[2:], int(following[2:]) if following.startswith("? ") else 0
        elif language == "sh":
            for line in block:
                command, _, comment = line.partition("#")
                code = re.search(r"exit code (\d)", comment)
                yield "command", command.strip(), int(code.group(1)) if code else 0
        named = None


def run(command, code, folder, program, target):
    environment = dict(os.environ, PATH=f"{program.parent}:{os.environ['PATH']}", CARGO_TARGET_DIR=str(target), NO_COLOR="1")
    environment.pop("CHARTER_CONTRACT", None)
    start = time.monotonic()
    done = subprocess.run(["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True)
    output = done.stdout + done.stderr
    print(f"  {time.monotonic() - start:5.1f} s  [{done.returncode}] {command}", flush=True)
    if done.returncode != code:
        sys.exit(f"{command}\nended with {done.returncode}, expected {code}:\n{output}")
    return output


def broken(recording):
    """The recording with `null` as the first JSON body of a successful response."""
    log = json.loads(recording)
    for entry in log["log"]["entries"]:
        content = entry["response"]["content"]
        if entry["response"]["status"] < 300 and "json" in content.get("mimeType", "") and content.get("text"):
            content["text"] = "null"
            content.pop("encoding", None)
            return json.dumps(log, indent=2)
    sys.exit("the recording has no successful response with a JSON body")


def tutorial(text, folder, program, target):
    for kind, name, value in steps(text):
        if kind == "file":
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(value)
        else:
            run(name, value, folder, program, target)


def own(text, document, recording, folder, program, target):
    folder.mkdir()
    shutil.copy(document, folder / document.name)
    shutil.copy(recording, folder / "traffic.har")
    (folder / "broken.har").write_text(broken(recording.read_text()))
    identifier, expected = None, None
    for kind, name, value in steps(text):
        if kind == "file":
            continue
        command = re.sub(r"\bopenapi\.yaml\b", document.name, name)
        if identifier:
            command = command.replace("schema.type", identifier)
        output = run(command, value, folder, program, target)
        if value == 1:
            found = re.search(r"^error\[([^\]]+)\]: (.+)$", output, re.MULTILINE)
            if not found:
                sys.exit(f"the report names no finding:\n{output}")
            if expected and found.group(0) != expected:
                sys.exit(f"the extracted exchange has another finding: {found.group(0)}, expected {expected}")
            identifier, expected = found.group(1), found.group(0)
        elif "explain" in command and "What to do" not in output:
            sys.exit(f"the page of the finding has no remedy:\n{output}")


def published(work):
    """The pairs of the published documents, which are downloaded from the npm registry."""
    folder = ROOT / "packaging/newcomer/foreign"
    pairs = []
    for line in (folder / "documents.txt").read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        package, version, path, recording = line.split()
        into = work / "published" / package.replace("/", "+")
        into.mkdir(parents=True)
        try:
            done = subprocess.run(
                ["npm", "pack", "--silent", f"{package}@{version}"], cwd=into, capture_output=True, text=True, timeout=120
            )
            problem = done.stderr.strip().splitlines()[-1:] if done.returncode else []
        except (OSError, subprocess.TimeoutExpired) as error:
            problem = [str(error)]
        archive = next(into.glob("*.tgz"), None)
        if archive is None:
            print(f"skipped: {package} {version} cannot be downloaded: {' '.join(problem)}")
            continue
        with tarfile.open(archive) as tar:
            source = tar.extractfile(f"package/{path}")
            document = into / pathlib.Path(path).name
            document.write_bytes(source.read())
        pairs.append((document, folder / recording))
    return pairs


def main():
    program, work = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    parts = PAGE.read_text().split("\n## 6. ")
    if len(parts) != 2:
        sys.exit("the tutorial has no section 6")
    formats = ROOT / "crates/traffic/tests/formats"
    pairs = [
        (formats / "openapi.yaml", formats / "polly/kept.har"),
        (ROOT / "packaging/newcomer/swagger.json", ROOT / "packaging/newcomer/traffic.har"),
    ]
    document = pathlib.Path(os.environ.get("CHARTER_TEST_DATA", "")) / "eigenpal-openapi-2026-07.json"
    if document.is_file():
        pairs.append((document, ROOT / "contract-tests/recordings/kept/browser.har"))
    else:
        print("skipped: the third document; CHARTER_TEST_DATA does not have it")
    pairs.extend(published(work))
    more = [pathlib.Path(path).resolve() for path in sys.argv[3:]]
    pairs.extend(zip(more[::2], more[1::2]))
    start, target = time.monotonic(), work / "target"
    print("the tutorial", flush=True)
    folder = work / "tutorial"
    folder.mkdir()
    tutorial(parts[0], folder, program, target)
    for index, (document, recording) in enumerate(pairs):
        print(document.name, flush=True)
        own(parts[1], document, recording, work / f"own-{index}", program, target)
    seconds = time.monotonic() - start
    print(f"{len(pairs) + 1} documents in {seconds:.0f} s")
    if seconds > LIMIT:
        sys.exit(f"more than {LIMIT} s")


main()
