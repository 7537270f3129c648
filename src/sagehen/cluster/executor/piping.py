"""piping(...): a node told what to write to the pipes of a channel, for as long as somebody reads there."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sagehen.cluster.executor.asking import Tell
from sagehen.cluster.streams import Stream, line
from sagehen.domain.ports.storage.incoming import Piped
from sagehen.domain.timeouts import timeout

_PIECE_BYTES = 192 * 1024
# Keys are good for six hours at least.
_RENEWED_EVERY_S = 3600.0


def piping(
    piped: Piped, entries: Path, rights: Callable[[], Awaitable[Mapping[str, Any]]], ended: asyncio.Event
) -> Tell:
    """Return what tells a node of a channel.

    Args:
        entries: A file of them.
        rights: Of the role, as they are told.
        ended: Set when nobody reads any more.
    """

    async def tell(stream: Stream, offer: Mapping[str, Any]) -> None:
        await stream.send(line({"piped": asdict(piped), "offer": offer, **await rights()}))
        await _send(stream, entries)
        while not await _within(ended, _RENEWED_EVERY_S):
            await stream.send(line({"offer": offer, **await rights()}))
        await stream.send(line({"end": True}))

    return tell


async def _send(stream: Stream, entries: Path) -> None:
    with await asyncio.to_thread(entries.open, "rb") as file:
        while piece := await asyncio.to_thread(file.read, _PIECE_BYTES):
            await stream.send(line(base64.b64encode(piece).decode()))
    await stream.send(line(""))


async def _within(event: asyncio.Event, seconds: float) -> bool:
    """Tell whether something comes true in time."""
    try:
        async with timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
