"""The heads of answers."""

from __future__ import annotations

import re

from sagehen.modelserver.messages import Answer

CHUNKED = b"transfer-encoding: chunked\r\n"
_REASONS = {200: b"OK", 400: b"Bad Request", 404: b"Not Found", 405: b"Method Not Allowed",
            413: b"Payload Too Large", 415: b"Unsupported Media Type", 500: b"Internal Server Error",
            409: b"Conflict", 503: b"Service Unavailable", 507: b"Insufficient Storage"}  # fmt: skip
# Where an answer ends is told here, whatever a handler says of it: the next one would be cut elsewhere.
_OURS = frozenset(("connection", "content-length", "transfer-encoding"))
_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def whole(answer: Answer) -> bytes:
    """Return the framing of a body that is sent at once."""
    return b"content-length: %d\r\n" % len(answer.body)


def head(answer: Answer, framing: bytes, keep_alive: bool) -> bytes:
    """Return an answer's head, with the empty line that ends it."""
    lines = [
        b"HTTP/1.1 %d %s\r\n" % (answer.status, _REASONS.get(answer.status, b"Status")),
        f"content-type: {_clean(answer.content_type)}\r\n".encode("latin-1", "replace"),
        framing,
    ]
    for name, value in answer.headers.items():
        if name not in _OURS:
            lines.append(f"{_clean(name)}: {_clean(value)}\r\n".encode("latin-1", "replace"))
    if not keep_alive:
        lines.append(b"connection: close\r\n")
    return b"".join((*lines, b"\r\n"))


def chunk(data: bytes) -> bytes:
    """Frame a piece of a chunked body, which must not be empty: that would end it."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def _clean(value: object) -> str:
    """Return a header's text without controls: a handler's value must not begin another header."""
    text = str(value)
    return text if text.isprintable() else _CONTROLS.sub(" ", text)
