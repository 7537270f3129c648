"""What lives as long as its owner: begun, ended, begun again; failures are logged and end nothing."""

from __future__ import annotations

import asyncio

import pytest

from sagehen.domain.background import Background, Rounds
from sagehen.domain.clock import ManualClock


async def test_it_runs_until_it_is_stopped_and_may_begin_again() -> None:
    tale: list[str] = []

    async def work() -> None:
        tale.append("begun")
        try:
            await asyncio.Event().wait()
        finally:
            tale.append("ended")

    one = Background("one", work)
    await one.stop()
    for _ in range(2):
        one.start()
        await asyncio.sleep(0)
        await one.stop()
        await one.stop()
    assert tale == ["begun", "ended"] * 2


async def test_one_that_ends_by_a_fault_says_so_and_can_be_stopped(caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        raise OSError("the disk is full")

    one = Background("one", work)
    one.start()
    await asyncio.sleep(0)
    assert "one ended by a fault" in caplog.text and "the disk is full" in caplog.text
    await one.stop()


@pytest.mark.parametrize(
    ("at_once", "rounds"), [(True, [1, 2, 2, 3]), (False, [0, 1, 1, 2])], ids=["at once", "after a pause"]
)
async def test_rounds_go_on_after_a_failure(
    caplog: pytest.LogCaptureFixture, at_once: bool, rounds: list[int]
) -> None:
    clock = ManualClock()
    done = 0

    async def work() -> None:
        nonlocal done
        done += 1
        raise OSError("the disk is full")

    one = Rounds("one", work, clock, 10, tale="looking around", at_once=at_once)
    one.start()
    await asyncio.sleep(0)
    seen = [done]
    for seconds in (10, 9, 1):
        await clock.advance(seconds)
        seen.append(done)
    await one.stop()
    assert seen == rounds
    assert caplog.text.count("looking around failed; it is tried again") == rounds[-1]
    await clock.advance(100)
    assert done == rounds[-1], "nothing goes on behind stop"


async def test_a_pause_ends_early_where_there_is_something_to_do() -> None:
    clock, wake = ManualClock(), asyncio.Event()
    done = 0

    async def work() -> None:
        nonlocal done
        done += 1
        if done == 1:
            wake.set()  # what comes during a round is not missed

    one = Rounds("one", work, clock, 10, tale="looking around", wake=wake)
    one.start()
    assert one.begun

    async def comes_to(count: int) -> None:
        async with asyncio.timeout(30):
            while done < count:
                await asyncio.sleep(0)

    await comes_to(2)
    await clock.advance(9)
    assert done == 2
    wake.set()
    await comes_to(3)
    await one.stop()
    assert not one.begun
