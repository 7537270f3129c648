"""PlainProcess: a process group of the platform's own user, held to its limits from outside."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Awaitable, Callable

import psutil

from sagehen.executors.base import ExitStatus, SandboxSpec
from sagehen.executors.limits.descendants import process_tree
from sagehen.executors.limits.group import LimitGroup
from sagehen.executors.processes.output import OutputPipes
from sagehen.executors.processes.running import Running


class PlainProcess(Running):
    """A process group of the platform's own user.

    Args:
        process: Its first.
    """

    # Nothing of it runs any more when its output is awaited.
    _drain_s = 1.0

    def __init__(
        self,
        spec: SandboxSpec,
        process: asyncio.subprocess.Process,
        pipes: OutputPipes,
        limits: LimitGroup,
        on_end: Callable[[ExitStatus], Awaitable[None]],
    ) -> None:
        self._process = process
        super().__init__(spec, pipes, limits, on_end)

    @property
    def pid(self) -> int:
        return self._process.pid

    async def _exit_code(self) -> int:
        code = await self._process.wait()
        self._kill_all()  # its children do not end with it
        return 128 - code if code < 0 else code

    async def _terminate(self) -> None:
        os.kill(self.pid, signal.SIGTERM)

    def _kill_all(self) -> None:
        for process in process_tree(self.pid)[1:]:
            with contextlib.suppress(psutil.Error):
                process.kill()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
