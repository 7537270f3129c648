"""Images: what containers run on, brought to the engine once; it goes from there when it goes from here."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from weakref import WeakValueDictionary

from sagehen.domain.whole_files import write_whole
from sagehen.executors.base import ImageRoot, SandboxUnavailable
from sagehen.executors.containers.archive import LoadedImage, archive, empty_layer, image_of
from sagehen.executors.containers.engine.client import EngineClient
from sagehen.executors.containers.engine.errors import EngineError, EngineRefused, failed_load
from sagehen.images.configuration import host_architecture

# As long as an image may take on its way to a node (`cluster.executor.images`).
_LOAD_S = 3600.0
# `.invalid` is nobody's domain (RFC 2606): no engine looks for these anywhere else.
_REPOSITORY = "sagehen.invalid"
_log = logging.getLogger(__name__)


class Images:
    """Those of this platform at an engine.

    Args:
        client: Asks it.
        folder: The executor's own. A file for each image that was brought says of which root it is.
        platform: Tells this platform's from another's.
    """

    def __init__(self, client: EngineClient, folder: Path, platform: str) -> None:
        self._client = client
        self._records = folder / "images"
        self._records.mkdir(parents=True, exist_ok=True)
        content, digest = empty_layer()
        self._empty_layer = folder / "empty.tar"
        self._empty_layer.write_bytes(content)
        self._repository = f"{_REPOSITORY}/{platform}"
        self._empty = image_of([digest], host_architecture(), self._repository)
        self._bringing: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def bring(self, image: ImageRoot) -> str:
        """See that the engine has an image; return its name there.

        Raises:
            SandboxUnavailable: It cannot be had, or the engine does not take it.
            EngineError
        """
        if not image.layers:
            raise SandboxUnavailable("The image's layers are not known, so no container can be made of it.")
        found = image_of([digest for _, digest in image.layers], host_architecture(), self._repository)
        if await self._bring(found, [path for path, _ in image.layers], image.folder):
            await self.sweep()
        return found.name

    async def empty(self) -> str:
        """See that the engine has an image that holds nothing; return its name there.

        Raises:
            SandboxUnavailable, EngineError
        """
        await self._bring(self._empty, [self._empty_layer])
        return self._empty.name

    async def sweep(self) -> None:
        """Have the engine delete what was deleted here. What still runs there stays until the next time."""
        for record in await asyncio.to_thread(_without_root, self._records):
            if await self._is_deleted(record.name):
                await asyncio.to_thread(record.unlink, missing_ok=True)

    async def recover(self) -> None:
        """Have the engine delete what nothing here knows of, of a data folder that was deleted, say.

        Raises:
            EngineError
        """
        known = {record.name for record in await asyncio.to_thread(list, self._records.iterdir())}
        known.add(_tag(self._empty.name))
        for image in await self._client.call("GET", "/images/json") or ():
            for name in image.get("RepoTags") or ():
                if name.startswith(f"{self._repository}:") and _tag(name) not in known:
                    await self._is_deleted(_tag(name))
        await self.sweep()

    async def _is_deleted(self, tag: str) -> bool:
        """Have one deleted; tell whether it is. One that something still runs on is not."""
        try:
            await self._client.delete(f"/images/{self._repository}:{tag}")
        except EngineError as error:
            _log.warning("an image that is deleted stays with the engine for now: %s", error)
            return False
        return True

    async def _bring(self, image: LoadedImage, layers: Sequence[Path], root: Path | None = None) -> bool:
        """Tell whether it was not there yet.

        Args:
            root: It goes from the engine when this goes; None: it stays.
        """
        lock = self._bringing.setdefault(image.name, asyncio.Lock())
        async with lock:
            if root is not None:
                record = self._records / _tag(image.name)
                await asyncio.to_thread(_note, record, root)
            if await self._has(image):
                return False
            packed = archive(image, layers)
            told = await self._client.send("/images/load", packed, timeout_s=_LOAD_S, quiet=1)
            if (why := failed_load(told)) is not None:
                raise SandboxUnavailable(f"The engine does not take the image: {why}")
            if not await self._has(image):
                raise SandboxUnavailable("The engine took the image and does not have it.")
            return True

    async def _has(self, image: LoadedImage) -> bool:
        """By its layers, and not by its name alone: somebody may have given that to another one."""
        try:
            found = await self._client.document("GET", f"/images/{image.name}/json")
        except EngineRefused as error:
            if error.status == 404:
                return False
            raise
        return tuple((found.get("RootFS") or {}).get("Layers") or ()) == image.diff_ids


def _tag(name: str) -> str:
    return name.rpartition(":")[2]


def _note(record: Path, root: Path) -> None:
    """Say of which root an image is. Sandboxes of one image say the same, each at its start."""
    said = os.fsencode(root.absolute())
    if not record.exists() or record.read_bytes() != said:
        write_whole(record, said)


def _without_root(records: Path) -> list[Path]:
    found = []
    for record in records.iterdir():
        # One that is being written; one that another sweep has just removed.
        with contextlib.suppress(FileNotFoundError):
            if record.suffix != ".new" and not Path(os.fsdecode(record.read_bytes())).exists():
                found.append(record)
    return found
