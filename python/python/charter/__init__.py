"""Judges JSON bodies and HTTP exchanges against a contract: JSON Schema, OpenAPI and rules.

Rules over time compare exchanges with each other. The command `charter check` evaluates them; this module judges each document alone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ._charter import Contract as _Contract

__all__ = ["Contract", "ContractBroken", "Judgement"]


@dataclass(frozen=True)
class Judgement:
    """The verdict on a document."""

    kept: bool
    """Whether the document has no violation (warnings do not count) and could be judged completely."""
    findings: list[dict[str, Any]] = field(default_factory=list)
    """The violations and warnings, with the names of the JSON report of `charter check`."""
    operation: str | None = None
    """The operation of a document with findings."""
    unreadable: str | None = None
    """Why the document could not be judged."""
    not_judged: list[dict[str, str]] = field(default_factory=list)
    """The parts that were not judged, with the reasons."""

    def __bool__(self) -> bool:
        return self.kept

    def __str__(self) -> str:
        if self.unreadable:
            return f"the document cannot be judged: {self.unreadable}"
        lines = [
            f"{finding['severity']}: {finding['instanceLocation'] or '/'}: {finding['message']}"
            + (f" [{finding['rule'] or finding['keyword']}]" if finding["rule"] or finding["keyword"] else "")
            for finding in self.findings
        ]
        return "\n".join(lines) or "no violations"


class ContractBroken(AssertionError):
    """A document has violations."""

    def __init__(self, judgement: Judgement) -> None:
        super().__init__(str(judgement))
        self.judgement = judgement


class Contract:
    """A contract, compiled once. It may be used by several threads."""

    def __init__(self, path: str | os.PathLike[str], operation: str | None = None) -> None:
        """Loads the contract of a folder, or an OpenAPI document.

        Bodies without a request are judged as responses of `operation`; without it, as the settings of the contract say.
        """
        _expect("path", path, (str, os.PathLike))
        if operation is not None:
            _expect("operation", operation, str)
        path = os.fspath(path)
        self._path, self._operation = path.decode() if isinstance(path, bytes) else path, operation
        self._native = _Contract(self._path, operation)

    def __reduce__(self) -> tuple[Any, ...]:
        # Workers of Spark and Dask load the contract again.
        return (Contract, (self._path, self._operation))

    @property
    def digest(self) -> str:
        """The checksum of the contract, as in reports."""
        return self._native.digest()

    def judge(self, document: bytes | bytearray | memoryview | str | dict[str, Any] | list[Any]) -> Judgement:
        """Judges a document: an exchange, as one line of a recording, or the body of a response.

        Bytes are judged as they are; no bytes are an empty body. A dict or a list is serialised first, which loses duplicate keys and the digits of numbers.
        """
        return _judgement(*self._native.judge_bytes(document if type(document) is bytes else _bytes("document", document)))

    def judge_many(self, documents: Iterable[bytes | bytearray | memoryview | str | dict[str, Any] | list[Any]]) -> list[Judgement]:
        """Judges documents in one call, which takes less time than a call for each."""
        if isinstance(documents, (bytes, bytearray, memoryview, str, dict)) or not isinstance(documents, Iterable):
            raise TypeError(f"documents: expected an iterable of documents, not {type(documents).__name__}")
        found = [document if type(document) is bytes else _bytes("documents", document) for document in documents]
        return [_judgement(kept, text) for kept, text in self._native.judge_list(found)]

    def judge_exchange(
        self,
        method: str,
        url: str,
        status: int,
        *,
        request_headers: Any = (),
        request_body: bytes | str | None = None,
        response_headers: Any = (),
        response_body: bytes | str | None = None,
        headers_complete: bool = False,
    ) -> Judgement:
        """Judges a request and its response.

        Header fields are a mapping, or pairs of a name and a value. A body is the bytes or the text that was sent, after its content encoding was removed; `b""` is an empty body,
        and `None` one that is not known. A header field that is missing is a violation only if `headers_complete` says that all fields were given.
        """
        from ._http import body, fields

        _expect("method", method, str)
        _expect("url", url, str)
        if isinstance(status, bool) or not isinstance(status, int):
            raise TypeError(f"status: expected int, not {type(status).__name__}")
        if not 100 <= status <= 999:
            raise ValueError(f"status: {status} is not a status code")
        _expect("headers_complete", headers_complete, bool)
        request = (fields("request_headers", request_headers), body("request_body", request_body), False)
        response = (fields("response_headers", response_headers), body("response_body", response_body), False)
        return _judgement(*self._native.judge_exchange(method, url, status, request, response, True, headers_complete, None, None))

    def judge_response(self, response: Any) -> Judgement:
        """Judges a response of `requests` or `httpx` with its request."""
        from ._http import response_arguments

        return _judgement(*self._native.judge_exchange(*response_arguments(response)))

    def assert_kept(self, response: Any) -> Judgement:
        """Raises `ContractBroken` if a response of `requests` or `httpx`, or a document, has violations."""
        is_document = isinstance(response, (bytes, bytearray, memoryview, str, dict, list))
        judgement = self.judge(response) if is_document else self.judge_response(response)
        if not judgement.kept:
            raise ContractBroken(judgement)
        return judgement

    def judge_arrow(self, batch: Any, column: str = "body", keep: Sequence[str] = ()) -> Any:
        """Judges a column of a `pyarrow.RecordBatch` or a `pyarrow.Table` with one document in each row.

        Returns a batch or a table with a row for each: the columns named in `keep`, `kept` (bool, null for null), and `verdict` (JSON text; null if there is no finding).
        """
        from ._arrow import judge_batch

        return judge_batch(self._native, batch, column, keep)


def _expect(name: str, value: Any, types: Any) -> None:
    if not isinstance(value, types):
        expected = " or ".join(type_.__name__ for type_ in (types if isinstance(types, tuple) else (types,)))
        raise TypeError(f"{name}: expected {expected}, not {type(value).__name__}")


def _bytes(name: str, document: Any) -> bytes:
    if isinstance(document, str):
        return document.encode()
    if isinstance(document, (dict, list)):
        return json.dumps(document, ensure_ascii=False).encode()
    if isinstance(document, (bytes, bytearray, memoryview)):
        return bytes(document)
    raise TypeError(f"{name}: expected bytes, str, dict or list, not {type(document).__name__}")


def _judgement(kept: bool, text: str | None) -> Judgement:
    if text is None:
        return Judgement(kept)
    verdict = json.loads(text)
    return Judgement(kept, verdict["findings"], verdict["operation"], verdict["unreadable"], verdict["notJudged"])
