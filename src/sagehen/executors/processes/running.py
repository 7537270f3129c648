"""What has been started: waiting for its end, stopping it, and watching its limits meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sagehen.domain.timeouts import timeout
from sagehen.executors.base import ExitStatus, SandboxSpec, Usage
from sagehen.executors.limits.descendants import end_largest
from sagehen.executors.limits.disk import DiskWatch
from sagehen.executors.limits.group import LimitGroup
from sagehen.executors.processes.spoken import Output

_WATCH_S = 0.25  # told to callers as "within a quarter of a second" (base.Limits)
_MIB = 1024 * 1024
# A killed process that waits for a device or a network file system ends when the kernel lets it, if ever.
_KILL_PATIENCE_S = 15.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Started:
    """What any way of starting a sandbox hands over.

    Args:
        pid: Host pid of the sandbox's pid 1; killing it ends every process of the sandbox.
        outer_pid: The process that waits for it on the host.
        exit_code: Returns the command's exit code (128 + signal where one ended it).
    """

    pid: int
    outer_pid: int | None
    exit_code: Callable[[], Awaitable[int]]


class Running(ABC):
    """Implements `base.Sandbox` but for how its processes are waited for and ended.

    Args:
        spec: What was started.
        output: What it prints.
        limits: Its limit group, released at the end.
        on_end: Frees everything else (network, uid, records), once, before `wait` returns.
    """

    # Whether nobody has seen how it ended.
    _is_lost = False
    # How long output is awaited that a process on its way out may still have in a pipe.
    _drain_s = 5.0

    def __init__(
        self,
        spec: SandboxSpec,
        output: Output,
        limits: LimitGroup,
        on_end: Callable[[ExitStatus], Awaitable[None]],
    ) -> None:
        self.spec = spec
        self._output = output
        self._limits = limits
        self._on_end = on_end
        self._over_memory = False
        self._over_disk = False
        self._disk: DiskWatch | None = None
        if spec.limits.disk_mib is not None:
            writable = [mount.source for mount in spec.mounts if mount.writable]
            writable += [] if spec.image is None else [spec.image.place]
            self._disk = DiskWatch(writable, spec.limits.disk_mib * _MIB, self._bytes_elsewhere)
        self._usage = Usage(0.0, 0, 0)
        # What callers are told. `_ending` owns what a killed process holds, and goes on until that ends.
        self._outcome: asyncio.Future[ExitStatus] = asyncio.get_running_loop().create_future()
        self._giving_up: asyncio.TimerHandle | None = None
        self._ending = asyncio.create_task(self._run(), name=f"sandbox {spec.name}")
        self._ending.add_done_callback(self._has_come_to_its_end)

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    @abstractmethod
    def pid(self) -> int: ...

    @abstractmethod
    async def _exit_code(self) -> int:
        """Return the command's exit code, 128 + signal where one ended it, when nothing of it runs."""

    @abstractmethod
    async def _terminate(self) -> None:
        """Send SIGTERM to the command."""

    @abstractmethod
    def _kill_all(self) -> None:
        """Send SIGKILL to every process."""

    def _bytes_elsewhere(self) -> int:
        """Return what it has written where no folder of ours shows it."""
        return 0

    @property
    def has_ended(self) -> bool:
        return self._outcome.done()

    async def wait(self) -> ExitStatus:
        """See `base.Sandbox`. Whoever waits may be cancelled without harm to the others."""
        return await asyncio.shield(self._outcome)

    async def stop(self, grace_s: float) -> ExitStatus:
        """See `base.Sandbox`. Returns `grace_s` plus `_KILL_PATIENCE_S` later at the latest."""
        if not self._ending.done():
            with contextlib.suppress(ProcessLookupError):
                await self._terminate()
        try:
            async with timeout(grace_s):
                return await self.wait()
        except TimeoutError:
            return await self.kill()

    async def kill(self) -> ExitStatus:
        """End every process. Returns within `_KILL_PATIENCE_S`, even where the kernel does not end them."""
        if not self._ending.done():
            self._kill()
        return await self.wait()

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._kill_all()
        if self._giving_up is None:
            self._giving_up = asyncio.get_running_loop().call_later(_KILL_PATIENCE_S, self._give_up)

    def _give_up(self) -> None:
        if not self._outcome.done():
            _log.warning(
                "%s was killed and does not end: what it holds is given back when it does", self.name
            )
            number = int(signal.SIGKILL)
            self._outcome.set_result(ExitStatus(128 + number, number, self._over_memory, self._over_disk))

    def _has_come_to_its_end(self, ending: asyncio.Task[ExitStatus]) -> None:
        if self._giving_up is not None:
            self._giving_up.cancel()
        if self._outcome.done():
            if not ending.cancelled() and (late := ending.exception()) is not None:
                _log.warning("the end of %s: %r", self.name, late)
        elif ending.cancelled():
            self._outcome.cancel()
        elif (error := ending.exception()) is not None:
            self._outcome.set_exception(error)
            self._outcome.exception()  # whoever waits is told; nobody has to
        else:
            self._outcome.set_result(ending.result())

    def usage(self) -> Usage:
        """Return what it uses, or used last."""
        if not self._ending.done():
            self._usage = self._limits.usage(self.pid)
        return self._usage

    def deliver_output(self) -> None:
        """See `base.Sandbox`. Nothing to do once it has ended."""
        if not self._ending.done():
            self._output.deliver()

    async def _run(self) -> ExitStatus:
        watching = [asyncio.create_task(self._watch_memory())]
        if self._disk is not None:
            watching.append(asyncio.create_task(self._watch_disk(self._disk)))
        try:
            code = await self._exit_code()
        finally:
            for watch in watching:
                watch.cancel()
        self.usage()
        over_memory = self._over_memory
        if self.spec.limits.overrun_ends_all:
            over_memory = over_memory or self._limits.is_over_memory(self.pid)
        if self._disk is not None and not self._over_disk:
            self._over_disk = await asyncio.to_thread(self._disk.is_over)
        await self._output.drained(patience_s=self._drain_s)
        number = code - 128 if 128 < code < 128 + signal.NSIG else None
        status = ExitStatus(code, number, over_memory, self._over_disk, self._is_lost)
        await self._give_back(asyncio.to_thread(self._limits.release))
        await self._give_back(self._on_end(status))
        return status

    async def _give_back(self, given_back: Awaitable[None]) -> None:
        try:
            await given_back
        except OSError as error:  # no descriptor is to be had, say: it has ended all the same
            _log.warning("after the end of %s: %s", self.name, error)

    async def _watch_memory(self) -> None:
        """End everything when its memory ran out: the kernel alone might take one process of it."""
        ends_all = self.spec.limits.overrun_ends_all
        while ends_all or not self._limits.by_kernel:
            await asyncio.sleep(_WATCH_S)
            if await asyncio.to_thread(self._limits.is_over_memory, self.pid):
                if not ends_all:
                    await asyncio.to_thread(end_largest, self.pid)
                    continue
                self._over_memory = True
                self._kill()
                return

    async def _watch_disk(self, disk: DiskWatch) -> None:
        await disk.overrun()
        self._over_disk = True
        self._kill()
