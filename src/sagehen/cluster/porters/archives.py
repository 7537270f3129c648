"""unpacked(...): an archive in S3 as a folder of this node, got as objects are, unpacked by `archives`."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sagehen.archives.bounds import in_thread
from sagehen.archives.tar import UnusableArchive, unpack_tar
from sagehen.archives.tree_walk import entries
from sagehen.cluster.porters.objects.fetching import Fetching
from sagehen.domain.ports.compute.node_data import Fetched, Wanted
from sagehen.executors.folders.removal import discard


async def unpacked(fetching: Fetching, archive: Wanted, apart: Path, folder: Path) -> Fetched:
    """Get an archive, and unpack it into a folder that does not exist yet.

    Args:
        fetching: Gets it.
        apart: Where that puts it.

    Raises:
        ObjectRefused, OSError: It cannot be got.
        UnusableArchive: Nor unpacked.
    """
    try:
        async with asyncio.TaskGroup() as group:
            await fetching.begin(group, archive)
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None
    await asyncio.to_thread(folder.mkdir)
    try:
        await in_thread(lambda patience: unpack_tar(apart / archive.path, folder, None, patience))
        return await asyncio.to_thread(_come_to, folder)
    except BaseException as error:
        await asyncio.to_thread(discard, folder)  # a disk may be full of it
        if isinstance(error, OSError):
            # The words that it has where the platform unpacks, without a path of this node's.
            raise UnusableArchive(str(OSError(error.errno, error.strerror))) from error
        raise


def _come_to(folder: Path) -> Fetched:
    files = [each.found for each in entries(folder) if each.link is None and not each.is_folder]
    return Fetched(len(files), sum(state.st_size for state in files if state is not None))
