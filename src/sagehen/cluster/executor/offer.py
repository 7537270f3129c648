"""Offer: what a node may dial the platform's porter for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")


class PorterGone(ConnectionError):
    """A porter has ended, ours or the node's; the next offer starts another one."""


class BrokenOff(ConnectionError):
    """The connection of something that is offered once has broken off."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a node may dial for.

    Args:
        done: Ends when something that is offered once was done, and how.
    """

    port: int
    ticket: str
    done: asyncio.Future[None]

    def told(self) -> dict[str, Any]:
        """Return what the node is told."""
        return {"port": self.port, "ticket": self.ticket}

    async def during(self, work: Awaitable[T]) -> T:
        """Return what comes of work with it.

        A node that dials while there is no porter is in the listener's queue and hears nothing for long. Of
        a connection that is cut with the porter it tells after we have heard of its end.

        Raises:
            PorterGone: The porter has ended meanwhile.
        """
        task = asyncio.ensure_future(work)
        try:
            await asyncio.wait((task, self.done), return_when=asyncio.FIRST_COMPLETED)
            if self.done.done() and isinstance(gone := self.done.exception(), PorterGone):
                raise gone
            return await task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
