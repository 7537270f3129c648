"""MachineRun: one machine of an instance, from its launch to its end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Literal

from sagehen.domain.access import AccessDenied
from sagehen.domain.ports.instance_supply import Promise
from sagehen.executors.base import SandboxUnavailable
from sagehen.services.ec2.hosts.host import Console, Doors, Host, HostGone, LaunchFailed, Wanted
from sagehen.services.ec2.instances.life.states import GRACE_S, NO_CAPACITY
from sagehen.services.ec2.instances.needs import MachineNeeds

_log = logging.getLogger("sagehen.instances")


_INTERNAL = ("Server.InternalError", "Internal error on launch")


class MachineRun:
    """Runs one machine and tells of every change.

    Args:
        wanted: What it is like.
        console: Takes what it shows.
        on_change: Told when it is up, when its boot is over, and when it has ended.

    Attributes:
        phase: starting, up, stopping, ended.
        booted: Whether all that a boot runs has ended.
        gone: Why it ended by itself: '' after a shutdown from inside; None where it was told to, or never
            came up.
        refused: Code and reason, where it did not come up.
        up_at: Monotonic, of the machine's clock; None before.
        ssh_port: Where SSH is reached, once it is up.
        host: From when it runs.
        wanted: As it is now.
    """

    def __init__(
        self,
        wanted: Wanted,
        console: Console,
        *,
        needs: MachineNeeds,
        doors: Doors,
        on_change: Callable[[MachineRun], None],
    ) -> None:
        self.phase: Literal["starting", "up", "stopping", "ended"] = "starting"
        self.booted = False
        self.gone: str | None = None
        self.refused: tuple[str, str] | None = None
        self.up_at: float | None = None
        self.ssh_port: int | None = None
        self.host: Host | None = None
        self.wanted = wanted
        self._console = console
        self._needs = needs
        self._doors = doors
        self._on_change = on_change
        self._promise: Promise | None = None
        self._launching: asyncio.Future[Host] | None = None
        self._booting: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self._grace_s = GRACE_S
        self._task = asyncio.create_task(self._run(), name=f"machine-{wanted.instance_id}")

    def stop(self, grace_s: float = GRACE_S) -> None:
        """Begin to end it."""
        if self.phase in ("starting", "up"):
            self.phase, self._grace_s = "stopping", grace_s
            self._stopping.set()

    async def ended(self) -> None:
        """Return when nothing of it runs any more."""
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.shield(self._task)

    async def reboot(self) -> None:
        """Let its processes begin anew; what runs at a boot runs in the background."""
        assert self.host is not None
        await self._end_boot()
        with contextlib.suppress(HostGone):  # wait_gone tells of it
            await self.host.reboot(GRACE_S)
            self.booted = True
            self._on_change(self)

    async def reopen(self, wanted: Wanted) -> None:
        """Take over what may change while it runs: its address among it."""
        before, self.wanted = self.wanted, wanted
        if self.host is None or self.phase != "up":
            return
        self.host.change(wanted)
        if before.address != wanted.address:
            await self._doors.close(wanted.instance_id)
            await self._open(wanted, self.host)
            self._on_change(self)

    # --- its life ----------------------------------------------------------------------------

    async def _run(self) -> None:
        try:
            if await self._unless_stopped(self._start()):
                assert self.host is not None
                self.phase, self.up_at = "up", self._needs.wall_clock.monotonic()
                self._booting = asyncio.create_task(self._boot(self.host))
                self._on_change(self)
                gone = asyncio.ensure_future(self.host.wait_gone())
                if await self._unless_stopped(gone):
                    self.gone = gone.result()
        except (LaunchFailed, SandboxUnavailable, AccessDenied, OSError) as error:
            _log.warning("instance %s: %s", self.wanted.instance_id, error)
            self.refused = self.refused or ("Server.InternalError", str(error)[:500] or _INTERNAL[1])
        except Exception:
            _log.exception("the machine of instance %s", self.wanted.instance_id)
            self.refused = _INTERNAL
        finally:
            await self._clear()
            self.phase = "ended"
            self._on_change(self)

    async def _start(self) -> None:
        wanted = self.wanted
        self._promise = self._needs.supply.promise(wanted.limits.memory_mib)
        if self._promise is None:
            self.refused = NO_CAPACITY
            raise LaunchFailed(NO_CAPACITY[1])
        # A task of its own: what it has made when this one is cancelled in the same moment is not lost.
        self._launching = asyncio.ensure_future(self._needs.hosts.launch(wanted, self._console))
        self.host = await self._launching
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
        launching = self._launching
        if launching is not None and not launching.cancelled() and launching.exception() is None:
            self.host = launching.result()
        await self._end_boot()
        host, self.host = self.host, None
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

    async def _unless_stopped(self, work: Coroutine[Any, Any, None] | asyncio.Future[str]) -> bool:
        """Do the work, or give it up when the machine is no longer wanted. True where it was done."""
        working = asyncio.ensure_future(work)
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            if not working.done():
                working.cancel()
                await asyncio.wait((working,))
        if working.cancelled():
            return False
        working.result()
        return not self._stopping.is_set()
