"""Model data: from S3, with the rights of the model's role, into a folder that instances share.

Where instances may be on nodes of a cluster, a node gets it by itself; before it is known which one, only
what has to be known of it is read here.
"""

from __future__ import annotations

import asyncio
import errno
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakValueDictionary

from sagehen.archives.bounds import in_thread
from sagehen.archives.tar import UnusableArchive, unpack_tar
from sagehen.archives.tree_walk import size_of
from sagehen.domain.identity import Principal
from sagehen.domain.ports.compute.node_data import Fetched, NodeData, Wanted
from sagehen.domain.ports.identity.roles import RoleSession
from sagehen.domain.ports.storage.objects import Objects
from sagehen.executors.folders.removal import remove_tree
from sagehen.services.sagemaker.models import looking, uncompressed
from sagehen.services.sagemaker.models.uncompressed import TOO_MUCH, Files, UnusableFiles
from sagehen.services.sagemaker.models.wanted import WantedModel, reasons
from sagehen.services.sagemaker.transfers import uris

# Beside a model's folder: what is known of one that is not here.
_LOOKED = ".looked"


@dataclass(frozen=True, slots=True)
class Looked:
    """What is known of a model.

    Args:
        size: Bytes of its files.
        code: The folder of its code here, which may be absent.
    """

    size: int
    code: Path


class ModelData:
    """Brings each model once to each machine, however many instances ask for it.

    Args:
        nodes: Where instances may be besides; None: there are none.
    """

    def __init__(self, objects: Objects, nodes: NodeData | None = None) -> None:
        self._objects = objects
        self._nodes = nodes
        self._locks: WeakValueDictionary[tuple[str | None, Path], asyncio.Lock] = WeakValueDictionary()

    async def look(self, model: WantedModel, session: RoleSession, folder: Path) -> Looked:
        """Return what is known of a model: where there are nodes, without bringing it.

        Args:
            folder: As of `bring`.

        Raises:
            ModelDataUnavailable: As `bring`.
        """
        if self._nodes is None or model.uri is None:
            return Looked(await self.bring(model, session, folder), folder / looking.CODE)
        async with self._lock(None, folder):
            if folder.exists():  # noqa: ASYNC240 - one stat
                return Looked(await asyncio.to_thread(size_of, folder), folder / looking.CODE)
            looked = _looked(folder)
            if not looked.exists():
                await self._make(model, session.principal, looked, self._look)
            size = int(await asyncio.to_thread((looked / "size").read_text))
            return Looked(size, looked / looking.CODE)

    async def bring(
        self, model: WantedModel, session: RoleSession, folder: Path, node: str | None = None
    ) -> int:
        """Make `folder` hold the model; it is complete once it has its name. Return its bytes.

        Args:
            session: Of the model's role.
            node: Where instances are started with a mount of `folder`; None: here.

        Raises:
            ModelDataUnavailable: The role may not read it, there is none, it is no usable archive, or it
                takes longer than `timeout_s`.
            NodeGone
        """
        async with self._lock(node, folder):
            if node is not None and self._nodes is not None and model.uri is not None:
                async with reasons(model, model.uri):
                    held = await self._nodes.held(node, folder)
                    if held is None:
                        held = await self._fetch(self._nodes, node, model, model.uri, session, folder)
                    return held.size
            if not folder.exists():  # noqa: ASYNC240 - one stat
                await self._make(model, session.principal, folder, self._fill)
            return await asyncio.to_thread(size_of, folder)

    async def remove(self, folder: Path) -> None:
        """Remove a folder in which models are, or one of these, wherever they are.

        Args:
            folder: Of a model, what is known of it does as well.
        """
        await self.let_go(folder.with_name(folder.name.removesuffix(_LOOKED)))
        await asyncio.to_thread(remove_tree, folder)

    async def let_go(self, folder: Path) -> None:
        """Have nodes remove the models that they have below a folder."""
        if self._nodes is not None:
            await self._nodes.let_go(folder)

    def _lock(self, node: str | None, folder: Path) -> asyncio.Lock:
        return self._locks.setdefault((node, folder), asyncio.Lock())  # kept for as long as somebody is here

    async def _make(
        self,
        model: WantedModel,
        principal: Principal,
        folder: Path,
        fill: Callable[[WantedModel, str, Principal, Path], Awaitable[None]],
    ) -> None:
        partial = folder.with_name(f"{folder.name}.partial")
        await asyncio.to_thread(_make_clean, partial)
        if model.uri is not None:
            async with reasons(model, model.uri):
                await fill(model, model.uri, principal, partial)
        await asyncio.to_thread(partial.rename, folder)

    async def _fill(self, model: WantedModel, uri: str, principal: Principal, folder: Path) -> None:
        if model.layout == "archive":
            await self._unpack(uri, principal, folder)
        else:
            is_prefix = model.layout == "prefix"
            await uncompressed.bring(self._objects, principal, uri, folder, is_prefix=is_prefix)

    async def _unpack(self, uri: str, principal: Principal, folder: Path) -> None:
        bucket, key = uris.split(uri)
        archive = folder.with_name(f"{folder.name}.tar")
        await asyncio.to_thread(archive.unlink, True)
        await self._objects.download(principal, bucket, key, archive)
        try:
            await in_thread(lambda patience: unpack_tar(archive, folder, None, patience))
        except OSError as error:
            raise UnusableArchive(str(error)) from error
        finally:
            await asyncio.to_thread(archive.unlink, True)

    async def _look(self, model: WantedModel, uri: str, principal: Principal, folder: Path) -> None:
        objects = self._objects
        if model.layout == "archive":
            size = await looking.look_at_archive(objects, principal, uri, folder)
        else:
            is_prefix = model.layout == "prefix"
            size = await looking.look_at_files(objects, principal, uri, folder, is_prefix=is_prefix)
        await asyncio.to_thread((folder / "size").write_text, str(size))

    async def _fetch(
        self, nodes: NodeData, node: str, model: WantedModel, uri: str, session: RoleSession, folder: Path
    ) -> Fetched:
        keys, region = session.credentials, model.region
        try:
            if model.layout == "archive":
                wanted = Wanted(*uris.split(uri), "archive")
                return await nodes.unpack(node, folder, wanted, keys, region)
            is_prefix = model.layout == "prefix"
            files = await uncompressed.listed(self._objects, session.principal, uri, is_prefix=is_prefix)
            return await nodes.fetch(node, folder, _each(files), keys, region)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise UnusableFiles(TOO_MUCH) from error
            raise


async def _each(files: Files) -> AsyncIterator[Wanted]:
    for key, path in files.paths.items():
        yield Wanted(files.bucket, key, str(path))


def _looked(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}{_LOOKED}")


def _make_clean(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
