"""Incoming: one HTTP request as it was read, before anybody knows what it asks for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sagehen.api.context import never
from sagehen.gateway.requests.body import RequestBody


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request as the socket gave it.

    Args:
        request_id: Drawn for this request.
        method: Upper case.
        path: As sent, percent-encoded, without the query.
        query: As sent, without `?`.
        headers: Lower-case names; repeated ones joined with `,`; Latin-1, so that bytes survive.
        body: The body, unread.
        peer: The peer's address.
        secure: True inside TLS.
        from_sandbox: The connection came through a sandbox's network namespace.
        received_at: The platform's clock (UTC).
        raw_headers: As parsed, one by one, names in lower case.
        spelled: The names of `raw_headers` as the client spelled them.
        peer_port: The peer's port; 0 where there is no socket.
        proxied: It came through the proxy door, which its network may use: the client wanted the host that
            it names, not this platform.
        vouched: The certificate of its connection is for the host that it names: whoever leads a name of
            theirs here has no such certificate.
        departed: Returns when the client has closed its connection.
    """

    request_id: str
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: RequestBody
    peer: str
    secure: bool
    from_sandbox: bool
    received_at: datetime
    raw_headers: Sequence[tuple[bytes, bytes]] = ()
    spelled: Sequence[bytes] = ()
    peer_port: int = 0
    proxied: bool = False
    vouched: bool = False
    departed: Callable[[], Awaitable[None]] = never

    @property
    def host(self) -> str:
        return self.headers.get("host", "")

    @property
    def host_name(self) -> str:
        """The Host header without its port, lower case."""
        return without_port(self.host)


def without_port(host: str) -> str:
    """Return the name in a Host header, lower case; an IPv6 address with its brackets."""
    name = host.lower()
    if name.startswith("["):
        return name.partition("]")[0] + "]"
    return name.partition(":")[0]


def headers_of(raw: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return headers by lower-case name (uvicorn lowers them), repeated ones joined as HTTP says."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in raw:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        if name in headers:
            value = f"{headers[name]},{value}"
        headers[name] = value
    return headers


def incoming_of(
    scope: Mapping[str, Any], receive: Any, *, request_id: str, received_at: datetime
) -> Incoming:
    """Make an Incoming from an ASGI scope of our own connections."""
    headers = headers_of(scope["headers"])
    length = headers.get("content-length")
    declared = int(length) if length is not None else (None if "transfer-encoding" in headers else 0)
    client = scope["client"]
    connection = scope["state"]["connection"]
    return Incoming(
        request_id=request_id,
        method=scope["method"],
        path=scope["raw_path"].decode("latin-1") or "/",
        query=scope["query_string"].decode("latin-1"),
        headers=headers,
        body=RequestBody(receive, declared),
        peer=client[0] if client else "127.0.0.1",
        secure=scope["scheme"] == "https",
        from_sandbox=scope["state"].get("from_sandbox", False),
        received_at=received_at,
        raw_headers=scope["headers"],
        spelled=scope["state"].get("spelled", ()),
        peer_port=client[1] if client else 0,
        proxied=connection.proxied,
        vouched=connection.vouched(without_port(headers.get("host", ""))),
        departed=connection.departed,
    )
