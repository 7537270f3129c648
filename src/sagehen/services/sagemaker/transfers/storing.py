"""Storing: a folder that a job's instances write to, and the S3 prefix that its files go to as they change.

From where they lie: this machine, or a node of a cluster.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import PurePosixPath

from sagehen.domain.ports.storage.outgoing import Target, Uploads
from sagehen.executors.folders.job import HostFolder
from sagehen.outgoing.changes import EVERY_S, Outgoing
from sagehen.services.sagemaker.transfers.elsewhere import Elsewhere


class Storing:
    """One folder of each instance.

    Args:
        folder: Relative to /opt/ml.
        uploads: S3, for what lies on this machine.
        elsewhere: Instances that are on nodes; None: none is.

    Attributes:
        here, there: The instances on this machine, and those on nodes.
    """

    def __init__(
        self,
        hosts: Sequence[HostFolder],
        folder: PurePosixPath,
        target: Target,
        uploads: Uploads,
        elsewhere: Elsewhere | None,
    ) -> None:
        self.there = [host for host in hosts if elsewhere is not None and elsewhere.has(host)]
        self.here = [host for host in hosts if host not in self.there]
        self._folder = folder
        self._target = target
        self._elsewhere = elsewhere
        self._files = Outgoing(self.here, folder, target, uploads)

    async def has_restored(self, host: HostFolder) -> None:
        """Note that what an instance here has came from S3: it is there as it is."""
        self._files.has_stored(host, await asyncio.to_thread(self._files.scan, host))

    async def keep_storing(self) -> None:
        """Store what changes, until cancelled.

        Raises:
            TooMuch, AccessDenied, NoSuchObject, NodeGone, OSError: As `store` does.
        """
        while True:
            await asyncio.sleep(EVERY_S)
            await self.store(settled_only=True)

    async def store(self, settled_only: bool = False) -> None:
        """Store every file that changed since it was last stored.

        Raises:
            TooMuch: More than there is room for.
            AccessDenied, NoSuchObject: The role may not write there, or there is no such bucket.
            NodeGone: What one of the nodes had is lost; the others' is stored.
            OSError
        """
        await self._files.store(settled_only)
        if self._elsewhere is None:
            return
        works = (
            self._elsewhere.store_changes(
                host, host.opt_ml / self._folder, self._target, settled=settled_only
            )
            for host in self.there
        )
        for result in await asyncio.gather(*works, return_exceptions=True):
            if isinstance(result, BaseException):
                raise result
