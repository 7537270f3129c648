"""One life of a runtime: a sandbox, the Runtime API that it talks to, and its end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

from sagehen.executors.base import ExitStatus, Sandbox
from sagehen.services.lambda_.execution import faults
from sagehen.services.lambda_.execution.faults import Fault
from sagehen.services.lambda_.execution.runtime_api import InitError, RuntimeApi

_Result = TypeVar("_Result")
_MIB = 1024 * 1024
_SAMPLE_S = 0.05


class TimedOut(Exception):
    """The time given was over first."""


class RuntimeProcess:
    """A started runtime.

    Args:
        sandbox: Where it runs.
        api: What it talks to.
        memory_mib: How much memory it may use.
        on_end: Frees what was made for it; called once, after its end.
    """

    def __init__(
        self, sandbox: Sandbox, api: RuntimeApi, memory_mib: int, on_end: Callable[[], Awaitable[None]]
    ) -> None:
        self.api = api
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

    @property
    def has_ended(self) -> bool:
        return self._end.done()

    async def initialized(self, limit_s: float) -> Fault | None:
        """Return once the runtime asks for events: None, or why it never will."""
        try:
            result = await self.race(self.api.initialized, limit_s)
        except TimedOut:
            return faults.timed_out(limit_s)
        if isinstance(result, InitError):
            return Fault("error", result.error_type, document=result.payload)
        if isinstance(result, ExitStatus):
            return self.fault_of(result)
        return None

    async def race(self, wanted: asyncio.Future[_Result], limit_s: float) -> _Result | ExitStatus:
        """Return what `wanted` resolves to, or how the process ended before that.

        Raises:
            TimedOut: Neither happened within `limit_s`.
        """
        loop = asyncio.get_running_loop()
        first: asyncio.Future[None] = loop.create_future()

        def resolve(_: object = None) -> None:
            if not first.done():
                first.set_result(None)

        timer = loop.call_later(limit_s, resolve)
        wanted.add_done_callback(resolve)
        self._end.add_done_callback(resolve)
        try:
            await first
        finally:
            timer.cancel()
            wanted.remove_done_callback(resolve)
            self._end.remove_done_callback(resolve)
        # An answer that came before the end is an answer.
        if wanted.done():
            return wanted.result()
        if self._end.done():
            return self._end.result()
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

    async def end(self) -> ExitStatus:
        """Kill every process of the environment and return when all are gone."""
        with contextlib.suppress(ProcessLookupError):
            await self._sandbox.kill()
        return await asyncio.shield(self._end)

    async def _wait(self) -> ExitStatus:
        status = await self._sandbox.wait()
        if not self.peak_mib:  # it ended before anybody looked: then page cache counts as well
            self.peak_mib = min(-(-self._sandbox.usage().peak_bytes // _MIB), self._memory_mib)
        await self._on_end()
        return status
