"""while_wanted(...): work of a porter that ends where the platform does not wait for it any more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from typing import Any, TypeVar

from sagehen.archives.bounds import Abandoned

T = TypeVar("T")


async def while_wanted(told: AsyncIterator[Any], work: Awaitable[T]) -> T:
    """Return what comes of work.

    Args:
        told: What the platform says; it ends where nobody hears any more.

    Raises:
        Abandoned: Nobody does.
    """
    working, hearing = asyncio.ensure_future(work), asyncio.ensure_future(_end_of(told))
    try:
        await asyncio.wait((working, hearing), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise Abandoned
        return await working
    finally:
        for task in (working, hearing):
            task.cancel()
        await asyncio.gather(working, hearing, return_exceptions=True)


async def _end_of(told: AsyncIterator[Any]) -> None:
    async for _ in told:
        pass
