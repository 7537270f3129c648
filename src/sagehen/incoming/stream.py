"""ChannelStream: one channel of one instance, a pipe for each epoch, for as long as the instance runs.

Documented (How SageMaker provides training information): `<channel>_0` is read to its end, or closed before,
then `<channel>_1` is there; channels do not wait for one another.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import BinaryIO

from sagehen.domain.ports.storage.incoming import Piped
from sagehen.executors.folders.fifo import Fifo, PipeFolder, ReaderGone
from sagehen.incoming.content import Content
from sagehen.incoming.failures import PipeFailed
from sagehen.incoming.index import Index
from sagehen.incoming.order import Share, order


class Epochs:
    """The pipes of a channel of one instance, one after the other.

    Args:
        channel: Its name.
        folder: Where the instance finds them.

    Attributes:
        pipe: Of the epoch; None before `prepare`, and once it is closed.
        number: Of the epoch, from 0.
    """

    def __init__(self, channel: str, folder: PipeFolder) -> None:
        self.pipe: Fifo | None = None
        self.number = 0
        self._channel = channel
        self._folder = folder

    def prepare(self) -> None:
        """Make the epoch's pipe: the first one is there when the instance starts.

        Raises:
            OSError
        """
        self.pipe = self._folder.make(f"{self._channel}_{self.number}")

    def next(self) -> None:
        """End this epoch, and begin the next.

        Raises:
            PipeFailed: The instance has taken its folder away.
        """
        self.close()
        self.number += 1
        try:
            self.prepare()
        except OSError as error:
            raise PipeFailed(
                f"ClientError: The pipe of channel {self._channel} for epoch {self.number} "
                f"cannot be made in /opt/ml/input/data: {error.strerror}"
            ) from None

    def close(self) -> None:
        """Remove the pipe that is there, if one is."""
        if self.pipe is not None:
            self.pipe.remove()
            self.pipe = None


class ChannelStream:
    """Streams a channel's entries.

    Args:
        index: Its entries; of an augmented manifest, its lines.
        content: Reads them.
        epochs: Prepared.
    """

    def __init__(self, channel: Piped, index: Index, content: Content, epochs: Epochs) -> None:
        self._channel = channel
        self._index = index
        self._content = content
        self._epochs = epochs

    async def run(self) -> None:
        """Serve epoch after epoch, until cancelled.

        Raises:
            PipeFailed
            OSError: The pipe, or the list of entries, cannot be had.
            Exception: What reading an object raises.
        """
        try:
            while True:
                assert self._epochs.pipe is not None, "prepare comes first"
                await self._epochs.pipe.wait_for_reader()
                try:
                    await self._stream(self._epochs.pipe)
                except ReaderGone:
                    pass  # documented: an epoch may be ended before its end
                self._epochs.next()
        finally:
            self.close()

    def close(self) -> None:
        """Remove the pipe that is there, if one is."""
        self._epochs.close()

    async def _stream(self, pipe: Fifo) -> None:
        channel, count = self._channel, len(self._index)
        share, epoch = Share(channel.place, channel.of), self._epochs.number
        numbers = await asyncio.to_thread(order, count, channel.seed, epoch, share)
        file = await asyncio.to_thread(self._index.open)
        try:
            for number in numbers:
                await asyncio.sleep(0)  # small objects are had, and written, without a pause
                async for chunk in self._chunks(file, number):
                    await pipe.write(chunk)
        finally:
            file.close()

    def _chunks(self, file: BinaryIO, number: int) -> AsyncIterator[bytes]:
        # A line comes from the cache of the file's neighbours: too short a read for a thread of its own.
        if self._channel.has_lines:
            return self._content.of_line(self._index.line(file, number), number)
        entry = self._index.entry(file, number)
        return self._content.of_object(entry.bucket, entry.key)
