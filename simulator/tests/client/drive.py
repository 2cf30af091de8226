"""Drives the publisher's Python client, unchanged, against the simulator.

Usage: drive.py BASE_URL KEY, where BASE_URL ends before /v1. Exits with 0 where every call did what the client's own words promise.
"""

import sys

from eigenpal import EigenpalClient
from eigenpal.errors import (
    EigenpalAuthError,
    EigenpalForbiddenError,
    EigenpalNotFoundError,
    EigenpalRateLimitError,
    EigenpalTimeoutError,
    EigenpalValidationError,
)

TERMINAL = {"completed", "failed", "cancelled", "rejected"}


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
    uploaded = client.run("agents.support", input={"mail": {"content": b"hello", "filename": "mail.eml", "mime_type": "message/rfc822"}})
    assert uploaded.type == "agent"
    raised(EigenpalTimeoutError, lambda: client.run_and_wait("workflows.invoice", timeout_seconds=0, poll_interval_seconds=0.01))
    return completed


def get(client, run):
    short = client.runs.get(run.id)
    assert not {"input", "usage", "debug"} & short.keys() and "steps" not in short.execution
    assert client.runs.get(run.id, expand="input").input.args == {"total": 1}
    assert "usage" in client.runs.get(run.id, expand=["usage"])
    whole = client.runs.get(run.id, expand=["input", "usage", "execution", "debug"])
    assert "observability" in whole.debug and ("steps" in whole.execution or "files" in whole.execution)
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


def cancel(client):
    queued = client.run("workflows.invoice")
    told = client.runs.cancel(queued.id)
    assert told.cancellation.state in {"cancelled", "requested"}, told
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


def main():
    base_url, key, limited_url = sys.argv[1:]
    with EigenpalClient(api_key=key, base_url=base_url) as client:
        completed = start_and_wait(client)
        get(client, completed)
        lists(client)
        cancel(client)
        download(client, completed)
        refusals(base_url, key, client)
    too_many(limited_url, key)
    print("the client was driven through run, run_and_wait, get, list, cancel, usage, steps, events, artifacts and its errors")


main()
