"""RunningSandbox: a sandbox as its executor has it, from its start to its end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

from sagehen.executors.base import ExitStatus, SandboxSpec
from sagehen.executors.limits.group import LimitGroup
from sagehen.executors.processes.output import OutputPipes
from sagehen.executors.processes.running import Running, Started

_COMMAND_APPEARS_S = 5.0  # a stop that comes before its first process: then it is killed after its grace


class RunningSandbox(Running):
    """A process tree in namespaces of its own.

    Args:
        started: How to watch it.
    """

    def __init__(
        self,
        spec: SandboxSpec,
        started: Started,
        pipes: OutputPipes,
        limits: LimitGroup,
        on_end: Callable[[ExitStatus], Awaitable[None]],
    ) -> None:
        self._started = started
        super().__init__(spec, pipes, limits, on_end)

    @property
    def pid(self) -> int:
        return self._started.pid

    async def _exit_code(self) -> int:
        return await self._started.exit_code()

    async def _terminate(self) -> None:
        command = await self._command_pid()
        if command is not None:
            image = self.spec.image
            os.kill(command, signal.SIGTERM if image is None else image.stop_signal)

    def _kill_all(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

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
