"""UrlRequest and UrlAnswer: a call of a function URL without sockets."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from sagehen.api.context import never
from sagehen.api.signature import Signature
from sagehen.api.streams import ResponseBody

# Of a request's body; the event that it is put into has the same bound (documented: 6 MB).
MAX_BODY_BYTES = 6_291_456

Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class UrlRequest:
    """One request to a function URL.

    Args:
        request_id: Of the front door; the invocation has it, too (recorded).
        url_id: As the host name or the path has it.
        region: As the host name has it; '' where it has none.
        domain: The host name that the client used, without a port; '' where the path tells the URL.
        method: Upper case.
        path: Percent-encoded, below the URL, beginning with `/`.
        query: As sent, without `?`.
        headers: In order; names in lower case.
        body: Complete, at most `MAX_BODY_BYTES`.
        source_ip: The client's address.
        port: The one that it came to, as the Host header tells.
        received_at: UTC.
        secure: Came over TLS.
        signature: None for a request that carries no Signature Version 4.
        oversized: The body was larger than `MAX_BODY_BYTES`, and `body` is empty.
        departed: Returns when the client has closed its connection.
    """

    request_id: str
    url_id: str
    region: str
    domain: str
    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    source_ip: str
    port: str
    received_at: datetime
    secure: bool = False
    signature: Signature | None = None
    oversized: bool = False
    departed: Callable[[], Awaitable[None]] = never

    def header(self, name: str) -> str | None:
        """Return a header's values, joined by commas as HTTP says; None where there is none."""
        values = [value for own, value in self.headers if own == name]
        return ",".join(values) if values else None


@dataclass(slots=True)
class UrlAnswer:
    """One answer; a header may appear more than once."""

    status: int
    headers: Headers = field(default_factory=list)
    body: ResponseBody = b""


def refusal(status: int, message: str | None, error_type: str) -> UrlAnswer:
    """Return what Lambda's front says instead of a function (recorded)."""
    text = "null" if message is None else f'"{message}"'
    return UrlAnswer(
        status,
        [("Content-Type", "application/json"), ("x-amzn-ErrorType", error_type)],
        f'{{"Message":{text}}}'.encode(),
    )


def failed() -> UrlAnswer:
    """Return the answer for a function that failed, or whose answer makes no sense (recorded)."""
    return UrlAnswer(502, [("Content-Type", "application/json")], b"Internal Server Error")
