"""Platform: the composition root and its life. Only this room names concrete classes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import psutil

from sagehen import __version__
from sagehen.api.operation import Service
from sagehen.app.clock_mark import ClockMark
from sagehen.app.collector import Collector
from sagehen.app.data_folder import DataFolder
from sagehen.app.declared import declared_operations
from sagehen.app.ports import free_port
from sagehen.app.reach import CLOSED, Elsewhere, reach_of
from sagehen.app.recent_errors import RecentErrors
from sagehen.app.sandbox_doors import SandboxDoors
from sagehen.app.sandboxes import choose_executor, describe_all
from sagehen.app.settings import Settings, data_option
from sagehen.app.wiring.front_door import front_door
from sagehen.app.wiring.ground import Ground
from sagehen.app.wiring.loading import Loading
from sagehen.app.wiring.plan import PLAN
from sagehen.console.documents.doing import Doing
from sagehen.console.sessions.sessions import ConsoleSessions
from sagehen.domain.clock import SystemClock
from sagehen.domain.ids import Ids
from sagehen.executors.base import SandboxUnavailable
from sagehen.gateway.pages.routes import RESET, comes_from_this_machine
from sagehen.gateway.requests.incoming import Incoming
from sagehen.store.database import Database

_log = logging.getLogger("sagehen")

# Requests in flight get this long at `sagehen down`; an invocation may take 60 s on AWS, but a
# person who stops the platform waits for it.
_STOP_GRACE_S = 5.0


class Platform:
    """Everything, wired. `start` brings back what the data folder holds; `stop` ends what runs.

    Args:
        settings: What the person asked for.
        folder: The opened data folder.
    """

    def __init__(self, settings: Settings, folder: DataFolder) -> None:
        self._settings = settings
        self._folder = folder
        self._clock_mark = ClockMark(folder.clock)
        self._clock = SystemClock(settings.time_scale, self._clock_mark.read())
        self._collector = Collector()
        self._began = datetime.now(UTC)
        self._errors = RecentErrors()
        self._background: list[asyncio.Task[None]] = []
        self.sandbox_level = "being probed"
        self._doors = SandboxDoors()
        ground = self._ground(ids := Ids())
        self._database, self._executor = ground.database, ground.executor
        self._reach, self.elsewhere = ground.reach, CLOSED
        self._loading = Loading(ground, folder.root_credentials(settings.accounts, ids))
        self._rooms = rooms = self._loading.rooms
        self._console_sessions = ConsoleSessions(
            rooms.iam.console_keys, SystemClock(), ids, time_scale=settings.time_scale
        )
        self._front_door = self._doors.front_door = front_door(
            ground,
            self._loading,
            {
                "GET /_sagehen/health": self._health,
                RESET: self._reset_page,
            },
            console_sessions=self._console_sessions,
            doing=self._doing,
        )

    def _ground(self, ids: Ids) -> Ground:
        settings, folder, doors = self._settings, self._folder, self._doors
        reach = reach_of(settings.host, settings.tls_names)
        port = settings.port or free_port(reach.here, *reach.others)
        executor = choose_executor(
            settings.sandbox,
            folder.runtime,
            clock=self._clock,
            platform_port=port,
            open_door=doors.open,
            hides=folder.root,
            containers=settings.containers,
        )
        self._cluster = None
        if settings.cluster is not None:
            from sagehen.app.wiring.cluster import cluster_of

            executor, self._cluster = cluster_of(
                settings, folder, ids, executor, port, doors.open, doors.open_isolated
            )
        database = Database(folder.database, settings.durability)
        return Ground(
            settings,
            folder,
            database,
            self._clock,
            ids,
            executor,
            reach,
            port,
            doors.open_isolated,
            doors.open_for_replies,
            self._cluster,
        )

    async def start(self) -> str:
        """Recover, start every service, open the door; return its URL."""
        self._clock_mark.keep(self._clock)
        self._errors.begin()
        await self._front_door.prepare()
        ended = await self._executor.recover()
        if ended:
            _log.warning(
                "Sagehen had ended without `sagehen down`; nothing is left of its sandboxes %s",
                ", ".join(ended),
            )
        await self._loading.start()
        self._database.discard()
        port = await self._front_door.start()
        if self._cluster is not None:
            from sagehen.app.wiring.cluster import open_cluster

            await open_cluster(self._settings, self._folder, self._cluster)
        self._collector.start()
        url = f"http://{self._reach.here}:{port}"
        self.elsewhere = self._elsewhere(port)
        self._folder.announce(
            {
                "pid": os.getpid(),
                "started": psutil.Process().create_time(),
                "url": url,
                "host": self._reach.here,
                "port": port,
                "elsewhere": asdict(self.elsewhere),
                "region": self._settings.region,
                "account_id": self._settings.accounts[0].account_id,
                "ca_certificate": str(self._front_door.ca_certificate_path),
                "version": __version__,
            }
        )
        if self._cluster is not None:
            self._cluster.begin()
        self._background.append(asyncio.create_task(self._look_around(), name="look-around"))
        return url

    def _elsewhere(self, port: int) -> Elsewhere:
        if not self._reach.others:
            return CLOSED
        host = self._front_door.name_for_others(self._reach.names)
        own = self._settings.tls_certificate is None
        return Elsewhere(
            f"https://{f'[{host}]' if ':' in host else host}:{port}",
            str(self._folder.authority / "ca.pem") if own else "",
        )

    async def _look_around(self) -> None:
        """What need not keep the door closed: probe the machine, preload the training libraries."""
        self.sandbox_level = await describe_all(self._settings.sandbox, self._settings.containers)
        loud = (
            _log.warning if "UNAVAILABLE" in self.sandbox_level or "OFF" in self.sandbox_level else _log.info
        )
        loud("sandbox: %s", self.sandbox_level)
        if self._settings.warm and self._settings.sandbox != "off" and self._cluster is None:
            with contextlib.suppress(SandboxUnavailable):  # said above, and again by every job
                await self._rooms.need("lambda_")
                await self._rooms.environments.prewarm()
                await self._executor.prewarm("torch")

    async def stop(self) -> None:
        """Close the door, end what runs, write down what memory holds."""
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        await self._front_door.stop(_STOP_GRACE_S)
        await self._console_sessions.end_all()
        await self._loading.stop()
        await self._executor.close()
        if self._cluster is not None:
            await self._cluster.close()
        self._database.close()
        await self._clock_mark.stop(self._clock)
        self._collector.stop()
        self._errors.end()

    def services(self) -> Sequence[Service]:
        """Return every service, built and not started: what is declared is read of them."""
        self._loading.build(set(PLAN))
        return self._loading.services

    def schema_versions(self) -> dict[str, int]:
        """Return how many steps the tables of what is built have taken."""
        return self._database.schema_versions()

    def close_database(self) -> None:
        """Let go of the data folder without ever having started."""
        self._database.close()

    async def reset(self) -> None:
        """Empty everything and stop what runs: a fresh platform with the same root keys."""
        await self._database.clear()
        for component in self._loading.components:
            await component.reset()

    async def _health(self, incoming: Incoming) -> dict[str, Any]:
        facts: dict[str, Any] = {
            "status": "running",
            "version": __version__,
            "region": self._settings.region,
            "services": {name: len(operations) for name, operations in declared_operations().items()},
            "sandbox": self.sandbox_level,
            "queue_excess_s": self._settings.queue_excess_s,  # who sees no throttles has to know why
            "time_scale": self._clock.scale,  # who counts by the minute has to know which minute
        }
        if comes_from_this_machine(incoming):  # jobs and neighbours need no path of ours
            facts |= {"data": str(self._folder.root), "data_option": data_option(self._folder.root)}
            facts["loaded"] = [service.name for service in self._loading.services]
        return facts

    def _doing(self) -> Doing:
        seats = self._front_door.seats
        return Doing(
            version=__version__,
            began=self._began,
            time_scale=self._clock.scale,
            sandboxes=self.sandbox_level,
            connections=(seats.taken, seats.count),
            errors=self._errors.since_an_hour(),
        )

    async def _reset_page(self, incoming: Incoming) -> dict[str, Any]:
        began = time.perf_counter()
        await self.reset()
        return {"reset_ms": round((time.perf_counter() - began) * 1000, 2)}


async def run_until(platform: Platform, stop: asyncio.Event, on_ready: Callable[[str], None]) -> None:
    """Start, tell the URL, wait for `stop`, stop."""
    on_ready(await platform.start())
    await stop.wait()
    await platform.stop()
