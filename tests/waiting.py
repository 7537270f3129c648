"""Waiting for what comes true by itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

T = TypeVar("T")


def pauses() -> Iterator[float]:
    """Yield how long to wait before each question: a twentieth of a second first, a quarter in the end.

    A question to the platform takes 10 ms of a processor, from what is waited for where there are few.
    """
    pause_s = 0.05
    while True:
        yield pause_s
        pause_s = min(1.1 * pause_s, 0.25)


def eventually(what: Callable[[], T], timeout_s: float = 120) -> T:
    """Ask until the answer is true, and return it.

    Raises:
        AssertionError: The time is over.
    """
    deadline, pause = time.monotonic() + timeout_s, pauses()
    while True:
        found = what()
        if found:
            return found
        assert time.monotonic() < deadline, f"not within {timeout_s} s; the last answer: {found!r}"
        time.sleep(next(pause))


async def sandboxes_have_ended(timeout_s: float = 120) -> None:
    """Return once nothing is left of the loop's sandboxes.

    A killed sandbox that the kernel is slow to end (a fork bomb on a busy machine) is given up after a while
    (`executors.processes.running`): whoever closes the loop then leaves its transports open, and some
    later test fails.

    Raises:
        AssertionError: The time is over.
    """
    endings = [task for task in asyncio.all_tasks() if task.get_name().startswith("sandbox ")]
    if endings:
        _, left = await asyncio.wait(endings, timeout=timeout_s)
        assert not left, f"not within {timeout_s} s: {[task.get_name() for task in left]}"
