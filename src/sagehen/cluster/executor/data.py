"""RemoteData: `ports.NodeData`: nodes told which objects to get, and where from."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import secrets
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from sagehen.cluster.executor.names import Names
from sagehen.cluster.executor.node import Node, NodeLost
from sagehen.cluster.executor.offer import Offer, PorterGone
from sagehen.cluster.executor.porter import Porter
from sagehen.cluster.streams import LinkLost, Stream, StreamRefused, line, receive_all
from sagehen.cluster.trees.passing import PORTER_ENDED
from sagehen.cluster.unix_sockets import listen
from sagehen.domain.access import AccessDenied
from sagehen.domain.identity import Credentials
from sagehen.domain.ports.compute.node_data import Fetched, NodeGone, Wanted
from sagehen.domain.ports.storage.objects import NoSuchObject
from sagehen.executors.base import CloseDoor, OpenDoor


class RemoteData:
    """What nodes hold, and how they get it.

    Args:
        nodes: By name; as they are at each moment.
        porter: Lets nodes dial S3.
        folder: Its own.
        open_door: Serves the platform's door, of which nodes use S3.
    """

    def __init__(self, nodes: Mapping[str, Node], porter: Porter, folder: Path, open_door: OpenDoor) -> None:
        self._nodes = nodes
        self._porter = porter
        self._folder = folder
        self._open_door = open_door
        # Of each node and place, whether it is whole; what was asked for may be there in part.
        self._asked_for: dict[tuple[str, Path], bool] = {}
        self._opening = asyncio.Lock()
        self._place: Path | None = None
        self._close_door: CloseDoor | None = None

    def holds(self, node: str, place: Path) -> bool:
        """Tell whether a node has the folder of that name."""
        return self._asked_for.get((node, place), False)

    async def fetch(
        self, node: str, place: Path, wanted: AsyncIterator[Wanted], credentials: Credentials, region: str
    ) -> Fetched:
        """See `ports.NodeData.fetch`."""
        there = self._nodes.get(node)
        if there is None:
            raise NodeGone(node)
        await self._open()
        order = {
            "place": str(place),
            "keys": [credentials.access_key_id, credentials.secret_access_key, credentials.session_token],
            "region": region,
        }
        self._asked_for[node, place] = False
        names = Names(wanted)
        try:
            told = await self._told(there, order, names)
        finally:
            await names.close()
        if "error" in told:
            raise _error(told["error"])
        self._asked_for[node, place] = True
        return Fetched(int(told["files"]), int(told["size"]))

    async def let_go(self, below: Path) -> None:
        """See `ports.NodeData.let_go`. A node that cannot be reached lets go when it ends what it runs."""
        gone = [(node, place) for node, place in self._asked_for if place.is_relative_to(below)]
        for each in gone:
            del self._asked_for[each]
        for name in {node for node, _ in gone}:
            if (node := self._nodes.get(name)) is not None:
                await self._drop(node, below)

    async def close(self) -> None:
        """Serve no node any more."""
        if self._close_door is not None:
            await self._close_door()
            self._close_door = None

    async def _told(self, node: Node, order: Mapping[str, Any], names: Names) -> dict[str, Any]:
        """Have a node get what is named, over as many links as it takes: what it has got, it keeps."""
        while True:
            try:
                return await self._porter.offer(
                    node.node_id,
                    "s3",
                    lambda offer: self._asked(node, offer, order, names),
                    service=str(self._place),
                )
            except NodeLost as error:
                raise NodeGone(node.node_id) from error
            except LinkLost:
                continue

    async def _drop(self, node: Node, below: Path) -> None:
        with contextlib.suppress(OSError, TimeoutError):
            if node.is_linked:
                await node.call("let-go", {"below": str(below)})

    async def _open(self) -> None:
        async with self._opening:
            if self._place is None:
                place = self._folder / secrets.token_hex(8)
                self._close_door = await self._open_door(await asyncio.to_thread(listen, place))
                self._place = place

    async def _asked(
        self, node: Node, offer: Offer, order: Mapping[str, Any], names: Names
    ) -> dict[str, Any]:
        """Tell a node what is wanted; return what it answers, which may come before it has heard all."""
        stream = await node.open("fetch", {"place": order["place"]})
        telling = asyncio.create_task(_tell(stream, {**order, "offer": offer.told()}, names))
        hearing = asyncio.create_task(_heard(stream))
        try:
            done, _ = await asyncio.wait((telling, hearing), return_when=asyncio.FIRST_COMPLETED)
            if hearing not in done:
                with contextlib.suppress(StreamRefused):  # what is heard tells why
                    telling.result()
            return await hearing
        finally:
            for task in (telling, hearing):
                task.cancel()
            await asyncio.gather(telling, hearing, return_exceptions=True)
            stream.reset("told")


async def _tell(stream: Stream, order: Mapping[str, Any], names: Names) -> None:
    await stream.send(line(order))
    async for text in names.lines():
        await stream.send(text)
    await stream.finish()


async def _heard(stream: Stream) -> dict[str, Any]:
    """Return a node's answer.

    Raises:
        LinkLost
        PorterGone: The node's, before it answered.
    """
    try:
        answer = await receive_all(stream)
    except StreamRefused as error:
        raise PorterGone(str(error)) from error
    if not answer:
        raise PorterGone(PORTER_ENDED)
    told: dict[str, Any] = orjson.loads(answer)
    return told


def _error(told: Mapping[str, Any]) -> Exception:
    """Return what a node was refused, as `ports.Objects` would have raised it here."""
    if (number := told.get("errno")) is not None:
        name = told.get("name")
        return OSError(int(number), str(told["message"]), *([] if name is None else [str(name)]))
    bucket, key, code, message = (str(told[each]) for each in ("bucket", "key", "code", "message"))
    if told["status"] == 404:
        what = f"bucket s3://{bucket}" if code == "NoSuchBucket" else f"object s3://{bucket}/{key}"
        return NoSuchObject(f"The {what} does not exist")
    if told["status"] == 403:
        return AccessDenied(message)
    return OSError(errno.EIO, f"{code}: {message}")
