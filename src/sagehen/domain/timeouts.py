"""Limits of time around a piece of a task: `asyncio.timeout` as Python has it since 3.11.4.

Before (Debian 12 has 3.11.2), a limit that ran out in a task that had been cancelled earlier raised
CancelledError in place of TimeoutError (https://github.com/python/cpython/issues/102780): whatever waits in a
`finally`, a `stop` or a `close`, which is where cancelled tasks clean up, was cut off instead of going on.
The linter refuses asyncio's own.
"""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self


class timeout:
    """Raise TimeoutError from the block, `async with timeout(5):`, when its time is up; once each.

    It is for the task that enters it. A task that somebody cancels meanwhile sees CancelledError.

    Args:
        seconds: Of the machine's time, from the call on; None is no limit.
    """

    __slots__ = ("_before", "_limit", "_task")

    def __init__(self, seconds: float | None) -> None:
        self._limit = asyncio.timeout(seconds)  # noqa: TID251

    async def __aenter__(self) -> Self:
        await self._limit.__aenter__()
        task = asyncio.current_task()
        assert task is not None  # it would have been refused
        self._task = task
        self._before = task.cancelling()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._limit.__aexit__(kind, error, trace)
        if (
            kind is asyncio.CancelledError
            and self._limit.expired()
            and self._task.cancelling() <= self._before
        ):
            raise TimeoutError


class timeout_at(timeout):
    """The same, with the moment at which the time is up.

    Args:
        moment: In seconds of the running loop's `time()`; None is no limit.
    """

    __slots__ = ()

    def __init__(self, moment: float | None) -> None:
        self._limit = asyncio.timeout_at(moment)  # noqa: TID251
