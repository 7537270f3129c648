"""An image as the archive that `docker load` reads, with a configuration of our own.

Source: moby's image/spec/v1.2.md, "Combined Image JSON + Filesystem Changeset Format". Layers go as they are
stored, packed or not: engines look at their first bytes.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import tarfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

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
        OSError: A layer is gone, or has another size than it had.
    """
    digest = image.name.rpartition(":")[2]
    names = [f"{place}.tar" for place in range(len(layers))]
    manifest = [{"Config": f"{digest}.json", "RepoTags": [image.name], "Layers": names}]
    for name, content in ((f"{digest}.json", image.configuration), ("manifest.json", _json(manifest))):
        yield _header(name, len(content)) + content + _padding(len(content))
    for name, path in zip(names, layers, strict=True):
        size = (await asyncio.to_thread(path.stat)).st_size
        yield _header(name, size)
        left = size
        with path.open("rb") as file:  # blobs of the platform's own: never a pipe
            while left:
                piece = await asyncio.to_thread(file.read, min(_PIECE_BYTES, left))
                if not piece:
                    raise OSError(f"{path} has become shorter")
                left -= len(piece)
                yield piece
        yield _padding(size)
    yield bytes(2 * tarfile.BLOCKSIZE)


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
