"""WebSocket: messages both ways on a connection that was upgraded, no faster than either side takes them.

The frames are read and written by the `websockets` library; it knows no sockets.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from sagehen.domain.timeouts import timeout

if TYPE_CHECKING:
    from websockets.frames import Frame

# Of a message; a longer one ends the connection with 1009.
MOST_MESSAGE_BYTES = 256 * 1024
_HELD_BYTES = 64 * 1024
# Read of what came before others get their turn: 2 kB of empty frames take two milliseconds.
_SLICE_BYTES = 2 * 1024
# Answers to pings that nobody reads: then nothing more is read either.
_MOST_UNREAD_BYTES = 256 * 1024
# Browsers answer pings by themselves, whatever the page does.
_PING_S = 20.0
_SILENCE_S = 75.0
_LAST_WORDS_S = 2.0


class WebSocket(asyncio.Protocol):
    """The server's end of one.

    Args:
        gone: Called once when the connection is no more.
    """

    def __init__(self, gone: Callable[[], None]) -> None:
        from websockets.protocol import Protocol, Side, State

        self._frames = Protocol(Side.SERVER, state=State.OPEN, max_size=MOST_MESSAGE_BYTES)
        self._gone = gone
        self._transport: asyncio.Transport | None = None
        self._raw = bytearray()
        self._messages: deque[bytes | str] = deque()
        self._text: bytearray | None = None
        self._comes = asyncio.Event()
        self._may_write = asyncio.Event()
        self._may_write.set()
        self._lost = asyncio.Event()
        self._over = False
        self._paused = False
        self._heard_at = asyncio.get_running_loop().time()
        self._pinging: asyncio.Task[None] | None = None

    def begin(self, transport: asyncio.Transport, head: bytes) -> None:
        """Take a connection over.

        Args:
            head: The answer to its handshake.
        """
        self._transport = transport
        transport.set_protocol(self)
        transport.set_write_buffer_limits(high=_HELD_BYTES)
        transport.write(head)
        transport.resume_reading()
        self._pinging = asyncio.create_task(self._ping(), name="pings of a WebSocket")

    async def receive(self) -> bytes | str | None:
        """Return the next message; None when the other side is gone, or says what is no WebSocket's."""
        while not self._messages:
            if self._over:
                return None
            if not self._raw:
                self._comes.clear()
                await self._comes.wait()
                continue
            await self._unread_is_little()
            self._take_slice()
            await asyncio.sleep(0)
        return self._messages.popleft()

    async def send(self, message: bytes | str) -> None:
        """Send a message; returns when most of what was sent is taken.

        Raises:
            ConnectionResetError: The other side is gone.
        """
        if self._over:
            raise ConnectionResetError("the WebSocket is closed")
        if isinstance(message, str):
            self._frames.send_text(message.encode())
        else:
            self._frames.send_binary(message)
        self._flush()
        await self._may_write.wait()

    async def end(self, last: str) -> None:
        """Say a last text, and close; takes some seconds where the other side does not take it."""
        with contextlib.suppress(TimeoutError, ConnectionError):
            async with timeout(_LAST_WORDS_S):
                await self.send(last)
                self._frames.send_close(1000)
                self._flush()
                while await self.receive() is not None:
                    pass
        if self._transport is not None:
            self._transport.close()
        with contextlib.suppress(TimeoutError):
            async with timeout(_LAST_WORDS_S):
                await self._lost.wait()
        self.abort()

    def abort(self) -> None:
        """Break it off."""
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Hold what comes until somebody receives it."""
        self._heard_at = asyncio.get_running_loop().time()
        if self._over:
            return
        self._raw += data
        self._comes.set()
        if len(self._raw) > _HELD_BYTES and self._transport is not None and not self._paused:
            self._paused = True
            self._transport.pause_reading()

    def eof_received(self) -> bool:
        """End with the other side."""
        self._stop()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """End with the connection."""
        self._stop()
        self._may_write.set()
        self._lost.set()
        if self._pinging is not None:
            self._pinging.cancel()
        self._gone()

    def pause_writing(self) -> None:
        """Let senders wait."""
        self._may_write.clear()

    def resume_writing(self) -> None:
        """Let them go on."""
        self._may_write.set()

    def _stop(self) -> None:
        self._over = True
        self._raw.clear()
        self._comes.set()

    def _take_slice(self) -> None:
        piece = bytes(self._raw[:_SLICE_BYTES])
        del self._raw[:_SLICE_BYTES]
        self._frames.receive_data(piece)
        for frame in self._frames.events_received():
            self._take(cast("Frame", frame))  # there is no handshake any more
        self._flush()
        if self._paused and len(self._raw) <= _HELD_BYTES // 2 and self._transport is not None:
            self._paused = False
            self._transport.resume_reading()

    def _take(self, frame: Frame) -> None:
        """Take a frame: pieces of bytes as they come, texts once they are whole."""
        from websockets.frames import Opcode

        if frame.opcode is Opcode.TEXT:
            self._text = bytearray()
        if frame.opcode is Opcode.BINARY or (frame.opcode is Opcode.CONT and self._text is None):
            if frame.data:
                self._messages.append(bytes(frame.data))
        elif frame.opcode is Opcode.TEXT or frame.opcode is Opcode.CONT:
            assert self._text is not None
            self._text += frame.data
            if frame.fin:
                text, self._text = self._text, None
                try:
                    self._messages.append(text.decode())
                except UnicodeDecodeError:
                    self._frames.fail(1007)
        elif frame.opcode is Opcode.CLOSE:
            self._stop()

    def _flush(self) -> None:
        """Write what is to be sent. What the library sends last is an end: also where it found a fault."""
        assert self._transport is not None
        for piece in self._frames.data_to_send():
            if piece and not self._transport.is_closing():
                self._transport.write(piece)
            elif not piece:
                self._stop()
                self._transport.close()

    async def _unread_is_little(self) -> None:
        assert self._transport is not None
        if self._transport.get_write_buffer_size() > _MOST_UNREAD_BYTES:
            await self._may_write.wait()

    async def _ping(self) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            await asyncio.sleep(_PING_S)
            if clock() - self._heard_at > _SILENCE_S:
                self.abort()
                return
            if self._may_write.is_set() and not self._over:
                self._frames.send_ping(b"")
                self._flush()
