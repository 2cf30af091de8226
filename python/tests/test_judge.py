"""Documents, batches and pickled contracts."""

import concurrent.futures
import json
import pickle

import pyarrow as pa
import pytest

from charter import Contract, ContractBroken

JSON_RESPONSE = {"200": {"description": "An object.", "content": {"application/json": {"schema": {"type": "object"}}}}}


def test_a_body_is_judged(bodies):
    contract, kept, broken = bodies
    for form in (kept, kept.decode(), json.loads(kept), bytearray(kept)):
        assert contract.judge(form).kept
    judgement = contract.judge(broken)
    assert not judgement and judgement.findings[0]["instanceLocation"] == "/weight"
    assert "weight" in str(judgement)
    with pytest.raises(ContractBroken, match="weight"):
        contract.assert_kept(broken)


def test_a_document_that_is_not_json_is_a_violation(bodies):
    contract, _, _ = bodies
    judgement = contract.judge(b'{"id": 1')
    assert not judgement.kept and judgement.findings


def test_duplicate_keys_are_seen_in_bytes(bodies):
    contract, kept, _ = bodies
    assert not contract.judge(kept[:-1] + b', "id": "parcel_2"}').kept


def test_an_exchange_is_judged(parcels):
    contract = Contract(parcels)

    def judge(body, status=200, url="http://localhost/parcels/parcel_1", **more):
        return contract.judge_exchange("GET", url, status, response_headers={"content-type": "application/json"}, response_body=body, **more)

    kept = '{"id": "parcel_1", "weight": 12.5}'
    assert judge(kept).kept and judge(kept.encode(), headers_complete=True).kept
    judgement = judge(kept.replace("12.5", "-1"))
    assert judgement.operation == "parcels.get" and judgement.findings[0]["instanceLocation"] == "/weight"
    assert judge(kept, status=201).findings[0]["rule"] == "http.undocumented-status"
    assert not judge(kept, url="http://localhost/letters/1").kept
    # Header fields as pairs; without a media type, the body is judged if not all header fields are given.
    pairs = [("Content-Type", "text/plain")]
    assert not contract.judge_exchange("GET", "http://localhost/parcels/1", 200, response_headers=pairs, response_body=kept).kept


def test_a_body_without_a_known_operation_is_not_judged(tmp_path):
    path = tmp_path / "openapi.json"
    paths = {f"/{name}": {"get": {"operationId": name, "responses": JSON_RESPONSE}} for name in ("letters", "parcels")}
    path.write_text(json.dumps({"openapi": "3.1.0", "info": {"title": "Two", "version": "1"}, "paths": paths}))
    judgement = Contract(path).judge(b"{}")
    assert not judgement.kept and "operation" in judgement.unreadable
    assert Contract(path, operation="letters").judge(b"{}").kept
    with pytest.raises(ValueError, match="parcel"):
        Contract(path, operation="parcel")


def test_an_arrow_column_has_a_verdict_for_each_row(bodies):
    contract, kept, broken = bodies
    rows = [kept, None, broken, kept, b"{"]
    for type_ in (pa.binary(), pa.large_binary(), pa.string(), pa.large_string()):
        batch = pa.RecordBatch.from_arrays([pa.array(rows, pa.binary()).cast(type_), pa.array(range(5))], ["body", "number"])
        for sliced in (batch, batch.slice(1, 3)):
            result = contract.judge_arrow(sliced)
            wanted = [True, None, False, True, False][1:4] if len(sliced) == 3 else [True, None, False, True, False]
            assert result.column("kept").to_pylist() == wanted
            for kept_row, verdict in zip(wanted, result.column("verdict").to_pylist()):
                assert (verdict is None) == (kept_row is not False)
    assert len(contract.judge_arrow(batch.slice(0, 0))) == 0


def test_a_wrong_column_is_refused(bodies):
    contract, kept, _ = bodies
    batch = pa.RecordBatch.from_arrays([pa.array([1])], ["body"])
    with pytest.raises(TypeError, match="expected binary or string"):
        contract.judge_arrow(batch)
    with pytest.raises(ValueError, match="has no column 'text'"):
        contract.judge_arrow(batch, "text")


def test_a_contract_is_pickled_by_its_path(bodies):
    contract, kept, _ = bodies
    assert pickle.loads(pickle.dumps(contract)).digest == contract.digest


def test_a_contract_that_cannot_be_loaded_is_an_error(tmp_path):
    with pytest.raises(ValueError):
        Contract(tmp_path / "nothing")


def test_threads_share_a_contract(bodies):
    contract, kept, broken = bodies
    batch = pa.RecordBatch.from_arrays([pa.array([kept, broken] * 500, pa.binary())], ["body"])
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for result in pool.map(contract.judge_arrow, [batch] * 8):
            assert result.column("kept").to_pylist() == [True, False] * 500
