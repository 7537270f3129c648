"""Sample payloads: the archive in S3 with the requests that a model is asked."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sagehen.archives.bounds import Bounds
from sagehen.archives.tar import UnusableArchive, unpack_tar
from sagehen.domain.access import AccessDenied
from sagehen.domain.identity import Principal
from sagehen.domain.ports.storage.objects import NoSuchObject, Objects
from sagehen.executors.folders.removal import remove_tree
from sagehen.services.sagemaker.transfers import uris

# Documented: a request to an endpoint has at most 6 MB, and payloads are such.
_MOST_BYTES = 6 << 20
_MOST_FILES = 200
# They are held for as long as the job goes on.
_MOST_TOGETHER = 64 << 20


class UnusablePayloads(Exception):
    """There are none, or none that can be sent; the message says why."""


async def payloads(objects: Objects, principal: Principal, uri: str, folder: Path) -> list[bytes]:
    """Return the files of the archive, in the order of their names.

    Args:
        uri: Of an archive (`.tar.gz`).
        folder: For the moment, nobody else's; it is removed, before it is used, too.

    Raises:
        UnusablePayloads
    """
    bucket, key = uris.split(uri)
    await asyncio.to_thread(_make_empty, folder)
    archive = folder / "payloads.tar.gz"
    try:
        try:
            await objects.download(principal, bucket, key, archive)
        except (NoSuchObject, AccessDenied) as error:
            raise UnusablePayloads(f"The sample payload {uri} cannot be read: {error}") from None
        return await asyncio.to_thread(_read, archive, folder / "files", uri)
    finally:
        await asyncio.to_thread(remove_tree, folder)


def _make_empty(folder: Path) -> None:
    remove_tree(folder)
    folder.mkdir(parents=True)


def _read(archive: Path, folder: Path, uri: str) -> list[bytes]:
    folder.mkdir()
    try:
        unpack_tar(archive, folder, Bounds(_MOST_TOGETHER, 10 * _MOST_FILES))
    except UnusableArchive as error:
        raise UnusablePayloads(f"The sample payload {uri} is not a usable archive: {error}") from None
    names = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    names = [path for path in names if not path.name.startswith(".")]
    if not names:
        raise UnusablePayloads(f"The sample payload {uri} has no file in it.")
    for path in names:
        if path.stat().st_size > _MOST_BYTES:
            raise UnusablePayloads(f"{path.name} of the sample payload {uri} is larger than 6 MB.")
    return [path.read_bytes() for path in names[:_MOST_FILES]]
