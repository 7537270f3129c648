"""Processes of ours that work on what users sent: what they get of our environment, and how they end."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Mapping

from sagehen.domain.timeouts import timeout

# Where Python finds itself, its packages and its libraries. Keys, tokens and proxies are not among them.
_KEPT = ("PATH", "HOME", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "LANG", "LC_ALL", "LD_LIBRARY_PATH")
# A killed process whose pipe is still open after this has lent it to somebody.
_GRACE_S = 5.0
# Pools of threads would be memory for nothing: jobs and endpoints have the processors.
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def bare_environment(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return what such a process gets of an environment."""
    return {name: environment[name] for name in _KEPT if name in environment} | _ONE_THREAD


async def end(process: asyncio.subprocess.Process) -> int:
    """Kill a process that is asked by its standard input; return its status once its pipes are closed.

    What it said and nobody read is read: asyncio's `wait` does not return while more stands in a pipe than
    its buffer takes.
    """
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    if process.stdin is not None:
        process.stdin.close()
        with contextlib.suppress(OSError):
            await process.stdin.wait_closed()
    if process.stdout is not None:
        with contextlib.suppress(TimeoutError):
            async with timeout(_GRACE_S):
                while await process.stdout.read(1 << 16):
                    pass
    return await process.wait()
