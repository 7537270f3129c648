"""Pipes: all channels in Pipe mode of one attempt at a job."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import Any

from sagehen.domain.identity import Principal
from sagehen.domain.ports.storage.objects import Objects
from sagehen.executors.folders.fifo import PipeFolder
from sagehen.executors.folders.job import JobFolder
from sagehen.services.sagemaker.transfers.channels.channel import Channel
from sagehen.services.sagemaker.transfers.entries import Entries
from sagehen.services.sagemaker.transfers.pipes.content import Content
from sagehen.services.sagemaker.transfers.pipes.stream import ChannelStream
from sagehen.services.sagemaker.transfers.selection.order import Share


class Pipes:
    """Makes the pipes of a job's hosts, and says what fills them.

    Args:
        principal: The session of the job's role.
        folder: With its hosts' folders made.
    """

    def __init__(self, objects: Objects, principal: Principal, folder: JobFolder) -> None:
        self._objects = objects
        self._principal = principal
        self._folder = folder
        self._entries = Entries(objects, principal, folder)
        self._folders: dict[str, PipeFolder] = {}
        self._streams: list[ChannelStream] = []

    async def prepare(self, channel: Channel, hosts: Sequence[str]) -> None:
        """List a channel, and make the pipes of its first epoch.

        Args:
            hosts: That get it, in order.

        Raises:
            DownloadFailed: It cannot be listed.
            OSError: The file system has no pipes.
        """
        index = await self._entries.index(channel)
        content = Content(self._objects, self._principal, channel)
        for place, host in enumerate(hosts):
            share = Share(place, len(hosts)) if channel.is_sharded else Share()
            stream = ChannelStream(channel, index, share, content, self._folder_of(host))
            stream.prepare()
            self._streams.append(stream)

    def works(self) -> list[Coroutine[Any, Any, None]]:
        """Return what fills the pipes; each runs until it is cancelled, or fails."""
        return [stream.run() for stream in self._streams]

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
