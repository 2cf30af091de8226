"""Drives the official Python client, unchanged, against the simulator.

Usage: drive.py BASE_URL KEY LIMITED_URL FAILING_URL, where each URL ends before /v1. Exits with 0 if every call does what the documentation of
the client promises.

Covered: run (JSON, files in parts, metadata, a version, wait_for_completion), run_and_wait, runs.get with every combination of expand,
runs.list with its pages and filters, runs.cancel, runs.usage, runs.steps, runs.events, runs.artifacts.list and .download, and the
exceptions for 400, 401, 403, 404, 429 (with and without retries), 5xx and running out of time.

Not covered, because the contract does not have their operations: rerun, promote, scores, reviews, trace, files, auth, automations.
"""

import itertools
import sys

from eigenpal import EigenpalClient
from eigenpal.errors import (
    EigenpalAuthError,
    EigenpalError,
    EigenpalForbiddenError,
    EigenpalNotFoundError,
    EigenpalRateLimitError,
    EigenpalServerError,
    EigenpalTimeoutError,
    EigenpalValidationError,
)

TERMINAL = {"completed", "failed", "cancelled", "rejected"}
SECTIONS = ["input", "usage", "execution", "debug"]


def raised(kind, call):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was not raised")


def start_and_wait(client):
    ended = [
        client.run_and_wait(target, input={"total": 1}, poll_interval_seconds=0.05, timeout_seconds=60)
        for target in ("workflows.invoice", {"type": "agent", "slug": "support"}, "workflows.invoice@3") * 4
    ]
    assert all(run.finished and run.execution.status in TERMINAL for run in ended), ended
    assert {run.type for run in ended} == {"workflow", "agent"}
    completed = next(run for run in ended if run.execution.status == "completed")
    assert completed.files and completed.error is None
    accepted = client.run("workflows.invoice", metadata={"note": "n"})
    assert accepted.finished is False
    waited = client.run("workflows.invoice", wait_for_completion=30)
    assert waited.finished and waited.execution.status in TERMINAL
    files(client)
    raised(EigenpalTimeoutError, lambda: client.run_and_wait("workflows.invoice", timeout_seconds=0, poll_interval_seconds=0.01))
    return completed


def files(client):
    mail = {"content": b"hello", "filename": "claim.eml", "mime_type": "message/rfc822"}
    scan = {"content": bytes(range(256)) * 64, "filename": "scan \u2116 1.png", "mime_type": "image/png"}
    agent = client.run("agents.support", input={"mail": mail, "scan": scan, "total": 2}, metadata={"batch": 7})
    assert agent.type == "agent"
    given = client.runs.get(agent.id, expand="input").input
    assert [file.name for file in given.files] == ["claim.eml", "scan \u2116 1.png"], given
    assert given.args == {"total": 2} and given.metadata == {"batch": 7}
    workflow = client.run("workflows.invoice", input={"document": scan}, wait_for_completion=30)
    assert workflow.type == "workflow" and workflow.finished


def get(client, run):
    """Each of the sixteen combinations shows what it names and nothing else."""
    for count in range(len(SECTIONS) + 1):
        for expand in itertools.combinations(SECTIONS, count):
            shown = client.runs.get(run.id, expand=list(expand)) if expand else client.runs.get(run.id)
            for section in {"input", "usage", "debug"}:
                assert (section in shown) == (section in expand), (section, expand)
            is_whole = bool({"steps", "files"} & shown.execution.keys())
            assert is_whole == ("execution" in expand), (expand, shown.execution)
            assert shown.id == run.id and shown.execution.status == run.execution.status
    assert client.runs.get(run.id, expand="input").input.args == {"total": 1}
    assert "observability" in client.runs.get(run.id, expand="debug").debug
    assert client.runs.get(run.id, expand="execution").execution.retry.number == 0
    whole = client.runs.get(run.id, expand=SECTIONS)
    assert client.runs.usage(run.id).usage == whole.usage
    assert client.runs.steps(run.id).steps
    events = client.runs.events(run.id).events
    assert events[0].status == "created" and events[-1].status == run.execution.status


def lists(client):
    first = client.runs.list(limit=5)
    assert len(first.runs) == 5 and first.nextCursor
    second = client.runs.list(limit=5, cursor=first.nextCursor)
    assert not {run.id for run in first.runs} & {run.id for run in second.runs}
    agents = client.runs.list(type="agent").runs
    assert agents and all(run.type == "agent" for run in agents)
    assert all(run.sampleRank < 0.3 for run in client.runs.list(sampleRate="0.3", limit=100).runs)
    filters(client)


def filters(client):
    def listed(**query):
        return client.runs.list(limit=100, **query).runs

    every = listed()
    assert len(every) > 40 and [run.id for run in listed(order="asc")] == [run.id for run in reversed(every)]
    paged, cursor = [], None
    while True:
        page = client.runs.list(limit=7, **({"cursor": cursor} if cursor else {}))
        paged += [run.id for run in page.runs]
        cursor = page.nextCursor
        if cursor is None:
            break
    assert paged == [run.id for run in every]
    assert [run.id for run in client.runs.list(limit=3, offset=5).runs] == paged[5:8]
    for status in ("completed", "failed", "cancelled"):
        found = listed(status=status)
        assert found and all(run.execution.status == status for run in found), status
    either = {run.execution.status for run in listed(status="failed,rejected")}
    assert either == {"failed", "rejected"}, either
    for trigger in {run.trigger.type for run in every}:
        assert all(run.trigger.type == trigger for run in listed(trigger=trigger))
    source = every[0].source.id
    assert all(run.source.id == source for run in listed(source=source))
    two = {every[1].id, every[-1].id}
    assert {run.id for run in listed(ids=",".join(two))} == two
    middle = every[len(every) // 2].timing.createdAt
    before, after = listed(createdBefore=middle), listed(**{"from": middle})
    assert before and after and {run.id for run in before} | {run.id for run in after} == set(paged)
    assert not {run.id for run in before} & {run.id for run in after}
    assert listed(status="completed", type="agent", order="asc") != listed(status="completed", type="agent")
    assert listed(ids="run_none") == []


def cancel(client):
    queued = client.run("workflows.invoice")
    cancelled_run = client.runs.cancel(queued.id)
    assert cancelled_run.cancellation.state in {"cancelled", "requested"}, cancelled_run
    assert client.runs.cancel(queued.id).id == queued.id


def download(client, run):
    listed = client.runs.artifacts.list(run.id).artifacts
    assert [file.path for file in listed] == [file.path for file in run.files]
    for file in listed:
        assert len(client.runs.artifacts.download(run.id, file.path)) == file.size
    raised(EigenpalNotFoundError, lambda: client.runs.artifacts.download(run.id, "no/such.file"))


def refusals(base_url, key, client):
    assert raised(EigenpalNotFoundError, lambda: client.runs.get("run_none")).request_id
    assert raised(EigenpalValidationError, lambda: client.runs.get("run_none", expand="everything")).issues[0]["field"] == "expand"
    raised(EigenpalValidationError, lambda: client.runs.list(limit=101))
    with EigenpalClient(api_key="another", base_url=base_url) as stranger:
        assert raised(EigenpalAuthError, lambda: stranger.runs.list()).status == 401
    with EigenpalClient(api_key=key + "-read-only", base_url=base_url) as reader:
        assert reader.runs.list(limit=1).runs
        raised(EigenpalForbiddenError, lambda: reader.run("workflows.invoice"))


def too_many(base_url, key):
    """The simulator serves a number of requests a second; without retries the client meets the limit."""
    with EigenpalClient(api_key=key, base_url=base_url, max_retries=0) as client:

        def storm():
            for _ in range(10_000):
                client.runs.list(limit=1)

        assert raised(EigenpalRateLimitError, storm).retry_after == 1
    with EigenpalClient(api_key=key, base_url=base_url, max_retries=5) as patient:
        assert patient.runs.list(limit=1).runs


def failing(base_url, key):
    """This server answers 500, 502, 503 and 504 in turn, two of them in the envelope; each is an exception of the client's own."""
    with EigenpalClient(api_key=key, base_url=base_url, max_retries=0) as client:
        failed = raised(EigenpalServerError, lambda: client.runs.list())
        assert failed.status == 500 and failed.request_id and failed.envelope["issues"][0]["severity"] == "error"
        assert str(failed) == failed.envelope["issues"][0]["message"]
        assert raised(EigenpalError, lambda: client.runs.get("run_1")).status == 502
        assert raised(EigenpalServerError, lambda: client.runs.get("run_1")).status == 503
        assert raised(EigenpalError, lambda: client.runs.get("run_1")).status == 504


def main():
    base_url, key, limited_url, failing_url = sys.argv[1:]
    with EigenpalClient(api_key=key, base_url=base_url) as client:
        completed = start_and_wait(client)
        get(client, completed)
        lists(client)
        cancel(client)
        download(client, completed)
        refusals(base_url, key, client)
    too_many(limited_url, key)
    failing(failing_url, key)
    print("every call that the head of this file names was driven")


main()
