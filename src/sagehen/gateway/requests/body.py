"""Request bodies: read from the connection with back-pressure, whole or as a stream."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any

from sagehen.api.errors import ServiceError
from sagehen.api.streams import BodyStream

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


class IncompleteBody(ServiceError):
    """The connection broke off, or was too slow, before the body was complete."""

    status = 400

    def __init__(self) -> None:
        super().__init__(  # documented: S3 API Reference, Error responses, IncompleteBody
            "You did not provide the number of bytes specified by the Content-Length HTTP header"
        )


class RequestEntityTooLarge(ServiceError):
    """A body that must be held in memory is larger than the front door's limit."""

    status = 413

    def __init__(self, limit: int) -> None:
        super().__init__(f"Request size exceeds the limit of {limit} bytes")


class RequestEntityTooLargeException(ServiceError):
    """The same in Lambda's code and words (recorded)."""

    status = 413

    def __init__(self, limit: int, operation: str) -> None:
        super().__init__(f"Request must be smaller than {limit} bytes for the {operation} operation")


class RequestBody:
    """The raw body, straight from the connection. Asking for the first piece sends `100 Continue`.

    Args:
        receive: ASGI's; at most 64 kB wait in memory between two calls, then the socket is paused.
        length: Content-Length; None for chunked bodies; 0 where there is none.
    """

    def __init__(self, receive: Receive, length: int | None) -> None:
        self._receive = receive
        self.length = length
        self.begun = False
        self._ended = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self.length == 0 or self._ended:
            return
        self.begun = True
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise IncompleteBody
            piece: bytes = message["body"]
            self._ended = not message.get("more_body", False)
            if piece:
                yield piece
            if self._ended:
                return

    async def read(self, limit: int) -> bytes:
        """Return the whole body.

        Raises:
            RequestEntityTooLarge: It is, or says that it is, longer than `limit` bytes.
            IncompleteBody: The client broke off.
        """
        if self.length == 0:
            return b""
        if self.length is not None and self.length > limit:
            raise RequestEntityTooLarge(limit)
        return await collect(self, limit)

    def trailers(self) -> dict[str, str]:
        """Return nothing: a plain body has none that AWS reads."""
        return {}


class BufferedBody:
    """A body that was read and verified already, in the dress of a stream."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.length: int | None = len(content)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._content:
            yield self._content

    async def read(self, limit: int) -> bytes:
        """Return the body.

        Raises:
            RequestEntityTooLarge: It is longer than `limit` bytes.
        """
        if len(self._content) > limit:
            raise RequestEntityTooLarge(limit)
        return self._content

    def trailers(self) -> dict[str, str]:
        """Return nothing: they were looked at when the body was read."""
        return {}


async def collect(body: BodyStream, limit: int, observe: Callable[[bytes], None] | None = None) -> bytes:
    """Read a stream whole.

    Args:
        limit: In bytes.
        observe: Told of each piece, so that nobody has to go over all of it at once.

    Raises:
        RequestEntityTooLarge: It is longer than `limit` bytes.
    """
    if body.length is not None and body.length > limit:
        raise RequestEntityTooLarge(limit)
    pieces: list[bytes] = []
    size = 0
    async for piece in body:
        size += len(piece)
        if size > limit:
            raise RequestEntityTooLarge(limit)
        if observe is not None:
            observe(piece)
        pieces.append(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)
