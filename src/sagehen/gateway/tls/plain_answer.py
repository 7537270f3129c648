"""What a client is told that speaks plain HTTP where TLS is spoken."""

from __future__ import annotations

import asyncio
from typing import cast

# Read before the answer, so that the client's machine does not drop it for unread bytes (RFC 9112, 9.6).
_MOST_BYTES = 1024 * 1024
_PATIENCE_S = 5.0
_LINGER_S = 2.0
_TOLD = (
    "<Code>BadRequest</Code><Message>This port speaks TLS, and a request came in plain HTTP: begin the "
    "endpoint's "
    "URL with https://. Whatever it carried went over the network for everybody to read.</Message>"
)
# Nobody knows yet which service was meant: S3's clients read the outer error, IAM's and EC2's the inner one,
# and
# those that speak JSON show the text.
_BODY = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{_TOLD}<Error>{_TOLD}</Error></Error>\n'.encode()


class PlainAnswer(asyncio.Protocol):
    """Answers 400 to whatever it is sent, and closes; never asks what it was."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._seen = bytearray()
        self._size = 0
        self._answered = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the end of the head, for some seconds."""
        self._transport = cast(asyncio.Transport, transport)
        self._timer = asyncio.get_running_loop().call_later(_PATIENCE_S, self._answer)

    def data_received(self, data: bytes) -> None:
        """Read on until the head is whole; drop the body."""
        self._size += len(data)
        if self._answered:
            if self._size > _MOST_BYTES and self._transport is not None:
                self._transport.abort()
            return
        self._seen += data[:16384]
        if b"\r\n\r\n" in self._seen or b"\n\n" in self._seen or len(self._seen) >= 16384:
            self._answer()

    def eof_received(self) -> bool:
        """Answer a client that has said all it wanted; close once it has its answer."""
        if self._answered:
            return False
        self._answer()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go."""
        if self._timer is not None:
            self._timer.cancel()

    def _answer(self) -> None:
        transport = self._transport
        if self._answered or transport is None or transport.is_closing():
            return
        self._answered = True
        if self._timer is not None:
            self._timer.cancel()
        transport.write(
            b"HTTP/1.1 400 Bad Request\r\nserver: Sagehen\r\ncontent-type: application/xml\r\n"
            b"content-length: %d\r\nconnection: close\r\n\r\n%s" % (len(_BODY), _BODY)
        )
        if transport.can_write_eof():
            transport.write_eof()
        self._timer = asyncio.get_running_loop().call_later(_LINGER_S, transport.close)
