"""Loading: builds rooms, those with rows at the platform's start, all others when they are first called."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from sagehen.api.component import ServiceComponent
from sagehen.api.errors import ServiceError
from sagehen.api.operation import BoundOperation, Service
from sagehen.app.collector import collector_at_rest
from sagehen.app.declared import declared_schemas
from sagehen.app.wiring import circles
from sagehen.app.wiring.ground import Ground
from sagehen.app.wiring.plan import PLAN, in_order_of_building, room_of, rooms_of_tables
from sagehen.app.wiring.rooms import Rooms
from sagehen.app.wiring.services import core
from sagehen.domain.identity import Credentials

_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table'"
_log = logging.getLogger("sagehen")


class Leaving(ServiceError):
    """The platform is being stopped."""

    code = "ServiceUnavailable"
    status = 503


class Loading:
    """Has every room that is there, and makes the others.

    A room without a row holds nothing and owes nothing: that it is not there changes no answer. It is
    imported and built in a thread, as that takes up to half a second, and joined to the others in the
    event loop. One room is built at a time, whoever asks.

    Args:
        ground: What rooms stand on.
        roots: Account id -> keys of its root user.

    Attributes:
        rooms: What is there.
    """

    def __init__(self, ground: Ground, roots: dict[str, Credentials]) -> None:
        self.rooms = Rooms(ground, self.need, self.has)
        self._core = core.build(self.rooms, roots)
        self._components: dict[str, Sequence[ServiceComponent]] = {}
        self._operations: dict[str, Sequence[BoundOperation]] = {}
        self._there: set[str] = set()
        self._arriving: dict[str, asyncio.Task[None]] = {}
        self._building = asyncio.Lock()
        self._ended = False
        circles.close_core(self.rooms)

    @property
    def components(self) -> Sequence[ServiceComponent]:
        """What is there, in the order of starts; it is stopped in the reverse one."""
        later = [each for name in PLAN if name in self._there for each in self._components[name]]
        return [*self._core, *later, self.rooms.ledger]

    @property
    def services(self) -> Sequence[Service]:
        """What the front door calls, as far as it is there."""
        return [service for component in self.components for service in component.services]

    def has(self, name: str) -> bool:
        """Tell whether a room is there."""
        return name in self._there

    def build(self, wanted: set[str]) -> None:
        """Build rooms, and what they need, without starting any."""
        for name in in_order_of_building(wanted):
            self._build(name)
            self._join(name)

    async def start(self) -> None:
        """Build the rooms that hold something, then start what is there.

        All of them are built before the first is started: what it takes up again may be another's.
        """
        for name in await asyncio.to_thread(self._build_held):
            self._join(name)
        for component in self.components:
            await component.start()

    async def stop(self) -> None:
        """Let in no more, and stop what is there, the last one first."""
        self._ended = True
        await asyncio.gather(*self._arriving.values(), return_exceptions=True)
        for component in reversed(self.components):
            await component.stop()

    async def need(self, name: str) -> None:
        """Return when a room is there and started.

        Whoever leaves meanwhile ends nothing. A room that could not be built is tried again by the next one;
        one that was built, but did not start, is stopped, and fails until the platform is started anew.
        """
        if name in self._there:
            return
        task = self._arriving.get(name)
        if task is None:
            task = self._arriving[name] = asyncio.create_task(self._arrive(name), name=f"room-{name}")
        await asyncio.shield(task)

    async def operations(self, service: str) -> Sequence[BoundOperation]:
        """Return what a service's room declares, of all of its services; it is there then."""
        name = room_of(service)
        assert name is not None, service
        await self.need(name)
        return self._operations[name]

    async def _arrive(self, name: str) -> None:
        try:
            for needed in PLAN[name].needs:
                await self.need(needed)
            began = time.perf_counter()
            async with self._building:
                if self._ended:
                    raise Leaving(f"{name} is not loaded any more: the platform ends.")
                with collector_at_rest():
                    await asyncio.to_thread(self._build, name)
        except BaseException:
            del self._arriving[name]
            raise
        circles.CLOSE[name](self.rooms)
        try:
            async with contextlib.AsyncExitStack() as started:
                for component in self._components[name]:
                    await component.start()
                    started.push_async_callback(component.stop)
                started.pop_all()
        except Exception:
            _log.exception("%s was loaded, and does not start", name)
            raise
        self._there.add(name)
        _log.info("%s was called for and loaded, in %.0f ms", name, 1000 * (time.perf_counter() - began))

    def _build_held(self) -> Sequence[str]:
        names = in_order_of_building(self._held())
        for name in names:
            self._build(name)
        return names

    def _build(self, name: str) -> None:
        components = import_module(f"sagehen.app.wiring.services.{name}").build(self.rooms)
        self._components[name] = components
        self._operations[name] = tuple(
            bound
            for component in components
            for service in component.services
            for bound in service.operations()
        )

    def _join(self, name: str) -> None:
        circles.CLOSE[name](self.rooms)
        self._there.add(name)

    def _held(self) -> set[str]:
        """Return the rooms of which a table has a row, or a folder a file.

        All of them where tables have taken more steps than are known: whose those are refuses them now.
        """
        ground, known = self.rooms.ground, declared_schemas()
        if any(steps > known.get(name, steps) for name, steps in ground.database.schema_versions().items()):
            return set(PLAN)
        tables = [each["name"] for each in ground.database.all(_TABLES)]
        filled = {name for name in tables if ground.database.one(f'SELECT 1 FROM "{name}" LIMIT 1')}
        return rooms_of_tables(filled) | {
            name
            for name, room in PLAN.items()
            if any(_has_a_file(ground.folder.root / each) for each in room.folders)
        }


def _has_a_file(folder: Path) -> bool:
    return any(files for _, _, files in os.walk(folder))
