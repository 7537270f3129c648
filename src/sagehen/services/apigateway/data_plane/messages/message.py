"""ApiRequest and ApiResponse: a call of an API without sockets."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sagehen.api.context import never
from sagehen.api.signature import Signature

# https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
MAX_BODY_BYTES = 10 * 1024 * 1024

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """One request to a stage.

    Args:
        request_id: Of the front door; also in answers, logs and events.
        api_id, stage: Which stage of which API.
        method: Upper case.
        path: Percent-encoded, below the stage, beginning with `/`.
        query: As sent, without `?`.
        headers: In order, names spelled as the client spelled them.
        body: Complete, at most `MAX_BODY_BYTES`.
        source_ip: The client's address.
        host: The Host header.
        received_at: UTC.
        secure: Came over TLS.
        signature: None for a request that carries no Signature Version 4.
        from_sandbox: Sent by code that runs in a sandbox: no way around the sandbox leads through an API.
        oversized: The body was larger than `MAX_BODY_BYTES`, and `body` is empty.
        departed: Returns when the client has closed its connection.
    """

    request_id: str
    api_id: str
    stage: str
    method: str
    path: str
    query: str
    headers: Headers
    body: bytes
    source_ip: str
    host: str
    received_at: datetime
    secure: bool = False
    signature: Signature | None = None
    from_sandbox: bool = False
    oversized: bool = False
    departed: Callable[[], Awaitable[None]] = never

    def header(self, name: str) -> str | None:
        """Return the last value of a header, as API Gateway's single-valued maps do; None if absent."""
        wanted = name.lower()
        for own, value in reversed(self.headers):
            if own.lower() == wanted:
                return value
        return None


@dataclass(slots=True)
class ApiResponse:
    """One answer; a header may appear more than once."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """Return the first value of a header, whatever its case; None if absent."""
        wanted = name.lower()
        return next((value for own, value in self.headers if own.lower() == wanted), None)

    def set_header(self, name: str, value: str) -> None:
        """Put a header in the place of all of its name."""
        self.set_headers(name, [value])

    def set_headers(self, name: str, values: list[str]) -> None:
        """Put headers of one name in the place of all of that name."""
        wanted = name.lower()
        self.headers = [pair for pair in self.headers if pair[0].lower() != wanted]
        self.headers.extend((name, value) for value in values)


def status_of(value: Any) -> int | None:
    """Return a status that a function or a template gives, as a number or in three digits, else None."""
    if isinstance(value, str) and len(value) == 3 and value.isascii() and value.isdigit():
        value = int(value)
    return value if type(value) is int and 100 <= value <= 599 else None
