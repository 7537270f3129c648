"""TlsLink: one connection to one peer, whose streams take turns."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import time
from collections.abc import Iterator, Mapping
from typing import Any, cast

import orjson

from sagehen.cluster.links import frames
from sagehen.cluster.links.frames import BadFrame, Frame, Kind, Reader, frame
from sagehen.cluster.links.stream import LinkStream, lost
from sagehen.cluster.links.windows import Shared
from sagehen.cluster.streams import Handler, LinkLost, Stream, StreamRefused
from sagehen.domain.timeouts import timeout

_log = logging.getLogger(__name__)

# Streams that the far side has open: of these each may hold 64 KiB here (`windows`).
MOST_STREAMS = 1024
PING_S = 1.0
DEAD_S = 3.0
# Frames that one turn of the event loop reads: some 2 ms.
_TURN_FRAMES = 1000
# What may wait to be written: data waits above the first, and who reads nothing that it asked for is given
# up.
_HIGH_BYTES, _LOW_BYTES = 256 * 1024, 64 * 1024
_MOST_WAITING_BYTES = 8 * 1024 * 1024
# So many short pieces go without waiting for a turn, in one turn of the event loop: requests and answers.
_AT_ONCE, _SHORT_BYTES = 16, 16 * 1024
# Of what the kernel has not sent yet: otherwise 4 MB of one stream lie there before the next one's message.
_UNSENT_BYTES = 128 * 1024
_LINGER_S = 5.0


class TlsLink(asyncio.Protocol):
    """A link, over a transport that is TLS already; who the peer is was found out by whoever gives it the
    name.

    Args:
        peer: The peer's name.
        handlers: What it may open here.
        dialled: Whether this side dialled.
    """

    def __init__(self, peer: str, handlers: Mapping[str, Handler], *, dialled: bool) -> None:
        self._peer = peer
        self._handlers = handlers
        self._next, self._theirs = (1, 0) if dialled else (2, 1)  # odd numbers are the dialler's
        self._highest = 0  # of those that the far side opened
        self._streams: dict[int, LinkStream] = {}
        self._their_count = 0
        self._shared = Shared()
        self._reader = Reader()
        self._rest: Iterator[Frame] | None = None  # of what was fed and not read in this turn
        self._backlog = bytearray()
        self._transport: asyncio.Transport | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self._turn = asyncio.Lock()
        self._at_once = _AT_ONCE
        self._lost = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._heard = time.monotonic()
        self._ping: asyncio.TimerHandle | None = None
        self.most_streams = MOST_STREAMS

    @property
    def peer(self) -> str:
        """The node's id, out of its certificate; `platform` on a node."""
        return self._peer

    async def open(self, kind: str, arguments: Mapping[str, Any], *, timeout_s: float) -> Stream:
        """Open a stream to the handler of `kind` on the far side.

        Raises:
            LinkLost, StreamRefused, TimeoutError
        """
        if self._transport is None or self._transport.is_closing():
            raise lost()
        number = self._next
        opening = frames.opening(number, kind, orjson.dumps(arguments))
        self._next += 2
        stream = LinkStream(self, number, self._shared)
        self._streams[number] = stream
        self.write(opening)
        try:
            async with timeout(timeout_s):
                await stream.opened
        except BaseException:
            stream.reset("nobody waits for it any more")
            raise
        return stream

    async def closed(self) -> None:
        """Return when it is lost."""
        await self._lost.wait()

    @property
    def is_lost(self) -> bool:
        """Whether it is over."""
        return self._lost.is_set()

    def abort(self) -> None:
        """End it at once; its streams fail."""
        if self._transport is not None:
            self._transport.abort()

    async def close(self) -> None:
        """End it and wait for its handlers."""
        self.abort()
        if self._transport is not None:
            await self._lost.wait()
        self._end_tasks()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # What streams ask of it.

    def write(self, data: bytes) -> None:
        """Write a frame that needs no turn: it is short, and what it answers was bounded."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        if transport.get_write_buffer_size() > _MOST_WAITING_BYTES:
            _log.warning("the link to %s is given up: it reads nothing", self._peer)
            transport.abort()
            return
        transport.write(data)

    def write_now(self, stream: int, data: bytes | memoryview) -> bool:
        """Write a short piece of a stream, where no other waits for its turn; False where it has to wait."""
        if (
            len(data) > _SHORT_BYTES
            or not self._at_once
            or not self._writable.is_set()
            or self._turn.locked()
        ):
            return False
        if self._at_once == _AT_ONCE:
            asyncio.get_running_loop().call_soon(self._refill)
        self._at_once -= 1
        self._put(stream, data)
        return True

    async def write_data(self, stream: int, data: memoryview) -> None:
        """Write a piece of a stream when its turn has come: first come, first served."""
        if self.write_now(stream, data):
            return
        async with self._turn:
            if not self._writable.is_set():
                await self._writable.wait()
            else:
                await asyncio.sleep(0)  # a fast connection never says stop
            self._put(stream, data)

    def _put(self, stream: int, data: bytes | memoryview) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            raise lost()
        transport.write(b"".join((frames.HEADER.pack(Kind.DATA, stream, len(data)), data)))

    def _refill(self) -> None:
        self._at_once = _AT_ONCE

    def forget(self, number: int) -> None:
        """A stream is over."""
        if self._streams.pop(number, None) is not None and number & 1 == self._theirs:
            self._their_count -= 1

    # What the transport tells it.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to listen for the peer's life."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(_HIGH_BYTES, _LOW_BYTES)
        raw = self._transport.get_extra_info("socket")
        with contextlib.suppress(OSError, AttributeError):
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT_BYTES)
        self._heard = time.monotonic()
        self._beat(self._heard)

    def data_received(self, data: bytes) -> None:
        """Read frames: so many in one turn, and the rest in the next ones."""
        self._heard = time.monotonic()
        if self._rest is not None:
            self._backlog += data
            return
        self._read(self._reader.feed(data))

    def _read(self, found: Iterator[Frame]) -> None:
        try:
            for count, each in enumerate(found):
                self._take(each)
                if count >= _TURN_FRAMES:
                    self._rest = found
                    assert self._transport is not None
                    self._transport.pause_reading()
                    asyncio.get_running_loop().call_soon(self._read_on)
                    return
        except BadFrame as error:
            _log.warning("the link to %s is given up: %s", self._peer, error)
            self.abort()

    def _read_on(self) -> None:
        rest, self._rest = self._rest, None
        if rest is None or self._transport is None or self._transport.is_closing():
            return
        self._read(rest)
        if self._rest is None and self._backlog:
            data, self._backlog = bytes(self._backlog), bytearray()
            self._read(self._reader.feed(data))
        if self._rest is None and not self._transport.is_closing():
            self._transport.resume_reading()

    def pause_writing(self) -> None:
        """Data waits from here on."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """It goes on."""
        self._writable.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """Every stream fails, and what was served ends."""
        if self._ping is not None:
            self._ping.cancel()
        self._rest = None
        self._backlog.clear()
        for stream in list(self._streams.values()):
            stream.fail(lost())
        self._writable.set()
        self._lost.set()
        # Handlers learn it by their streams; one that has other things to do is not waited for.
        asyncio.get_running_loop().call_later(_LINGER_S, self._end_tasks)

    def _end_tasks(self) -> None:
        for task in self._tasks:
            task.cancel()

    def _beat(self, due: float) -> None:
        """Once a second: say that we live, and look whether the peer does."""
        now = time.monotonic()
        # Who was held up for long oneself cannot say of the other that it is silent.
        if now - self._heard > DEAD_S and now - due < PING_S:
            _log.warning("the link to %s is given up: it is silent", self._peer)
            self.abort()
            return
        self.write(frame(Kind.PING, 0))
        self._ping = asyncio.get_running_loop().call_later(PING_S, self._beat, now + PING_S)

    def _take(self, found: Frame) -> None:
        kind, number = found.kind, found.stream
        if kind is Kind.DATA:
            stream = self._streams.get(number)
            if stream is None:
                self._check_known(number)
            elif not stream.came(found.content):
                raise BadFrame("more data than was asked for")
            return
        if kind is Kind.PING:
            self.write(frame(Kind.PONG, 0))
            return
        if kind is Kind.PONG:
            return
        if kind is Kind.OPEN:
            self._open(number, found.content)
            return
        stream = self._streams.get(number)
        if stream is None:
            self._check_known(number)
            return
        if kind is Kind.OPENED:
            if not stream.opened.done():
                stream.opened.set_result(None)
        elif kind is Kind.FINISH:
            stream.ended()
        elif kind is Kind.RESET:
            stream.fail(StreamRefused(found.content[: frames.MOST_REASON_BYTES].decode("utf-8", "replace")))
        elif len(found.content) != 4 or not stream.allowed(int.from_bytes(found.content, "big")):
            raise BadFrame("no credit that can be")

    def _check_known(self, number: int) -> None:
        """A frame of a stream that is over may be under way still; of one that never was, it may not."""
        is_theirs = number & 1 == self._theirs
        if number == 0 or number > (self._highest if is_theirs else self._next - 2):
            raise BadFrame("a stream that was never opened")

    def _open(self, number: int, content: bytes) -> None:
        if number & 1 != self._theirs or number <= self._highest:
            raise BadFrame("a stream's number that is not to be had")
        self._highest = number
        kind, text = frames.opened_kind(content)
        handler = self._handlers.get(kind)
        if handler is None:
            self.write(frame(Kind.RESET, number, b"nobody serves " + kind.encode()))
            return
        if self._their_count >= self.most_streams:
            self.write(frame(Kind.RESET, number, b"too many streams are open"))
            return
        try:
            arguments = orjson.loads(text)
        except orjson.JSONDecodeError:
            arguments = None
        if not isinstance(arguments, dict):
            raise BadFrame("arguments that are no JSON object")
        stream = LinkStream(self, number, self._shared)
        self._streams[number] = stream
        self._their_count += 1
        self.write(frame(Kind.OPENED, number))
        task = asyncio.get_running_loop().create_task(self._serve(handler, arguments, stream))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, handler: Handler, arguments: Mapping[str, Any], stream: LinkStream) -> None:
        """Run a handler for one stream; what it leaves open is ended."""
        try:
            await handler(arguments, stream)
            await stream.finish()
            if not stream.is_over:  # the far side may still be about to finish
                async with timeout(_LINGER_S):
                    while await stream.receive():
                        pass
        except (LinkLost, StreamRefused, TimeoutError) as error:
            stream.reset(str(error) or "it was not read to its end")
        except Exception as error:
            _log.exception("serving %s failed", self._peer)
            stream.reset(f"{type(error).__name__}")
        except BaseException:
            stream.reset("this side ends")
            raise
