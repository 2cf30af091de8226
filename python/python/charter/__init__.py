"""Judges JSON bodies and HTTP exchanges against a contract: JSON Schema, OpenAPI and rules.

Rules over time compare exchanges with each other. The command `charter check` evaluates them; this module judges each document alone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
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
        self._path, self._operation = os.fspath(path), operation
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

        Bytes are judged as they are. A dict or a list is serialised first, which loses duplicate keys and the digits of numbers.
        """
        if isinstance(document, str):
            document = document.encode()
        elif isinstance(document, (dict, list)):
            document = json.dumps(document, ensure_ascii=False).encode()
        elif not isinstance(document, bytes):
            document = bytes(document)
        kept, text = self._native.judge_bytes(document)
        return _judgement(kept, text)

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

        Header fields are a mapping, or pairs of a name and a value. A body is the bytes or the text that was sent, after its content encoding was removed.
        A header field that is missing is a violation only if `headers_complete` says that all fields were given.
        """
        from ._http import build

        return self.judge(build(method, url, request_headers, request_body, status, response_headers, response_body, headers_complete))

    def judge_response(self, response: Any) -> Judgement:
        """Judges a response of `requests` or `httpx` with its request."""
        from ._http import exchange

        return self.judge(exchange(response))

    def assert_kept(self, response: Any) -> Judgement:
        """Raises `ContractBroken` if a response of `requests` or `httpx`, or a document, has violations."""
        is_document = isinstance(response, (bytes, bytearray, memoryview, str, dict, list))
        judgement = self.judge(response) if is_document else self.judge_response(response)
        if not judgement.kept:
            raise ContractBroken(judgement)
        return judgement

    def judge_arrow(self, batch: Any, column: str = "body", keep: Sequence[str] = ()) -> Any:
        """Judges a column of a `pyarrow.RecordBatch` with one document in each row.

        Returns a batch with a row for each: the columns named in `keep`, `kept` (bool, null for null), and `verdict` (JSON text; null if there is no finding).
        """
        from ._arrow import judge_batch

        return judge_batch(self._native, batch, column, keep)


def _judgement(kept: bool, text: str | None) -> Judgement:
    if text is None:
        return Judgement(kept)
    verdict = json.loads(text)
    return Judgement(kept, verdict["findings"], verdict["operation"], verdict["unreadable"], verdict["notJudged"])
