"""Senders: the processes that send, as their owner holds them."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson

from sagehen.domain.timeouts import timeout
from sagehen.load.outgoing.order import Order

# Imports, reading bodies, signing: a tenth of a second, or much more where the machine has no time.
_READY_S = 60.0
_HEAD_START_S = 0.05
_LONGEST_LINE = 64 * 1024 * 1024


class SenderFailed(Exception):
    """A sender cannot do what was ordered; the message says why."""


class Senders:
    """One run's processes.

    Args:
        order: What they share.
        told: Called with each line that one of them says, and its number.
    """

    def __init__(self, order: Order, told: Callable[[int, dict[str, Any]], None]) -> None:
        self._order = order
        self._told = told
        self._processes: list[asyncio.subprocess.Process] = []

    async def start(self) -> float:
        """Start them, wait until all are ready, and let them begin.

        Returns:
            The moment on `time.monotonic()` at which the run begins.

        Raises:
            SenderFailed: One cannot, or is not ready within a minute.
        """
        for share in range(self._order.shares):
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-P", "-m", "sagehen.load.sender"),  # nothing of the folder that one happens to be in
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=_LONGEST_LINE,
                start_new_session=True,  # Ctrl-C is its owner's to hear
            )
            self._processes.append(process)
            _say(process, orjson.dumps(replace(self._order, share=share).packed()))
        try:
            async with timeout(_READY_S):
                for process in self._processes:
                    line = await _line(process)
                    if line is None or "fault" in line:
                        raise SenderFailed(line["fault"] if line else "the process that sends has ended")
        except TimeoutError:
            raise SenderFailed(f"the process that sends is not ready after {_READY_S:g} s") from None
        begin = time.monotonic() + _HEAD_START_S
        for process in self._processes:
            _say(process, str(begin).encode())
        return begin

    async def finish(self) -> None:
        """Read what they say until all are done.

        Raises:
            SenderFailed: One has ended before.
        """
        await asyncio.gather(*(self._read(number, process) for number, process in enumerate(self._processes)))

    def stop(self) -> None:
        """Have them send no more: they end when what is under way has its answer."""
        for process in self._processes:
            if process.stdin is not None:
                process.stdin.close()

    async def end(self) -> None:
        """End them now, whatever they do."""
        self.stop()
        for process in self._processes:
            if process.returncode is None:
                process.kill()
        for process in self._processes:
            await process.wait()

    async def _read(self, number: int, process: asyncio.subprocess.Process) -> None:
        while (line := await _line(process)) is not None:
            self._told(number, line)
            if line.get("done"):
                return
        raise SenderFailed("a process that sends has ended before its time")


def _say(process: asyncio.subprocess.Process, line: bytes) -> None:
    assert process.stdin is not None
    if not process.stdin.is_closing():
        process.stdin.write(line + b"\n")


async def _line(process: asyncio.subprocess.Process) -> dict[str, Any] | None:
    assert process.stdout is not None
    line = await process.stdout.readline()
    found: dict[str, Any] | None = orjson.loads(line) if line.endswith(b"\n") else None
    return found
