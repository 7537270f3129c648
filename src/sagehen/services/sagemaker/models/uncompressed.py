"""Model data that is no archive: one object, or all objects under a prefix, as files of /opt/ml/model.

Documented: S3ModelDataSource's model, with the names that fail a deployment. Ours: how much there may be.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path, PurePosixPath

from sagehen.archives.bounds import MAX_DEPTH, MAX_ENTRIES, MAX_NAME_BYTES, free_bytes
from sagehen.domain.identity import Principal
from sagehen.domain.ports.storage.objects import NoSuchObject, Objects
from sagehen.outgoing.together import together
from sagehen.services.sagemaker.transfers import uris

_PARALLEL_DOWNLOADS = 16


class UnusableFiles(Exception):
    """What lies there cannot be a model's files; the message says why."""


async def bring(objects: Objects, principal: Principal, uri: str, folder: Path, *, is_prefix: bool) -> None:
    """Download into a folder of nobody else's.

    Raises:
        UnusableFiles: A name that no file can have, two that clash, or more than there is room for.
        NoSuchObject, AccessDenied: There is nothing, or the role may not have it.
    """
    bucket, key = uris.split(uri)
    if not is_prefix:
        await objects.download(principal, bucket, key, folder / _path(key.rpartition("/")[2]))
        return
    keys: list[str] = []
    free = await asyncio.to_thread(free_bytes, folder)
    async for summary in objects.list_objects(principal, bucket, key):
        keys.append(summary.key)
        free -= summary.size
        if len(keys) > MAX_ENTRIES or free < 0:
            raise UnusableFiles(f"it is more than {MAX_ENTRIES} files, or more than the disk has room for")
    if not keys:
        raise NoSuchObject(f"Nothing lies under {uri}")
    targets = {each: folder / _path(each[len(key) :]) for each in keys}
    await asyncio.to_thread(_make_folders, {target.parent for target in targets.values()})

    async def download(each: str, target: Path) -> None:
        try:
            await objects.download(principal, bucket, each, target)
        except (FileExistsError, IsADirectoryError):
            raise UnusableFiles(f"{each!r} is a file, and a folder of others") from None

    await together((download(each, target) for each, target in targets.items()), _PARALLEL_DOWNLOADS)


def _path(name: str) -> PurePosixPath:
    """Return the path of a key's remainder, of which every part must be the name of a file."""
    parts = name.split("/")
    bad = any(
        not part.strip() or part in (".", "..") or "\0" in part or len(os.fsencode(part)) > MAX_NAME_BYTES
        for part in parts
    )
    if bad or len(parts) > MAX_DEPTH:
        raise UnusableFiles(f"{name!r} is not the name of a file")
    return PurePosixPath(*parts)


def _make_folders(folders: set[Path]) -> None:
    for folder in sorted(folders):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise UnusableFiles(f"{folder.name!r} is a file, and a folder of others") from None
