"""Processes of ours that work on what users sent: what they get of our environment, and how they end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sagehen.domain.timeouts import timeout

_log = logging.getLogger(__name__)

# Where Python finds itself, its packages and its libraries. Keys, tokens and proxies are not among them.
_KEPT = ("PATH", "HOME", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "LANG", "LC_ALL", "LD_LIBRARY_PATH")
# A killed process whose pipe is still open after this has lent it to somebody.
_GRACE_S = 5.0
# A killed process that the kernel holds longer waits for a disk or a mount that may never answer.
_KILLED_S = 15.0
# Pools of threads would be memory for nothing: jobs and endpoints have the processors.
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


class NoAnswer(Exception):
    """Such a process was not to be had, did not answer in time, or says what is no answer."""


async def answer_of(
    script: Path, question: Mapping[str, Any], *, patience_s: float, most_bytes: int, packages: bool = False
) -> dict[str, Any]:
    """Ask a script of ours, in a Python of its own.

    Args:
        script: Reads the question as JSON from its standard input, and prints its answer so. It looks
            after its own memory and processor time.
        patience_s: Until then it has answered.
        most_bytes: Of the answer.
        packages: Whether it imports others than the standard library's.

    Raises:
        NoAnswer
    """
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *(("-I",) if packages else ("-I", "-S")), str(script),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL, cwd="/", env=bare_environment(),
        )  # fmt: skip
    except OSError as error:
        raise NoAnswer(f"there is no process to be had: {error!r}") from error
    assert process.stdin is not None and process.stdout is not None
    answer = bytearray()
    try:
        async with timeout(patience_s):
            process.stdin.write(json.dumps(question).encode())
            process.stdin.close()
            while len(answer) <= most_bytes and (piece := await process.stdout.read(1 << 16)):
                answer += piece
        if len(answer) > most_bytes:
            raise NoAnswer(f"it says more than {most_bytes} bytes")
        found = await asyncio.to_thread(json.loads, answer)
        if not isinstance(found, dict):
            raise NoAnswer("it is no answer")
        return found
    except (TimeoutError, ValueError, OSError, RecursionError) as error:
        raise NoAnswer(repr(error)) from error
    finally:
        await end(process)


def bare_environment(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return what such a process gets of an environment."""
    return {name: environment[name] for name in _KEPT if name in environment} | _ONE_THREAD


async def killed(process: asyncio.subprocess.Process) -> int | None:
    """Kill a process and return its status; None where the kernel has not ended it within 15 s.

    Its pipes are nobody's to read: for one whose answer is read see `end`.
    """
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    try:
        async with timeout(_KILLED_S):
            return await process.wait()
    except TimeoutError:
        _log.warning("process %d was killed and does not end", process.pid)
        return None


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
