"""An image as the archive that `docker load` reads, with a configuration of our own.

Source: moby's image/spec/v1.2.md, "Combined Image JSON + Filesystem Changeset Format". Layers go as they are
stored, packed or not: engines look at their first bytes.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import tarfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sagehen.executors.base import SandboxUnavailable

_PIECE_BYTES = 2**20


@dataclass(frozen=True, slots=True)
class LoadedImage:
    """An image as an engine gets it.

    Args:
        name: By which it is found there.
        diff_ids: The digests of its layers, unpacked, the lowest first.
        configuration: JSON. It says nothing of what runs: that is the spec's to say.
    """

    name: str
    diff_ids: tuple[str, ...]
    configuration: bytes


def image_of(diff_ids: Sequence[str], architecture: str, repository: str) -> LoadedImage:
    """Return an image of these layers. The same layers make the same name."""
    document = {
        "architecture": architecture,
        "os": "linux",
        "config": {},
        "rootfs": {"type": "layers", "diff_ids": list(diff_ids)},
    }
    configuration = json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
    digest = hashlib.sha256(configuration).hexdigest()
    return LoadedImage(f"{repository}:{digest}", tuple(diff_ids), configuration)


async def archive(image: LoadedImage, layers: Sequence[Path]) -> AsyncIterator[bytes]:
    """Yield the archive, read from the disk in threads.

    Raises:
        SandboxUnavailable: A layer is gone: no error of the connection, on which it is sent.
    """
    digest = image.name.rpartition(":")[2]
    names = [f"{place}.tar" for place in range(len(layers))]
    manifest = [{"Config": f"{digest}.json", "RepoTags": [image.name], "Layers": names}]
    for name, content in ((f"{digest}.json", image.configuration), ("manifest.json", _json(manifest))):
        yield _header(name, len(content)) + content + _padding(len(content))
    for name, path in zip(names, layers, strict=True):
        async for piece in _member(name, path):
            yield piece
    yield bytes(2 * tarfile.BLOCKSIZE)


async def _member(name: str, path: Path) -> AsyncIterator[bytes]:
    try:
        file = await asyncio.to_thread(path.open, "rb")
    except OSError as error:
        raise SandboxUnavailable(f"The image was deleted before the engine had it: {error}") from None
    with file:
        size = left = os.fstat(file.fileno()).st_size
        yield _header(name, size)
        while left:
            piece = await asyncio.to_thread(file.read, min(_PIECE_BYTES, left))
            if not piece:
                raise SandboxUnavailable("A layer of the image became shorter while it was sent.")
            left -= len(piece)
            yield piece
        yield _padding(size)


def empty_layer() -> tuple[bytes, str]:
    """Return a layer with one empty folder in it, and its digest: an image of none cannot be loaded."""
    folder = tarfile.TarInfo("sagehen")
    folder.type, folder.mode = tarfile.DIRTYPE, 0o755
    content = folder.tobuf(tarfile.GNU_FORMAT) + bytes(2 * tarfile.BLOCKSIZE)
    return content, f"sha256:{hashlib.sha256(content).hexdigest()}"


def _header(name: str, size: int) -> bytes:
    member = tarfile.TarInfo(name)
    member.size = size
    return member.tobuf(tarfile.GNU_FORMAT)


def _padding(size: int) -> bytes:
    return bytes(-size % tarfile.BLOCKSIZE)


def _json(document: object) -> bytes:
    return json.dumps(document).encode()
