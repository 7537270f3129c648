"""The opening handshake, as a server answers it (RFC 6455, 4.2).

The request was read by the HTTP server; who may open one, and from which page, is decided before.
"""

from __future__ import annotations

import base64
import binascii

from sagehen.gateway.requests.incoming import Incoming
from sagehen.protocol.http import HttpResponse

_VERSION = "13"
_KEY_BYTES = 16


def refusal(incoming: Incoming) -> HttpResponse | None:
    """Return the answer to a request that is no handshake; None for one that is."""
    headers = incoming.headers
    words = {word.strip().lower() for word in headers.get("connection", "").split(",")}
    if headers.get("upgrade", "").lower() != "websocket" or "upgrade" not in words:
        return _told(426, "This is for WebSockets.", {"Upgrade": "websocket", "Connection": "Upgrade"})
    if headers.get("sec-websocket-version") != _VERSION:
        return _told(426, f"Version {_VERSION} alone is spoken.", {"Sec-WebSocket-Version": _VERSION})
    try:
        key = base64.b64decode(headers.get("sec-websocket-key", ""), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    return None if len(key) == _KEY_BYTES else _told(400, "Sec-WebSocket-Key is no key.", {})


def acceptance(incoming: Incoming) -> bytes:
    """Return the head of the answer to a handshake. No extension is taken: nothing is compressed."""
    from websockets.utils import accept_key

    lines = (
        *("HTTP/1.1 101 Switching Protocols", "Server: Sagehen", "Upgrade: websocket", "Connection: Upgrade"),
        f"Sec-WebSocket-Accept: {accept_key(incoming.headers['sec-websocket-key'])}",
    )
    return "\r\n".join((*lines, "", "")).encode("latin-1")


def _told(status: int, reason: str, headers: dict[str, str]) -> HttpResponse:
    return HttpResponse(status, {"Content-Type": "text/plain", **headers}, f"{reason}\n".encode())
