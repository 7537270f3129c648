"""follow(...): what a sandbox prints, what it uses and how it ends, sent to the platform as it comes."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import astuple

from sagehen.cluster.agent.printed import Printed
from sagehen.cluster.streams import Stream, line, lines
from sagehen.domain.clock import Clock
from sagehen.domain.timeouts import timeout
from sagehen.executors.base import Sandbox

# Told again at the latest, and no more often than that.
_USAGE_S = 2.0
_USAGE_LEAST_S = 0.25


async def follow(printed: Printed, sandbox: Sandbox, after: int, stream: Stream, clock: Clock) -> None:
    """Send all from a number on, until it has ended and all was sent.

    The far side sends back `{"have": number}` from time to time; what it has is forgotten here.
    """
    printed.acknowledge(after)
    hearing = asyncio.create_task(_hear(printed, stream))
    try:
        await _tell(printed, sandbox, after, stream, clock)
        await stream.finish()
        with contextlib.suppress(OSError):
            await hearing
    finally:
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)


async def _tell(printed: Printed, sandbox: Sandbox, after: int, stream: Stream, clock: Clock) -> None:
    sent, used_at = after, float("-inf")
    while True:
        printed.changed.clear()
        now = clock.monotonic()
        message = b""
        if now - used_at >= _USAGE_LEAST_S or printed.ended is not None:
            used_at = now
            message = line({"usage": astuple(await asyncio.to_thread(sandbox.usage))})
        found = printed.after(sent)
        if found:
            sent = found[-1][0]
            message += line({"lines": found})
        if not found and printed.ended is not None:
            await stream.send(message + line({"exit": printed.ended}))
            return
        if message:
            await stream.send(message)
        if not found:
            with contextlib.suppress(TimeoutError):
                async with timeout(_USAGE_S):
                    await printed.changed.wait()


async def _hear(printed: Printed, stream: Stream) -> None:
    async for told in lines(stream):
        printed.acknowledge(int(told["have"]))
