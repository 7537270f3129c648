"""Passage: one tree to a node or back: over the link where it is small, over a connection of its own else."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sagehen.archives.bounds import room_in
from sagehen.cluster.executor.node import Node
from sagehen.cluster.executor.offer import Offer, PorterGone
from sagehen.cluster.executor.porter import Porter
from sagehen.cluster.streams import Stream, StreamRefused
from sagehen.cluster.trees.looking import is_large
from sagehen.cluster.trees.packing import FileChanged
from sagehen.cluster.trees.passing import PORTER_ENDED, receive_tree, send_tree

# Below this, a handshake takes as long as the tree.
LEAST_BYTES = 1024 * 1024


class Passage:
    """Passes trees to one node and back.

    Args:
        porter: Lets the node dial for large ones; while it is closed, all go over the link.
    """

    def __init__(self, node: Node, porter: Porter) -> None:
        self._node = node
        self._porter = porter

    async def is_large(self, root: Path) -> bool:
        """Tell whether a tree goes beside the link."""
        if self._porter.port is None:
            return False
        return await asyncio.to_thread(is_large, root, "", LEAST_BYTES)

    async def send(self, arguments: Mapping[str, Any], root: Path) -> None:
        """Send a small tree to where `arguments` say.

        Raises:
            NodeLost, LinkLost, StreamRefused, OSError
        """
        stream = await self._node.open("tree.put", arguments)
        with _ended(stream, "sent"):
            await send_tree(stream, root)
            await _taken(stream)

    async def have_taken(
        self, arguments: Mapping[str, Any], root: Path, known: frozenset[str] | None
    ) -> None:
        """Have a node take a large one.

        Args:
            known: Keys of files that it has, as `pack` takes it.

        Raises:
            NodeLost, LinkLost, StreamRefused, OSError
        """

        async def take(offer: Offer) -> None:
            stream = await self._node.open("tree.put", {**arguments, "offer": offer.told()})
            with _ended(stream, "sent"):
                try:
                    await _taken(stream)
                except StreamRefused:
                    if offer.done.done() and isinstance(here := offer.done.exception(), FileChanged):
                        raise here from None  # it says more than that the connection broke off
                    raise

        keys = None if known is None else list(known)
        await self._porter.offer(self._node.node_id, "write", take, root=str(root), known=keys)

    async def bring(self, arguments: Mapping[str, Any], target: Path) -> None:
        """Bring a tree from where `arguments` say to this disk.

        Raises:
            NodeLost, LinkLost, StreamRefused, OSError
        """
        room = await asyncio.to_thread(room_in, target.parent)
        if self._porter.port is None or not await self._is_large_there(arguments):
            stream = await self._node.open("tree.get", arguments)
            with _ended(stream, "received"):
                await receive_tree(stream, target, room)
            return

        async def give(offer: Offer) -> None:
            stream = await self._node.open("tree.get", {**arguments, "offer": offer.told()})
            with _ended(stream, "received"):
                await _taken(stream)
                await offer.done

        await self._porter.offer(self._node.node_id, "read", give, target=str(target), most=room)

    async def _is_large_there(self, arguments: Mapping[str, Any]) -> bool:
        found = await self._node.call("large", {**arguments, "least": LEAST_BYTES})
        return found is True


@contextlib.contextmanager
def _ended(stream: Stream, reason: str) -> Iterator[None]:
    try:
        yield
    finally:
        stream.reset(reason)


async def _taken(stream: Stream) -> None:
    await stream.finish()
    try:
        said = await stream.receive()
    except StreamRefused as error:
        raise PorterGone(PORTER_ENDED) if str(error) == PORTER_ENDED else error from None
    if said != b"+":
        raise StreamRefused("the node did not pass a tree")
