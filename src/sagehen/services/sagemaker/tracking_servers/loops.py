"""The loops of tracking servers: each keeps one as its record says, while there is something to do."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

from sagehen.domain.scope import Scope
from sagehen.executors.folders.removal import remove_tree
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.resources.passes import Passes
from sagehen.services.sagemaker.tracking_servers import plan
from sagehen.services.sagemaker.tracking_servers.programs import Programs
from sagehen.services.sagemaker.tracking_servers.records import TrackingServerRecords
from sagehen.services.sagemaker.tracking_servers.registration.registrar import Registrar
from sagehen.services.sagemaker.tracking_servers.run import Running, ServerRun
from sagehen.services.sagemaker.tracking_servers.tracking_server import COMING, TrackingServer
from sagehen.upkeep import keeping
from sagehen.upkeep.keeping import Failures
from sagehen.upkeep.loops import Loops
from sagehen.upkeep.pauses import Rest
from sagehen.upkeep.single import SingleLoop

_log = logging.getLogger("sagehen.tracking")
# The platform is leaving; what was acknowledged is in SQLite.
_LEAVING_GRACE_S = 1.0


class TrackingLoop(SingleLoop[ServerRun]):
    """One tracking server's task; its run is its process."""

    def __init__(
        self,
        server: TrackingServer,
        *,
        records: TrackingServerRecords,
        passes: Passes,
        means: Means,
        programs: Programs,
        registrar: Registrar,
    ) -> None:
        super().__init__(f"tracking server {server.name}", means.wall_clock, _LEAVING_GRACE_S)
        self.server = server
        self._records = records
        self._kept_passes = passes
        self._means = means
        self._programs = programs
        self._registrar = registrar
        self._failures: Failures | None = None
        self._caught_up: ServerRun | None = None

    async def _pass(self) -> plan.Action:
        """Observe, plan, act; return what was done."""
        server = self._records.get(*self.server.key)
        if server is None:
            return Rest()
        if server.status in COMING and self.server.status not in COMING:
            self._failures = None  # of what ran before somebody asked for this
        self.server = server
        running = self.run.server.settings if self.run is not None else None
        action = plan.plan(server, self._phase(), running, self._failures, self._clock.monotonic())
        await self._act(action)
        self._catch_up()
        return action

    def _catch_up(self) -> None:
        """Have registered what was not, once for each process: what had been there before opens nothing."""
        if self.run is not None and self.run.running is not None and self.run is not self._caught_up:
            self._caught_up = self.run
            self._registrar.catch_up(self.server, self.run.running)

    async def _act(self, action: plan.Action) -> None:
        match action:
            case keeping.Launch():
                self._launch(ServerRun(self.server, self._means, self._programs))
            case keeping.Open():
                assert self.run is not None and self.run.running is not None
                running = self.run.running
                await self._change(lambda server: server.answering(running.version))
            case keeping.End():
                assert self.run is not None
                self._failures = None
                self.run.stop()
            case keeping.Fail(reason):
                await self._change(lambda server: server.failed(reason))
                self._failures = None
            case keeping.Settle():
                self._failures = None
                await self._change(lambda server: server.stopped())
            case keeping.Remove():
                await asyncio.to_thread(remove_tree, self._means.folder / self.server.id)
                await self._kept_passes.forget(self.server.id)
                await self._records.remove(self.server)

    async def _change(self, change: Callable[[TrackingServer], TrackingServer]) -> None:
        now = self._means.clock.now()

        def dated(server: TrackingServer) -> TrackingServer:
            changed = change(server)
            return server if changed == server else replace(changed, modified_at=now)

        self.server = await self._records.change(*self.server.key, dated) or self.server

    def _note_end(self, run: ServerRun, served_s: float | None, now: float) -> None:
        if run.failure is not None:
            self._failures = Failures.after(self._failures, served_s, now, run.failure)


class TrackingLoops:
    """Begins a loop for each that there is something to do for, and for each that is changed."""

    def __init__(
        self,
        records: TrackingServerRecords,
        passes: Passes,
        means: Means,
        programs: Programs,
        registrar: Registrar,
    ) -> None:
        self._records = records
        self._passes = passes
        self._means = means
        self._programs = programs
        self._registrar = registrar
        self._loops = Loops[tuple[Scope, str], TrackingLoop]()

    async def start(self) -> None:
        """Bring back what an earlier life of the platform ran; folders of none go."""
        servers = self._records.all()
        ids = {server.id for server in servers}
        await asyncio.to_thread(_keep_only, self._means.folder, ids)
        self._loops.open()
        for server in servers:
            self.watch(server)

    async def stop(self) -> None:
        """End every process; records stay."""
        await self._registrar.close()
        await self._loops.close()

    async def reset(self) -> None:
        """Forget all; the tables were emptied before."""
        await self.stop()
        await self.start()

    def watch(self, server: TrackingServer) -> None:
        """The record of one is new, or changed: bring what there is in line with it."""
        self._loops.watch(
            server.key,
            lambda: TrackingLoop(
                server,
                records=self._records,
                passes=self._passes,
                means=self._means,
                programs=self._programs,
                registrar=self._registrar,
            ),
        )

    def running(self, server: TrackingServer) -> Running | None:
        """Return the process that answers for one, or None."""
        loop = self._loops.get(server.key)
        run = loop.ready_run if loop else None
        return run.running if run else None


def _keep_only(folder: Path, ids: Collection[str]) -> None:
    for found in folder.iterdir() if folder.is_dir() else ():
        if found.name not in ids:
            remove_tree(found)
