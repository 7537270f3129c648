"""Pipes: all channels in Pipe mode of one attempt at a job, on whichever machines its instances are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from typing import Any, Protocol

from sagehen.domain.access import AccessDenied
from sagehen.domain.identity import Principal
from sagehen.domain.ports.storage.incoming import Piped
from sagehen.domain.ports.storage.objects import NoSuchObject, Objects
from sagehen.executors.folders.fifo import PipeFolder
from sagehen.executors.folders.job import JobFolder
from sagehen.incoming.content import Content
from sagehen.incoming.failures import PipeFailed
from sagehen.incoming.index import Index
from sagehen.incoming.stream import ChannelStream, Epochs
from sagehen.services.sagemaker.transfers.channels.channel import Channel
from sagehen.services.sagemaker.transfers.elsewhere import Elsewhere
from sagehen.services.sagemaker.transfers.entries import Entries
from sagehen.services.sagemaker.transfers.failures import as_failure


class Pipes:
    """Makes the pipes of a job's hosts, and says what fills them.

    Args:
        principal: The session of the job's role.
        folder: With its hosts' folders made.
    """

    def __init__(self, objects: Objects, principal: Principal, folder: JobFolder) -> None:
        self._reads = _OfRole(objects, principal)
        self._folder = folder
        self._entries = Entries(objects, principal, folder)
        self._listed: list[tuple[Channel, Index, Sequence[str]]] = []
        self._folders: dict[str, PipeFolder] = {}
        self._streams: list[ChannelStream] = []
        self._there: list[_Elsewhere] = []

    async def prepare(self, channel: Channel, hosts: Sequence[str]) -> None:
        """List a channel.

        Args:
            hosts: That get it, in order.

        Raises:
            DownloadFailed: It cannot be listed.
        """
        self._listed.append((channel, await self._entries.index(channel), hosts))

    def make(self, elsewhere: Elsewhere | None) -> None:
        """Make the pipes of the first epoch of all that were listed; nodes make theirs with the start.

        Raises:
            OSError: The file system has no pipes.
        """
        for channel, index, hosts in self._listed:
            for place, host in enumerate(hosts):
                piped = channel.piped(place, len(hosts))
                if elsewhere is not None and elsewhere.concerns([host]):
                    self._there.append(_Elsewhere(host, elsewhere, piped, index))
                    continue
                epochs = Epochs(channel.name, self._folder_of(host))
                stream = ChannelStream(piped, index, Content(self._reads, piped), epochs)
                epochs.prepare()
                self._streams.append(stream)

    def works(self) -> list[Coroutine[Any, Any, None]]:
        """Return what fills the pipes; each runs until it is cancelled, or fails."""
        streams: list[_Stream] = [*self._streams, *self._there]
        return [_named(each) for each in streams]

    async def end(self, host: str) -> None:
        """Hear whether a host that has ended read what there was: a pipe ends as well where its writer does.

        Returns once its works have ended, where it is on a node; what became of them, they have raised.
        """
        theirs = [each for each in self._there if each.host == host]
        for each in theirs:
            each.ended.set()
        await asyncio.gather(*(each.over.wait() for each in theirs))

    def close(self) -> None:
        """Let go of all pipes and folders. No work may be under way."""
        for stream in self._streams:
            stream.close()
        for folder in self._folders.values():
            folder.close()
        self._streams, self._folders = [], {}

    def _folder_of(self, host: str) -> PipeFolder:
        if host not in self._folders:
            self._folders[host] = PipeFolder(self._folder.host(host).data, self._folder.pipes)
        return self._folders[host]


class _Stream(Protocol):
    async def run(self) -> None: ...


class _Elsewhere:
    """What a node writes to the pipes of one channel of one host."""

    def __init__(self, host: str, elsewhere: Elsewhere, piped: Piped, index: Index) -> None:
        self.host = host
        self.ended, self.over = asyncio.Event(), asyncio.Event()
        self._elsewhere, self._piped, self._index = elsewhere, piped, index

    async def run(self) -> None:
        try:
            await self._elsewhere.pipe(self.host, self._piped, self._index.path, self.ended)
        finally:
            self.over.set()


class _OfRole:
    """S3 with the rights of a role; implements `Reads`."""

    def __init__(self, objects: Objects, principal: Principal) -> None:
        self._objects, self._principal = objects, principal

    async def read(self, bucket: str, key: str) -> tuple[int, AsyncIterator[bytes]]:
        summary, body = await self._objects.read(self._principal, bucket, key)
        return summary.size, body


async def _named(stream: _Stream) -> None:
    """Run what fills pipes; what it raises is the job's reason, or NodeGone."""
    try:
        await stream.run()
    except (PipeFailed, AccessDenied, NoSuchObject, OSError) as error:
        raise as_failure(error) from None
