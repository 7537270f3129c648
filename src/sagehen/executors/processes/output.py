"""Bytes of a process become lines, in bounded memory."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import BinaryIO, cast

from sagehen.executors.base import OutputListener
from sagehen.executors.processes.pace import Pace, pieces

# CloudWatch Logs takes events of up to 256 kB.
MAX_LINE_BYTES = 256 * 1024
_PIPE_BYTES = 65536
# 3,000 lines: some 10 ms. Nobody else's invocation waits longer for what one printed last.
_PIECES_AT_ONCE = 12


def pipe_file(read_fd: int) -> BinaryIO:
    """Return the read end of a pipe as the running loop's `connect_read_pipe` wants it.

    uvloop closes the descriptor and then the file too: in between the number may have become a file
    that another thread just opened, and would be closed under its hands.
    """
    by_uvloop = type(asyncio.get_running_loop()).__module__.partition(".")[0] == "uvloop"
    return os.fdopen(read_fd, "rb", 0, closefd=not by_uvloop)


class LineSplitter:
    """Cuts a byte stream at newlines; of a progress bar redrawn with `\\r` only the last state stays.

    Args:
        on_line: Told each line.
        keep_returns: Leave carriage returns in the lines.
    """

    def __init__(self, on_line: Callable[[str], None], *, keep_returns: bool = False) -> None:
        self._on_line = on_line
        self._keep_returns = keep_returns
        self._rest = bytearray()

    def feed(self, data: bytes) -> None:
        """Take bytes as they come; what is longer than 256 kB without a newline is delivered in pieces."""
        *whole, rest = data.split(b"\n")
        for piece in whole:
            self._rest += piece
            self._flush()
        self._rest += rest
        if len(self._rest) > MAX_LINE_BYTES:
            self._drop_overdrawn()
        while len(self._rest) > MAX_LINE_BYTES:
            self._emit(bytes(self._rest[:MAX_LINE_BYTES]))
            del self._rest[:MAX_LINE_BYTES]

    def close(self) -> None:
        """Deliver what came after the last newline."""
        if self._rest:
            self._flush()

    def _flush(self) -> None:
        self._drop_overdrawn()
        line = bytes(self._rest)
        self._rest.clear()
        while len(line) > MAX_LINE_BYTES:
            self._emit(line[:MAX_LINE_BYTES])
            line = line[MAX_LINE_BYTES:]
        self._emit(line)

    def _drop_overdrawn(self) -> None:
        if self._keep_returns:
            return
        while self._rest.endswith(b"\r"):
            del self._rest[-1:]
        start = self._rest.rfind(b"\r") + 1
        if start:
            del self._rest[:start]

    def _emit(self, line: bytes) -> None:
        self._on_line(line.decode("utf-8", "replace"))


class _PipeReader(asyncio.Protocol):
    """Feeds a splitter, no faster than the platform can bear: a process that floods waits for us."""

    def __init__(self, splitter: LineSplitter, done: asyncio.Future[None]) -> None:
        self._splitter = splitter
        self._done = done
        self._transport: asyncio.ReadTransport | None = None
        self._pace = Pace()
        self._pieces: deque[bytes] = deque()
        self._is_paused = False
        self.is_lost = False

    def deliver(self, more: bytes = b"", most_pieces: int | None = _PIECES_AT_ONCE) -> None:
        """Deliver at once what was read, and what was read behind it, an unfinished line included.

        Args:
            most_pieces: Of a flood so many; the rest has its turn later. None: all.
        """
        self._pieces.extend(pieces(more))
        for _ in range(len(self._pieces) if most_pieces is None else min(most_pieces, len(self._pieces))):
            self._splitter.feed(self._pieces.popleft())
        if self._pieces:
            if not self._is_paused:
                self._pause(0.0)
            return
        self._splitter.close()
        if self.is_lost:
            self._end()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.ReadTransport, transport)

    def data_received(self, data: bytes) -> None:
        self._pieces.extend(pieces(data))
        if not self._is_paused:
            self._go_on()

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        self.is_lost = True
        if not self._is_paused:
            self._end()

    def _go_on(self) -> None:
        was_paused, self._is_paused = self._is_paused, False
        loop = asyncio.get_running_loop()
        pause_s = 0.0
        if self._pieces:
            piece = self._pieces.popleft()
            self._splitter.feed(piece)
            pause_s = self._pace.pause_s(piece, loop.time())
        if self._pieces or pause_s > 0:
            self._pause(pause_s, was_paused=was_paused)
        elif self.is_lost:
            self._end()
        elif was_paused and self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def _pause(self, seconds: float, *, was_paused: bool = False) -> None:
        self._is_paused = True
        if not was_paused and self._transport is not None:
            self._transport.pause_reading()
        asyncio.get_running_loop().call_later(seconds, self._go_on)

    def _end(self) -> None:
        self._splitter.close()
        if not self._done.done():
            self._done.set_result(None)


def _same(reader: _PipeReader) -> _PipeReader:
    return reader


class OutputPipes:
    """The two pipes of a process's output; the write ends are for the process.

    Args:
        raw: One pipe for both, carriage returns kept.
        apart: A pipe each all the same.
    """

    def __init__(self, *, raw: bool = False, apart: bool = False) -> None:
        self._raw = raw
        self._streams = ("stdout", "stderr") if apart or not raw else ("stdout",)
        self._reading: list[tuple[int, _PipeReader]] = []
        self.writers: list[int] = []
        self._done: list[asyncio.Future[None]] = []
        self._transports: list[asyncio.BaseTransport] = []

    async def open(self, on_output: OutputListener, owner: int | None = None) -> None:
        """Make the pipes and read them from now on.

        Args:
            on_output: Told each line, on the event loop.
            owner: Host uid that may reopen the write ends by name (`/dev/stdout`).
        """
        loop = asyncio.get_running_loop()
        for stream in self._streams:
            read_fd, write_fd = os.pipe()
            self.writers.append(write_fd)
            if owner is not None:
                os.fchown(write_fd, owner, owner)
            done: asyncio.Future[None] = loop.create_future()
            splitter = LineSplitter(partial(on_output, stream), keep_returns=self._raw)
            reader = _PipeReader(splitter, done)
            self._reading.append((read_fd, reader))
            transport, _ = await loop.connect_read_pipe(partial(_same, reader), pipe_file(read_fd))
            self._transports.append(transport)
            self._done.append(done)
        if len(self._streams) == 1:
            self.writers.append(os.dup(self.writers[0]))

    def deliver(self) -> None:
        """Read and deliver at once what is in the pipes, an unfinished line included."""
        for fd, reader in self._reading:
            more = b""
            # The transport made it non-blocking; what we take, it merely no longer finds. One read
            # takes all that a pipe holds; a second one could go on for ever with a process that floods.
            if not reader.is_lost:
                with contextlib.suppress(BlockingIOError):
                    more = os.read(fd, _PIPE_BYTES)
            reader.deliver(more)

    def close_writers(self) -> None:
        """Close our copies of the write ends, so that the process's end shows as the end of output."""
        for fd in self.writers:
            with contextlib.suppress(OSError):
                os.close(fd)
        self.writers = []

    async def drained(self, patience_s: float | None = None) -> None:
        """Return when both streams ended, or `patience_s` later where a stray process holds one open."""
        if self._done:
            await asyncio.wait(self._done, timeout=patience_s)
        for _, reader in self._reading:
            reader.deliver(most_pieces=None)  # nothing, unless patience has ended
        self._reading.clear()
        for transport in self._transports:
            transport.close()
