"""Many transfers at once, but not more than there is room for."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any


async def together(works: Iterable[Coroutine[Any, Any, None]], at_most: int) -> None:
    """Run `works`, each made when its turn comes; the first that fails ends the others, and is raised.

    Args:
        at_most: So many are under way.
    """
    slots = asyncio.Semaphore(at_most)
    try:
        async with asyncio.TaskGroup() as group:
            for work in works:
                try:
                    await slots.acquire()
                except BaseException:
                    work.close()
                    raise
                task = group.create_task(work)
                task.add_done_callback(lambda _: slots.release())
    except ExceptionGroup as error:
        raise error.exceptions[0] from None
