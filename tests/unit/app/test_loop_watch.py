"""The watch over the event loop: it tells who held it, and nobody else."""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from collections.abc import Iterator

import pytest

from sagehen.app.loop_watch import HELD, watch_loop


def _hold(seconds: float) -> None:
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass


async def _beats(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Let the watch look, until it has had the turns in which it would have said something."""
    for _ in range(4):
        await asyncio.sleep(0.006)
    return [record.getMessage() for record in caplog.records if HELD in record.getMessage()]


@pytest.fixture(autouse=True)
def no_collector() -> Iterator[None]:
    """A round of the collector over all that the tests have loaded holds the loop as well, and is told."""
    gc.disable()
    yield
    gc.enable()


async def test_who_holds_the_loop_is_named(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR, "sagehen.loop")
    watch_loop(0.05)
    assert await _beats(caplog) == []
    time.sleep(0.1)  # without the processor: others do not wait for that
    assert await _beats(caplog) == []
    _hold(0.2)
    (held,) = await _beats(caplog)
    assert "_hold(0.2)" in held
