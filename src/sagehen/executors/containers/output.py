"""A container's output, from the engine's stream to lines."""

from __future__ import annotations

import asyncio
import logging
from functools import partial

from sagehen.executors.base import OutputListener
from sagehen.executors.containers.engine.connection import Taken
from sagehen.executors.containers.engine.frames import BadFrame, Frames
from sagehen.executors.processes.output import LineSplitter
from sagehen.executors.processes.pace import Pace, pieces

_PIECE_BYTES = 64 * 1024
_log = logging.getLogger(__name__)


class AttachedOutput:
    """Reads what a container prints, no faster than the platform can bear: the pipes fill, and it waits."""

    def __init__(self, taken: Taken, on_output: OutputListener) -> None:
        self._taken = taken
        self._splitters = {name: LineSplitter(partial(on_output, name)) for name in ("stdout", "stderr")}
        self._pace = Pace()
        self._has_ended = False
        self._reading = asyncio.create_task(self._read(), name="container output")

    def deliver(self) -> None:
        """Deliver an unfinished line; all that has come otherwise was delivered when it came."""
        for splitter in self._splitters.values():
            splitter.close()

    async def drained(self, patience_s: float | None = None) -> None:
        """Return when the output has ended, or `patience_s` later; nothing is delivered afterwards.

        From now on it is not slowed down: what has ended floods nobody.
        """
        self._has_ended = True
        await asyncio.wait([self._reading], timeout=patience_s)
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        self._taken.writer.close()

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
            await asyncio.sleep(0 if self._has_ended else self._pace.pause_s(piece, loop.time()))
