"""A tracking server's life by its record, with runs that live in this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sagehen.domain.clock import ManualClock
from sagehen.services.sagemaker.schema import MIGRATIONS as FIRST
from sagehen.services.sagemaker.tracking_servers import acceptance, loops, passes, records
from sagehen.services.sagemaker.tracking_servers.loops import TrackingLoops
from sagehen.services.sagemaker.tracking_servers.records import TrackingServerRecords
from sagehen.services.sagemaker.tracking_servers.registration.registrar import Registrar
from sagehen.services.sagemaker.tracking_servers.tracking_server import TrackingServer
from sagehen.store.database import Database
from sagehen.upkeep.run import Run
from tests.unit.sagemaker.tracking_servers.test_decisions import NOW, SERVER


class FakeRun(Run[object]):
    """Comes up at once, and ends when it is told to, or dies."""

    def __init__(self, server: TrackingServer, means: Any, programs: Any) -> None:
        super().__init__("a run", means.wall_clock, 1.0)
        self.server = server
        self.failure: str | None = None
        self.running: Any = None
        self.dead = asyncio.Event()
        means.runs.append(self)

    async def _start(self) -> None:
        self.running = SimpleNamespace(version="3.17.2")

    async def _serve(self) -> None:
        self._be_ready()
        if await self._until_gone(self.dead.wait()):
            self.failure = "it ended with 1"

    def _failed(self, error: Exception) -> None:
        self.failure = str(error)

    async def _clear(self) -> None:
        self.running = None


class CatchingUp(Registrar):
    """Registers nothing, and keeps for which processes it was to."""

    def __init__(self, processes: list[object]) -> None:
        nobody: Any = None
        super().__init__(nobody, nobody)
        self.processes = processes

    def catch_up(self, server: TrackingServer, running: Any) -> None:
        self.processes.append(running)


class Room:
    """The loops, and one tracking server.

    Attributes:
        runs: All that were begun, in their order.
    """

    def __init__(self, database: Database, clock: ManualClock, folder: Path) -> None:
        database.migrate("sagemaker", FIRST)
        database.migrate("servers", records.MIGRATIONS)
        database.migrate("passes", passes.MIGRATIONS)
        self.records, self.folder = TrackingServerRecords(database), folder
        self.runs: list[FakeRun] = []
        means: Any = SimpleNamespace(clock=clock, wall_clock=clock, folder=folder, runs=self.runs)
        programs: Any = None
        self.caught_up: list[object] = []
        self.loops = TrackingLoops(
            self.records, passes.tracking_passes(database), means, programs, CatchingUp(self.caught_up)
        )

    async def ask(self, change: Any) -> None:
        changed = await self.records.change(*SERVER.key, change)
        assert changed is not None
        self.loops.watch(changed)

    async def begin(self, to: str, **settings: str) -> None:
        def change(server: TrackingServer) -> TrackingServer:
            begun = acceptance.begun(server, to, NOW, {})
            return replace(begun, settings=replace(begun.settings, **settings))

        await self.ask(change)

    async def until(self, condition: Any) -> None:
        async with asyncio.timeout(30):
            while not condition():
                await asyncio.sleep(0.001)

    async def reaches(self, status: str, runs: int) -> None:
        """Wait until the record says so, with that many runs begun, the last as it should be."""

        def is_so() -> bool:
            server = self.records.get(*SERVER.key)
            return (
                server is not None
                and server.status == status
                and len(self.runs) == runs
                and (self.loops.running(server) is not None) == server.is_wanted
            )

        await self.until(is_so)


@pytest.fixture
async def room(
    database: Database, clock: ManualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Room]:
    monkeypatch.setattr(loops, "ServerRun", FakeRun)
    made = Room(database, clock, tmp_path)
    await made.records.add(replace(SERVER, status="Creating"), ())
    for name in (SERVER.id, "of-nobody"):
        (tmp_path / name).mkdir()
    await made.loops.start()
    yield made
    await made.loops.stop()


async def test_its_life(room: Room) -> None:
    await room.reaches("Created", 1)
    assert [path.name for path in room.folder.iterdir()] == [SERVER.id]
    await room.begin("Updating", size="Large")
    await room.reaches("Updated", 2)  # with other settings it is another process
    assert room.runs[-1].server.settings.size == "Large"
    await room.begin("Updating")
    await room.reaches("Updated", 2)  # with the same it is the same
    await room.begin("Stopping")
    await room.reaches("Stopped", 2)
    await room.begin("Starting")
    await room.reaches("Started", 3)
    await room.loops.stop()
    await room.loops.start()
    await room.reaches("Started", 4)
    await room.ask(lambda server: acceptance.deleting(server, NOW, {}))
    await room.until(lambda: room.records.get(*SERVER.key) is None)
    assert list(room.folder.iterdir()) == []


async def test_it_is_kept_up_until_the_third_end_in_a_row(room: Room, clock: ManualClock) -> None:
    await room.reaches("Created", 1)
    room.runs[-1].dead.set()
    await room.reaches("Created", 2)
    room.runs[-1].dead.set()
    await room.until(lambda: room.runs[-1].phase == "ended")
    await clock.advance(2.1)
    await room.reaches("Created", 3)
    room.runs[-1].dead.set()
    await room.reaches("StartFailed", 3)
    assert room.records.require(*SERVER.key).failure == "it ended with 1"
    await room.begin("Starting")
    await room.reaches("Started", 4)


async def test_an_update_in_the_pause_after_an_end_is_tried(room: Room) -> None:
    await room.reaches("Created", 1)
    for runs in (1, 2):
        await room.reaches("Created", runs)
        room.runs[-1].dead.set()
    await room.until(lambda: room.runs[-1].phase == "ended")
    await room.begin("Updating", size="Large")
    await room.reaches("Updated", 3)
    assert room.runs[-1].server.settings.size == "Large"


async def test_each_process_catches_up_once_also_of_a_server_that_was_there_before(room: Room) -> None:
    await room.reaches("Created", 1)
    await room.until(lambda: len(room.caught_up) == 1)
    await room.loops.stop()
    await room.loops.start()
    await room.until(lambda: len(room.caught_up) == 2)
    await room.begin("Stopping")
    await room.reaches("Stopped", 2)
    assert len(room.caught_up) == 2
