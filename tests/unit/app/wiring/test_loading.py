"""Rooms are built when they are called for: once, whoever asks, and after what they need."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from sagehen.api.operation import Service, operation
from sagehen.app.wiring import circles, loading
from sagehen.app.wiring.loading import Leaving, Loading
from sagehen.app.wiring.plan import Room
from sagehen.app.wiring.services import core
from sagehen.store.database import Database


class Things:
    @operation("ListThings")
    async def list_things(self, context: Any, request: Any) -> None: ...


class Component:
    def __init__(self, name: str, story: list[str]) -> None:
        self.services = (Service(f"service-{name}", (Things(),)),)
        self._name, self._story = name, story

    async def start(self) -> None:
        self._story.append(f"start {self._name}")

    async def stop(self) -> None:
        self._story.append(f"stop {self._name}")

    async def reset(self) -> None: ...


class Unwilling(Component):
    async def start(self) -> None:
        raise OSError("read-only file system")


class House:
    """Three rooms: `high` needs `low`, and `broken` is as long as it says."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.story: list[str] = []
        self.is_broken, self.starts = True, True
        self.core = Component("core", self.story)
        self.folder = database.path.parent
        folder = SimpleNamespace(root=self.folder)
        self.made = Loading(cast(Any, SimpleNamespace(database=database, folder=folder)), {})

    def build(self, name: str) -> list[Component]:
        self.story.append(f"build {name}")
        if name == "broken" and self.is_broken:
            raise OSError("no space left")
        return [Component(name, self.story), *([] if self.starts else [Unwilling("other", self.story)])]


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    plan = {
        "high": Room(("service-high",), ("high_",), needs=("low",)),
        "low": Room(("service-low",), ("low_",), folders=("low", "more/low")),
        "broken": Room(("service-broken",), ("broken_",)),
    }
    for place in ("sagehen.app.wiring.plan", "sagehen.app.wiring.loading"):
        monkeypatch.setattr(f"{place}.PLAN", plan)
    monkeypatch.setattr(
        circles, "CLOSE", {name: lambda rooms, n=name: rooms.closed.append(n) for name in plan}
    )
    monkeypatch.setattr(circles, "close_core", lambda rooms: None)

    def build_core(rooms: Any, roots: Any) -> list[Component]:
        rooms.closed, rooms.ledger = [], Component("ledger", [])
        return []

    monkeypatch.setattr(core, "build", build_core)
    database = Database(tmp_path / "metadata.sqlite")
    database.migrate("test", ["CREATE TABLE low_things (name TEXT); CREATE TABLE high_things (name TEXT);"])
    made = House(database)

    def module(path: str) -> SimpleNamespace:
        return SimpleNamespace(build=lambda rooms: made.build(path.rpartition(".")[2]))

    monkeypatch.setattr(loading, "import_module", module)
    yield made
    database.close()


async def test_ten_callers_load_a_room_and_what_it_needs_once(house: House) -> None:
    await house.made.start()
    assert not house.made.has("low") and house.story == []
    found = await asyncio.gather(*(house.made.operations("service-high") for _ in range(10)))
    assert house.story == ["build low", "start low", "build high", "start high"]
    assert {bound.name for operations in found for bound in operations} == {"ListThings"}
    assert cast(Any, house.made.rooms).closed == ["low", "high"]
    await house.made.stop()
    assert house.story[-2:] == ["stop low", "stop high"]  # in the order of the plan, backwards


async def test_a_caller_who_leaves_ends_nothing(house: House) -> None:
    asking = asyncio.create_task(house.made.need("high"))
    await asyncio.sleep(0)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    assert asking.cancelled()
    await house.made.need("high")
    assert house.story.count("build high") == 1


async def test_what_could_not_be_built_is_tried_again(house: House) -> None:
    with pytest.raises(OSError, match="no space left"):
        await house.made.need("broken")
    assert not house.made.has("broken")
    house.is_broken = False
    await house.made.need("broken")
    assert house.story == ["build broken", "build broken", "start broken"]


async def test_what_was_built_and_does_not_start_fails_until_the_next_life(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.starts = False
    for _ in range(2):
        with pytest.raises(OSError, match="read-only"):
            await house.made.need("low")
    assert house.story == ["build low", "start low", "stop low"] and not house.made.has("low")
    assert [record.getMessage() for record in caplog.records] == ["low was loaded, and does not start"]
    await house.made.stop()
    assert len(house.story) == 3


async def test_a_platform_with_rows_has_their_rooms_before_it_starts_any(house: House) -> None:
    await house.database.execute("INSERT INTO high_things VALUES ('a')")
    await house.made.start()
    assert house.story == ["build low", "build high", "start high", "start low"]
    await house.made.need("high")
    assert house.made.has("low") and not house.made.has("broken") and len(house.story) == 4


async def test_a_file_that_was_left_calls_for_its_room_and_an_empty_folder_does_not(house: House) -> None:
    (house.folder / "low" / "empty").mkdir(parents=True)
    (house.folder / "more" / "low" / "job").mkdir(parents=True)
    assert house.made._held() == set()
    (house.folder / "more" / "low" / "job" / "left").touch()
    assert house.made._held() == {"low"}


@pytest.mark.parametrize(
    ("steps", "held"), [(2, set()), (3, {"high", "low", "broken"})], ids=["known", "of a newer Sagehen"]
)
async def test_tables_of_a_newer_sagehen_call_for_who_refuses_them(
    house: House, monkeypatch: pytest.MonkeyPatch, steps: int, held: set[str]
) -> None:
    monkeypatch.setattr(loading, "declared_schemas", lambda: {"low": 2})
    for name in ("low", "nobody's"):
        house.database.migrate(name, [""] * steps)
    assert house.made._held() == held


async def test_a_platform_that_ends_loads_no_more(house: House) -> None:
    await house.made.stop()
    with pytest.raises(Leaving):
        await house.made.need("low")
    assert house.story == []
