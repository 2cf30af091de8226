"""Responses of `requests` and `httpx` as exchanges: one line of a recording."""

from __future__ import annotations

import base64
import datetime
from typing import Any, Iterable

# The clients decode the content, so these fields no longer describe it.
_OF_ENCODED_CONTENT = {"content-encoding", "content-length", "transfer-encoding"}


def exchange(response: Any) -> dict[str, Any]:
    """The exchange of a response that has been read."""
    request = response.request
    body = request.content if hasattr(request, "content") else getattr(request, "body", None)
    built = build(request.method, str(request.url), request.headers, body, response.status_code, response.headers, response.content, True)
    elapsed = _elapsed(response)
    started = datetime.datetime.now(datetime.timezone.utc) - elapsed
    built["startedDateTime"] = started.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    built["time"] = elapsed.total_seconds() * 1000
    return built


def build(
    method: str,
    url: str,
    request_headers: Any,
    request_body: Any,
    status: int,
    response_headers: Any,
    response_body: Any,
    headers_complete: bool,
) -> dict[str, Any]:
    """An exchange whose bodies have no content encoding."""
    fields = _fields(response_headers)
    is_decoded = any(name.lower() == "content-encoding" for name, _ in fields)
    if is_decoded:
        fields = [(name, value) for name, value in fields if name.lower() not in _OF_ENCODED_CONTENT]
    return {
        "format": "charter-exchange/1",
        "request": {"method": method, "url": url, "headers": _named(_fields(request_headers)), **_body(request_body)},
        "response": {"status": status, "headers": _named(fields), **_body(response_body)},
        "headersComplete": headers_complete and not is_decoded,
    }


def _elapsed(response: Any) -> datetime.timedelta:
    # httpx knows the time only of responses that came from a connection.
    try:
        return response.elapsed
    except RuntimeError:
        return datetime.timedelta(0)


def _fields(headers: Any) -> list[tuple[str, str]]:
    if hasattr(headers, "multi_items"):
        items: Iterable[tuple[Any, Any]] = headers.multi_items()
    else:
        items = headers.items() if hasattr(headers, "items") else headers
    return [(_text(name), _text(value)) for name, value in items]


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _named(fields: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in fields]


def _body(body: Any) -> dict[str, str]:
    if not body:
        return {}
    if isinstance(body, str):
        body = body.encode()
    if not isinstance(body, (bytes, bytearray)):
        # A stream was sent and is not stored.
        return {"bodyTruncated": True}
    try:
        return {"bodyText": bytes(body).decode()}
    except UnicodeDecodeError:
        return {"bodyBase64": base64.b64encode(body).decode()}
