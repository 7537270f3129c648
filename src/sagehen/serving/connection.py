"""ReplicaConnection: a small HTTP/1.1 client over one kept connection (some 0.2 ms a hop)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import httptools

from sagehen.serving.body import Body, StreamedBody, pieces

# What a model server may answer; beyond it the connection is cut rather than memory filled.
MAX_RESPONSE_BYTES = 256 * 1024 * 1024
# Documented: what InvokeEndpoint answers at most (BodyBlob of its model). An instance's answers under way may
# have so much each, and only MAX_RESPONSE_BYTES together beyond that.
USUAL_RESPONSE_BYTES = 6_291_456
# A server that sends byte after byte must not make an object of each.
_SMALL_BYTES = 4096
_JOINED_BYTES = 64 * 1024
# Session ids and custom attributes are 1 KiB at most; nothing honest comes near.
MAX_HEAD_BYTES = 256 * 1024


class ConnectionClosed(Exception):
    """The replica hung up or could not be reached.

    Attributes:
        began: False where the replica cannot have seen the request.
    """

    def __init__(self, message: str, *, began: bool) -> None:
        super().__init__(message)
        self.began = began


@dataclass(slots=True)
class ReplicaResponse:
    """A whole answer. Header names are lower-case.

    Attributes:
        replica_id: The instance that gave it.
        container: Its name, where the instance has several.
        waited_s: What went by before that instance was there to be asked.
    """

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    keep_alive: bool = True
    replica_id: str = ""
    waited_s: float = 0.0
    container: str = ""


class Room:
    """What the answers under way at one instance hold in memory, all of them together."""

    def __init__(self, most_bytes: int = MAX_RESPONSE_BYTES, usual_bytes: int = USUAL_RESPONSE_BYTES) -> None:
        self._most = most_bytes
        self._usual = usual_bytes
        self._held = 0

    def take(self, size: int, answer: int) -> bool:
        """Note a piece; return False where its answer, of `answer` bytes by now, is too large."""
        self._held += size
        return self._held <= self._most or answer <= self._usual

    def give_back(self, size: int) -> None:
        """Note that an answer is held no more, or passed on."""
        self._held -= size


class Sink(Protocol):
    """Takes a body piece by piece."""

    head: ReplicaResponse

    def feed(self, data: bytes) -> None:
        """Take the next piece, never empty. Called as it arrives: `hold` slows it down, nothing else does."""

    def finish(self) -> None:
        """Take note that the body is whole. Called once, and nothing after it."""

    def fail(self, reason: str) -> None:
        """Take note that the body ends here, cut off. Called once, and nothing after it."""


class ReplicaConnection(asyncio.Protocol):
    """One request at a time; the pool in `Replica` decides which connection gets it.

    Args:
        room: Of its instance.
    """

    def __init__(self, room: Room | None = None) -> None:
        self._room = room or Room()
        self._transport: asyncio.Transport | None = None
        self._parser: httptools.HttpResponseParser | None = None
        self._waiter: asyncio.Future[ReplicaResponse] | None = None
        self._sink: Sink | None = None
        self._response = ReplicaResponse()
        self._chunks: list[bytes | bytearray] = []  # the first as it came, which often is all
        self._received = 0
        self._most = MAX_RESPONSE_BYTES
        self._head_bytes = 0
        self._has_head = False
        self._writable = asyncio.Event()
        self._writable.set()
        self._is_cut = False

    # --- used by Replica -------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    async def exchange(
        self,
        method: bytes,
        path: bytes,
        headers: Mapping[str, str],
        body: Body,
        sink: Sink | None = None,
        most_bytes: int = MAX_RESPONSE_BYTES,
    ) -> ReplicaResponse:
        """Send a request and return its answer.

        Args:
            sink: Takes the body; then this returns as soon as the headers are there.
            most_bytes: Of a body that is held in memory.

        Raises:
            ConnectionClosed: See its `began`.
            BodyChanged, or what reading a streamed body raises: The connection is of no use any more.
        """
        transport = self._transport
        if transport is None or transport.is_closing():
            raise ConnectionClosed("closed before the request was sent", began=False)
        waiter: asyncio.Future[ReplicaResponse] = asyncio.get_running_loop().create_future()
        self._waiter, self._sink = waiter, sink
        self._response, self._chunks, self._received = ReplicaResponse(), [], 0
        self._head_bytes, self._has_head, self._most = 0, False, most_bytes
        self._parser = httptools.HttpResponseParser(self)
        lines = [method, b" ", path, b" HTTP/1.1\r\nhost: localhost\r\n"]
        for name, value in headers.items():
            lines.append(f"{name}: {value}\r\n".encode("latin-1"))
        lines.append(b"content-length: %d\r\n\r\n" % len(body))
        if isinstance(body, StreamedBody):
            transport.write(b"".join(lines))
            try:
                await self._send(transport, body, waiter)
            except BaseException:
                waiter.cancel()  # nobody waits for it
                raise
        elif len(body) < 65536:
            transport.write(b"".join((*lines, body)))
        else:
            transport.writelines((b"".join(lines), body))
        try:
            return await waiter
        finally:
            self._waiter = None
            self._room.give_back(self._received)
            self._received = 0

    async def _send(
        self, transport: asyncio.Transport, body: StreamedBody, waiter: asyncio.Future[ReplicaResponse]
    ) -> None:
        """Send a body as fast as the instance takes it; an answer that comes before its end ends it."""
        async with contextlib.aclosing(pieces(body)) as parts:
            async for part in parts:
                if waiter.done():
                    self._is_cut = True
                    return
                transport.write(part)
                await self._writable.wait()

    def hold(self, held: bool) -> None:
        """Stop reading, or go on: what cannot be passed on is not taken in."""
        if self._transport is not None and self._transport.is_reading() == held:
            (self._transport.pause_reading if held else self._transport.resume_reading)()

    def close(self) -> None:
        """Cut the connection; a sink is not told. What waits for an answer gets ConnectionClosed."""
        self._sink = None
        if self._transport is not None:
            self._transport.abort()

    # --- asyncio.Protocol ------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio: the connection can take a request from here on."""
        assert isinstance(transport, asyncio.Transport) or hasattr(transport, "write")
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """Called by asyncio: an answer nobody asked for, or one that is no HTTP, cuts the connection."""
        if (self._waiter is None and self._sink is None) or self._parser is None:
            self.close()  # an answer that nobody asked for
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(f"not an HTTP answer: {error}")
            return
        if not self._has_head:  # the parser itself would gather a header without end
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self._fail("the answer's headers are too large")

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio: who waits for an answer, or takes one piece by piece, is told."""
        self._transport = None
        self._writable.set()  # whoever waits to write sees that nobody reads
        if exc is None and self._has_head and self._ends_with_connection():
            self.on_message_complete()
        self._fail(f"the instance closed the connection ({exc or 'end of stream'})")

    def _ends_with_connection(self) -> bool:
        """Tell whether the answer says no length, so that its end is the connection's (RFC 9112, 6.3)."""
        headers = self._response.headers
        return "content-length" not in headers and "transfer-encoding" not in headers

    def pause_writing(self) -> None:
        """Called by asyncio: the instance takes no more for now."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """Called by asyncio: it does again."""
        self._writable.set()

    def _fail(self, message: str) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(ConnectionClosed(message, began=True))
        elif self._sink is not None:
            self._sink.fail(message)
        self._sink = None
        if self._transport is not None:
            self._transport.abort()

    # --- httptools callbacks ---------------------------------------------------------------

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by httptools for each header; names become lower-case, of equal ones the last counts."""
        if self._has_head:  # trailers mean nothing here
            return
        self._response.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """Called by httptools: with a sink, who asked has the answer's head from here on."""
        self._has_head = True
        parser, waiter = self._parser, self._waiter
        if self._sink is None or parser is None or waiter is None or waiter.done():
            return
        self._response.status = parser.get_status_code()
        self._sink.head = self._response
        waiter.set_result(self._response)

    def on_body(self, body: bytes) -> None:
        """Called by httptools for each piece; more in memory than is wanted cuts the connection."""
        if self._sink is not None:
            self._sink.feed(body)
            return
        self._received += len(body)
        if not self._room.take(len(body), self._received) or self._received > self._most:
            self._fail("the answer is too large")
            return
        last = self._chunks[-1] if self._chunks else None
        if last is None or len(body) >= _SMALL_BYTES:
            self._chunks.append(body)
        elif isinstance(last, bytearray) and len(last) < _JOINED_BYTES:
            last += body
        else:
            self._chunks.append(bytearray(body))

    def on_message_complete(self) -> None:
        """Called by httptools: the answer is whole."""
        parser, waiter = self._parser, self._waiter
        if self._sink is not None and parser is not None:
            sink, self._sink = self._sink, None
            self._response.keep_alive = parser.should_keep_alive() and not self._is_cut
            sink.finish()
            return
        if parser is None or waiter is None or waiter.done():
            return
        response = self._response
        response.status = parser.get_status_code()
        response.keep_alive = parser.should_keep_alive() and not self._is_cut
        first = self._chunks[0] if len(self._chunks) == 1 else b""
        response.body = first if isinstance(first, bytes) and first else b"".join(self._chunks)
        waiter.set_result(response)
