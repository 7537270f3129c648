"""Requests that wait for a fleet that ends: moved, told, or out of time; never forgotten."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from sagehen.domain.clock import SystemClock
from sagehen.domain.ids import Ids
from sagehen.serving.errors import (
    EndpointGone,
    InvocationFailed,
    InvocationTimeout,
    NoHealthyReplica,
    NoSuchVariant,
    SessionLost,
)
from sagehen.serving.replica_set import ReplicaSet, ServingLimits
from sagehen.serving.router import Router, WeightedVariant

Asking = asyncio.Task[tuple[str, Any]]


class Scene:
    """A router, and instances that answer when their gate is open."""

    def __init__(self, start_fake: Any) -> None:
        self.router = Router(Ids(random.Random(1)))
        self._start_fake = start_fake
        self.gates: dict[str, asyncio.Event] = {}
        self.servers: dict[str, Any] = {}

    async def instance(self, name: str) -> Any:
        gate = self.gates[name] = asyncio.Event()

        async def answer(body: bytes) -> bytes:
            await gate.wait()
            return name.encode()

        self.servers[name] = await self._start_fake(name, answer)
        return self.servers[name].replica()

    async def variant(self, name: str, *instances: str, weight: float = 1.0, **limits: Any) -> Any:
        replicas = ReplicaSet(
            name,
            strategy="RANDOM",
            limits=ServingLimits(**{"requests_per_replica": 1, "queue": 8, **limits}),
            clock=SystemClock(),
            ids=Ids(random.Random(1)),
        )
        for instance in instances:
            replicas.add(await self.instance(instance))
        return WeightedVariant(replicas, weight)

    async def ask(self, count: int, target: str | None = None) -> list[Asking]:
        asking = [asyncio.create_task(self.router.invoke({}, b"x", target)) for _ in range(count)]
        await asyncio.sleep(0.01)
        return asking

    async def held(self, name: str) -> None:
        async with asyncio.timeout(60):
            while not self.servers[name].seen:
                await asyncio.sleep(0.001)


@pytest.fixture
def scene(start_fake: Any) -> Scene:
    return Scene(start_fake)


async def bodies(asking: list[Asking]) -> list[bytes]:
    async with asyncio.timeout(60):
        return [response.body for _, response in await asyncio.gather(*asking)]


async def test_waiters_move_to_the_fleet_that_takes_over(scene: Scene) -> None:
    old, new = await scene.variant("v", "old"), await scene.variant("v", "new", queue=0)
    scene.router.replace({"v": old})
    asking = await scene.ask(6)
    await scene.held("old")
    scene.router.replace({"v": new})
    old.replicas.remove("old")
    for gate in scene.gates.values():
        gate.set()
    # What the old instance had in hand it still answers.
    assert sorted(await bodies(asking)) == [b"new"] * 5 + [b"old"]
    assert (old.replicas.outstanding, new.replicas.outstanding) == (0, 0)


async def test_waiters_move_when_a_rollout_has_given_all_traffic_away(scene: Scene) -> None:
    old, new = await scene.variant("v", "old"), await scene.variant("v", "new")
    scene.router.replace({"v": old})
    asking = await scene.ask(3)
    scene.router.replace({"v": old}, {"v": new}, 1.0)  # the old one stays, for a rollback
    scene.gates["new"].set()
    assert await bodies(asking[1:]) == [b"new"] * 2
    scene.gates["old"].set()
    assert await bodies(asking[:1]) == [b"old"]
    scene.router.replace({"v": old})  # rolled back: it queues as before
    scene.gates["old"].clear()
    back = await scene.ask(3)
    assert old.replicas.outstanding == 3
    scene.gates["old"].set()
    assert await bodies(back) == [b"old"] * 3


async def test_a_killed_instance_of_the_old_fleet_sends_its_request_to_the_new_one(scene: Scene) -> None:
    old, new = await scene.variant("v", "old"), await scene.variant("v", "new")
    scene.router.replace({"v": old})
    asking = await scene.ask(1)
    await scene.held("old")
    scene.router.replace({"v": new})
    old.replicas.remove("old")
    await scene.servers["old"].die()
    scene.gates["new"].set()
    assert await bodies(asking) == [b"new"]


async def test_waiters_of_the_only_instance_wait_for_its_replacement(scene: Scene) -> None:
    variant = await scene.variant("v", "first")
    scene.router.replace({"v": variant})
    asking = await scene.ask(4)
    await scene.held("first")
    variant.replicas.remove("first")
    await asyncio.sleep(0)
    with pytest.raises(NoHealthyReplica):  # who comes now is told at once
        await scene.router.invoke({}, b"x")
    variant.replicas.add(await scene.instance("second"))
    for gate in scene.gates.values():
        gate.set()
    assert sorted(await bodies(asking)) == [b"first"] + [b"second"] * 3


async def test_waiters_of_a_variant_without_instances_go_to_another(scene: Scene) -> None:
    a, b = await scene.variant("a", "i-a"), await scene.variant("b", "i-b", weight=0.0)
    scene.router.replace({"a": a, "b": b})
    asking = await scene.ask(4)
    scene.router.replace({"a": a, "b": WeightedVariant(b.replicas, 1.0)})
    a.replicas.remove("i-a")
    for gate in scene.gates.values():
        gate.set()
    assert sorted(await bodies(asking)) == [b"i-a"] + [b"i-b"] * 3


async def _delete(scene: Scene, variant: Any) -> None:
    scene.router.close()


async def _drop_variant(scene: Scene, variant: Any) -> None:
    scene.router.replace({"w": await scene.variant("w", "i-w")})


async def _lose_all(scene: Scene, variant: Any) -> None:
    variant.replicas.remove("i-v")


async def _nothing(scene: Scene, variant: Any) -> None: ...


@pytest.mark.parametrize(
    ("event", "timeout_s", "error"),
    [
        (_delete, 60.0, EndpointGone),
        (_drop_variant, 60.0, NoSuchVariant),
        (_lose_all, 0.2, NoHealthyReplica),
        (_nothing, 0.2, InvocationTimeout),
    ],
)
async def test_who_cannot_be_served_is_told(
    scene: Scene,
    event: Callable[[Scene, Any], Awaitable[None]],
    timeout_s: float,
    error: type[InvocationFailed],
) -> None:
    variant = await scene.variant("v", "i-v", timeout_s=timeout_s)
    scene.router.replace({"v": variant})
    asking = await scene.ask(3, "v")
    await event(scene, variant)
    async with asyncio.timeout(60):
        outcomes = await asyncio.gather(*asking[1:], return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [error, error]
    scene.gates["i-v"].set()
    await asyncio.gather(*asking, return_exceptions=True)
    assert variant.replicas.outstanding == 0


async def test_a_deleted_endpoint_takes_nothing_and_a_new_life_does(scene: Scene) -> None:
    variant = await scene.variant("v", "i-v")
    scene.router.replace({"v": variant})
    scene.router.close()
    with pytest.raises(EndpointGone):
        await scene.router.invoke({}, b"x")
    scene.router.replace({"v": variant})
    scene.gates["i-v"].set()
    assert (await scene.router.invoke({}, b"x"))[1].body == b"i-v"


async def test_streams_and_sessions_that_wait_end_too(scene: Scene) -> None:
    old, new = await scene.variant("v", "old"), await scene.variant("v", "new")
    scene.router.replace({"v": old})
    (held,) = await scene.ask(1)
    await scene.held("old")
    stream = asyncio.create_task(scene.router.invoke_stream({}, b"x"))
    session = asyncio.create_task(old.replicas.invoke({}, b"x", "old"))
    await asyncio.sleep(0.01)
    scene.router.replace({"v": new})
    scene.gates["new"].set()
    async with asyncio.timeout(60):
        _, answer = await stream
        assert b"".join([part async for part in answer.parts()]) == b"new"
        assert not session.done()  # its instance is still there
        old.replicas.remove("old")
        with pytest.raises(SessionLost):
            await session
    scene.gates["old"].set()
    assert (await held)[1].body == b"old"
