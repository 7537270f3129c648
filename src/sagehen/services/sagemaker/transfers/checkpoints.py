"""CheckpointConfig: the local checkpoint folder and its S3 prefix, kept alike.

An attempt begins with what the prefix holds; while it runs, files that changed go to S3, and once
more at its end. What is deleted locally stays in S3, as on AWS. Instances on nodes of a cluster have their
folder on the node, and what changes goes from there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from sagehen.archives.bounds import DEFAULT_BYTES
from sagehen.domain.access import AccessDenied
from sagehen.domain.identity import Principal
from sagehen.domain.ports.storage.objects import NoSuchObject, Objects
from sagehen.domain.ports.storage.outgoing import Target
from sagehen.executors.folders.job import HostFolder
from sagehen.services.sagemaker.transfers import uris
from sagehen.services.sagemaker.transfers.downloads import Downloads
from sagehen.services.sagemaker.transfers.elsewhere import Elsewhere
from sagehen.services.sagemaker.transfers.failures import as_failure
from sagehen.services.sagemaker.transfers.storing import Storing
from sagehen.services.sagemaker.transfers.uploads import RoleUploads


class Checkpoints:
    """The checkpoints of one attempt.

    Args:
        config: CheckpointConfig.
        hosts: The instances; all of them share the prefix.
        room: Bytes that one instance may store, holes of sparse files counted.
        elsewhere: Those that are on nodes; None: none is.
    """

    def __init__(
        self,
        config: Mapping[str, Any],
        hosts: Sequence[HostFolder],
        objects: Objects,
        principal: Principal,
        room: int = DEFAULT_BYTES,
        elsewhere: Elsewhere | None = None,
    ) -> None:
        self._uri = config["S3Uri"]
        self._target = Target(*uris.split(self._uri), room, "checkpoints")
        self._elsewhere = elsewhere
        uploads = RoleUploads(objects, principal)
        self._files = Storing(hosts, PurePosixPath("checkpoints"), self._target, uploads, elsewhere)

    async def restore(self, downloads: Downloads) -> None:
        """Bring in what an earlier attempt or job left, as much as one instance has room for.

        Raises:
            DownloadFailed: Also where it is more.
            NodeGone
        """
        for host in self._files.here:
            await downloads.bring_prefix(self._uri, host.checkpoints, self._target.room)
            await self._files.has_restored(host)
        for host in self._files.there:
            assert self._elsewhere is not None
            entries = downloads.below(self._uri, self._target.room)
            try:
                await self._elsewhere.restore(host, host.checkpoints, entries)
            except (AccessDenied, NoSuchObject, OSError) as error:
                raise as_failure(error) from None

    async def keep_storing(self) -> None:
        """See `Storing.keep_storing`."""
        await self._files.keep_storing()

    async def store(self, settled_only: bool = False) -> None:
        """See `Storing.store`."""
        await self._files.store(settled_only)
