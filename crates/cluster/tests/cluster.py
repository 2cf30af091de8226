"""Compares reports of a cluster with those of one process, also when a worker is lost."""

import argparse
import collections
import concurrent.futures
import contextlib
import datetime
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

BUCKET = "traffic"
SPLITS = 64
SHARES = 12
TIMEOUT = 900
# The lowest value of `--worker-timeout`.
WORKER_TIMEOUT = 15
# Fictitious credentials of the S3 server of the test.
S3 = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1", "AWS_ALLOW_HTTP": "true"}


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for_port(port, process):
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            sys.exit(f"a process ended with {process.returncode}: {process.args}")
        time.sleep(0.1)
    sys.exit(f"nothing listens on port {port}: {process.args}")


def processor_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def bytes_by_system_calls(pid):
    """The bytes of files that a process read: inputs, observations, and what it stored in temporary files."""
    return int(re.search(r"^rchar: (\d+)", Path(f"/proc/{pid}/io").read_text()).group(1))


class Process:
    """A process with its log in a file."""

    def __init__(self, command, log, environment):
        self.log = log
        self.process = subprocess.Popen(command, stdout=open(log, "wb"), stderr=subprocess.STDOUT, env=os.environ | environment)

    def lines(self, word):
        return re.findall(rf"{word} (\d+)/\d+: (?:(\d+) bytes, (\d+) exchanges, )?(\d+) ms", self.log.read_text(errors="replace"))

    def spans(self, word):
        """When the splits or shares of the log began and ended, in seconds since 1970."""
        found = re.findall(rf"^(\S+)Z INFO {word} \d+/\d+: .*?(\d+) ms$", self.log.read_text(errors="replace"), re.MULTILINE)
        ends = [(datetime.datetime.fromisoformat(f"{ended}+00:00").timestamp(), int(took) / 1000) for ended, took in found]
        return [(ended - took, ended) for ended, took in ends]

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()


class Cluster:
    """A scheduler and workers as processes of this machine."""

    def __init__(self, program, folder, workers, environment, timeout=60):
        self.folder, self.url = folder, None
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = [program, "scheduler", "--bind", f"127.0.0.1:{port}", "--worker-timeout", str(timeout)]
        self.scheduler = Process(command, folder / "scheduler.log", environment)
        wait_for_port(port, self.scheduler.process)
        self.workers = []
        for number in range(workers):
            port = free_port()
            command = [program, "worker", "--scheduler", self.url, "--bind", f"127.0.0.1:{port}", "--host", "127.0.0.1"]
            command += ["--work-dir", str(folder / f"worker-{number}"), "--threads", "1"]
            worker = Process(command, folder / f"worker-{number}.log", environment)
            wait_for_port(port, worker.process)
            self.workers.append(worker)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in [*self.workers, self.scheduler]:
            process.end()

    def kill(self, number):
        """Ends a worker like a lost machine: without a message, and with its files."""
        self.workers[number].process.send_signal(signal.SIGKILL)
        self.workers[number].process.wait()
        shutil.rmtree(self.folder / f"worker-{number}")

    def done(self, word):
        return sum(len(worker.lines(word)) for worker in self.workers)


def check(program, paths, contract, report, flags=(), environment=None):
    """The exit code of `check`, and its JSON report as text."""
    report.unlink(missing_ok=True)
    command = [program, "check", *paths, "--contract", str(contract), "--quiet", "--report", f"json={report}", *flags]
    ended = subprocess.run(command, timeout=TIMEOUT, env=os.environ | (environment or {}), capture_output=True, text=True)
    if not report.exists():
        sys.exit(f"no report; exit code {ended.returncode}: {' '.join(command)}\n{ended.stdout}{ended.stderr}")
    return ended.returncode, report.read_text()


def compare(name, wanted, found):
    if wanted == found:
        print(f"equal: {name}", flush=True)
        return
    lines = [(one, other) for one, other in zip(wanted[1].splitlines(), found[1].splitlines()) if one != other]
    sys.exit(f"different: {name}: exit codes {wanted[0]} and {found[0]}; first difference: {lines[:1]}; {len(wanted[1])} and {len(found[1])} bytes")


@contextlib.contextmanager
def running_check(arguments, cluster, flags):
    """Runs `check` on a cluster in another thread; its result is that of [`check`]. An error of the check ends the test."""
    paths, report = [str(arguments.folder / "archive")], arguments.folder / "disturbed.json"
    with concurrent.futures.ThreadPoolExecutor(1) as thread:
        yield thread.submit(check, arguments.program, paths, arguments.folder / "contract", report, [*flags, "--cluster", cluster.url])


def wait_until(is_time, run):
    while not is_time() and not run.done():
        time.sleep(0.01)


def with_loss(arguments, phase, wanted, flags):
    """Kills a worker in the phase, and checks that its work was done again."""
    for attempt in range(3):
        with Cluster(arguments.program, arguments.folder / f"cluster-{phase}", 3, {}, timeout=WORKER_TIMEOUT) as cluster:
            with running_check(arguments, cluster, flags) as run:
                wait_until(lambda: len(cluster.workers[1].lines("split")) >= 3 if phase == "map" else cluster.done("split") >= SPLITS, run)
                splits, shares = cluster.done("split"), cluster.done("share")
                cluster.kill(1)
                found = run.result()
            again = cluster.done("split") - SPLITS
            is_in_time = splits < SPLITS if phase == "map" else shares < SHARES
            if is_in_time and again > 0:
                compare(f"a worker lost in the {phase} phase, after {splits} splits and {shares} shares; {again} splits judged again", wanted, found)
                return
            print(f"the worker was killed too late ({splits} splits, {shares} shares, {again} again); attempt {attempt + 2}", flush=True)
    sys.exit(f"no worker could be killed in the {phase} phase")


def with_pause(arguments, paused, seconds, wanted, flags):
    """Stops workers for longer than the time after which they are lost, and continues them."""
    with Cluster(arguments.program, arguments.folder / "cluster-paused", 3, {}, timeout=WORKER_TIMEOUT) as cluster:
        with running_check(arguments, cluster, flags) as run:
            wait_until(lambda: all(len(worker.lines("split")) >= 3 for worker in cluster.workers), run)
            splits = cluster.done("split")
            for worker in cluster.workers[:paused]:
                worker.process.send_signal(signal.SIGSTOP)
            time.sleep(seconds)
            for worker in cluster.workers[:paused]:
                worker.process.send_signal(signal.SIGCONT)
            found = run.result()
        again = cluster.done("split") - SPLITS
        assert again > 0, f"the workers were stopped too late, after {splits} splits"
        compare(f"{paused} of 3 workers stopped for {seconds} s after {splits} splits; {again} splits judged again", wanted, found)


@contextlib.contextmanager
def s3_server(folder):
    port = free_port()
    command = [str(Path(sys.executable).parent / "moto_server"), "-H", "127.0.0.1", "-p", str(port)]
    server = Process(command, folder / "s3.log", {})
    wait_for_port(port, server.process)
    os.environ.update(S3 | {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "AWS_ENDPOINT": f"http://127.0.0.1:{port}"})
    try:
        yield port
    finally:
        server.end()


def upload(archive, port):
    import boto3

    client = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{port}")
    client.create_bucket(Bucket=BUCKET)
    for path in sorted(path for path in archive.rglob("*") if path.is_file()):
        client.upload_file(str(path), BUCKET, f"archive/{path.relative_to(archive).as_posix()}")


def query(arguments):
    """The example of a query has the counts of a report, without the findings that need other exchanges."""
    recordings, contract = arguments.folder / "recordings.parquet", arguments.folder / "contract"
    example = Path(__file__).parent.parent / "examples" / "most-broken-operations.sql"
    command = [arguments.program, "sql", "--contract", str(contract), "--table", f"archive={recordings}", "--file", str(example)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in printed.splitlines() if line.startswith("|")][1:]
    _, text = check(arguments.program, [str(recordings)], contract, arguments.folder / "recordings.json", ["--samples", "all"])
    wanted = collections.Counter()
    for group in json.loads(text)["groups"]:
        if group["severity"] == "error" and not any(sample.get("previous") for sample in group["samples"]):
            # Requests without an operation have a method and a path.
            wanted[group.get("operation") or "none"] += group["count"]
    found = collections.Counter()
    for operation, violations, _ in rows:
        found["none" if " " in operation else operation] += int(violations)
    assert len(rows) >= 5 and found == wanted, f"{printed}\n{wanted}"
    print(f"equal: the most broken operations by a query\n{printed}", flush=True)


def measured_run(arguments, cluster):
    """The wall time of a run; the CPU seconds, bytes of splits and bytes of all reads of each worker; the time of each phase."""
    processes = [*cluster.workers, cluster.scheduler]
    logged = [len(worker.lines("split")) for worker in cluster.workers]
    before = [processor_seconds(process.process.pid) for process in processes]
    called = [bytes_by_system_calls(worker.process.pid) for worker in cluster.workers]
    client = sum(os.times()[2:4])
    begun = time.time()
    check(arguments.program, [str(arguments.folder / "archive")], arguments.folder / "contract", arguments.folder / "measured.json", ["--cluster", cluster.url])
    ended = time.time()
    used = [processor_seconds(process.process.pid) - start for process, start in zip(processes, before)]
    read = [sum(int(line[1]) for line in worker.lines("split")[start:]) for worker, start in zip(cluster.workers, logged)]
    called = [bytes_by_system_calls(worker.process.pid) - start for worker, start in zip(cluster.workers, called)]
    spans = {word: [span for worker in cluster.workers for span in worker.spans(word) if span[0] >= begun] for word in ("split", "share")}
    judged, compared = (max(end for _, end in spans[word]) for word in ("split", "share"))
    first = min(start for start, _ in spans["split"])
    phases = {"start": first - begun, "splits": judged - first, "shares": compared - judged, "end": ended - compared}
    working = {f"in {word}s": sum(end - start for start, end in spans[word]) for word in spans}
    processors = {"scheduler": used.pop(), "client": sum(os.times()[2:4]) - client}
    return ended - begun, used, read, called, {name: round(seconds, 2) for name, seconds in (phases | working | processors).items()}


def evenness(values):
    """How far the values are from their mean, as a fraction of it."""
    mean = sum(values) / len(values)
    return max(abs(value - mean) for value in values) / mean


def measure(arguments):
    """Bytes, work and time of one and of two workers with one thread each."""
    walls = []
    for workers in (1, 2):
        with Cluster(arguments.program, arguments.folder / f"measured-{workers}", workers, {}) as cluster:
            runs = [measured_run(arguments, cluster) for _ in range(3)]
        wall, used, read, called, details = min(runs)
        walls.append(wall)
        print(f"{workers} workers: {wall:.2f} s; CPU seconds {[round(own, 2) for own in used]}; bytes of splits {read}, of all reads {called}; seconds: {details}", flush=True)
    print(f"load of the machine: {os.getloadavg()}", flush=True)
    for name, found, limit in [
        ("the CPU time of two workers differs from the mean by", evenness(used), 0.2),
        ("the bytes of their splits differ from the mean by", evenness(read), 0.2),
        ("two workers take of the time of one", walls[1] / walls[0], 0.6),
    ]:
        print(f"{name} {found:.0%}", flush=True)
        assert found <= limit, f"{name} {found:.0%}; at most {limit:.0%} is expected on an idle machine with two cores"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--folder", required=True, type=Path)
    parser.add_argument("--measure", action="store_true")
    arguments = parser.parse_args()
    program, folder = arguments.program, arguments.folder
    archive, contract = str(folder / "archive"), folder / "contract"
    missing = str(folder / "no-such-file")
    flags = ["--splits", str(SPLITS), "--shares", str(SHARES)]
    wanted = check(program, [archive, missing], contract, folder / "one.json")
    assert wanted[0] == 3, f"the missing file gives exit code {wanted[0]}"
    with Cluster(program, folder / "cluster", 3, {}) as cluster:
        found = check(program, [archive, missing], contract, folder / "many.json", [*flags, "--cluster", cluster.url])
        compare("three workers, a folder and a missing file", wanted, found)
        found = check(program, [archive, missing], contract, folder / "many.json", ["--cluster", cluster.url])
        compare("three workers, default division", wanted, found)
        read = [[int(line[1]) for line in worker.lines("split")] for worker in cluster.workers]
        print(f"bytes of the splits of each worker: {[sum(own) for own in read]}", flush=True)
        assert all(read), "a worker judged nothing"

    over_time = [group for group in json.loads(wanted[1])["groups"] if any(sample.get("previous") for sample in group["samples"])]
    assert over_time, "no rule over time is violated"
    query(arguments)

    # The reference path takes long enough to kill a worker before it is done, and a large archive takes long enough without it.
    size = sum(path.stat().st_size for path in (folder / "archive").rglob("*"))
    slowly = ["--no-fast-path"] if size < 200_000_000 else []
    slow = check(program, [archive], contract, folder / "one-slow.json", slowly)
    assert slow[0] == 1, f"exit code {slow[0]}"
    for phase in ("map", "reduce"):
        with_loss(arguments, phase, slow, [*flags, *slowly])
    with_pause(arguments, 1, WORKER_TIMEOUT + 5, slow, [*flags, *slowly])
    # The run does not fail while all workers are lost for less than a minute.
    with_pause(arguments, 3, 2 * WORKER_TIMEOUT + 10, slow, [*flags, *slowly])

    with s3_server(folder) as port:
        upload(folder / "archive", port)
        whole = check(program, [archive], contract, folder / "one.json")
        # The names of inputs are their addresses.
        wanted = (whole[0], whole[1].replace(archive, f"s3://{BUCKET}/archive"))
        with Cluster(program, folder / "cluster-s3", 3, {}) as cluster:
            found = check(program, [f"s3://{BUCKET}/archive"], contract, folder / "s3.json", [*flags, "--cluster", cluster.url])
            compare("three workers, objects of an S3 server", wanted, found)

    if arguments.measure:
        measure(arguments)


main()
