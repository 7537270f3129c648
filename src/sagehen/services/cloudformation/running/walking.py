"""Walking: work on what needs each other, several at once; after a failure nothing more is begun."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

# Resources under way at once, of one stack.
_AT_ONCE = 10


async def walk(
    needs: Mapping[str, frozenset[str]], work: Callable[[str], Awaitable[None]]
) -> tuple[dict[str, str], frozenset[str]]:
    """Do the work on each name once that on all it needs is done.

    Args:
        work: Raises an Exception where it fails, whose text is the reason.

    Returns:
        Why which failed, and which were never begun.
    """
    waiting, done, failed = dict(needs), set[str](), dict[str, str]()
    tasks: dict[asyncio.Future[None], str] = {}
    try:
        while waiting or tasks:
            ready = sorted(name for name, of in waiting.items() if of & needs.keys() <= done)
            for name in ready[: max(0, _AT_ONCE - len(tasks))] if not failed else ():
                del waiting[name]
                tasks[asyncio.ensure_future(work(name))] = name
            if not tasks:
                break
            ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in ended:
                name = tasks.pop(task)
                if (error := task.exception()) is not None:
                    if not isinstance(error, Exception):
                        raise error
                    failed[name] = str(error)
                else:
                    done.add(name)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return failed, frozenset(waiting)


def reversed_needs(needs: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """Return who has to go before each: whatever needs it."""
    return {name: frozenset(other for other, of in needs.items() if name in of) for name in needs}
