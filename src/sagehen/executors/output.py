"""Bytes of a process become lines, in bounded memory."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from functools import partial

from sagehen.executors.base import OutputListener

# CloudWatch Logs takes events of up to 256 kB.
MAX_LINE_BYTES = 256 * 1024


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
    def __init__(self, splitter: LineSplitter, done: asyncio.Future[None]) -> None:
        self._splitter = splitter
        self._done = done

    def data_received(self, data: bytes) -> None:
        self._splitter.feed(data)

    def connection_lost(self, error: Exception | None) -> None:
        self._splitter.close()
        if not self._done.done():
            self._done.set_result(None)


def _same(reader: _PipeReader) -> _PipeReader:
    return reader


class OutputPipes:
    """The two pipes of a process's output; the write ends are for the process.

    Args:
        raw: One pipe for both, carriage returns kept.
    """

    def __init__(self, *, raw: bool = False) -> None:
        self._raw = raw
        self._reading: list[tuple[int, LineSplitter]] = []
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
        for stream in ("stdout",) if self._raw else ("stdout", "stderr"):
            read_fd, write_fd = os.pipe()
            self.writers.append(write_fd)
            if owner is not None:
                os.fchown(write_fd, owner, owner)
            done: asyncio.Future[None] = loop.create_future()
            splitter = LineSplitter(partial(on_output, stream), keep_returns=self._raw)
            reader = _PipeReader(splitter, done)
            self._reading.append((read_fd, splitter))
            transport, _ = await loop.connect_read_pipe(partial(_same, reader), os.fdopen(read_fd, "rb", 0))
            self._transports.append(transport)
            self._done.append(done)
        if self._raw:
            self.writers.append(os.dup(self.writers[0]))

    def deliver(self) -> None:
        """Read and deliver at once what is in the pipes, an unfinished line included."""
        for (fd, splitter), done in zip(self._reading, self._done, strict=True):
            if done.done():
                continue
            # The transport made it non-blocking; what we take, it merely no longer finds.
            with contextlib.suppress(BlockingIOError):
                while data := os.read(fd, 65536):
                    splitter.feed(data)
            splitter.close()

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
        self._reading.clear()
        for transport in self._transports:
            transport.close()
