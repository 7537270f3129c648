"""Making: takes snapshots in the background, and removes the copies of those that are deleted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping

from sagehen.domain.background import Rounds
from sagehen.domain.clock import Clock
from sagehen.domain.scope import Scope
from sagehen.services.ec2.hosts.host import Attached, DiskUnavailable, Hosts
from sagehen.services.ec2.resources.kinds import SNAPSHOT, VOLUME
from sagehen.services.ec2.resources.resource import Resource
from sagehen.services.ec2.resources.state import State
from sagehen.services.ec2.resources.view import View
from sagehen.services.ec2.snapshots.snapshots import completed, failed
from sagehen.services.ec2.volumes.volumes import FROM_SNAPSHOT

_log = logging.getLogger("sagehen.snapshots")
# Copies load the disk: others wait.
_AT_ONCE = 2
_SWEEP_S = 60.0
# Of a request, where others are copied before it.
_MOMENT_PATIENCE_S = 30.0
_INTERRUPTED = "The platform ended while the snapshot was taken."
_INTERNAL = "Internal error"

Copied = Mapping[str, int]
# Does something while no machine writes to an instance's disks; False where its machine does not run.
AtRest = Callable[[Callable[[], Awaitable[None]]], Awaitable[bool]]


class Making:
    """Takes snapshots.

    Args:
        hosts: Has the disks.
        wall_clock: The machine's own.
    """

    def __init__(self, state: State, clock: Clock, hosts: Hosts, wall_clock: Clock) -> None:
        self._state = state
        self._clock = clock
        self._hosts = hosts
        self._copying = asyncio.Semaphore(_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._deleted: set[str] = set()
        self._some_deleted = asyncio.Event()
        self._sweeping = Rounds(
            "deleted-snapshots",
            self._sweep,
            wall_clock,
            _SWEEP_S,
            tale="removing deleted snapshots",
            wake=self._some_deleted,
        )
        self._is_on = False

    async def start(self, there: Collection[str]) -> None:
        """Settle what an earlier life began.

        Args:
            there: The snapshots whose copies are whole.
        """
        self._is_on = True
        for scope in self._state.scopes():
            pending = [row.id for row in self._state.view(scope).all(SNAPSHOT) if _is_pending(row)]
            taken, lost = {name: 0 for name in pending if name in there}, set(pending) - set(there)
            if taken:
                await self._settle(scope, lambda row: completed(row.body, 0, self._clock.now()), taken)
            if lost:
                await self._settle(scope, lambda row: failed(row.body, _INTERRUPTED), lost)
        self._sweeping.start()

    async def stop(self) -> None:
        """Take no more: what is half taken is gone, and told of at the next start."""
        self._is_on = False
        await self._sweeping.stop()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def of_volumes(
        self, scope: Scope, volumes: Mapping[str, Attached], at_rest: AtRest | None = None
    ) -> None:
        """Take what volumes hold now, and return once nothing later will be in it.

        Args:
            volumes: By the ids of the snapshots.
            at_rest: Where the machine that has them is to be rebooted for it: then nothing is waited for.
        """
        moment = asyncio.Event()

        async def copied() -> Copied:
            return await self._hosts.snapshot(volumes, moment.set)

        async def work() -> Copied:
            async with self._copying:
                if at_rest is None:
                    return await copied()
                found: list[Copied] = []

                async def between() -> None:
                    found.append(await copied())

                await at_rest(between)
                return found[0] if found else await copied()

        task = self._begin(scope, list(volumes), work)
        if at_rest is None and task is not None:
            waiting = asyncio.create_task(moment.wait())
            try:
                await asyncio.wait(
                    {task, waiting}, return_when=asyncio.FIRST_COMPLETED, timeout=_MOMENT_PATIENCE_S
                )
            finally:
                waiting.cancel()

    def of_snapshots(self, scope: Scope, sources: Mapping[str, str]) -> None:
        """Copy snapshots.

        Args:
            sources: New id -> id of the one that is copied.
        """

        async def work() -> Copied:
            async with self._copying:
                return {
                    name: await self._hosts.copy_snapshot(name, source) for name, source in sources.items()
                }

        self._begin(scope, list(sources), work)

    def forget(self, snapshot_ids: Collection[str]) -> None:
        """Remove the copies of snapshots that are deleted, once no volume is to be made of them any more."""
        self._deleted |= set(snapshot_ids)
        self._some_deleted.set()

    def _begin(
        self, scope: Scope, snapshot_ids: list[str], work: Callable[[], Awaitable[Copied]]
    ) -> asyncio.Task[None] | None:
        if not self._is_on:
            return None  # before `start` and after `stop`: it is found by the next one
        task = asyncio.create_task(self._take(scope, snapshot_ids, work), name=f"snapshots {snapshot_ids}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _take(
        self, scope: Scope, snapshot_ids: list[str], work: Callable[[], Awaitable[Copied]]
    ) -> None:
        try:
            sizes = await work()
        except Exception as error:
            if not isinstance(error, DiskUnavailable):
                _log.exception("snapshots %s", snapshot_ids)
            why = str(error) if isinstance(error, DiskUnavailable) else _INTERNAL
            await self._settle(scope, lambda row: failed(row.body, why), snapshot_ids)
            self.forget(snapshot_ids)
            return
        await self._settle(scope, lambda row: completed(row.body, sizes[row.id], self._clock.now()), sizes)

    async def _settle(
        self, scope: Scope, change: Callable[[Resource], None], snapshot_ids: Collection[str]
    ) -> None:
        gone: list[str] = []

        def work(view: View) -> None:
            for identifier in snapshot_ids:
                row = view.find(SNAPSHOT, identifier)
                if row is None:
                    gone.append(identifier)  # deleted meanwhile
                else:
                    change(row)
                    view.save(row)

        await self._state.change(scope, {}, work, quiet=True)
        if gone:
            self.forget(gone)

    async def _sweep(self) -> None:
        for identifier in list(self._deleted):
            view = self._state.view(Scope("", ""))
            if identifier not in view.everywhere(VOLUME, FROM_SNAPSHOT):
                await self._hosts.remove_snapshot(identifier)
                self._deleted.discard(identifier)


def _is_pending(row: Resource) -> bool:
    return bool(row.body["State"] == "pending")
