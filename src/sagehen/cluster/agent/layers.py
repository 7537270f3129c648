"""receive_layer(...): a layer as it comes from the platform, checked before it has its name."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from pathlib import Path
from typing import BinaryIO

from sagehen.archives.bounds import free_bytes
from sagehen.cluster.streams import LinkLost, Stream, StreamRefused

_BATCH_BYTES = 2**20


async def receive_layer(stream: Stream, folder: Path, digest: str, size: int) -> None:
    """Receive a blob into a folder, where its name is the digest's.

    Args:
        size: That is to come.

    Raises:
        StreamRefused: It is another one, or there is no room for it; the far side is told.
        LinkLost
    """
    try:
        if size > free_bytes(folder):
            raise StreamRefused(f"the disk has no room for a layer of {size} bytes")
        await _receive(stream, folder, digest, size)
    except LinkLost:
        raise
    except OSError as error:  # of the disk, or of the layer
        stream.reset(str(error))
        raise StreamRefused(str(error)) from None


async def _receive(stream: Stream, folder: Path, digest: str, size: int) -> None:
    coming = folder / f".coming-{secrets.token_hex(6)}"
    try:
        with coming.open("xb") as file:
            found = await _received(stream, file, size)
        if f"sha256:{found}" != digest:
            raise StreamRefused(f"the layer {digest} came as another one")
        coming.replace(folder / found)
    finally:
        coming.unlink(missing_ok=True)


async def _received(stream: Stream, file: BinaryIO, size: int) -> str:
    """Write what comes; return its hash in hexadecimal digits."""
    hashed, batch, left = hashlib.sha256(), bytearray(), size

    def write(data: bytes) -> None:
        file.write(data)
        hashed.update(data)

    while piece := await stream.receive():
        left -= len(piece)
        if left < 0:
            raise StreamRefused("a layer is longer than it was said to be")
        batch += piece
        if len(batch) >= _BATCH_BYTES:
            await asyncio.to_thread(write, bytes(batch))
            batch.clear()
    await asyncio.to_thread(write, bytes(batch))
    return hashed.hexdigest()
