"""CheckpointConfig: the local checkpoint folder and its S3 prefix, kept alike.

An attempt begins with what the prefix holds; while it runs, files that changed go to S3, and once
more at its end. What is deleted locally stays in S3, as on AWS.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sagehen.domain.identity import Principal
from sagehen.domain.ports.objects import Objects
from sagehen.executors.folders.job import HostFolder
from sagehen.services.sagemaker.archives.bounds import DEFAULT_BYTES, TooMuch
from sagehen.services.sagemaker.transfers import uris
from sagehen.services.sagemaker.transfers.downloads import Downloads

# AWS copies as files change, and says no interval.
_EVERY_S = 5.0
# A file that changed less than this ago may still be half written.
_SETTLED_NS = 1_000_000_000


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
        self._bucket, self._prefix = uris.split(self._uri)
        self._hosts = hosts
        self._room = room
        self._objects = objects
        self._principal = principal
        self._stored: dict[Path, tuple[int, int]] = {}

    async def restore(self, downloads: Downloads) -> None:
        """Bring in what an earlier attempt or job left, as much as one instance has room for.

        Raises:
            DownloadFailed: Also where it is more.
        """
        for host in self._hosts:
            await downloads.bring_prefix(self._uri, host.checkpoints, self._room)
            for path, state in await asyncio.to_thread(_scan, host):
                self._stored[path] = state

    async def keep_storing(self) -> None:
        """Store what changes, until cancelled."""
        while True:
            await asyncio.sleep(_EVERY_S)
            await self.store(settled_only=True)

    async def store(self, settled_only: bool = False) -> None:
        """Store every file that changed since it was last stored.

        Raises:
            TooMuch: More than there is room for.
        AccessDenied, NoSuchObject: The role may not write there, or there is no such bucket.
        """
        for host in self._hosts:
            found = await asyncio.to_thread(_scan, host, settled_only)
            if sum(state[0] for _, state in found) > self._room:
                raise TooMuch(
                    f"the checkpoints of {host.root.name} are more than the {self._room // 1024**3} GB "
                    "(holes of files counted) that its volume has room for"
                )
            for path, state in found:
                if self._stored.get(path) != state and await self._upload(host, path):
                    self._stored[path] = state

    async def _upload(self, host: HostFolder, path: Path) -> bool:
        """Store one file; return False where it is gone, or a file no more."""
        file = await asyncio.to_thread(host.open_file, path)
        if file is None:
            return False
        key = uris.join(self._prefix, path.relative_to(host.checkpoints).as_posix())
        try:
            # The open file itself: by now another may have its name, or a link to one of the host's.
            await self._objects.upload(self._principal, self._bucket, key, Path(f"/proc/self/fd/{file}"))
        finally:
            os.close(file)
        return True


def _scan(host: HostFolder, settled_only: bool = False) -> list[tuple[Path, tuple[int, int]]]:
    """Return the regular files and their (size, change time); links are not followed.

    Names that are no UTF-8 cannot be keys.
    """
    found = [
        (path, (state.st_size, state.st_mtime_ns))
        for path, state in host.files_below(host.checkpoints)
        if "\ufffd" not in os.fsencode(path).decode("utf-8", "replace")
    ]
    if not settled_only:
        return found
    now_ns = time.time_ns()  # the file system's time, not the platform's
    return [(path, state) for path, state in found if now_ns - state[1] > _SETTLED_NS]
