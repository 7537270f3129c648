"""Trees: what a sandbox on a node sees of this disk, sent there, renewed meanwhile, and brought back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from sagehen.cluster.executor.node import Node, NodeLost
from sagehen.cluster.executor.passage import Passage
from sagehen.cluster.orders import place_of, sent_mounts
from sagehen.cluster.streams import LinkLost, StreamRefused
from sagehen.cluster.trees.packing import signature
from sagehen.cluster.trees.passing import NO_FOLDER, ask_known
from sagehen.executors.base import Mount, SandboxSpec
from sagehen.executors.folders.removal import remove_tree

_log = logging.getLogger(__name__)
# More at once only share the same wire.
_AT_ONCE = 4
# Credentials are renewed minutes before they end; checkpoints are stored as soon as they are seen.
_LOOK_S = 5.0


class Trees:
    """The trees of one sandbox.

    Args:
        passage: How they go.
        holds: Whether the node has got what a mount shows by itself.
    """

    def __init__(
        self,
        node: Node,
        spec: SandboxSpec,
        passage: Passage,
        holds: Callable[[Path], bool],
        look_s: float = _LOOK_S,
    ) -> None:
        self._node = node
        self._passage = passage
        self._name = spec.name
        self._mounts = sent_mounts(spec, holds)
        self._wanted = [(*place_of(spec, path), path) for path in spec.wanted or ()]
        self._wants_all = spec.wanted is None
        self._look_s = look_s

    async def send(self) -> None:
        """Send all.

        Raises:
            NodeLost, StreamRefused, OSError
        """
        several = asyncio.Semaphore(_AT_ONCE)

        async def send_one(number: int, mount: Mount) -> None:
            async with several:
                await self._put(number, mount)

        try:
            async with asyncio.TaskGroup() as group:
                for number, mount in self._mounts.items():
                    group.create_task(send_one(number, mount))
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None

    async def show(self, path: Path, *, is_held: bool = False) -> None:
        """Send a folder of a read-only mount as it is now, or have it removed where it is not there any more.

        Args:
            is_held: The node has got it by itself: it has it moved there.

        Raises:
            NodeLost, StreamRefused, OSError
            ValueError: It is in none.
        """
        number, below = next(
            (number, str(path.relative_to(mount.source)))
            for number, mount in self._mounts.items()
            if not mount.writable and mount.source in path.parents
        )
        if is_held:
            order = {"name": self._name, "tree": number, "below": below, "held": str(path)}
            try:
                await self._node.call("place", order)
            except KeyError as error:  # it runs there no more
                raise StreamRefused(str(error)) from error
        elif await asyncio.to_thread(path.is_dir):
            await self._put(number, self._mounts[number], below=below)
        else:
            await self._node.call("drop", {"name": self._name, "tree": number, "below": below})

    async def bring(self) -> None:
        """Bring back what was written, to where it is on this disk.

        Raises:
            NodeLost, StreamRefused, OSError
        """
        if self._wants_all:
            for number, mount in self._mounts.items():
                if mount.writable and mount.kept:
                    await self._get(number, "", mount.source)
        for number, below, target in self._wanted:
            try:
                await self._get(number, below, target)
            except StreamRefused as error:
                if str(error) != NO_FOLDER:
                    raise
                await asyncio.to_thread(remove_tree, target)  # as it is there

    async def keep_passing(self) -> None:
        """Until cancelled: send what changes here."""
        renewed = {number: mount for number, mount in self._mounts.items() if mount.renewed}
        known = {
            number: await asyncio.to_thread(signature, mount.source) for number, mount in renewed.items()
        }
        while renewed:
            await asyncio.sleep(self._look_s)
            try:
                for number, mount in renewed.items():
                    now = await asyncio.to_thread(signature, mount.source)
                    if now != known[number]:
                        await self._put(number, mount, renew=True)
                        known[number] = now
            except NodeLost:
                return
            except (OSError, KeyError) as error:  # the next look tries again
                _log.info("%s on %s: %s", self._name, self._node.node_id, error)

    async def _known(self, mount: Mount, root: Path) -> frozenset[str] | None:
        """Return what the node has of a tree, or a part; None of what is written to, here or there."""
        if mount.writable or mount.renewed:
            return None
        stream = await self._node.open("tree.has", {})
        try:
            return await ask_known(stream, root)
        except (LinkLost, StreamRefused):  # all of it is sent then
            return frozenset()
        finally:
            stream.reset("asked")

    async def _put(self, number: int, mount: Mount, *, renew: bool = False, below: str = "") -> None:
        root = mount.source / below
        arguments = {"name": self._name, "tree": number, "renew": renew or bool(below), "below": below}
        is_large = await self._passage.is_large(root)
        known = await self._known(mount, root) if is_large else None
        while True:
            try:
                if is_large:
                    await self._passage.have_taken(arguments, root, known)
                else:
                    await self._passage.send(arguments, root)
            except LinkLost:
                continue  # all of it again: a tree is put in place as a whole
            except StreamRefused:
                if not known:
                    raise
                known = frozenset()  # it has let go of a file since it was asked
                continue
            return

    async def _get(self, number: int, below: str, target: Path) -> None:
        await asyncio.to_thread(target.parent.mkdir, parents=True, exist_ok=True)
        while True:
            try:
                await self._passage.bring({"name": self._name, "tree": number, "below": below}, target)
            except LinkLost:
                continue
            return
