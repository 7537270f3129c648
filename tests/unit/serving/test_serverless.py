"""Serverless variants: how many environments, which of them, and what becomes of a request."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from sagehen.domain.clock import SystemClock
from sagehen.domain.ids import Ids
from sagehen.serving.errors import NotReady, ReplicaLost, Throttled
from sagehen.serving.replica_set import ServingLimits
from sagehen.serving.router import Router, WeightedVariant
from sagehen.serving.serverless.demand import Concurrency, idle_for_too_long, next_look, wanted
from sagehen.serving.serverless.environments import ServerlessSet


@pytest.mark.parametrize(
    ("most", "provisioned", "requests", "there", "expected"),
    [
        (5, 0, 0, 0, 0),
        (5, 0, 3, 1, 3),  # each request has its own
        (5, 0, 0, 3, 3),  # they stay until they have been idle
        (5, 0, 9, 0, 5),
        (5, 2, 0, 0, 2),
        (5, 2, 4, 2, 4),
        (2, 0, 0, 4, 2),  # MaxConcurrency was lowered
    ],
)
def test_how_many_environments_there_should_be(
    most: int, provisioned: int, requests: int, there: int, expected: int
) -> None:
    assert wanted(Concurrency(most, provisioned), requests, there) == expected


@pytest.mark.parametrize(
    ("provisioned", "idle_since", "there", "gone", "look"),
    [
        (0, {}, 0, [], None),
        (0, {"a": 60.0}, 1, [], 360.0),
        (0, {"b": 20.0, "a": 10.0, "c": 90.0}, 3, ["a", "b"], 310.0),
        (2, {"b": 20.0, "a": 10.0, "c": 90.0}, 3, ["a"], 310.0),
        (3, {"b": 20.0, "a": 10.0, "c": 90.0}, 3, [], None),
        (0, {}, 2, [], 650.0),  # all are busy: later
    ],
)
def test_which_environments_have_been_idle_for_too_long(
    provisioned: int, idle_since: dict[str, float], there: int, gone: list[str], look: float | None
) -> None:
    concurrency = Concurrency(10, provisioned)
    assert idle_for_too_long(concurrency, idle_since, there, 350.0, 300.0) == gone
    assert next_look(concurrency, idle_since, there, 350.0, 300.0) == look


class Stage:
    """A set whose control plane starts what is asked for, a moment later."""

    def __init__(self, start_fake: Any, answer: Any = None, most: int = 4, timeout_s: float = 60.0) -> None:
        self.start_fake, self.answer = start_fake, answer
        self.servers: list[Any] = []
        self.broken: list[str] = []
        self.told: list[str] = []
        self.starts = True
        self.one_at_a_time = asyncio.Lock()
        self.tasks: set[asyncio.Task[None]] = set()
        self.set = ServerlessSet(
            "v",
            concurrency=Concurrency(most),
            limits=ServingLimits(timeout_s=timeout_s),
            clock=SystemClock(),
            periods=SystemClock(),
            ids=Ids(random.Random(1)),
            on_suspect=self.broken.append,
            on_demand=self.on_demand,
            record=self.told.append,
        )
        self.router = Router(Ids(random.Random(1)))
        self.router.replace({"v": WeightedVariant(self.set, 1.0)})

    def on_demand(self) -> None:
        if self.starts:
            task = asyncio.create_task(self.start())
            self.tasks.add(task)

    async def start(self) -> None:
        async with self.one_at_a_time:
            while len(self.set.replica_ids) < self.set.wanted(0):
                arguments = (self.answer,) if self.answer else ()
                server = await self.start_fake(f"e-{len(self.servers)}", *arguments)
                self.servers.append(server)
                self.set.add(server.replica())

    async def ask(self, body: bytes = b"x") -> bytes:
        _, response = await self.router.invoke({}, body)
        return response.body


async def test_a_request_has_an_environment_of_its_own_and_one_more_is_throttled(start_fake: Any) -> None:
    gate = asyncio.Event()

    async def answer(body: bytes) -> bytes:
        await gate.wait()
        return body

    stage = Stage(start_fake, answer)
    asked = [asyncio.create_task(stage.ask(b"%d" % number)) for number in range(4)]
    async with asyncio.timeout(30):
        while sum(len(server.seen) for server in stage.servers) < 4:
            await asyncio.sleep(0.001)
    with pytest.raises(Throttled):
        await stage.ask()
    gate.set()
    assert await asyncio.gather(*asked) == [b"0", b"1", b"2", b"3"]
    assert [len(server.seen) for server in stage.servers] == [1, 1, 1, 1]
    assert stage.set.peak() == 4 and stage.set.peak() == 0
    for _ in range(3):
        await stage.ask()
    # One after the other goes to the environment that was used last.
    assert sorted(len(server.seen) for server in stage.servers) == [1, 1, 1, 4]


async def test_an_answer_tells_how_long_its_environment_was_waited_for(start_fake: Any) -> None:
    stage = Stage(start_fake)
    _, cold = await stage.router.invoke({}, b"x")
    _, warm = await stage.router.invoke({}, b"x")
    assert cold.waited_s > warm.waited_s >= 0


async def test_what_its_environment_breaks_goes_to_another_once(start_fake: Any) -> None:
    async def hang_up(body: bytes) -> bytes | None:
        return None if body == b"poison" or (body == b"once" and len(stage.servers) == 1) else body

    stage = Stage(start_fake, hang_up)
    assert await stage.ask(b"once") == b"once"
    assert stage.broken == ["e-0"] and len(stage.servers) == 2
    with pytest.raises(ReplicaLost):
        await stage.ask(b"poison")
    assert await stage.ask(b"fine") == b"fine"


async def test_who_waits_for_too_long_is_told_that_nothing_was_ready(start_fake: Any) -> None:
    stage = Stage(start_fake, timeout_s=0.05)
    stage.starts = False
    with pytest.raises(NotReady):
        await stage.ask()
    assert stage.set.outstanding == 0


async def test_provisioned_environments_count_what_they_answer(start_fake: Any) -> None:
    stage = Stage(start_fake)
    stage.set.concurrency = Concurrency(4, 1)
    await asyncio.gather(stage.ask(), stage.ask())
    assert stage.told == ["Executions", "SpilloverInvocations"]
