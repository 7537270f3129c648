"""Model data that is no archive: one object, or all objects under a prefix, as files of /opt/ml/model.

Documented: S3ModelDataSource's model, with the names that fail a deployment. Ours: how much there may be.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sagehen.archives.bounds import MAX_DEPTH, MAX_ENTRIES, MAX_NAME_BYTES, free_bytes
from sagehen.domain.identity import Principal
from sagehen.domain.ports.storage.objects import NoSuchObject, Objects
from sagehen.outgoing.together import together
from sagehen.services.sagemaker.transfers import uris

_PARALLEL_DOWNLOADS = 16


class UnusableFiles(Exception):
    """What lies there cannot be a model's files; the message says why."""


TOO_MUCH = f"it is more than {MAX_ENTRIES} files, or more than the disk has room for"


@dataclass(frozen=True, slots=True)
class Files:
    """What lies there.

    Args:
        paths: Of each key, where it goes below the model's folder.
        sizes: Of each key.
    """

    bucket: str
    paths: Mapping[str, PurePosixPath]
    sizes: Mapping[str, int]


async def listed(
    objects: Objects, principal: Principal, uri: str, *, is_prefix: bool, room: int | None = None
) -> Files:
    """Return a model's files.

    Args:
        room: Bytes that they may be; None: that is for somebody else to see.

    Raises:
        UnusableFiles: A name that no file can have, two that clash, or more than there is room for.
        NoSuchObject, AccessDenied: There is nothing, or the role may not see it.
    """
    bucket, key = uris.split(uri)
    if not is_prefix:
        summary, _ = await objects.read(principal, bucket, key)
        return Files(bucket, {key: _path(key.rpartition("/")[2])}, {key: summary.size})
    sizes: dict[str, int] = {}
    left = room
    async for found in objects.list_objects(principal, bucket, key):
        sizes[found.key] = found.size
        left = None if left is None else left - found.size
        if len(sizes) > MAX_ENTRIES or (left is not None and left < 0):
            raise UnusableFiles(TOO_MUCH)
    if not sizes:
        raise NoSuchObject(f"Nothing lies under {uri}")
    return Files(bucket, await asyncio.to_thread(_paths, sizes, len(key)), sizes)


async def bring(objects: Objects, principal: Principal, uri: str, folder: Path, *, is_prefix: bool) -> None:
    """Download into a folder of nobody else's.

    Raises:
        UnusableFiles, NoSuchObject, AccessDenied: As `listed`, or the role may not read it.
    """
    if not is_prefix:
        bucket, key = uris.split(uri)
        await objects.download(principal, bucket, key, folder / _path(key.rpartition("/")[2]))
        return
    room = await asyncio.to_thread(free_bytes, folder)
    files = await listed(objects, principal, uri, is_prefix=True, room=room)
    await download(objects, principal, files, files.paths, folder)


async def download(
    objects: Objects, principal: Principal, files: Files, keys: Iterable[str], folder: Path
) -> None:
    """Download some of a model's files.

    Raises:
        NoSuchObject, AccessDenied, OSError
    """
    targets = {key: folder / files.paths[key] for key in keys}
    await asyncio.to_thread(_make_folders, {target.parent for target in targets.values()})

    async def one(key: str, target: Path) -> None:
        await objects.download(principal, files.bucket, key, target)

    await together((one(key, target) for key, target in targets.items()), _PARALLEL_DOWNLOADS)


def _paths(keys: Iterable[str], prefix: int) -> dict[str, PurePosixPath]:
    paths = {key: _path(key[prefix:]) for key in keys}
    folders = {folder for path in paths.values() for folder in path.parents}
    for key, path in paths.items():
        if path in folders:
            raise UnusableFiles(f"{key!r} is a file, and a folder of others")
    return paths


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
        folder.mkdir(parents=True, exist_ok=True)
