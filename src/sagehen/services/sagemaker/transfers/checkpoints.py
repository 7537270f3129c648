"""CheckpointConfig: the local checkpoint folder and its S3 prefix, kept alike.

An attempt begins with what the prefix holds; while it runs, files that changed go to S3, and once
more at its end. What is deleted locally stays in S3, as on AWS.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from sagehen.archives.bounds import DEFAULT_BYTES
from sagehen.domain.identity import Principal
from sagehen.domain.ports.storage.objects import Objects
from sagehen.domain.ports.storage.outgoing import Target
from sagehen.executors.folders.job import HostFolder
from sagehen.outgoing.changes import Outgoing
from sagehen.services.sagemaker.transfers import uris
from sagehen.services.sagemaker.transfers.downloads import Downloads
from sagehen.services.sagemaker.transfers.uploads import RoleUploads


class Checkpoints:
    """The checkpoints of one attempt.

    Args:
        config: CheckpointConfig.
        hosts: The instances; all of them share the prefix.
        room: Bytes that one instance may store, holes of sparse files counted.
    """

    def __init__(
        self,
        config: Mapping[str, Any],
        hosts: Sequence[HostFolder],
        objects: Objects,
        principal: Principal,
        room: int = DEFAULT_BYTES,
    ) -> None:
        self._uri = config["S3Uri"]
        bucket, prefix = uris.split(self._uri)
        self._hosts = hosts
        self._room = room
        target, uploads = Target(bucket, prefix, room, "checkpoints"), RoleUploads(objects, principal)
        self._files = Outgoing(hosts, PurePosixPath("checkpoints"), target, uploads)

    async def restore(self, downloads: Downloads) -> None:
        """Bring in what an earlier attempt or job left, as much as one instance has room for.

        Raises:
            DownloadFailed: Also where it is more.
        """
        for host in self._hosts:
            await downloads.bring_prefix(self._uri, host.checkpoints, self._room)
            self._files.has_stored(host, await asyncio.to_thread(self._files.scan, host))

    async def keep_storing(self) -> None:
        """Store what changes, until cancelled.

        Raises:
            TooMuch, AccessDenied, NoSuchObject: As `store` does.
        """
        await self._files.keep_storing()

    async def store(self, settled_only: bool = False) -> None:
        """Store every file that changed since it was last stored.

        Raises:
            TooMuch: More than there is room for.
            AccessDenied, NoSuchObject: The role may not write there, or there is no such bucket.
        """
        await self._files.store(settled_only)
