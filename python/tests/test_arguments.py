"""Arguments of a wrong type are refused by name, and empty bodies are not unknown bodies."""

import pathlib

import pyarrow as pa
import pytest

from charter import Contract

URL = "http://localhost/parcels/1"


@pytest.mark.parametrize(
    "name, call",
    [
        ("path", lambda contract: Contract(1)),
        ("path", lambda contract: Contract(None)),
        ("operation", lambda contract: Contract("a", operation=1)),
        ("document", lambda contract: contract.judge(5)),
        ("document", lambda contract: contract.judge(None)),
        ("documents", lambda contract: contract.judge_many(b"{}")),
        ("documents", lambda contract: contract.judge_many(5)),
        ("documents", lambda contract: contract.judge_many([b"{}", 5])),
        ("method", lambda contract: contract.judge_exchange(b"GET", URL, 200)),
        ("url", lambda contract: contract.judge_exchange("GET", None, 200)),
        ("status", lambda contract: contract.judge_exchange("GET", URL, "200")),
        ("status", lambda contract: contract.judge_exchange("GET", URL, True)),
        ("request_headers", lambda contract: contract.judge_exchange("GET", URL, 200, request_headers="a: b")),
        ("request_headers", lambda contract: contract.judge_exchange("GET", URL, 200, request_headers=None)),
        ("response_headers", lambda contract: contract.judge_exchange("GET", URL, 200, response_headers=["ab"])),
        ("response_headers", lambda contract: contract.judge_exchange("GET", URL, 200, response_headers=[("a", None)])),
        ("response_headers", lambda contract: contract.judge_exchange("GET", URL, 200, response_headers=["abc"])),
        ("response_headers", lambda contract: contract.judge_exchange("GET", URL, 200, response_headers=5)),
        ("request_body", lambda contract: contract.judge_exchange("GET", URL, 200, request_body={})),
        ("response_body", lambda contract: contract.judge_exchange("GET", URL, 200, response_body=1)),
        ("headers_complete", lambda contract: contract.judge_exchange("GET", URL, 200, headers_complete="no")),
        ("response", lambda contract: contract.judge_response("text")),
        ("response", lambda contract: contract.assert_kept(5)),
        ("batch", lambda contract: contract.judge_arrow([b"{}"])),
        ("batch", lambda contract: contract.judge_arrow(pa.array([b"{}"]))),
        ("column", lambda contract: contract.judge_arrow(pa.table({"body": [b"{}"]}), column=0)),
        ("keep", lambda contract: contract.judge_arrow(pa.table({"body": [b"{}"]}), keep="body")),
    ],
)
def test_an_argument_of_a_wrong_type_is_named(bodies, name, call):
    with pytest.raises(TypeError, match=rf"^{name}\b"):
        call(bodies[0])


def test_a_status_that_is_none_is_refused(bodies):
    with pytest.raises(ValueError, match="status: 20 is not a status code"):
        bodies[0].judge_exchange("GET", URL, 20)


def test_a_path_object_and_bytes_are_paths(parcels):
    assert Contract(pathlib.Path(parcels)).digest == Contract(str(parcels)).digest


def test_an_empty_body_is_not_an_unknown_body(parcels):
    contract = Contract(parcels)

    def judge(status, body):
        return contract.judge_exchange("GET", URL, status, response_headers={"content-type": "application/json"} if status == 200 else {}, response_body=body, headers_complete=True)

    for body in (b"", "", None):
        assert judge(204, body).kept, body
    for body in (b"", ""):
        judgement = judge(200, body)
        assert not judgement.kept and judgement.findings and judgement.unreadable is None, judgement
    unknown = judge(200, None)
    assert not unknown.kept and not unknown.findings and unknown.unreadable


def test_an_empty_document_is_an_empty_body(bodies):
    contract, _, _ = bodies
    for document in (b"", "", bytearray(), b" \n"):
        (finding,) = contract.judge(document).findings
        assert (finding["kind"], finding["rule"], finding["keyword"]) == ("syntax", "syntax.json", None), finding
    assert contract.judge('""').findings[0]["keyword"] == "type"


def test_a_request_without_a_body_is_not_a_request_with_an_unknown_one(parcels):
    contract = Contract(parcels)
    post = lambda body: contract.judge_exchange("POST", "http://localhost/parcels", 204, request_headers={"content-type": "application/json"}, request_body=body)  # noqa: E731
    assert post(b'{"weight": 1}').kept
    assert post(b"").findings
    unknown = post(None)
    assert not unknown.findings and (unknown.not_judged or unknown.unreadable)
