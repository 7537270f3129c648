"""A connection of this machine's as a `streams.Stream`, with which lines are read as over a link."""

from __future__ import annotations

import asyncio

from sagehen.cluster.streams import LinkLost

_PIECE_BYTES = 64 * 1024


class LocalStream:
    """Implements `streams.Stream` over a Unix socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def send(self, data: bytes) -> None:
        """See `Stream`."""
        try:
            self._writer.write(data)
            await self._writer.drain()
        except OSError as error:
            raise LinkLost(f"the porter has gone: {error}") from error

    async def receive(self) -> bytes:
        """See `Stream`."""
        try:
            return await self._reader.read(_PIECE_BYTES)
        except OSError as error:
            raise LinkLost(f"the porter has gone: {error}") from error

    async def finish(self) -> None:
        """See `Stream`."""
        if not self._writer.is_closing():
            self._writer.write_eof()

    def reset(self, reason: str) -> None:
        """See `Stream`."""
        self._writer.close()
