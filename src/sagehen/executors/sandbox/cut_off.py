"""Starts that are cut off: what was begun for nothing is ended, also where nobody knew its pid as yet."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Coroutine
from typing import Any

from sagehen.domain.timeouts import timeout
from sagehen.executors.processes.running import Started

# For the end of what was started for nothing; its record stays for the next start.
_PATIENCE_S = 15.0


async def begun(launch: Coroutine[Any, Any, Started]) -> Started:
    """Return what a launch started. Where the caller is cancelled meanwhile, it has ended.

    From the moment that a process is asked for until its pid is told, nothing but the launch can end it: so
    it goes on until then, for as long as patience lasts.
    """
    launching = asyncio.create_task(launch)
    try:
        return await asyncio.shield(launching)
    except asyncio.CancelledError:
        with contextlib.suppress(Exception):  # it started nothing, or not in time
            async with timeout(_PATIENCE_S):
                started = await launching
            await end(started)
        raise


async def end(started: Started) -> None:
    """Kill what was started, and wait for its end as long as patience lasts."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(started.pid, signal.SIGKILL)
    with contextlib.suppress(TimeoutError):
        async with timeout(_PATIENCE_S):
            await started.exit_code()
