"""One life of a runtime: a sandbox, the Runtime API that it talks to, and its end."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

from sagehen.executors.base import ExitStatus, Sandbox
from sagehen.services.lambda_.execution import faults
from sagehen.services.lambda_.execution.company import Company
from sagehen.services.lambda_.execution.extensions.events import Reason
from sagehen.services.lambda_.execution.faults import Fault
from sagehen.services.lambda_.execution.runtime_api.answers import InitError
from sagehen.services.lambda_.execution.runtime_api.api import RuntimeApi

_Result = TypeVar("_Result")
_MIB = 1024 * 1024
_SAMPLE_S = 0.05
# Documented: "Using the Lambda Extensions API", the most that the Shutdown phase takes.
_GRACE_S, _INTERNAL_GRACE_S = 2.0, 0.5
# The executor sees within a quarter of a second that memory ran out.
_MEMORY_SEEN_S = 0.5


class TimedOut(Exception):
    """The time given was over first."""


class RuntimeProcess:
    """A started runtime.

    Args:
        sandbox: Where it runs.
        api: What it talks to.
        company: What runs beside it.
        memory_mib: How much memory it may use.
        on_end: Frees what was made for it; called once, after its end.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        api: RuntimeApi,
        company: Company,
        memory_mib: int,
        on_end: Callable[[], Awaitable[None]],
    ) -> None:
        self.api = api
        self.company = company
        self.started_at = asyncio.get_running_loop().time()
        self.peak_mib = 0
        self._sandbox = sandbox
        self._memory_mib = memory_mib
        self._over_memory = False
        self._sampled_at = 0.0
        self._sampling: asyncio.Task[None] | None = None
        self._watching: asyncio.TimerHandle
        self._on_end = on_end
        self._end = asyncio.create_task(self._wait(), name=f"runtime {sandbox.name}")
        self._finding_out: asyncio.Task[None] | None = None
        company.on_runtime_end = self._runtime_ended

    @property
    def has_ended(self) -> bool:
        """Whether it, or what must run beside it, is gone."""
        return self._end.done() or self.company.registry.broken.done()

    async def initialized(self, limit_s: float) -> Fault | None:
        """Return once the runtime and its extensions ask for events: None, or why they never will."""
        clock = asyncio.get_running_loop().time
        began, registry = clock(), self.company.registry
        try:
            result = await self.race(self.api.initialized, limit_s)
            if isinstance(result, InitError):
                return Fault("error", result.error_type, document=result.payload)
            if isinstance(result, Fault):
                return result
            if not registry.ready.done():
                result = await self.race(registry.ready, max(0.0, began + limit_s - clock()))
        except TimedOut:
            return faults.timed_out(limit_s)
        self.company.streams.close_subscriptions()
        return result

    async def race(self, wanted: asyncio.Future[_Result], limit_s: float) -> _Result | Fault:
        """Return what `wanted` resolves to, or why it never will: how the process, or an extension, ended.

        Raises:
            TimedOut: Neither happened within `limit_s`.
        """
        loop = asyncio.get_running_loop()
        first: asyncio.Future[None] = loop.create_future()

        def resolve(_: object = None) -> None:
            if not first.done():
                first.set_result(None)

        timer = loop.call_later(limit_s, resolve)
        broken = self.company.registry.broken
        watched: tuple[asyncio.Future[Any], ...] = (wanted, self._end, broken)
        for one in watched:
            one.add_done_callback(resolve)
        try:
            await first
        finally:
            timer.cancel()
            for one in watched:
                one.remove_done_callback(resolve)
        # An answer that came before the end is an answer.
        if wanted.done():
            return wanted.result()
        if broken.done():
            return broken.result()
        if self._end.done():
            return self.fault_of(self._end.result())
        raise TimedOut

    def fault_of(self, status: ExitStatus) -> Fault:
        """Return the fault of a process that ended; one that ran out of memory has used all of it."""
        if self._over_memory or status.out_of_memory:
            self.peak_mib = self._memory_mib
        return faults.ended(status, over_memory=self._over_memory)

    def deliver_output(self) -> None:
        """Have every line printed so far handed on before what is written next."""
        self._sandbox.deliver_output()

    @contextlib.contextmanager
    def memory_watched(self) -> Iterator[None]:
        """Look at the memory in use every so often; an overrun ends the process.

        The kernel's own limit cannot tell memory from files in /tmp, which are none of the function's.
        """
        self._watching = asyncio.get_running_loop().call_later(_SAMPLE_S, self._look)
        try:
            yield
        finally:
            self._watching.cancel()

    async def know_memory(self) -> None:
        """Have `peak_mib` tell something: at once the first time, in the background later on."""
        now = asyncio.get_running_loop().time()
        if self._sampling is None and now - self._sampled_at > _SAMPLE_S:
            self._sampling = asyncio.create_task(self._sample())
        if not self.peak_mib and self._sampling is not None:
            await self._sampling

    def _look(self) -> None:
        if self._sampling is None:
            self._sampling = asyncio.create_task(self._sample())
        self._watching = asyncio.get_running_loop().call_later(_SAMPLE_S, self._look)

    async def _sample(self) -> None:
        # In a thread: without cgroups it is a walk through the processes, however many there are.
        try:
            usage = await asyncio.to_thread(self._sandbox.usage)
        finally:
            self._sampled_at = asyncio.get_running_loop().time()
            self._sampling = None
        used_mib = -(-usage.anonymous_bytes // _MIB)
        self.peak_mib = max(self.peak_mib, min(used_mib, self._memory_mib))
        if used_mib > self._memory_mib and not self.has_ended:
            self._over_memory = True
            await self.end()

    async def end(self, reason: Reason = "failure") -> ExitStatus:
        """End every process of the environment and return when all are gone: at once, but for the grace that
        AWS gives extensions and the runtime of an internal one.

        Args:
            reason: What extensions are told.
        """
        grace_s = 0.0
        if len(self.company.registry) and not self._over_memory:
            grace_s = _GRACE_S if self.company.registry.has_external else _INTERNAL_GRACE_S
        with contextlib.suppress(ProcessLookupError):
            if grace_s and not self._end.done():
                self.company.begin_shutdown(reason, grace_s)
                await self._sandbox.stop(grace_s)
            else:
                await self._sandbox.kill()
        return await asyncio.shield(self._end)

    def _runtime_ended(self, status: ExitStatus) -> None:
        if status.signal == signal.SIGKILL:  # perhaps for its memory, which is seen a moment later
            self._finding_out = asyncio.create_task(self._find_out(status))
        else:
            self.company.registry.break_with(self.fault_of(status))

    async def _find_out(self, status: ExitStatus) -> None:
        await asyncio.wait({self._end}, timeout=_MEMORY_SEEN_S)
        if self._end.done():
            status = self._end.result()
        self.company.registry.break_with(self.fault_of(status))

    async def _wait(self) -> ExitStatus:
        status = await self._sandbox.wait()
        if not self.peak_mib:  # it ended before anybody looked: then page cache counts as well
            self.peak_mib = min(-(-self._sandbox.usage().peak_bytes // _MIB), self._memory_mib)
        await self.company.streams.close()
        await self._on_end()
        return status
