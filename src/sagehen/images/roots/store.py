"""RootStore: the roots of one data folder, each unpacked once, gone with its image.

roots/<64 hexadecimal digits of the configuration's digest>-<32 of its layers'>/    whole, or not there
roots/.<...>                                                                         in the making, or going

A configuration alone names what its layers unpack to. But whoever knows no more than that has not the layers:
a root is found by both.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sagehen.images.roots.bounds import MAX_BYTES, Budget, UnusableLayer
from sagehen.images.roots.layer import unpack
from sagehen.images.roots.tree import Tree

# Left to the platform's own files.
_DISK_RESERVE_BYTES = 512 * 1024**2
# An image takes minutes where it is made to: the threads that everybody works in are not for it.
_AT_ONCE = 2


class Abandoned(Exception):
    """Nobody waits for a root any more."""


class RootStore:
    """Roots of images.

    Args:
        folder: Theirs; made when the first is.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._making: dict[tuple[str, str], asyncio.Task[Path]] = {}
        self._ending = threading.Event()
        self._held: Counter[str] = Counter()
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="unpack")

    def hold(self, config: str) -> Callable[[], None]:
        """Keep a root until the returned function is called (once), whatever becomes of its image."""
        self._held[config] += 1

        def release() -> None:
            self._held[config] -= 1
            if not self._held[config]:
                del self._held[config]

        return release

    async def bring(self, config: str, layers: Sequence[tuple[Path, str]]) -> Path:
        """Return the root of an image, unpacking it where that has not been done.

        Args:
            config: The digest of its configuration.
            layers: Blobs, named by their digests, and their digests unpacked, the lowest first.

        Raises:
            UnusableLayer.
            OSError: The disk is full.
        """
        final = self._place(config, [blob.name for blob, _ in layers])
        if final.is_dir():
            return final
        making = (config, final.name)
        task = self._making.get(making)
        if task is None:
            task = asyncio.create_task(self._made_aside(final, tuple(layers)), name="unpack image")
            self._making[making] = task
            task.add_done_callback(lambda done: self._made(making, done))
        return await asyncio.shield(task)  # another job may wait for the same

    def find(self, config: str, blobs: Sequence[str]) -> Path | None:
        """Return the root of an image where it has been unpacked.

        Args:
            blobs: The names of its layers' files, the lowest first.
        """
        place = self._place(config, blobs)
        return place if place.is_dir() else None

    def _place(self, config: str, blobs: Sequence[str]) -> Path:
        named = hashlib.sha256(" ".join(blobs).encode()).hexdigest()[:32]
        return self._folder / f"{config.removeprefix('sha256:')}-{named}"

    async def keep(self, is_known: Callable[[list[str]], set[str]]) -> None:
        """Delete the roots of configurations that nobody has any more, but for those that are held.

        Args:
            is_known: Returns which of some digests are; called in a thread.
        """

        held = {*self._held, *(config for config, _ in self._making)}

        def work() -> None:
            if not self._folder.is_dir():
                return
            names = [path.name for path in self._folder.iterdir()]
            digests = [_config_of(name) for name in names if not name.startswith(".")]
            known = held | (is_known(digests) if digests else set())
            for name in names:
                if name.startswith("."):
                    if not held:
                        shutil.rmtree(self._folder / name, ignore_errors=True)
                elif _config_of(name) not in known:
                    aside = self._folder / f".{name}.gone"
                    shutil.rmtree(aside, ignore_errors=True)
                    (self._folder / name).rename(aside)
                    shutil.rmtree(aside, ignore_errors=True)

        await asyncio.to_thread(work)

    async def stop(self) -> None:
        """End what is being unpacked."""
        self._ending.set()
        await asyncio.gather(*self._making.values(), return_exceptions=True)
        self._ending.clear()

    async def _made_aside(self, final: Path, layers: Sequence[tuple[Path, str]]) -> Path:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._make, final, layers)

    def _made(self, making: tuple[str, str], done: asyncio.Task[Path]) -> None:
        self._making.pop(making, None)
        if not done.cancelled():
            done.exception()  # whoever waited has it; else nobody wants it

    def _make(self, final: Path, layers: Sequence[tuple[Path, str]]) -> Path:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = final.with_name(f".{final.name}")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        budget = Budget(max(0, min(MAX_BYTES, _free_bytes(partial))))
        tree = Tree(partial, keeps_owners=os.geteuid() == 0)

        def check() -> None:
            if self._ending.is_set():
                raise Abandoned
            if _free_bytes(partial) < 0:  # another image has taken what was free
                raise UnusableLayer("it unpacks to more bytes than there is room for")

        try:
            for number, (blob, diff_id) in enumerate(layers, 1):
                try:
                    unpack(blob, tree, budget, diff_id, check)
                except UnusableLayer as error:
                    raise UnusableLayer(f"layer {number} of {len(layers)}: {error}") from error
            partial.chmod(0o755)
            partial.rename(final)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
        return final


def _free_bytes(folder: Path) -> int:
    free = os.statvfs(folder)
    return free.f_bavail * free.f_frsize - _DISK_RESERVE_BYTES


def _config_of(name: str) -> str:
    """Return the digest of the configuration whose root a folder is."""
    return f"sha256:{name.partition('-')[0]}"
