"""Requests as a socket would have given them, for decisions that need no socket."""

from __future__ import annotations

from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any

from sagehen.gateway.requests.body import RequestBody
from sagehen.gateway.requests.incoming import Incoming


def incoming(
    method: str = "GET",
    path: str = "/",
    query: str = "",
    *,
    host: str = "127.0.0.1:4566",
    headers: dict[str, str] | None = None,
    length: int | None = 0,
    content: bytes = b"",
    secure: bool = False,
) -> Incoming:
    """Return a request; `headers` by lower-case name, `content` where `length` is not 0."""

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": content, "more_body": False}

    return Incoming(
        request_id="00000000-0000-4000-8000-000000000000",
        method=method,
        path=path,
        query=query,
        headers={"host": host, **(headers or {})},
        body=RequestBody(receive, length),
        peer="127.0.0.1",
        secure=secure,
        from_sandbox=False,
        received_at=datetime(2026, 11, 28, tzinfo=UTC),
    )
