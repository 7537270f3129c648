"""Processor time for work whose cost a caller chooses, such as templates, schemas and paths.

Work spends as it goes, `spend()` at every step, and is broken off when its budget is empty: threads
cannot be ended from outside. It must leave nothing behind that a second try would trip over.
"""

from __future__ import annotations

import asyncio
import contextvars
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

# On the event loop: what nearly every request needs, and nobody else notices.
INLINE_S = 0.008
# In a thread. AWS has no figure of its own but the 29 s of the whole request.
THREAD_S = 1.0
# Between two looks at the clock: a step of ours takes some microseconds, the look 0.4.
_STEPS = 32
# So many at a time, since they share one interpreter, and so many that wait.
_THREADS = 2
_MOST_WAITING = 256
# Nor longer than this for its turn: who asked has given up by then, or was told so (AWS's 29 s).
_LONGEST_WAIT_S = 29.0


class BudgetSpent(Exception):
    """Work took more processor time than it was given."""


class TooBusy(BudgetSpent):
    """There was no turn for it: it says nothing of the work itself, which may be asked for again."""


class _Budget:
    __slots__ = ("_steps", "_until")

    def __init__(self, seconds: float) -> None:
        self._until = time.thread_time() + seconds
        self._steps = 0

    def spend(self, steps: int) -> None:
        self._steps += steps
        if self._steps >= _STEPS:
            self._steps = 0
            if time.thread_time() > self._until:
                raise BudgetSpent

    def left_s(self) -> float:
        return max(self._until - time.thread_time(), 0.001)


_current: contextvars.ContextVar[_Budget | None] = contextvars.ContextVar("budget", default=None)
_pool: ThreadPoolExecutor | None = None
_waiting = 0


def spend(steps: int = 1) -> None:
    """Count steps of the work at hand; nothing where it has no budget.

    Raises:
        BudgetSpent: Its processor time is over.
    """
    if (budget := _current.get()) is not None:
        budget.spend(steps)


def left_s(most: float) -> float:
    """Return the seconds that one call into a library may take: what is left of the budget, or `most`."""
    budget = _current.get()
    return most if budget is None else min(most, budget.left_s())


def afford(seconds: float) -> None:
    """Break off before one call that cannot be: it is known to take so long, and less is left.

    Raises:
        BudgetSpent
    """
    if left_s(seconds) < seconds:
        raise BudgetSpent


def within(seconds: float, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do work here, within a budget.

    Raises:
        BudgetSpent
    """
    token = _current.set(_Budget(seconds))
    try:
        return work(*args, **kwargs)
    finally:
        _current.reset(token)


async def in_budget(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do work on the event loop, and where it takes longer than `INLINE_S`, once more in a thread.

    Raises:
        BudgetSpent: `THREAD_S` were not enough either.
        TooBusy: Too many others wait, or they took too long.
    """
    try:
        return within(INLINE_S, work, *args, **kwargs)
    except BudgetSpent:
        return await in_thread(work, *args, **kwargs)


async def in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do work in a thread of those kept for it, within `THREAD_S`.

    Raises:
        BudgetSpent, TooBusy: See `in_budget`.
    """
    global _pool, _waiting
    if _waiting >= _MOST_WAITING:
        raise TooBusy
    if _pool is None:
        _pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="budgeted")
    _waiting += 1
    latest = time.monotonic() + _LONGEST_WAIT_S

    def begin() -> T:
        if time.monotonic() > latest:
            raise TooBusy
        return within(THREAD_S, work, *args, **kwargs)

    try:
        return await asyncio.get_running_loop().run_in_executor(_pool, begin)
    finally:
        _waiting -= 1
