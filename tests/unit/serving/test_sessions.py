"""Stateful sessions in the router: always the same instance, or an error."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sagehen.domain.clock import SystemClock
from sagehen.domain.ids import Ids
from sagehen.serving.address import UnixAddress
from sagehen.serving.connection import ConnectionClosed, ReplicaResponse
from sagehen.serving.errors import (
    ReplicaLost,
    SessionElsewhere,
    SessionLost,
    SessionRefused,
    TooManySessions,
)
from sagehen.serving.replica import Replica
from sagehen.serving.replica_set import ReplicaSet, ServingLimits
from sagehen.serving.router import Router, WeightedVariant
from sagehen.serving.sessions import Sessions

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC).timestamp()
ID = "x-amzn-sagemaker-session-id"
NEW = "x-amzn-sagemaker-new-session-id"
CLOSED = "x-amzn-sagemaker-closed-session-id"


class Counter(Replica):
    """An instance that counts the requests of each of its sessions; the body `close` ends one."""

    def __init__(self, replica_id: str) -> None:
        super().__init__(replica_id, UnixAddress(Path("/nowhere")))
        self.counts: dict[str, int] = {}
        self.others = 0
        self.expires = "2026-05-01T12:10:00Z"
        self.fixed_id: str | None = None
        self.knows_sessions = True
        self.failure: ConnectionClosed | None = None

    async def _connection(self) -> Any:
        if self.failure is not None and not self.failure.began:
            raise self.failure
        return self

    async def exchange(
        self, method: bytes, path: bytes, headers: Mapping[str, str], body: bytes, **_: Any
    ) -> ReplicaResponse:
        await asyncio.sleep(0)
        if self.failure is not None:
            raise self.failure
        return self._answer(headers.get(ID), body)

    def close(self) -> None: ...

    def _answer(self, session: str | None, body: bytes) -> ReplicaResponse:
        if session is None or not self.knows_sessions:
            self.others += 1
            return ReplicaResponse(200)
        if session == "NEW_SESSION":
            session = self.fixed_id or f"{self.replica_id}-s{len(self.counts)}"
            self.counts[session] = 0
            return ReplicaResponse(200, {NEW: f"{session}; Expires={self.expires}"})
        if session not in self.counts:
            return ReplicaResponse(400, {CLOSED: session}, b"not here")
        if body == b"close":
            del self.counts[session]
            return ReplicaResponse(200, {CLOSED: session})
        self.counts[session] += 1
        return ReplicaResponse(200, {}, b"%d" % self.counts[session])


class Fleet:
    """Instances behind a router, and a wall clock to move by hand."""

    def __init__(self, **variants: int) -> None:
        self.now = NOW
        self.suspects: list[str] = []
        self.replicas: list[Counter] = []
        self.router = Router(Ids(random.Random(3)), Sessions(lambda: self.now))
        self.variants = {
            name: WeightedVariant(self.add(name, count), 1.0) for name, count in variants.items()
        }
        self.router.replace(self.variants)

    def add(self, variant: str, count: int) -> ReplicaSet:
        replicas = ReplicaSet(
            variant,
            strategy="LEAST_OUTSTANDING_REQUESTS",
            limits=ServingLimits(),
            clock=SystemClock(),
            ids=Ids(random.Random(1)),
            on_suspect=self.suspects.append,
        )
        for _ in range(count):
            replica = Counter(f"i{len(self.replicas)}")
            self.replicas.append(replica)
            replicas.add(replica)
        return replicas

    async def open(self) -> str:
        _, answer = await self.ask("NEW_SESSION")
        return answer.headers[NEW].split(";")[0]

    async def ask(
        self, session: str, body: bytes = b"", variant: str | None = None
    ) -> tuple[str, ReplicaResponse]:
        return await self.router.invoke_session(session, {ID: session}, body, variant)

    def home(self, session: str) -> Counter:
        (replica,) = [replica for replica in self.replicas if session in replica.counts]
        return replica


async def test_each_request_of_a_session_reaches_its_instance() -> None:
    fleet = Fleet(a=2, b=1)
    sessions = [await fleet.open() for _ in range(12)]
    assert len({fleet.home(session) for session in sessions}) == 3  # the usual policy spreads them
    order = random.Random(5)
    expected = dict.fromkeys(sessions, 0)
    for _ in range(200):
        session = order.choice(sessions)
        expected[session] += 1
        variant, answer = await fleet.ask(session)
        assert answer.body == b"%d" % expected[session]
        assert variant == ("b" if fleet.home(session) is fleet.replicas[2] else "a")
        await fleet.router.invoke({}, b"")
    assert sum(replica.others for replica in fleet.replicas) == 200
    await asyncio.gather(*(fleet.ask(session) for session in sessions * 20))
    assert all(fleet.home(session).counts[session] == expected[session] + 20 for session in sessions)


async def test_a_closed_session_is_forgotten() -> None:
    fleet = Fleet(a=2)
    first, second = await fleet.open(), await fleet.open()
    _, answer = await fleet.ask(first, b"close")
    assert answer.headers[CLOSED] == first
    with pytest.raises(SessionLost):
        await fleet.ask(first)
    assert (await fleet.ask(second))[1].body == b"1"


async def test_sessions_that_were_never_opened() -> None:
    fleet = Fleet(a=2)
    for session in ("nobody", "i0-s0"):
        with pytest.raises(SessionLost):
            await fleet.ask(session)
    other = Fleet(a=1)
    session = await other.open()
    with pytest.raises(SessionLost):
        await fleet.ask(session)  # another endpoint's


async def test_a_session_expires_when_its_container_said() -> None:
    fleet = Fleet(a=2)
    session = await fleet.open()
    fleet.now += 599
    await fleet.ask(session)
    fleet.now += 1
    with pytest.raises(SessionLost):
        await fleet.ask(session)
    for replica in fleet.replicas:
        replica.expires = "2026-05-01T11:00:00Z"
    with pytest.raises(SessionLost):
        await fleet.ask(await fleet.open())


async def test_a_session_of_a_dead_instance_goes_nowhere_else() -> None:
    fleet = Fleet(a=2)
    session = await fleet.open()
    dead = fleet.home(session)
    # A request that it may have seen fails, and is not repeated; whether it lives is for others to say.
    dead.failure = ConnectionClosed("cut", began=True)
    with pytest.raises(ReplicaLost):
        await fleet.ask(session)
    dead.failure = ConnectionClosed("refused", began=False)
    with pytest.raises(SessionLost):
        await fleet.ask(session)
    assert fleet.suspects == [dead.replica_id] * 2
    # Refused for want of a descriptor, say: nobody has said yet that the instance is gone.
    dead.failure = None
    assert (await fleet.ask(session))[1].body == b"1"
    dead.failure = ConnectionClosed("refused", began=False)
    fleet.variants["a"].replicas.remove(dead.replica_id)
    with pytest.raises(SessionLost):
        await fleet.ask(session)
    again = await fleet.open()
    assert fleet.home(again) is not dead
    assert [len(replica.counts) for replica in fleet.replicas if replica is not dead] == [1]


async def test_a_session_ends_with_its_instances_service() -> None:
    fleet = Fleet(a=3)
    kept, removed, drained = await fleet.open(), await fleet.open(), await fleet.open()
    while len({fleet.home(session) for session in (kept, removed, drained)}) < 3:
        kept, removed, drained = removed, drained, await fleet.open()
    fleet.variants["a"].replicas.remove(fleet.home(removed).replica_id)
    fleet.home(drained).draining = True
    assert (await fleet.ask(kept))[1].body == b"1"
    for session in (removed, drained):
        with pytest.raises(SessionLost):
            await fleet.ask(session)
        assert fleet.home(session).counts[session] == 0


async def test_an_update_leaves_sessions_where_they_are_while_the_old_fleet_is_there() -> None:
    fleet = Fleet(a=1)
    session = await fleet.open()
    incoming = {"a": WeightedVariant(fleet.add("a", 1), 1.0)}
    old, new = fleet.replicas
    fleet.router.replace(fleet.variants, incoming, 1.0)
    assert (await fleet.ask(session))[1].body == b"1"
    assert fleet.home(await fleet.open()) is new
    fleet.router.replace(incoming)
    assert (await fleet.ask(session))[1].body == b"2"
    fleet.variants["a"].replicas.remove(old.replica_id)
    with pytest.raises(SessionLost):
        await fleet.ask(session)


async def test_a_target_variant_that_contradicts_the_session_is_refused() -> None:
    fleet = Fleet(a=1, b=1)
    _, answer = await fleet.ask("NEW_SESSION", variant="b")
    session = answer.headers[NEW].split(";")[0]
    with pytest.raises(SessionElsewhere) as refused:
        await fleet.ask(session, variant="a")
    assert refused.value.variant == "b"
    assert (await fleet.ask(session, variant="b"))[0] == "b"


async def test_a_live_session_is_not_taken_over() -> None:
    fleet = Fleet(a=2)
    for replica in fleet.replicas:
        replica.fixed_id = "same"
    _, answer = await fleet.ask("NEW_SESSION")
    owner = answer.replica_id
    refused = 0
    for _ in range(20):
        try:
            _, answer = await fleet.ask("NEW_SESSION")
            assert answer.replica_id == owner
        except SessionRefused:
            refused += 1
    assert 0 < refused < 20
    assert (await fleet.ask("same"))[1].replica_id == owner
    # Nor can another instance close it: only what its own session answers counts.
    fleet.variants["a"].replicas.remove(owner)
    assert (await fleet.ask("NEW_SESSION"))[1].replica_id != owner


@pytest.mark.parametrize(
    "expires", ["soon", "2026-13-01T00:00:00Z", "2026-05-01T12:10:00Z\r\nx: y", "2026-05-01T12:10:00+01:00"]
)
async def test_a_malformed_header_is_an_error_that_is_logged(
    expires: str, caplog: pytest.LogCaptureFixture
) -> None:
    fleet = Fleet(a=1)
    fleet.replicas[0].expires = expires
    with pytest.raises(SessionRefused, match="X-Amzn-SageMaker-New-Session-Id"):
        await fleet.open()
    assert "instance i0: X-Amzn-SageMaker-New-Session-Id is" in caplog.text
    with pytest.raises(SessionLost):
        await fleet.ask("i0-s0")


async def test_sessions_are_refused_before_they_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    fleet = Fleet(a=1)
    monkeypatch.setattr(fleet.router._sessions._table, "_most", 3)
    for replica in fleet.replicas:
        replica.expires = "9999-12-31T23:59:59Z"
    for _ in range(3):
        await fleet.open()
    with pytest.raises(TooManySessions):
        await fleet.open()
    assert len(fleet.replicas[0].counts) == 3  # it was not even asked
    fleet.now += 7 * 86400
    await fleet.open()


async def test_a_container_that_knows_no_sessions_is_answered_for() -> None:
    fleet = Fleet(a=1)
    fleet.replicas[0].knows_sessions = False
    _, answer = await fleet.ask("NEW_SESSION")
    assert (answer.status, answer.headers) == (200, {})


async def test_a_container_that_lost_a_session_says_so_once() -> None:
    fleet = Fleet(a=1)
    session = await fleet.open()
    fleet.replicas[0].counts.clear()
    assert (await fleet.ask(session))[1].status == 400
    with pytest.raises(SessionLost):
        await fleet.ask(session)


async def test_a_killed_server_over_real_sockets(start_fake: Any) -> None:
    servers = [await start_fake(f"i-{number}") for number in range(2)]
    replicas = ReplicaSet(
        "a", strategy="RANDOM", limits=ServingLimits(), clock=SystemClock(), ids=Ids(random.Random(1))
    )
    for server in servers:
        replicas.add(server.replica())
    for _ in range(10):
        assert (await replicas.invoke({}, b"x", "i-1")).replica_id == "i-1"
    assert not servers[0].seen
    stream = await replicas.invoke_stream({}, b"y", "i-1")
    assert b"".join([part async for part in stream.parts()]) == b"y"
    await servers[1].die()
    servers[1].path.unlink(missing_ok=True)
    await asyncio.sleep(0.01)
    for ask in (replicas.invoke, replicas.invoke_stream):
        with pytest.raises(SessionLost):
            await ask({}, b"x", "i-1")
    assert (await replicas.invoke({}, b"z")).replica_id == "i-0"
    assert servers[0].seen == [b"z"]
    assert replicas.outstanding == 0
