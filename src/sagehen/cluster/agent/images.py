"""NodeImages: images that sandboxes of a node run on, each layer had once, the last used ones kept.

layers/<64 hexadecimal digits>    a blob, checked: it has its name after its last byte
roots/                            what was unpacked of them (`images.roots.store`)
used.json                         both, with their sizes, in the order of their last use; all else goes
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import orjson

from sagehen.cluster.agent.last_used import LastUsed
from sagehen.cluster.agent.layers import receive_layer
from sagehen.cluster.images import WantedImage
from sagehen.cluster.streams import Stream, StreamRefused
from sagehen.domain.whole_files import write_whole
from sagehen.executors.base import SandboxUnavailable
from sagehen.images.contents import MAX_BLOB_BYTES
from sagehen.images.digests import is_digest
from sagehen.images.roots.bounds import UnusableLayer
from sagehen.images.roots.store import Abandoned, RootStore

# What layers of programs unpack to, as a first guess: what it really is takes its place.
_UNPACKED = 3


class NodeImages:
    """All of a node.

    Args:
        folder: Theirs.
        most_bytes: What layers and roots may be together. Roots that something runs on stay, however large.
    """

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._layers, self._used_file = folder / "layers", folder / "used.json"
        self._layers.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._roots = RootStore(folder / "roots")
        self._used = LastUsed(most_bytes, _read(self._used_file))
        self._held: Counter[str] = Counter()
        self._tidying = asyncio.Lock()

    async def start(self) -> None:
        """Remove what an earlier agent did not note any more."""
        known = {name for name, _ in self._used.all()}

        def sweep() -> None:
            for file in self._layers.iterdir():
                if file.name not in known:
                    file.unlink()

        await asyncio.to_thread(sweep)
        await self._keep_roots()

    async def stop(self) -> None:
        """End what is being unpacked."""
        await self._roots.stop()

    def lacking(self, wanted: WantedImage) -> list[str]:
        """Return the digests of the layers that have to come; of an image that is unpacked, none."""
        if self._root(wanted) is not None:
            return []
        return list(dict.fromkeys(layer.digest for layer in wanted.layers if not self._has(layer.digest)))

    async def receive(self, stream: Stream, digest: str, size: int) -> None:
        """Take a layer.

        Raises:
            StreamRefused, LinkLost
        """
        if not is_digest(digest) or not 0 <= size <= MAX_BLOB_BYTES:
            raise StreamRefused("that is no layer")
        await self._make_room(size)
        await receive_layer(stream, self._layers, digest, size)
        self._used.used(_name(digest), size)
        await self._make_room(0)

    def hold(self, wanted: WantedImage) -> Callable[[], None]:
        """Keep an image's layers and its root, from before they are there, until it is released (once)."""
        names = [wanted.config, *(_name(layer.digest) for layer in wanted.layers)]
        self._held.update(names)
        release_root = self._roots.hold(wanted.config)

        def release() -> None:
            release_root()
            self._held.subtract(names)
            self._held += Counter()  # without those of which nobody holds one

        return release

    async def unpacked(self, wanted: WantedImage) -> Path:
        """Return an image's root, which is made where it is not there. It is held.

        Raises:
            SandboxUnavailable: It cannot be unpacked, or a layer is not here.
            OSError: The disk is full.
        """
        found = self._root(wanted)
        if found is None:
            await self._make_room(_UNPACKED * wanted.size)
            layers = [(self._layers / _name(layer.digest), layer.diff_id) for layer in wanted.layers]
            try:
                found = await self._roots.bring(wanted.config, layers)
            except UnusableLayer as error:
                raise SandboxUnavailable(f"The image cannot be unpacked on this node: {error}.") from None
            except (FileNotFoundError, Abandoned):
                raise SandboxUnavailable("A layer of the image is not on this node any more.") from None
            self._used.used(wanted.config, await asyncio.to_thread(_size_of, found))
        self._used.used(wanted.config)
        for layer in wanted.layers:
            if self._has(layer.digest):
                self._used.used(_name(layer.digest))
        await self._make_room(0)
        return found

    def _has(self, digest: str) -> bool:
        return (self._layers / _name(digest)).is_file()

    def _root(self, wanted: WantedImage) -> Path | None:
        names = [_name(layer.digest) for layer in wanted.layers]
        return self._roots.find(wanted.config, names)

    async def _make_room(self, coming: int) -> None:
        """Remove what was not used for the longest, and note what is there."""
        async with self._tidying:
            gone = self._used.to_discard(self._held, coming)
            await asyncio.to_thread(write_whole, self._used_file, orjson.dumps(self._used.all()))
            for name in gone:
                if not _is_root(name):
                    await asyncio.to_thread((self._layers / name).unlink, True)
            if any(map(_is_root, gone)):
                await self._keep_roots()

    async def _keep_roots(self) -> None:
        known = {name for name, _ in self._used.all()}
        await self._roots.keep(known.intersection)


def _name(digest: str) -> str:
    return digest.removeprefix("sha256:")


def _is_root(name: str) -> bool:
    return name.startswith("sha256:")


def _size_of(root: Path) -> int:
    """Return what a root takes on the disk. Blocking; no link is followed."""
    found, seen, pending = 0, set[int](), [os.fspath(root)]
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                state = entry.stat(follow_symlinks=False)
                found += 0 if state.st_ino in seen else state.st_blocks * 512
                seen.add(state.st_ino)
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)
    return found


def _read(file: Path) -> list[tuple[str, int]]:
    try:
        return [(str(name), int(size)) for name, size in orjson.loads(file.read_bytes())]
    except (OSError, ValueError, TypeError):
        return []
