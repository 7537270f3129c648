"""Which models an instance holds: loads that many wait for, evictions, and which instance gets a request."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from sagehen.serving.connection import ConnectionClosed, ReplicaResponse
from sagehen.serving.errors import ModelNotLoaded, ModelUnavailable, Overloaded
from sagehen.serving.multimodel.choice import choose_for_model
from sagehen.serving.multimodel.holdings import Holdings
from sagehen.serving.multimodel.models import ReplicaModels
from sagehen.serving.multimodel.source import Fetched


@pytest.mark.parametrize(
    ("candidates", "expected"),
    [
        ([], None),
        ([("a", 0, False)], "a"),
        ([("a", 0, False), ("b", 5, True)], "b"),  # where nothing is loaded first
        ([("a", 0, False), ("b", 8, True)], "a"),  # a copy is worth its load
        ([("a", 4, False), ("b", 8, True)], "b"),
        ([("a", 0, False), ("b", 9, True), ("c", 1, True)], "c"),
        ([("a", 3, False), ("b", 9, True), ("c", 12, True)], "a"),
    ],
)
def test_which_instance_gets_a_request_for_a_model(candidates: Any, expected: str | None) -> None:
    assert choose_for_model(candidates, "LEAST_OUTSTANDING_REQUESTS", 0.0) == expected


def test_the_least_recently_used_model_that_answers_nothing_goes_first() -> None:
    holdings = Holdings()
    for model in "abc":
        holdings.add(model)
    holdings.begin("a")
    assert holdings.least_recently_used() == "b"
    holdings.begin("b")
    assert holdings.end("a") and holdings.least_recently_used() == "c"
    holdings.begin("c")
    assert holdings.least_recently_used() == "a"
    holdings.remove("a")
    assert holdings.least_recently_used() is None and len(holdings) == 2


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.001)


class Container:
    """Has room for so many models, and says 507 beyond."""

    def __init__(self, room: int = 2) -> None:
        self.room = room
        self.loaded: list[str] = []
        self.calls: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.gone = False

    async def ask(self, method: bytes, path: bytes, body: bytes, timeout_s: float) -> ReplicaResponse:
        name = json.loads(body)["model_name"] if body else path.decode().removeprefix("/models/")
        self.calls.append(f"{method.decode()} {name}")
        await self.gate.wait()
        if self.gone:
            raise ConnectionClosed("gone", began=True)
        if method == b"DELETE":
            self.loaded.remove(name)
            return ReplicaResponse(200)
        if name == "broken":
            return ReplicaResponse(500, body=b"no weights")
        if len(self.loaded) >= self.room or name == "huge":
            return ReplicaResponse(507, body=b"no room")
        self.loaded.append(name)
        return ReplicaResponse(200)


class Source:
    def __init__(self) -> None:
        self.fetched: list[str] = []

    def name_of(self, model: str) -> str:
        return model

    async def fetch(self, model: str) -> Fetched:
        if model == "missing":
            raise ModelUnavailable("there is none")
        self.fetched.append(model)
        return Fetched(model, f"/opt/ml/models/{model}/model", 0.5)

    def unused(self, model: str) -> None:
        pass


class Stage:
    def __init__(self, room: int = 2, keeps: bool = True) -> None:
        self.container, self.source = Container(room), Source()
        self.metrics: list[tuple[str, float]] = []
        self.models = ReplicaModels(
            self.container.ask,
            self.source,
            lambda name, value: self.metrics.append((name, value)),
            keeps=keeps,
        )

    async def ask(self, model: str) -> None:
        path = await self.models.acquire(model, 30)
        assert path == f"/models/{model}/invoke".encode()
        self.models.release(model)


async def test_a_load_is_waited_for_by_all_and_done_once() -> None:
    stage = Stage()
    stage.container.gate.clear()
    asked = [asyncio.create_task(stage.ask("a")) for _ in range(5)]
    await until(lambda: stage.container.calls)
    asked[0].cancel()  # who goes away ends nobody else's wait
    stage.container.gate.set()
    await asyncio.gather(*asked[1:])
    await stage.ask("a")
    assert stage.container.calls == ["POST a"] and stage.source.fetched == ["a"]
    hits = [value for name, value in stage.metrics if name == "ModelCacheHit"]
    assert hits == [0, 0, 0, 0, 0, 1]
    assert {name for name, _ in stage.metrics} == {
        "ModelCacheHit", "ModelLoadingWaitTime", "ModelDownloadingTime", "ModelLoadingTime",
    }  # fmt: skip


async def test_the_least_recently_used_one_makes_room() -> None:
    stage = Stage()
    for model in ("a", "b", "a", "c"):
        await stage.ask(model)
    assert stage.container.loaded == ["a", "c"]
    assert "ModelUnloadingTime" in {name for name, _ in stage.metrics}
    await stage.ask("b")
    assert stage.container.loaded == ["c", "b"] and stage.models.count == 2


async def test_a_load_waits_while_all_models_answer() -> None:
    stage = Stage(room=1)
    await stage.models.acquire("a", 30)
    waiting = asyncio.create_task(stage.ask("b"))
    await until(lambda: "POST b" in stage.container.calls)
    assert not waiting.done() and stage.container.loaded == ["a"]
    stage.models.release("a")
    await waiting
    assert stage.container.loaded == ["b"]


async def test_many_loads_at_once_take_turns_in_one_place() -> None:
    stage = Stage(room=1)
    await asyncio.gather(*(stage.ask(str(number)) for number in range(12)))
    assert len(stage.container.loaded) == 1


async def test_loads_that_nobody_waits_for_any_more_do_not_pile_up() -> None:
    stage = Stage()
    stage.container.gate.clear()
    asked = [asyncio.create_task(stage.ask(str(number))) for number in range(300)]
    await until(lambda: any(one.done() for one in asked))
    refused = [one for one in asked if one.done()]
    assert len(refused) == 44 and all(isinstance(one.exception(), Overloaded) for one in refused)
    for one in asked:
        one.cancel()
    await asyncio.gather(*asked, return_exceptions=True)
    with pytest.raises(Overloaded):
        await stage.ask("another")
    stage.models.close()


async def test_what_cannot_be_loaded_is_told_and_is_not_held() -> None:
    stage = Stage()
    with pytest.raises(ModelUnavailable):
        await stage.ask("missing")
    for model, status in (("broken", 500), ("huge", 507)):
        with pytest.raises(ModelNotLoaded) as told:
            await stage.ask(model)
        assert told.value.status == status
    stage.container.gone = True
    with pytest.raises(ConnectionClosed) as closed:
        await stage.ask("a")
    assert not closed.value.began  # the request goes to another instance
    assert stage.models.count == 0 and not stage.models.has("a")


async def test_without_a_cache_a_model_goes_when_it_has_answered() -> None:
    stage = Stage(keeps=False)
    await asyncio.gather(stage.ask("a"), stage.ask("a"))
    await until(lambda: stage.container.loaded == [])
    await stage.ask("a")
    assert stage.container.calls.count("POST a") == 2


async def test_an_instance_that_ends_tells_who_waits() -> None:
    stage = Stage()
    stage.container.gate.clear()
    waiting = asyncio.create_task(stage.ask("a"))
    await until(lambda: stage.container.calls)
    stage.models.close()
    with pytest.raises(ConnectionClosed):
        await waiting
    with pytest.raises(ConnectionClosed):
        await stage.ask("a")
