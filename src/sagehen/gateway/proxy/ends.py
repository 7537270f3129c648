"""The client's end of a request to a proxy while its head is read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sagehen.gateway.connections.connection import Connection
from sagehen.gateway.connections.first_line import BadProxyRequest, ProxyRequest, read_proxy_request
from sagehen.gateway.outside.tunnel import TunnelEnd


class Head(TunnelEnd):
    """A client whose proxy request is still being read or served.

    Args:
        serve: Told once, when the request is complete.
        connection: As which it began.
    """

    def __init__(self, serve: Callable[[Head, ProxyRequest], None], connection: Connection) -> None:
        super().__init__()
        self.transport: asyncio.Transport
        self.connection = connection
        self._serve = serve
        self._request: ProxyRequest | None = None
        self._size = 0
        self._timer = asyncio.get_running_loop().call_later(
            connection.settings.header_timeout_s, self._too_slow
        )

    def data_received(self, data: bytes) -> None:
        """Read the head of the proxy request; 400 where it is malformed, 431 beyond `max_header_bytes`."""
        super().data_received(data)
        if self._request is not None:
            return
        try:
            self._request = read_proxy_request(self.held)
        except BadProxyRequest:
            self.refuse(400, "Bad proxy request")
            return
        if self._request is not None:
            self._timer.cancel()
            self._size = len(self._held)
            self._serve(self, self._request)
        elif len(self._held) > self.connection.settings.max_header_bytes:
            self.refuse(431, "Header too large")

    def eof_received(self) -> bool:
        """Break off a client that closes before its request is complete."""
        if self._request is None:  # it will never be complete
            self.abort()
        return super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """Give the seat back."""
        self._timer.cancel()
        if self.connection.seat is not None:
            self.connection.seat.leave()

    def late(self) -> bytes:
        """What came after the data in which the request was complete."""
        return self.held[self._size :]

    def refuse(self, status: int, message: str) -> None:
        """Answer in plain text, as a proxy, and close; nothing where the transport closes already."""
        self._timer.cancel()
        if not self.transport.is_closing():
            text = message.encode("utf-8", "replace")
            self.transport.write(
                b"HTTP/1.1 %d Refused\r\nserver: Sagehen\r\ncontent-type: text/plain; charset=utf-8\r\n"
                b"content-length: %d\r\nconnection: close\r\n\r\n%s" % (status, len(text), text)
            )
            self.transport.close()

    def abort(self) -> None:
        """Break off without a word."""
        self.transport.abort()

    def _too_slow(self) -> None:
        self.refuse(408, "Request Timeout")
