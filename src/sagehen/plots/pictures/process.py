"""DrawingProcess: draws for a server, and stays warm between pictures."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress

from sagehen.domain import own_processes
from sagehen.domain.timeouts import timeout
from sagehen.plots.chart import Chart
from sagehen.plots.pictures.command import ALL_S, command, environment
from sagehen.plots.pictures.frames import (
    ANSWER,
    MAX_BYTES,
    DrawingFailed,
    encoded,
    ended_early,
    png_of,
)
from sagehen.plots.totals import Totals

# Importing matplotlib costs a second, keeping it 70 MB.
_IDLE_S = 60.0


class DrawingProcess:
    """One process that draws one picture after the other. It is started by the first, and ends when idle.

    A picture that cannot be drawn in its time ends the process, and the next starts another. How many wait is
    for the caller to say.
    """

    def __init__(self, idle_s: float = _IDLE_S) -> None:
        self._idle_s = idle_s
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()

    async def draw(self, picture: Chart | Totals) -> bytes:
        """Return a picture as PNG.

        Raises:
            PicturesUnavailable: matplotlib is not installed.
            TooMuchToDraw: It is beyond the bounds.
            DrawingFailed: It could not be drawn, or not in its time.
        """
        message = await asyncio.to_thread(encoded, picture)
        async with self._turn:
            try:
                return await self._asked(message)
            except (EOFError, OSError):
                status = await self._end(by_itself=True)
                if status == -signal.SIGPROF:
                    raise DrawingFailed(ended_early(status)) from None
            # It had just ended for idleness, or died of the picture before: once more, anew.
            try:
                return await self._asked(message)
            except (EOFError, OSError):
                raise DrawingFailed(ended_early(await self._end(by_itself=True))) from None

    async def stop(self) -> None:
        """End the process; one that is asked again is started again."""
        async with self._turn:
            await self._end()

    async def _asked(self, message: bytes) -> bytes:
        try:
            async with timeout(ALL_S):
                process = await self._running()
                assert process.stdin is not None and process.stdout is not None
                process.stdin.write(message)
                await process.stdin.drain()
                kind, length = ANSWER.unpack(await process.stdout.readexactly(ANSWER.size))
                if length > MAX_BYTES:
                    raise EOFError
                body = await process.stdout.readexactly(length)
        except TimeoutError:
            await self._end()
            raise DrawingFailed("The picture was not drawn in its time.") from None
        except asyncio.CancelledError:
            # Its answer would be taken for that of the next.
            await self._end()
            raise
        return png_of(kind, body)

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                *command(self._idle_s),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env=environment(),
                cwd="/",
                limit=1 << 20,
            )
        return self._process

    async def _end(self, *, by_itself: bool = False) -> int | None:
        process, self._process = self._process, None
        if process is None:
            return None
        if by_itself:  # a signal would take away the status that tells why
            with suppress(TimeoutError):
                async with timeout(5):
                    await process.wait()
        return await own_processes.end(process)
