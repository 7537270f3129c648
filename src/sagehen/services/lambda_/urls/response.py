"""What a function's answer says to an HTTP client: payload format 2.0, or what Lambda infers of it. Pure.

Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-response-payload; texts, lists
and numbers as recorded.
"""

from __future__ import annotations

import base64
import binascii
from functools import cache
from typing import Any, Protocol

from sagehen.api.bounded.json_text import NotJson, require_json
from sagehen.services.lambda_.urls.messages import Headers, UrlAnswer, failed

_HEADERS: Any = dict[str, str | int | float | bool | None] | None
_COOKIES: Any = list[str] | None
_STATUS: Any = int | str
_TEXT: Any = str | None

_JSON = ("Content-Type", "application/json")
# The connection is not the function's to speak of, nor is what only Lambda's front knows.
_DROPPED = frozenset(("keep-alive", "proxy-authenticate", "proxy-connection", "te", "trailer",
                      "transfer-encoding", "upgrade"))  # fmt: skip
# From memory: what AWS hands on under another name.
_REMAPPED = frozenset(("connection", "content-length", "date", "server", "www-authenticate"))


# AWS names no limit: no client takes that much of headers or cookies.
_MOST_HEAD_BYTES = 128 * 1024
_WHITE = b" \t\r\n"


class Malformed(Exception):
    """An answer that is none: 502."""


class _Parts(Protocol):
    """A response, its members unread; None where they are missing."""

    statusCode: bytes | None
    headers: bytes | None
    cookies: bytes | None
    body: bytes | None
    isBase64Encoded: bytes | None


@cache
def _parts_type() -> Any:
    """Return what reads those members: what else an object has is gone over and not made."""
    import msgspec  # heavy, and only functions behind URLs need it

    names = ("statusCode", "headers", "cookies", "body", "isBase64Encoded")
    return msgspec.defstruct("Parts", [(name, msgspec.Raw, None) for name in names])


def answer_of(payload: bytes) -> UrlAnswer:
    """Return the answer; one that makes no sense is a 502."""
    try:
        # Recorded: a text comes without its quotes, everything else as the function wrote it.
        if payload.lstrip(_WHITE).startswith(b'"'):
            return UrlAnswer(200, [_JSON], _read(payload, str).encode())
        require_json(payload)
        if payload.lstrip(_WHITE).startswith(b"{"):
            parts: _Parts = _read(payload, _parts_type())
            if parts.statusCode is not None:
                status, headers = _head(parts)
                return UrlAnswer(status, headers, _body(parts))
    except (NotJson, Malformed):
        return failed()
    return UrlAnswer(200, [_JSON], payload)


def head_of(text: bytes) -> tuple[int, Headers]:
    """Return status and headers that a streamed answer's metadata give; 200 where they give no status.

    Raises:
        Malformed: They make no sense.
    """
    return _head(_read(text, _parts_type()))


def _read(text: bytes | None, kind: Any) -> Any:
    import msgspec

    if text is None:
        return None
    try:
        return msgspec.json.decode(text, type=kind)
    except (ValueError, RecursionError):  # msgspec's errors are ValueErrors
        raise Malformed from None


def _head(parts: _Parts) -> tuple[int, Headers]:
    if (
        sum(len(bytes(part)) for part in (parts.headers, parts.cookies) if part is not None)
        > _MOST_HEAD_BYTES
    ):
        raise Malformed
    headers: Headers = []
    given: dict[str, str | int | float | bool | None] = _read(parts.headers, _HEADERS) or {}
    for name, content in given.items():
        lowered = name.lower()
        if content is None or lowered in _DROPPED:
            continue
        text = ("false", "true")[content] if isinstance(content, bool) else str(content)
        headers.append((f"x-amzn-Remapped-{name}" if lowered in _REMAPPED else name, text))
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(_JSON)
    cookies: list[str] = _read(parts.cookies, _COOKIES) or []
    status = 200 if parts.statusCode is None else _status(parts.statusCode)
    return status, headers + [("Set-Cookie", one) for one in cookies]


def _status(raw: bytes) -> int:
    value: Any = _read(raw, _STATUS)
    # Recorded: three digits in a text will do.
    if isinstance(value, str) and len(value) == 3 and value.isascii() and value.isdigit():
        value = int(value)
    if type(value) is not int or not 200 <= value <= 599:
        raise Malformed
    return value


def _body(parts: _Parts) -> bytes:
    body: str | None = _read(parts.body, _TEXT)
    if body is None:
        return b""
    if parts.isBase64Encoded is None or bytes(parts.isBase64Encoded) != b"true":
        return body.encode()
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error:
        raise Malformed from None
