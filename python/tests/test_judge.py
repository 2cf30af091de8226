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


def test_a_body_that_was_decoded_is_judged_with_its_header_fields(parcels):
    contract = Contract(parcels)
    label = bytes(range(128, 138))
    judge = lambda body, **fields: contract.judge_exchange(  # noqa: E731
        "GET", "http://localhost/labels/1", 200, response_headers={"content-type": "application/octet-stream", **fields}, response_body=body, headers_complete=True
    )
    for coding in ("gzip", "deflate"):
        assert judge(label, **{"content-encoding": coding}).kept
    assert judge(label, **{"content-encoding": "br"}).findings
    assert "encoding" in str(judge(label)).lower()


def test_a_body_without_a_known_operation_is_not_judged(tmp_path):
    path = tmp_path / "openapi.json"
    paths = {f"/{name}": {"get": {"operationId": name, "responses": JSON_RESPONSE}} for name in ("letters", "parcels")}
    path.write_text(json.dumps({"openapi": "3.1.0", "info": {"title": "Two", "version": "1"}, "paths": paths}))
    judgement = Contract(path).judge(b"{}")
    assert not judgement.kept and "operation" in judgement.unreadable
    assert Contract(path, operation="letters").judge(b"{}").kept
    with pytest.raises(ValueError, match="parcel"):
        Contract(path, operation="parcel")


def test_documents_are_judged_in_one_call(bodies):
    contract, kept, broken = bodies
    documents = [kept, broken, kept.decode(), json.loads(kept), b"{", kept, kept]
    judgements = contract.judge_many(iter(documents))
    assert [judgement.kept for judgement in judgements] == [True, False, True, True, False, True, True]
    assert judgements == [contract.judge(document) for document in documents]
    assert contract.judge_many([]) == []


TYPES = [pa.binary(), pa.large_binary(), pa.string(), pa.large_string()] + [getattr(pa, name)() for name in ("string_view", "binary_view") if hasattr(pa, name)]


@pytest.mark.parametrize("type_", TYPES, ids=str)
def test_each_row_of_a_slice_has_its_verdict(bodies, type_):
    contract, kept, broken = bodies
    # Each row differs, so that a row with the verdict of another one is found.
    rows = [None, *(kept.replace(b"12.5", str(-1 if number % 3 == 0 else number).encode()) for number in range(1, 20)), None, kept]
    wanted = [None, *(number % 3 != 0 for number in range(1, 20)), None, True]
    batch = pa.RecordBatch.from_arrays([pa.array(rows, pa.binary()).cast(pa.string()).cast(type_), pa.array(range(len(rows)))], ["body", "number"])
    for offset in range(len(rows)):
        for length in (0, 1, 2, 7, len(rows)):
            sliced = batch.slice(offset, length)
            for part, first in ((sliced, offset), (sliced.slice(1), offset + 1)):
                result = contract.judge_arrow(part, keep=["number"])
                count = part.num_rows
                assert result.column("number").to_pylist() == list(range(first, first + count)) if count else result.num_rows == 0
                assert result.column("kept").to_pylist() == wanted[first : first + count]
                for kept_row, verdict in zip(wanted[first : first + count], result.column("verdict").to_pylist()):
                    assert (verdict is None) == (kept_row is not False)


def test_tables_chunks_dictionaries_and_columns_of_nulls_are_judged(bodies):
    contract, kept, broken = bodies
    chunks = pa.chunked_array([[kept, None], [], [broken], [kept]], pa.binary())
    result = contract.judge_arrow(pa.table({"body": chunks, "number": [1, 2, 3, 4]}), keep=["number"])
    assert isinstance(result, pa.Table) and result.column("number").to_pylist() == [1, 2, 3, 4]
    assert result.column("kept").to_pylist() == [True, None, False, True]
    column = pa.array([kept.decode(), broken.decode(), None, kept.decode()]).dictionary_encode()
    assert contract.judge_arrow(pa.record_batch([column], ["body"]).slice(1)).column("kept").to_pylist() == [False, None, True]
    nulls = contract.judge_arrow(pa.record_batch([pa.nulls(3)], ["body"]))
    assert nulls.column("kept").to_pylist() == nulls.column("verdict").to_pylist() == [None] * 3
    only_nulls = contract.judge_arrow(pa.record_batch([pa.nulls(2, pa.binary())], ["body"]))
    assert only_nulls.column("kept").to_pylist() == [None] * 2
    assert contract.judge_arrow(pa.table({"body": pa.chunked_array([], pa.binary())})).num_rows == 0


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
