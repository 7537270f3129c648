"""MachineRun: one machine of an instance, from its launch to its end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from sagehen.domain.access import AccessDenied
from sagehen.domain.ports.compute.instance_supply import Promise
from sagehen.executors.base import SandboxUnavailable
from sagehen.services.ec2.hosts.host import Console, Doors, Host, HostGone, LaunchFailed, Wanted
from sagehen.services.ec2.instances.life.states import GRACE_S, NO_CAPACITY
from sagehen.services.ec2.instances.needs import MachineNeeds
from sagehen.upkeep.run import Run

_log = logging.getLogger("sagehen.instances")

_INTERNAL = ("Server.InternalError", "Internal error on launch")


class MachineRun(Run[Host]):
    """Runs one machine and tells of every change: when its boot is over, too.

    Args:
        wanted: What it is like.
        console: Takes what it shows.

    Attributes:
        booted: Whether all that a boot runs has ended.
        gone: Why it ended by itself: '' after a shutdown from inside; None where it was told to, or never
            came up.
        refused: Code and reason, where it did not come up.
        ssh_port: Where SSH is reached, once it is up.
        host: From when it runs.
        wanted: As it is now.
    """

    def __init__(self, wanted: Wanted, console: Console, *, needs: MachineNeeds, doors: Doors) -> None:
        super().__init__(f"machine of instance {wanted.instance_id}", needs.wall_clock, GRACE_S)
        self.booted = False
        self.gone: str | None = None
        self.refused: tuple[str, str] | None = None
        self.ssh_port: int | None = None
        self.host: Host | None = None
        self.wanted = wanted
        self._console = console
        self._needs = needs
        self._doors = doors
        self._promise: Promise | None = None
        self._booting: asyncio.Task[None] | None = None

    async def reboot(self, at_rest: Callable[[], Awaitable[None]] | None = None) -> None:
        """Let its processes begin anew; what runs at a boot runs in the background.

        Args:
            at_rest: Done in between, while nothing of it runs.
        """
        if (host := self.host) is None:
            return
        self.booted = False
        await self._end_boot()
        with contextlib.suppress(HostGone):  # wait_gone tells of it
            await host.reboot(GRACE_S, at_rest)
            self.booted = True
            self._on_change(self)

    async def reopen(self, wanted: Wanted) -> None:
        """Take over what may change while it runs: its address among it."""
        before, self.wanted = self.wanted, wanted
        if self.host is None or self.phase != "ready":
            return
        self.host.change(wanted)
        if before.address != wanted.address:
            await self._doors.close(wanted.instance_id)
            await self._open(wanted, self.host)
            self._on_change(self)

    # --- its life ----------------------------------------------------------------------------

    async def _serve(self) -> None:
        assert self.host is not None
        self._booting = asyncio.create_task(self._boot(self.host))
        self._be_ready()
        self.gone = await self._until_gone(self.host.wait_gone())

    def _failed(self, error: Exception) -> None:
        match error:
            case LaunchFailed() | SandboxUnavailable() | AccessDenied() | OSError():
                _log.warning("instance %s: %s", self.wanted.instance_id, error)
                self.refused = self.refused or ("Server.InternalError", str(error)[:500] or _INTERNAL[1])
            case _:
                _log.error("the machine of instance %s", self.wanted.instance_id, exc_info=error)
                self.refused = _INTERNAL

    async def _start(self) -> None:
        wanted = self.wanted
        self._promise = self._needs.supply.promise(wanted.limits.memory_mib)
        if self._promise is None:
            self.refused = NO_CAPACITY
            raise LaunchFailed(NO_CAPACITY[1])
        ready = asyncio.ensure_future(self._doors.get_ready())
        try:
            self.host = await self._launched(self._needs.hosts.launch(wanted, self._console))
        finally:
            await asyncio.gather(ready, return_exceptions=True)
        await self._open(wanted, self.host)

    async def _open(self, wanted: Wanted, host: Host) -> None:
        """Open its door: without a public address for other services alone."""
        port = await self._doors.open(wanted, host)
        self.ssh_port = port if wanted.address else None
        self._console(self._doors.told(wanted.instance_id))

    async def _boot(self, host: Host) -> None:
        try:
            await host.boot()
        except HostGone:
            return
        except Exception:
            _log.exception("the boot of instance %s", self.wanted.instance_id)
            return
        self.booted = True
        self._on_change(self)

    async def _end_boot(self) -> None:
        if self._booting is not None:
            self._booting.cancel()
            await asyncio.gather(self._booting, return_exceptions=True)

    async def _clear(self) -> None:
        await self._end_boot()
        host, self.host = self._made(), None
        await self._tried(self._doors.close(self.wanted.instance_id))
        if host is not None:
            await self._tried(host.stop(self._grace_s))
        if self._promise is not None:
            self._promise.give_back()

    async def _tried(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception:
            _log.exception("instance %s did not end cleanly", self.wanted.instance_id)
