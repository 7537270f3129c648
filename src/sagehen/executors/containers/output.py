"""A container's output, from the engine's stream to lines."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial

from sagehen.domain.timeouts import timeout
from sagehen.executors.base import OutputListener
from sagehen.executors.containers.engine.connection import Taken
from sagehen.executors.containers.engine.errors import EngineError
from sagehen.executors.containers.engine.frames import BadFrame, Frames
from sagehen.executors.processes.output import LineSplitter
from sagehen.executors.processes.pace import Pace, pieces

_PIECE_BYTES = 64 * 1024
# From the end of a stream until it is asked for again: that of its container is told in that time.
_AGAIN_S = 2.0
_log = logging.getLogger(__name__)


class AttachedOutput:
    """Reads what a container prints, no faster than the platform can bear: the pipes fill, and it waits.

    Args:
        taken: The engine's stream.
        on_output: Told each line.
        again: Returns another stream where one ended and its container has not, as when an engine is started
            anew; what was printed in between is not in it. None: there is none.
    """

    def __init__(
        self,
        taken: Taken,
        on_output: OutputListener,
        again: Callable[[], Awaitable[Taken]] | None = None,
    ) -> None:
        self._taken = taken
        self._again = again
        self._splitters = {name: LineSplitter(partial(on_output, name)) for name in ("stdout", "stderr")}
        self._pace = Pace()
        self._has_ended = asyncio.Event()
        self._reading = asyncio.create_task(self._read_all(), name="container output")

    def deliver(self) -> None:
        """Deliver an unfinished line; all that has come otherwise was delivered when it came."""
        for splitter in self._splitters.values():
            splitter.close()

    async def drained(self, patience_s: float | None = None) -> None:
        """Return when the output has ended, or `patience_s` later; nothing is delivered afterwards.

        From now on it is not slowed down: what has ended floods nobody.
        """
        self._has_ended.set()
        await asyncio.wait([self._reading], timeout=patience_s)
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        self._taken.writer.close()

    async def _read_all(self) -> None:
        await self._read()
        while self._again is not None and not await self._ends():
            try:
                self._taken = await self._again()
            except EngineError:  # it is not back, or the container has ended meanwhile
                continue
            _log.warning("a container's output broke off: what it printed meanwhile is lost")
            await self._read()

    async def _ends(self) -> bool:
        try:
            async with timeout(_AGAIN_S):
                return await self._has_ended.wait()
        except TimeoutError:
            return False

    async def _read(self) -> None:
        frames, data = Frames(), self._taken.first
        try:
            while True:
                for stream, said in frames.feed(data):
                    await self._take(stream, said)
                data = await self._taken.reader.read(_PIECE_BYTES)
                if not data:
                    return
        except (OSError, BadFrame) as error:
            _log.warning("a container's output: %s", error)
        finally:
            self.deliver()
            self._taken.writer.close()  # else a container whose output nobody reads would wait for ever

    async def _take(self, stream: str, said: bytes) -> None:
        loop = asyncio.get_running_loop()
        for piece in pieces(said):
            self._splitters[stream].feed(piece)
            await asyncio.sleep(0 if self._has_ended.is_set() else self._pace.pause_s(piece, loop.time()))
