"""A started sandbox: waits for its end, watches its limits, and ends it on request."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from sagehen.executors.base import ExitStatus, SandboxSpec, Usage
from sagehen.executors.limits import LimitGroup
from sagehen.executors.output import OutputPipes

_WATCH_S = 0.25
_COMMAND_APPEARS_S = 5.0


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


class RunningSandbox:
    """Implements `base.Sandbox` over a `Started` process tree.

    Args:
        spec: What was started.
        started: How to watch it.
        pipes: Its output.
        limits: Its limit group, released at the end.
        on_end: Frees everything else (network, uid, records), once, before `wait` returns.
    """

    def __init__(
        self,
        spec: SandboxSpec,
        started: Started,
        pipes: OutputPipes,
        limits: LimitGroup,
        on_end: Callable[[ExitStatus], Awaitable[None]],
    ) -> None:
        self.spec = spec
        self._started = started
        self._pipes = pipes
        self._limits = limits
        self._on_end = on_end
        self._over_memory = False
        self._usage = Usage(0.0, 0, 0)
        self._ending = asyncio.create_task(self._run(), name=f"sandbox {spec.name}")

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def pid(self) -> int:
        return self._started.pid

    @property
    def has_ended(self) -> bool:
        return self._ending.done()

    async def wait(self) -> ExitStatus:
        return await asyncio.shield(self._ending)

    async def stop(self, grace_s: float) -> ExitStatus:
        with contextlib.suppress(ProcessLookupError):
            command = await self._command_pid()
            if command is not None:
                os.kill(command, signal.SIGTERM)
        try:
            async with asyncio.timeout(grace_s):
                return await self.wait()
        except TimeoutError:
            return await self.kill()

    async def kill(self) -> ExitStatus:
        if not self._ending.done():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        return await self.wait()

    def usage(self) -> Usage:
        if not self._ending.done():
            self._usage = self._limits.usage(self.pid)
        return self._usage

    def deliver_output(self) -> None:
        if not self._ending.done():
            self._pipes.deliver()

    async def _run(self) -> ExitStatus:
        watching = asyncio.create_task(self._watch_memory())
        try:
            code = await self._started.exit_code()
        finally:
            watching.cancel()
        self.usage()
        out_of_memory = self._over_memory or self._limits.is_over_memory(self.pid)
        await self._pipes.drained(patience_s=5.0)
        number = code - 128 if 128 < code < 128 + signal.NSIG else None
        status = ExitStatus(code, number, out_of_memory)
        await asyncio.to_thread(self._limits.release)
        await self._on_end(status)
        return status

    async def _watch_memory(self) -> None:
        """End the whole sandbox when its memory ran out: the kernel alone might take one process of it."""
        while True:
            await asyncio.sleep(_WATCH_S)
            if await asyncio.to_thread(self._limits.is_over_memory, self.pid):
                self._over_memory = True
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.pid, signal.SIGKILL)
                return

    async def _command_pid(self) -> int | None:
        """Return the host pid of the user's command, the first child of the sandbox's pid 1."""
        deadline = asyncio.get_running_loop().time() + _COMMAND_APPEARS_S
        while not self._ending.done():
            found = first_child(self.pid)
            if found is not None:
                return found
            if asyncio.get_running_loop().time() > deadline:
                return None
            await asyncio.sleep(0.005)
        return None


def first_child(pid: int) -> int | None:
    """Return the pid 2 of the pid namespace whose pid 1 is `pid`, as the host counts, or None.

    A pid 1 ignores signals that it has no handler for, so SIGTERM must go to the command itself.
    """
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return None
    for child in children:
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{child}/status").read_text().splitlines():
                if line.startswith("NSpid:") and line.split()[-1] == "2":
                    return int(child)
    return None
