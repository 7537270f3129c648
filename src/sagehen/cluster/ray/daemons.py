"""Daemons: Ray's own processes on this machine, all of one process group, ended as one."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from sagehen.domain import own_processes
from sagehen.domain.timeouts import timeout

_STARTED = b"Ray runtime started"
# 7 s on a quiet machine; 27 s were measured at a load of 8 on two cores.
START_TIMEOUT_S = 120.0
_STOP_GRACE_S = 5.0
_LOOK_S = 0.1
_TOLD_LINES = 6


class RayFailed(Exception):
    """Ray's processes do not come up; the message has the end of what they said."""


class Daemons:
    """Those of a head, or of a node.

    Args:
        command: See `commands`.
        environment: All of its variables.
        log: Where their output goes; begun anew at each start.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self._command = command
        self._environment = environment
        self._log = log
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start them; returns when they are up.

        Raises:
            RayFailed: They are not, within two minutes.
        """
        with self._log.open("wb") as output:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=self._environment,
                start_new_session=True,
            )
        try:
            async with timeout(START_TIMEOUT_S):
                while _STARTED not in await asyncio.to_thread(self._log.read_bytes):
                    if self._process.returncode is not None:
                        raise RayFailed(f"Ray does not start:\n{self._told()}")
                    await asyncio.sleep(_LOOK_S)
        except TimeoutError:
            await self.stop()
            raise RayFailed(f"Ray did not start within {START_TIMEOUT_S:g} s:\n{self._told()}") from None
        except BaseException:
            await self.stop()
            raise

    async def wait(self) -> None:
        """Return when they have ended."""
        if self._process is not None:
            await self._process.wait()

    async def stop(self) -> None:
        """End them all: SIGTERM, then SIGKILL to the group. `ray stop` would end others' as well."""
        if self._process is None:
            return
        _signal(self._process.pid, signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            async with timeout(_STOP_GRACE_S):
                await self._process.wait()
        _signal(self._process.pid, signal.SIGKILL)
        await own_processes.killed(self._process)

    def _told(self) -> str:
        lines = self._log.read_text(errors="replace").splitlines()
        return "\n".join(lines[-_TOLD_LINES:])


def _signal(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
