"""Responses of `requests` and `httpx`, and the pytest plugin."""

import gzip
import http.server
import json
import threading
import zlib

import httpx
import pytest
import requests

from charter import Contract, ContractBroken
from conftest import PARCELS


class Parcels(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        weight = -1 if self.path.endswith("broken") else 12.5
        name = self.path.rsplit("/", 1)[-1]
        body = json.dumps({"id": name, "weight": weight}).encode()
        if name == "none":
            self.send_response(204)
            self.end_headers()
            return
        if name == "empty":
            body = b""
        is_encoded = self.headers.get("accept-encoding", "") in ("gzip", "deflate")
        self.send_response(200)
        self.send_header("content-type", "application/json")
        if is_encoded:
            coding = "deflate" if "deflate" in self.headers["accept-encoding"] else "gzip"
            body = zlib.compress(body) if coding == "deflate" else gzip.compress(body)
            self.send_header("content-encoding", coding)
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
@pytest.mark.parametrize("encoding", ["identity", "gzip", "deflate"])
def test_responses_are_judged(parcels, url, get, encoding):
    contract = Contract(parcels)
    headers = {"accept-encoding": encoding}
    judgement = contract.assert_kept(get(f"{url}/parcels/1", headers=headers))
    assert judgement.kept
    with pytest.raises(ContractBroken, match="weight"):
        contract.assert_kept(get(f"{url}/parcels/broken", headers=headers))


@pytest.mark.parametrize("get", [requests.get, httpx.get])
def test_a_response_without_a_body_has_an_empty_one(parcels, url, get):
    contract = Contract(parcels)
    assert contract.assert_kept(get(f"{url}/parcels/none")).kept
    for encoding in ("identity", "gzip"):
        judgement = contract.judge_response(get(f"{url}/parcels/empty", headers={"accept-encoding": encoding}))
        assert judgement.findings and judgement.unreadable is None, judgement


@pytest.mark.parametrize("get", [requests.get, httpx.get])
@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_decoded_response_keeps_its_header_fields(tmp_path, url, get, encoding):
    """A header field that the contract requires is not missing because the client has decoded the body."""
    contract = json.loads(json.dumps(PARCELS))
    contract["paths"]["/parcels/{id}"]["get"]["responses"]["200"]["headers"] = {
        "Content-Encoding": {"required": True, "schema": {"enum": ["gzip", "deflate"]}},
        "X-Missing": {"required": True, "schema": {"type": "string"}},
    }
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(contract))
    judgement = Contract(path).judge_response(get(f"{url}/parcels/1", headers={"accept-encoding": encoding}))
    assert [finding["instanceLocation"] or finding["message"] for finding in judgement.findings if "issing" not in finding["message"]] == []
    assert len(judgement.findings) == 1 and "x-missing" in judgement.findings[0]["message"].lower(), judgement


def test_a_body_in_a_coding_that_the_client_does_not_know_is_decoded(parcels):
    """Without the packages of Brotli, the clients return the bytes as they were sent."""
    body = b'{"id": "1", "weight": 12.5}'
    # One uncompressed meta-block of Brotli, RFC 7932, section 9.2, and the empty last block.
    brotli = (((len(body) - 1) << 4) | (1 << 20)).to_bytes(3, "little") + body + b"\x03"
    response = requests.Response()
    response.status_code, response._content = 200, brotli
    response.headers.update({"content-type": "application/json", "content-encoding": "br"})
    response.request = requests.Request("GET", "http://localhost/parcels/1").prepare()
    from urllib3.response import HTTPResponse

    if "br" not in HTTPResponse.CONTENT_DECODERS:
        assert Contract(parcels).assert_kept(response).kept


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
