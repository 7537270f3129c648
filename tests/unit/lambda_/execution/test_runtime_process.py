"""Who is first: an answer, the end of the process, or the limit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from sagehen.executors.base import ExitStatus, Usage
from sagehen.services.lambda_.execution import faults
from sagehen.services.lambda_.execution.runtime_api.api import RuntimeApi
from sagehen.services.lambda_.execution.runtime_process import RuntimeProcess, TimedOut

from .conftest import company


class Waiting:
    """A sandbox that ends when it is told to."""

    name, pid = "waiting", 0

    def __init__(self) -> None:
        self.ended: asyncio.Future[ExitStatus] = asyncio.get_running_loop().create_future()

    async def wait(self) -> ExitStatus:
        return await self.ended

    async def kill(self) -> ExitStatus:
        if not self.ended.done():
            self.ended.set_result(ExitStatus(137, 9))
        return await self.ended

    async def stop(self, grace_s: float) -> ExitStatus:
        return await self.kill()

    def usage(self) -> Usage:
        return Usage(0.0, 0, 0)

    def deliver_output(self) -> None:
        pass


@pytest.fixture
async def sandbox() -> Waiting:
    return Waiting()


@pytest.fixture
async def process(sandbox: Waiting) -> AsyncIterator[RuntimeProcess]:
    beside = company()
    made = RuntimeProcess(sandbox, RuntimeApi(beside), beside, 128, _nothing)
    yield made
    await made.end()


async def _nothing() -> None:
    pass


async def test_the_limit_is_the_one_that_was_given(
    process: RuntimeProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    asked: list[float] = []

    def at_once(delay: float, callback: Any, *args: Any, **more: Any) -> asyncio.TimerHandle:
        asked.append(delay)
        return loop.call_at(loop.time(), callback, *args, **more)

    monkeypatch.setattr(loop, "call_later", at_once)
    with pytest.raises(TimedOut):
        await process.race(loop.create_future(), 900.0)
    assert asked == [900.0]


async def test_an_answer_and_an_end_come_before_it(process: RuntimeProcess, sandbox: Waiting) -> None:
    answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    racing = asyncio.create_task(process.race(answer, 900.0))
    await asyncio.sleep(0)
    answer.set_result("answer")
    assert await racing == "answer"
    racing = asyncio.create_task(process.race(asyncio.get_running_loop().create_future(), 900.0))
    await asyncio.sleep(0)
    sandbox.ended.set_result(ExitStatus(3))
    assert await racing == faults.ended(ExitStatus(3))
    # An answer that came before the end is an answer.
    assert await process.race(answer, 900.0) == "answer"
