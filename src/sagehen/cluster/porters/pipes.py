"""Pipes: channels in Pipe mode of what runs on this node, written from here, by the code that the platform
runs for its own machine."""

from __future__ import annotations

import asyncio
import base64
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from sagehen.archives.bounds import Abandoned
from sagehen.cluster.porters.objects.reading import Reading
from sagehen.cluster.porters.objects.s3 import S3
from sagehen.domain.ports.storage.incoming import Piped
from sagehen.executors.folders.fifo import PipeFolder
from sagehen.incoming.content import Content
from sagehen.incoming.index import of_lines
from sagehen.incoming.stream import ChannelStream, Epochs

# Connections at once, beside those of what is fetched: that has all of its parts queue for its own.
_AT_ONCE = 2


class Pipes:
    """Those of one node. Writing goes on while the platform is not heard of: it is told to begin once, and
    heard again over the next link.

    Args:
        s3_of: Makes a client of what the platform says.
    """

    def __init__(self, s3_of: Callable[[Mapping[str, Any]], S3]) -> None:
        self._s3_of = s3_of
        self._threads = ThreadPoolExecutor(_AT_ONCE, "pipes")
        # By the tree in which they are, and where there.
        self._channels: dict[tuple[str, str], _Channel] = {}

    async def make(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """Make the pipe of a channel's first epoch; one that is there stays."""
        place = order["root"], order["below"]
        if place not in self._channels:
            own = Path(order["workshop"], secrets.token_hex(8))
            self._channels[place] = _Channel(Path(*place), own, self._threads)
        return {}

    async def fill(self, order: Mapping[str, Any], told: AsyncIterator[Any]) -> dict[str, Any]:
        """Write to a channel's pipes; when nobody reads any more, tell that nothing else had ended them."""
        channel = self._channels.get((order["root"], order["below"]))
        if channel is None:  # another porter made it, whose end has ended the pipe
            return {"error": {"gone": True}}
        wanted = await anext(told)
        s3s = [self._s3_of(wanted)]
        channel.reading.use(s3s[0])

        async def until_end() -> None:
            async for each in told:
                if each.get("end"):
                    return
                s3s[:] = [self._s3_of(each)]  # with other keys
                channel.reading.use(s3s[0])
            raise Abandoned

        try:
            await channel.begin(wanted["piped"], told)
            await channel.going(until_end())
        finally:
            channel.reading.lose(s3s[0])
        return {"ended": True}

    async def remove(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """End all below a folder."""
        for place in [each for each in self._channels if Path(each[0]).is_relative_to(order["folder"])]:
            await self._channels.pop(place).close()
        return {}


class _Channel:
    """One channel of one instance.

    Args:
        place: Its pipes, without their epochs.
        own: A folder on the same file system, out of the instance's reach; made here.

    Raises:
        OSError: The file system has no pipes.
    """

    def __init__(self, place: Path, own: Path, threads: Executor) -> None:
        own.mkdir(parents=True)
        self.reading = Reading(threads)
        self._own = own
        self._work: asyncio.Task[None] | None = None
        self._folder = PipeFolder(place.parent, own)
        self._epochs = Epochs(place.name, self._folder)
        try:
            self._epochs.prepare()
        except BaseException:
            self._folder.close()
            raise

    async def begin(self, piped: Mapping[str, Any], told: AsyncIterator[Any]) -> None:
        """Hear the entries, and begin, if it has not begun.

        Raises:
            Abandoned: They do not come to their end.
            OSError: There is no room for them.
        """
        path = self._own / f"entries-{secrets.token_hex(4)}"
        try:
            await _receive(told, path)
            index = await asyncio.to_thread(of_lines, path)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        if self._work is not None:  # over a link before this one
            path.unlink()
            return
        channel = Piped(**{**piped, "attributes": tuple(piped["attributes"])})
        stream = ChannelStream(channel, index, Content(self.reading, channel), self._epochs)
        self._work = asyncio.create_task(stream.run(), name=f"pipe {channel.name}")

    async def going(self, ended: Any) -> None:
        """Return when `ended` does.

        Raises:
            Exception: What ends the writing, now or before; what `ended` raises.
        """
        assert self._work is not None, "it begins first"
        hearing = asyncio.ensure_future(ended)
        try:
            await asyncio.wait((self._work, hearing), return_when=asyncio.FIRST_COMPLETED)
            if self._work.done():
                if self._work.cancelled():
                    raise Abandoned
                self._work.result()
            hearing.result()
        finally:
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)

    async def close(self) -> None:
        """End it."""
        if self._work is not None:
            self._work.cancel()
            await asyncio.gather(self._work, return_exceptions=True)
        self._epochs.close()
        self._folder.close()


async def _receive(told: AsyncIterator[Any], path: Path) -> None:
    """Write down what the platform sends of a file, up to an empty piece."""
    with path.open("xb") as file:
        async for text in told:
            if not text:
                return
            file.write(base64.b64decode(text))
    raise Abandoned
