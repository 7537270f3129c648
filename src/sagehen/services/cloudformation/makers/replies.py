"""Replies: what functions are waited for to say, by unguessable keys."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

# Documented: of a response's body.
MOST_REPLY_BYTES = 4096


class Replies:
    """Those that are waited for now; a key is good for one."""

    def __init__(self) -> None:
        self._awaited: dict[str, asyncio.Future[bytes]] = {}

    @asynccontextmanager
    async def one(self) -> AsyncIterator[tuple[str, asyncio.Future[bytes]]]:
        """Wait for one in the block: the key to send it with, and the body once it is there."""
        key = secrets.token_urlsafe(32)
        self._awaited[key] = reply = asyncio.get_running_loop().create_future()
        try:
            yield key, reply
        finally:
            del self._awaited[key]

    def receive(self, key: str, body: bytes) -> bool:
        """Take a reply; False where nobody waits for one with that key."""
        reply = self._awaited.get(key)
        if reply is None or reply.done():
            return False
        reply.set_result(body)
        return True
