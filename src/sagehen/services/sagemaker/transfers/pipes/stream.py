"""ChannelStream: one channel of one instance, a pipe for each epoch, for as long as the instance runs.

Documented (How SageMaker provides training information): `<channel>_0` is read to its end, or closed before,
then `<channel>_1` is there; channels do not wait for one another.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import BinaryIO

from sagehen.domain.access import AccessDenied
from sagehen.domain.ports.storage.objects import NoSuchObject
from sagehen.executors.folders.fifo import Fifo, PipeFolder, ReaderGone
from sagehen.services.sagemaker.transfers.channels.channel import Channel
from sagehen.services.sagemaker.transfers.failures import DownloadFailed, as_failure
from sagehen.services.sagemaker.transfers.pipes.content import Content
from sagehen.services.sagemaker.transfers.selection.index import Index
from sagehen.services.sagemaker.transfers.selection.order import Share, order


class ChannelStream:
    """Streams a channel's entries.

    Args:
        channel: In Pipe mode.
        index: Its entries; of an augmented manifest, its lines.
        share: What of them this instance gets.
        content: Reads them.
        folder: Where the instance finds its pipes.
    """

    def __init__(
        self, channel: Channel, index: Index, share: Share, content: Content, folder: PipeFolder
    ) -> None:
        self._channel = channel
        self._index = index
        self._share = share
        self._content = content
        self._folder = folder
        self._pipe: Fifo | None = None
        self._epoch = 0

    def prepare(self) -> None:
        """Make the first epoch's pipe: it is there when the instance starts.

        Raises:
            OSError
        """
        self._pipe = self._folder.make(f"{self._channel.name}_{self._epoch}")

    async def run(self) -> None:
        """Serve epoch after epoch, until cancelled.

        Raises:
            DownloadFailed: An entry cannot be had, or the instance has taken its folder away.
        """
        try:
            while True:
                assert self._pipe is not None, "prepare comes first"
                await self._pipe.wait_for_reader()
                try:
                    await self._stream(self._pipe)
                except ReaderGone:
                    pass  # documented: an epoch may be ended before its end
                self._pipe.remove()
                self._pipe = None
                self._epoch += 1
                try:
                    self.prepare()
                except OSError as error:
                    raise DownloadFailed(
                        f"ClientError: The pipe of channel {self._channel.name} for epoch {self._epoch} "
                        f"cannot be made in /opt/ml/input/data: {error.strerror}"
                    ) from None
        except (AccessDenied, NoSuchObject, OSError) as error:
            raise as_failure(error) from None
        finally:
            self.close()

    def close(self) -> None:
        """Remove the pipe that is there, if one is."""
        if self._pipe is not None:
            self._pipe.remove()
            self._pipe = None

    async def _stream(self, pipe: Fifo) -> None:
        count = len(self._index)
        numbers = await asyncio.to_thread(order, count, self._channel.seed, self._epoch, self._share)
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
        if self._channel.data_type == "AugmentedManifestFile":
            return self._content.of_line(self._index.line(file, number), number)
        entry = self._index.entry(file, number)
        return self._content.of_object(entry.bucket, entry.key)
