"""Responses of `requests` and `httpx`, header fields and bodies in the form of the native module."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any, Optional

# Header fields, the body if it is known, and whether there is a body that is not known.
Parts = tuple[list[tuple[str, str]], Optional[bytes], bool]


def response_arguments(response: Any) -> tuple[Any, ...]:
    """The arguments of the native `judge_exchange` for a response that has been read."""
    request = getattr(response, "request", None)
    if request is None or not hasattr(response, "status_code") or not hasattr(response, "headers"):
        raise TypeError(f"response: expected a response of requests or httpx with its request, not {type(response).__name__}")
    is_httpx = hasattr(response, "is_stream_consumed")
    content = response.content
    elapsed = _elapsed(response)
    started = datetime.datetime.now(datetime.timezone.utc) - elapsed
    return (
        str(request.method),
        str(request.url),
        response.status_code,
        (fields("response", request.headers), *_request_body(request, is_httpx)),
        (fields("response", response.headers), b"" if content is None else content, False),
        _is_decoded(response, is_httpx),
        True,
        started.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        elapsed.total_seconds() * 1000,
    )


def fields(name: str, headers: Any) -> list[tuple[str, str]]:
    """Header fields: a mapping, or pairs of a name and a value."""
    refused = TypeError(f"{name}: expected a mapping, or pairs of a name and a value, not {type(headers).__name__}")
    if hasattr(headers, "multi_items"):
        items: Iterable[Any] = headers.multi_items()
    elif hasattr(headers, "items"):
        items = headers.items()
    elif isinstance(headers, (str, bytes)) or not isinstance(headers, Iterable):
        raise refused
    else:
        items = headers
    found = []
    for item in items:
        if not isinstance(item, (tuple, list)) or len(item) != 2:
            raise refused
        found.append((_text(name, item[0]), _text(name, item[1])))
    return found


def body(name: str, value: Any) -> Optional[bytes]:
    """The bytes of a body; `None` if it is not known. Empty bytes are an empty body."""
    if value is None or isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, (bytearray, memoryview)):
        return bytes(value)
    raise TypeError(f"{name}: expected bytes, str or None, not {type(value).__name__}")


def _text(name: str, value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, (str, int)):
        return str(value)
    raise TypeError(f"{name}: expected str or bytes as the name and the value of a header field, not {type(value).__name__}")


def _request_body(request: Any, is_httpx: bool) -> tuple[Optional[bytes], bool]:
    """The body of a request, and whether it has one that is not known: a stream was sent and is not stored."""
    if is_httpx:
        try:
            return request.content, False
        except Exception:  # httpx.RequestNotRead, without importing httpx
            return None, True
    sent = getattr(request, "body", None)
    if sent is None:
        return b"", False
    return (None, True) if not isinstance(sent, (bytes, bytearray, str)) else (body("response", sent), False)


def _is_decoded(response: Any, is_httpx: bool) -> bool:
    """Whether the client has removed the content codings. Without the packages of Brotli and Zstandard, the clients return those bodies as they were sent."""
    named = response.headers.get("content-encoding", "").lower().split(",")
    codings = {coding.strip() for coding in named} - {"", "identity"}
    if is_httpx:
        from httpx._decoders import SUPPORTED_DECODERS

        return all(coding in SUPPORTED_DECODERS for coding in codings)
    from urllib3.response import HTTPResponse

    return all(coding in HTTPResponse.CONTENT_DECODERS for coding in codings)


def _elapsed(response: Any) -> datetime.timedelta:
    # httpx knows the time only of responses that came from a connection.
    try:
        return response.elapsed
    except RuntimeError:
        return datetime.timedelta(0)
