"""A limit of time says that it ran out, in tasks that were cancelled before, too."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from sagehen.domain.timeouts import timeout, timeout_at


async def soon() -> str:
    async with timeout(0):
        await asyncio.sleep(60)
    return "in time"


async def at_a_moment() -> str:
    async with timeout_at(asyncio.get_running_loop().time()):
        await asyncio.sleep(60)
    return "in time"


async def inside_another() -> str:
    async with timeout(60):
        return await soon()


async def outside_another() -> str:
    async with timeout(0), timeout(60):
        await asyncio.sleep(60)
    return "in time"


async def generous() -> str:
    async with timeout(60), timeout(None):
        await asyncio.sleep(0)
    return "in time"


async def failing() -> str:
    async with timeout(60):
        raise ValueError("a fault")


async def told(work: Callable[[], Awaitable[str]]) -> str:
    try:
        return await work()
    except BaseException as error:
        return type(error).__name__


CASES = [
    (soon, "TimeoutError"),
    (at_a_moment, "TimeoutError"),
    (inside_another, "TimeoutError"),
    (outside_another, "TimeoutError"),
    (generous, "in time"),
    (failing, "ValueError"),
]


@pytest.mark.parametrize(("work", "end"), CASES)
@pytest.mark.parametrize("cancellations", [0, 1, 2])
async def test_a_limit_ends_as_it_should(
    work: Callable[[], Awaitable[str]], end: str, cancellations: int
) -> None:
    """Cleaning up is what cancelled tasks do: before Python 3.11.4, asyncio's own cut it off."""
    ends: list[str] = []

    async def cleans_up() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ends.append(await told(work))

    task = asyncio.create_task(cleans_up() if cancellations else told(work))
    await asyncio.sleep(0)
    for _ in range(cancellations):
        task.cancel()
    await asyncio.wait({task}, timeout=30)
    assert ends == [end] if cancellations else task.result() == end
    assert task.cancelled() is (cancellations > 0)
    assert task.cancelling() == cancellations


@pytest.mark.parametrize("cancelled_before", [False, True])
async def test_a_task_that_is_cancelled_while_its_time_runs_out_was_cancelled(cancelled_before: bool) -> None:
    entered = asyncio.Event()

    async def works() -> str:
        entered.set()
        return await soon()

    async def cleans_up() -> str:
        try:
            await asyncio.sleep(60)
        finally:
            await works()
        return "never"

    task = asyncio.create_task(cleans_up() if cancelled_before else works())
    await asyncio.sleep(0)
    if cancelled_before:
        task.cancel()
    await entered.wait()
    task.cancel()
    assert await told(lambda: task) == "CancelledError"
