"""Copies for shadow variants: which share of the requests, how many at a time, what is told of them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from typing import Any, cast

import pytest

from sagehen.domain.ids import Ids
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker_runtime import shadows as module
from sagehen.services.sagemaker_runtime.invocation_metrics import OfVariant
from sagehen.services.sagemaker_runtime.shadows import Shadows, share_of
from sagehen.serving.connection import ReplicaResponse
from sagehen.serving.directory import ServedEndpoint
from sagehen.serving.errors import Overloaded
from sagehen.serving.router import Router, WeightedVariant

SCOPE = Scope("123456789012", "us-east-1")


class Shadow:
    """Its instances; `gate` holds their answers back."""

    variant, replica_ids = "s", ("i-1",)

    def __init__(self, outcome: Any = None) -> None:
        self.outcome = outcome or ReplicaResponse(200)
        self.asked: list[bytes] = []
        self.gate = asyncio.Event()

    def put_in_rotation(self, in_rotation: bool) -> None: ...

    async def invoke(self, headers: Mapping[str, str], body: bytes) -> ReplicaResponse:
        self.asked.append(body)
        await self.gate.wait()
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return cast(ReplicaResponse, self.outcome)


class Metrics:
    def __init__(self) -> None:
        self.statuses: list[tuple[str, int]] = []

    def record(self, scope: Scope, subject: OfVariant, *, status: int, **more: Any) -> None:
        self.statuses.append((subject.variant, status))


class Tap:
    def __init__(self) -> None:
        self.answers: list[str] = []

    def answered(self, variant: str, head: ReplicaResponse, body: bytes) -> None:
        self.answers.append(variant)


def router_of(shadow: Shadow, weight: float = 1.0) -> Router:
    router = Router(Ids())
    router.replace({"p": WeightedVariant(cast(Any, Shadow()), 1.0)})
    router.shadows = {"s": WeightedVariant(cast(Any, shadow), weight)}
    return router


@pytest.mark.parametrize(("weight", "share"), [(0.0, 0.0), (0.5, 0.5), (1.0, 1.0), (3.0, 1.0)])
async def test_shares(weight: float, share: float) -> None:
    router = router_of(Shadow(), weight)
    assert share_of(router, router.shadows["s"]) == share
    assert router.served("s") is router.shadows["s"] and "s" not in router.variants
    router.close()
    assert router.served("s") is None


async def test_a_share_of_the_requests_is_copied() -> None:
    shadow, shadows = Shadow(), Shadows(cast(Any, Metrics()), Ids(random.Random(1)))
    router = router_of(shadow, 0.3)
    for _ in range(200):
        shadows.copy(SCOPE, ServedEndpoint("e", "InService", router), router, {}, b"x", None)
    await asyncio.sleep(0)
    assert 40 <= len(shadow.asked) <= 80
    await shadows.stop()


@pytest.mark.parametrize(
    ("outcome", "status", "captured"),
    [(ReplicaResponse(200), 200, ["s"]), (ReplicaResponse(500), 424, []), (Overloaded("full", "s"), 503, [])],
)
async def test_what_is_told_of_a_copy(outcome: Any, status: int, captured: list[str]) -> None:
    shadow, metrics, tap = Shadow(outcome), Metrics(), Tap()
    shadows = Shadows(cast(Any, metrics), Ids())
    router = router_of(shadow)
    shadow.gate.set()
    shadows.copy(SCOPE, ServedEndpoint("e", "InService", router), router, {}, b"x", cast(Any, tap))
    async with asyncio.timeout(30):
        while not metrics.statuses:
            await asyncio.sleep(0)
    assert metrics.statuses == [("s", status)] and tap.answers == captured


async def test_there_are_only_so_many_copies_and_room_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 25)
    shadow, shadows = Shadow(), Shadows(cast(Any, Metrics()), Ids())
    router = router_of(shadow)
    for begins in (False, True, True):
        for _ in range(5):
            shadows.copy(SCOPE, ServedEndpoint("e", "InService", router), router, {}, bytes(10), None)
        if begins:
            await asyncio.sleep(0)
        await shadows.stop()
    assert len(shadow.asked) == 4


async def test_an_account_s_slow_shadows_leave_room_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_COPIES_OF_ACCOUNT", 2)
    shadow, shadows = Shadow(), Shadows(cast(Any, Metrics()), Ids())
    router = router_of(shadow)
    for account in (*[SCOPE.account_id] * 5, "999988887777"):
        scope = Scope(account, SCOPE.region)
        shadows.copy(scope, ServedEndpoint("e", "InService", router), router, {}, b"x", None)
    await asyncio.sleep(0)
    assert len(shadow.asked) == 3
    await shadows.stop()
