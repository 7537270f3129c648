"""Work on large bodies goes to a thread, so that other requests need not wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

# Below this base64 and JSON take less than the hop to a thread is worth (some 60 us each way).
LARGE_BYTES = 256 * 1024


async def off_loop(size: int, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do `work` here if it is about at most `LARGE_BYTES`, else in a thread."""
    if size <= LARGE_BYTES:
        return work(*args, **kwargs)
    return await asyncio.to_thread(work, *args, **kwargs)
