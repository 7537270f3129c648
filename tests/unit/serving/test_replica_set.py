"""The replica set against servers that hang up, time out and die."""

from __future__ import annotations

import asyncio
import os
import random
from typing import Any

import pytest

from sagehen.domain.clock import SystemClock
from sagehen.domain.ids import Ids
from sagehen.serving.address import UnixAddress
from sagehen.serving.attempt import Displaced
from sagehen.serving.connection import ConnectionClosed
from sagehen.serving.errors import (
    InvocationTimeout,
    NoHealthyReplica,
    NoSuchVariant,
    Overloaded,
    ReplicaLost,
)
from sagehen.serving.health import Health, ping
from sagehen.serving.replica import Replica
from sagehen.serving.replica_set import ReplicaSet, ServingLimits
from sagehen.serving.router import Router, WeightedVariant


def make_set(**changes: Any) -> ReplicaSet:
    suspects: list[str] = changes.pop("suspects", [])
    return ReplicaSet(
        "AllTraffic",
        strategy="LEAST_OUTSTANDING_REQUESTS",
        limits=ServingLimits(**changes),
        clock=SystemClock(),
        ids=Ids(random.Random(1)),
        on_suspect=suspects.append,
    )


async def test_connections_are_kept(start_fake: Any) -> None:
    server = await start_fake("i-1")
    replicas = make_set()
    replicas.add(server.replica())
    for number in range(20):
        assert (await replicas.invoke({}, b"%d" % number)).body == b"%d" % number
    assert server.connections == 1


async def test_load_goes_where_least_is_outstanding(start_fake: Any) -> None:
    async def slowly(body: bytes) -> bytes:
        await asyncio.sleep(0.02)
        return body

    servers = [await start_fake(f"i-{n}", slowly) for n in range(3)]
    replicas = make_set()
    for server in servers:
        replicas.add(server.replica())
    await asyncio.gather(*(replicas.invoke({}, b"x") for _ in range(30)))
    assert [len(server.seen) for server in servers] == [10, 10, 10]


async def test_a_replica_killed_under_load_fails_no_request(start_fake: Any) -> None:
    async def work(body: bytes) -> bytes:
        await asyncio.sleep(0.005)
        return body

    first, second = await start_fake("i-1", work), await start_fake("i-2", work)
    suspects: list[str] = []
    replicas = make_set(suspects=suspects)
    for server in (first, second):
        replicas.add(server.replica())
    failures: list[Exception] = []
    answered, busy = 0, asyncio.Event()

    async def caller(number: int) -> None:
        nonlocal answered
        for turn in range(40):
            body = b"%d-%d" % (number, turn)
            try:
                assert (await replicas.invoke({}, body)).body == body
                answered += 1
            except Exception as error:
                failures.append(error)
            if answered >= 80:
                busy.set()

    callers = asyncio.gather(*(caller(number) for number in range(8)))
    await busy.wait()
    await first.die()
    await callers
    assert (failures, answered) == ([], 320)
    assert first.seen and second.seen and set(suspects) == {"i-1"}


async def test_a_request_under_way_is_sent_again_once_only(start_fake: Any) -> None:
    async def hang_up(body: bytes) -> None:
        return None

    servers = [await start_fake(f"i-{n}", hang_up) for n in range(4)]
    replicas = make_set()
    for server in servers:
        replicas.add(server.replica())
    with pytest.raises(ReplicaLost):
        await replicas.invoke({}, b"x")
    assert sum(len(server.seen) for server in servers) == 2


async def test_a_request_that_never_reached_anybody_is_not_counted_as_sent(start_fake: Any) -> None:
    alive = await start_fake("i-alive")
    replicas = make_set()
    for n in range(5):
        dead = await start_fake(f"i-{n}")
        await dead.die()
        replicas.add(dead.replica())
    with pytest.raises(NoHealthyReplica):
        await replicas.invoke({}, b"x")
    replicas.add(alive.replica())
    assert (await replicas.invoke({}, b"x")).body == b"x"


async def test_timeouts_and_overload(start_fake: Any) -> None:
    async def never(body: bytes) -> bytes:
        await asyncio.sleep(30)
        return body

    server = await start_fake("i-1", never)
    replicas = make_set(requests_per_replica=1, queue=1, timeout_s=0.1)
    with pytest.raises(NoHealthyReplica):
        await replicas.invoke({}, b"x")
    replicas.add(server.replica())
    outcomes = await asyncio.gather(*(replicas.invoke({}, b"x") for _ in range(3)), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == [
        "InvocationTimeout", "InvocationTimeout", "Overloaded"
    ]  # fmt: skip
    assert InvocationTimeout and Overloaded


async def test_after_a_restart_requests_wait_for_the_instance_that_served_before(start_fake: Any) -> None:
    replicas = make_set(timeout_s=20)
    replicas.expect("i-1")
    waiting = asyncio.create_task(replicas.invoke({}, b"x"))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    replicas.add((await start_fake("i-1")).replica())
    assert (await asyncio.wait_for(waiting, 60)).body == b"x"
    replicas.remove("i-1")
    with pytest.raises(NoHealthyReplica):  # this one ended for good: expecting it was for once
        await asyncio.wait_for(replicas.invoke({}, b"x"), 10)  # at once, not when its time is over


async def test_an_expected_instance_that_does_not_come_holds_nobody() -> None:
    replicas = make_set(timeout_s=20)
    replicas.expect("i-1")
    waiting = asyncio.create_task(replicas.invoke({}, b"x"))
    await asyncio.sleep(0.05)
    replicas.remove("i-1")
    with pytest.raises(Displaced):
        await asyncio.wait_for(waiting, 60)
    with pytest.raises(NoHealthyReplica):
        await asyncio.wait_for(replicas.invoke({}, b"x"), 10)  # at once, not when its time is over


async def test_a_timed_out_connection_is_not_used_again(start_fake: Any) -> None:
    async def first_slowly(body: bytes) -> bytes:
        if body == b"slow":
            await asyncio.sleep(0.1)
        return body

    server = await start_fake("i-1", first_slowly)
    replica = server.replica()
    with pytest.raises(TimeoutError):
        await replica.request(b"POST", b"/invocations", {}, b"slow", 0.02)
    assert (await replica.request(b"POST", b"/invocations", {}, b"fast", 60)).body == b"fast"


async def test_draining_waits_for_what_is_in_flight(start_fake: Any) -> None:
    gate = asyncio.Event()

    async def held(body: bytes) -> bytes:
        await gate.wait()
        return body

    server = await start_fake("i-1", held)
    replica = server.replica()
    asking = asyncio.create_task(replica.request(b"POST", b"/invocations", {}, b"x", 60))
    await asyncio.sleep(0)  # it has begun
    assert not await replica.drain(0.001)
    gate.set()
    assert await replica.drain(60)
    assert (await asking).body == b"x"
    replica.close()


async def test_a_link_in_the_sockets_place_is_not_followed(start_fake: Any, tmp_path: Any) -> None:
    server = await start_fake("i-1")
    link = tmp_path / "link.sock"
    os.symlink(server.path, link)
    with pytest.raises(ConnectionClosed) as refused:
        await Replica("i-2", UnixAddress(link)).request(b"GET", b"/ping", {}, b"", 1)
    assert not refused.value.began and server.connections == 0


async def test_router_obeys_weights_and_target(start_fake: Any) -> None:
    router = Router(Ids(random.Random(2)))
    variants = {}
    for name, weight in (("a", 3.0), ("b", 1.0)):
        server = await start_fake(f"i-{name}")
        replicas = make_set()
        replicas.variant = name
        replicas.add(server.replica())
        variants[name] = WeightedVariant(replicas, weight)
    router.replace(variants)
    chosen = [(await router.invoke({}, b"x"))[0] for _ in range(200)]
    assert 120 < chosen.count("a") < 180
    assert (await router.invoke({}, b"x", "b"))[0] == "b"
    with pytest.raises(NoSuchVariant):
        await router.invoke({}, b"x", "c")


@pytest.mark.parametrize(
    ("pings", "state", "failures"),
    [
        # (seconds after the start, whether it passed); it may take 240 s to start
        ([(239, False)], "starting", 0),
        ([(240, False)], "dead", 0),
        ([(10, False), (239, True)], "healthy", 0),
        ([(241, True)], "healthy", 0),
        ([(1, True), (300, False)], "healthy", 1),
        ([(1, True), (300, False), (305, False)], "healthy", 2),
        ([(1, True), (300, False), (305, False), (310, False)], "dead", 3),
        ([(1, True), (300, False), (305, False), (310, True), (315, False)], "healthy", 1),
        ([(240, False), (241, True)], "dead", 0),  # who is given up does not come back
    ],
)
def test_health_of_a_series_of_pings(pings: list[tuple[float, bool]], state: str, failures: int) -> None:
    health = Health(100.0, startup_timeout_s=240)
    for after_s, passed in pings:
        health = health.after_ping(passed, 100.0 + after_s)
    assert (health.state, health.failures) == (state, failures)
    assert health.next_ping_s == (0.03 if state == "starting" else 5.0)


async def test_a_ping_is_passed_by_a_200_alone(start_fake: Any) -> None:
    server = await start_fake("i-1")
    assert await ping(server.replica())
    await server.die()
    assert not await ping(server.replica())
