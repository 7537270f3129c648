"""Outlet: lines of JSON to whoever started this process, without waiting for it."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson

# Some hundred tellings; whoever does not read them for so long gets what was counted all at once.
_FULL_BYTES = 1024 * 1024


class Outlet(asyncio.BaseProtocol):
    """Made by `open`."""

    def __init__(self) -> None:
        self._transport: asyncio.WriteTransport | None = None
        self._closed = asyncio.Event()

    @classmethod
    async def open(cls, pipe: Any) -> Outlet:
        """Return an outlet over a pipe."""
        _, outlet = await asyncio.get_running_loop().connect_write_pipe(cls, pipe)
        return outlet

    @property
    def is_full(self) -> bool:
        """Whether nobody has read for long, or ever will."""
        transport = self._transport
        return transport is None or transport.get_write_buffer_size() > _FULL_BYTES

    def say(self, line: dict[str, Any]) -> None:
        """Send a line; nobody is told where nobody listens."""
        if self._transport is not None:
            self._transport.write(orjson.dumps(line) + b"\n")

    async def close(self) -> None:
        """Send what is left and close."""
        if self._transport is not None:
            self._transport.close()
        await self._closed.wait()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        self._transport = transport  # type: ignore[assignment]

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio: whoever started this process has gone."""
        self._transport = None
        self._closed.set()

    def pause_writing(self) -> None:
        """Called by asyncio; `is_full` says the same."""

    def resume_writing(self) -> None:
        """Called by asyncio."""
