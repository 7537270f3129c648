"""The queue: every accepted request ends with an answer or an error, whatever ends meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from sagehen.domain.access import AccessDenied
from sagehen.domain.clock import SystemClock
from sagehen.domain.identity import Credentials, Principal, PrincipalKind
from sagehen.domain.ids import Ids
from sagehen.domain.kept_sessions import KeptSessions
from sagehen.domain.ports.identity.roles import RoleSession
from sagehen.domain.ports.observing.metrics import MetricValue
from sagehen.domain.ports.storage.objects import NoSuchObject, ObjectSummary
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker_runtime.asynchronous import queue as module
from sagehen.services.sagemaker_runtime.asynchronous.metrics import AsyncMetrics
from sagehen.services.sagemaker_runtime.asynchronous.queue import AsyncQueue
from sagehen.services.sagemaker_runtime.asynchronous.records import AsyncRecords
from sagehen.services.sagemaker_runtime.asynchronous.request import AsyncRequest, EndpointKey
from sagehen.services.sagemaker_runtime.errors import ServiceUnavailable
from sagehen.services.sagemaker_runtime.surroundings import Surroundings
from sagehen.serving.asynchronous import AsyncSettings, Place
from sagehen.serving.attempt import Attempt
from sagehen.serving.connection import ConnectionClosed, ReplicaResponse
from sagehen.serving.directory import EndpointDirectory, ServedEndpoint
from sagehen.serving.errors import NoHealthyReplica
from sagehen.serving.router import Router, WeightedVariant
from sagehen.store.database import Database
from tests.unit.sagemaker_runtime.asynchronous.test_lines import Replicas
from tests.waiting import eventually

SCOPE = Scope("123456789012", "us-east-1")
KEY = EndpointKey(SCOPE, "e", 1.0)
Answer = Callable[[bytes], tuple[int, list[bytes | Exception]]]


class Stream:
    def __init__(self, status: int, parts: list[bytes | Exception]) -> None:
        self.head = ReplicaResponse(status, {"content-type": "text/plain"}, replica_id="i-0")
        self._parts = parts

    async def parts(self) -> AsyncIterator[bytes]:
        for part in self._parts:
            if isinstance(part, Exception):
                raise part
            yield part

    def close(self) -> None: ...


class AnsweringRouter(Router):
    """Answers by a function; `count` instances serve."""

    def __init__(self, answer: Answer, count: int) -> None:
        super().__init__(Ids())
        self.answer = answer
        self.asked: list[bytes] = []
        self.resize(count)

    def resize(self, count: int) -> None:
        self.replace({"v": WeightedVariant(cast(Any, Replicas("v", count)), 1.0, "role")})

    async def invoke_stream(
        self, headers: Mapping[str, str], body: Any, target: str | None = None, attempt: Attempt | None = None
    ) -> tuple[str, Any]:
        assert attempt is not None and target == "v"
        self.asked.append(body)
        status, parts = self.answer(body)
        if isinstance(parts[0], NoHealthyReplica):
            raise parts[0]
        return "v", Stream(status, parts)


class World:
    """S3, roles and logs in memory; a queue on a database."""

    def __init__(self, folder: Path, answer: Answer, count: int = 1) -> None:
        self.stored: dict[tuple[str, str], bytes] = {}
        self.lines: list[str] = []
        self.measured: list[MetricValue] = []
        self.directory = EndpointDirectory()
        self.router = AnsweringRouter(answer, count)
        self.show()
        self.database = Database(folder / "db")
        self.records = AsyncRecords(self.database)
        self.folder = folder
        self.refused: set[str] = set()

    def show(self, status: str = "InService") -> None:
        settings = AsyncSettings(Place("out", ""), Place("bad", ""), 2)
        self.directory.publish(SCOPE, ServedEndpoint("e", status, self.router, None, settings, 1.0))

    @asynccontextmanager
    async def queue(self) -> AsyncIterator[AsyncQueue]:
        around = Surroundings(self.folder, cast(Any, self), cast(Any, self), cast(Any, self), self.database)
        clock = SystemClock()
        queue = AsyncQueue(
            records=self.records, directory=self.directory, surroundings=around,
            roles=KeptSessions(cast(Any, self), clock, "s", "n"), metrics=AsyncMetrics(cast(Any, self)),
            clock=clock, ids=Ids(),
        )  # fmt: skip
        await queue.start()
        try:
            yield queue
        finally:
            await queue.stop()

    async def ends(self, *names: str) -> None:
        await asyncio.to_thread(eventually, lambda: {key for _, key in list(self.stored)} >= set(names))
        await asyncio.to_thread(eventually, lambda: not self.records.backlogs())

    # --- ports ---

    async def assume_for_service(self, role_arn: str, service: str, name: str) -> RoleSession:
        principal = Principal(PrincipalKind.ASSUMED_ROLE, role_arn, "123456789012")
        return RoleSession(Credentials("ASIAX", "secret", "token"), principal)

    def is_over(self, session: Principal) -> bool:
        return False

    async def read(self, principal: Principal, bucket: str, key: str) -> tuple[Any, AsyncIterator[bytes]]:
        if (bucket, key) not in self.stored:
            raise NoSuchObject(f"no {key}")
        content = self.stored[bucket, key]

        async def pieces() -> AsyncIterator[bytes]:
            yield content

        return ObjectSummary(key, len(content), '""', SystemClock().now()), pieces()

    async def upload(
        self, principal: Principal, bucket: str, key: str, source: Path, content_type: str, kms_key_id: Any
    ) -> None:
        if bucket in self.refused:
            raise AccessDenied(f"no s3:PutObject on {bucket}")
        self.stored[bucket, key] = source.read_bytes()

    def write(self, scope: Scope, group: str, stream: str, events: Any) -> None:
        self.lines += [text for _, text in events]

    def record(self, scope: Scope, namespace: str, values: Any) -> None:
        self.measured += values


def request_of(name: str, ttl_s: int = 100, key: str = "") -> AsyncRequest:
    output, failure = ("out", f"{name}.out"), ("bad", f"{name}-error.out")
    return AsyncRequest(name, {}, "in" if key else "", key, output, failure, None, "role", ttl_s)


def echo(body: bytes) -> tuple[int, list[bytes | Exception]]:
    return 200, [body[:1], body[1:]]


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Callable[..., World]]:
    worlds: list[World] = []

    def make(answer: Answer = echo, count: int = 1) -> World:
        worlds.append(World(tmp_path, answer, count))
        return worlds[-1]

    yield make
    for world in worlds:
        world.database.close()


async def test_answers_and_errors_are_stored_and_rows_go(made: Callable[..., World]) -> None:
    def answer(body: bytes) -> tuple[int, list[bytes | Exception]]:
        return (500, [b"too bad"]) if body == b"bad" else echo(body)

    world = made(answer)
    world.stored["in", "k"] = b"from S3"
    async with world.queue() as queue:
        await queue.accept(KEY, request_of("a"), b"inline")
        await queue.accept(KEY, request_of("b", key="k"), None)
        await queue.accept(KEY, request_of("c", key="missing"), None)
        await queue.accept(KEY, request_of("d"), b"bad")
        await world.ends("a.out", "b.out", "c-error.out", "d-error.out")
    assert world.stored["out", "a.out"] == b"inline" and world.stored["out", "b.out"] == b"from S3"
    assert b"Failed to download s3://in/missing" in world.stored["bad", "c-error.out"]
    assert world.stored["bad", "d-error.out"] == b"too bad"  # the container's own words
    assert any("[d] Received server error (500)" in line for line in world.lines)
    assert not list((world.folder / "async-answers").iterdir())


async def test_what_waits_without_instances_is_served_when_one_comes_after_a_restart_too(
    made: Callable[..., World],
) -> None:
    world = made(count=0)
    async with world.queue() as queue:
        await queue.accept(KEY, request_of("a"), b"1")
        await asyncio.sleep(0)
    async with world.queue() as queue:
        await queue.accept(KEY, request_of("b"), b"2")
        assert not world.router.asked
        world.router.resize(1)
        await world.ends("a.out", "b.out")


async def test_a_request_whose_instances_end_is_asked_again_and_at_last_fails(
    made: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "again_in_s", lambda losses: 0.0)
    tries: Iterator[bytes | Exception] = iter(
        [ConnectionClosed("gone", began=True), NoHealthyReplica("nobody"), b"at last"]
    )

    def answer(body: bytes) -> tuple[int, list[bytes | Exception]]:
        part: bytes | Exception = ConnectionClosed("gone", began=True)
        return 200, [part if body == b"killer" else next(tries)]

    world = made(answer)
    async with world.queue() as queue:
        await queue.accept(KEY, request_of("a"), b"unlucky")
        await queue.accept(KEY, request_of("k"), b"killer")
        await world.ends("a.out", "k-error.out")
    assert world.stored["out", "a.out"] == b"at last"
    assert world.router.asked.count(b"killer") == 3


async def test_what_expires_and_what_waits_at_a_deleted_endpoint_ends_with_an_error(
    made: Callable[..., World],
) -> None:
    world = made(count=0)
    async with world.queue() as queue:
        await queue.accept(KEY, request_of("late", ttl_s=0), b"1")
        await world.ends("late-error.out")
        await queue.accept(KEY, request_of("left"), b"1")
        world.show("Deleting")
        await world.ends("left-error.out")
    assert b"expired" in world.stored["bad", "late-error.out"]
    of_variant = [(one.name, one.dimensions) for one in world.measured if one.value]
    assert ("ExpiredRequests", {"EndpointName": "e", "VariantName": "v"}) in of_variant
    assert b"deleted" in world.stored["bad", "left-error.out"]
    assert not world.router.asked


async def test_an_answer_that_may_not_be_stored_is_an_error_and_no_place_for_that_is_a_log_line(
    made: Callable[..., World],
) -> None:
    world = made()
    world.refused = {"out"}
    async with world.queue() as queue:
        await queue.accept(KEY, request_of("a"), b"1")
        await world.ends("a-error.out")
        world.refused = {"out", "bad"}
        await queue.accept(KEY, request_of("b"), b"1")
        await world.ends()
    assert b"no s3:PutObject on out" in world.stored["bad", "a-error.out"]
    assert any("[b] The error cannot be stored: no s3:PutObject on bad" in line for line in world.lines)


async def test_a_full_queue_refuses(made: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 1)
    world = made(count=0)
    async with world.queue() as queue:
        await queue.accept(KEY, request_of("a"), b"1")
        with pytest.raises(ServiceUnavailable, match="queue is full"):
            await queue.accept(KEY, request_of("b"), b"1")
        world.router.resize(1)
        await world.ends("a.out")
        await queue.accept(KEY, request_of("b"), b"1")
        await world.ends("b.out")
