"""Responses of `requests` and `httpx`, and the pytest plugin."""

import gzip
import http.server
import json
import threading

import httpx
import pytest
import requests

from charter import Contract, ContractBroken


class Parcels(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        weight = -1 if self.path.endswith("broken") else 12.5
        body = json.dumps({"id": self.path.rsplit("/", 1)[-1], "weight": weight}).encode()
        is_encoded = "gzip" in self.headers.get("accept-encoding", "")
        self.send_response(200)
        self.send_header("content-type", "application/json")
        if is_encoded:
            body = gzip.compress(body)
            self.send_header("content-encoding", "gzip")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def url():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Parcels)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.mark.parametrize("get", [requests.get, httpx.get])
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_responses_are_judged(parcels, url, get, encoding):
    contract = Contract(parcels)
    headers = {"accept-encoding": encoding}
    judgement = contract.assert_kept(get(f"{url}/parcels/1", headers=headers))
    assert judgement.kept
    with pytest.raises(ContractBroken, match="weight"):
        contract.assert_kept(get(f"{url}/parcels/broken", headers=headers))


def test_a_request_that_no_operation_has_is_a_violation(parcels, url):
    assert not Contract(parcels).judge_response(requests.get(f"{url}/letters/1")).kept


def test_the_fixture_judges_responses(pytester, parcels, url):
    pytester.makeini(f"[pytest]\ncharter_contract = {parcels}\n")
    pytester.makepyfile(
        f"""
        import requests

        def test_kept(charter):
            charter.assert_kept(requests.get("{url}/parcels/1"))

        def test_broken(charter):
            charter.assert_kept(requests.get("{url}/parcels/broken"))
        """
    )
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*error: /weight:*"])
