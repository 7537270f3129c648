"""What is passed on of a request to the server behind, and in what dress."""

from __future__ import annotations

from sagehen.gateway.notebooks import cookies
from sagehen.gateway.requests.incoming import Incoming

# About one connection, or about the body, which is framed anew; who asks is proved by the door's own token.
_KEPT_BACK = frozenset(
    (
        "host", "connection", "keep-alive", "proxy-connection", "proxy-authorization", "te", "trailer",
        "transfer-encoding", "content-length", "upgrade", "expect", "authorization", "cookie", "forwarded",
        "via",
    )
)  # fmt: skip
_KEPT_BACK_PREFIXES = ("x-amz-", "x-forwarded-")


def passed_headers(incoming: Incoming, token: str) -> list[tuple[str, str]]:
    """Return the headers for the server behind: never the session's cookie, nor anything of AWS's.

    Args:
        token: The server's own.
    """
    kept = [
        (name, value)
        for name, value in _named(incoming)
        if name not in _KEPT_BACK and not name.startswith(_KEPT_BACK_PREFIXES)
    ]
    if others := cookies.without_sessions(cookie_headers(incoming)):
        kept.append(("cookie", others))
    return [*kept, ("authorization", f"token {token}")]


def cookie_headers(incoming: Incoming) -> list[str]:
    """Return the values of the Cookie headers, one by one."""
    return [value for name, value in _named(incoming) if name == "cookie"]


def upgrade_head(incoming: Incoming, target: str, token: str) -> bytes:
    """Return the head of a WebSocket's handshake as it is sent to the server behind (RFC 6455, 4.1)."""
    lines = [f"GET {target} HTTP/1.1", f"Host: {incoming.host}", "Connection: Upgrade", "Upgrade: websocket"]
    lines += [f"{name}: {value}" for name, value in passed_headers(incoming, token)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _named(incoming: Incoming) -> list[tuple[str, str]]:
    if not incoming.raw_headers:
        return list(incoming.headers.items())
    return [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in incoming.raw_headers]
