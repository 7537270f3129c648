"""Asking: a node's porter asked for what it does by S3's own protocol, over as many links as it takes."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import secrets
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import orjson

from sagehen.archives.bounds import TooMuch
from sagehen.archives.tar import UnusableArchive
from sagehen.cluster.executor.node import Node, NodeLost
from sagehen.cluster.executor.offer import Offer, PorterGone
from sagehen.cluster.executor.porter import Porter
from sagehen.cluster.streams import LinkLost, Stream, StreamRefused, receive_all
from sagehen.cluster.trees.passing import PORTER_ENDED
from sagehen.cluster.unix_sockets import listen
from sagehen.domain.access import AccessDenied
from sagehen.domain.ports.compute.node_data import NodeGone
from sagehen.domain.ports.storage.objects import NoSuchObject
from sagehen.executors.base import CloseDoor, OpenDoor
from sagehen.incoming.failures import PipeFailed

# Says what is wanted, with what lets the node dial S3; begun anew where it was not heard to its end.
Tell = Callable[[Stream, Mapping[str, Any]], Awaitable[None]]


class Asking:
    """Asks nodes.

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
        self._opening = asyncio.Lock()
        self._place: Path | None = None
        self._close_door: CloseDoor | None = None

    async def ask(self, name: str, kind: str, arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
        """Have a node do something; return its answer. What it has done by then, it keeps.

        Raises:
            NodeGone
            NoSuchObject, AccessDenied, TooMuch, UnusableArchive, PipeFailed, OSError: As the platform would
                have raised it of itself.
        """
        node = self._nodes.get(name)
        if node is None:
            raise NodeGone(name)
        await self._open()

        async def ask(offer: Offer) -> dict[str, Any]:
            return await _asked(node, kind, arguments, tell, offer.told())

        while True:
            try:
                told = await self._porter.offer(name, "s3", ask, service=str(self._place))
            except NodeLost as error:
                raise NodeGone(name) from error
            except LinkLost:
                continue
            if "error" not in told:
                return told
            if "gone" in told["error"]:
                raise NodeGone(name)
            raise _error(told["error"])

    async def close(self) -> None:
        """Serve no node any more."""
        if self._close_door is not None:
            await self._close_door()
            self._close_door = None

    async def _open(self) -> None:
        async with self._opening:
            if self._place is None:
                place = self._folder / secrets.token_hex(8)
                self._close_door = await self._open_door(await asyncio.to_thread(listen, place))
                self._place = place


async def _asked(
    node: Node, kind: str, arguments: Mapping[str, Any], tell: Tell, offer: Mapping[str, Any]
) -> dict[str, Any]:
    """Tell a node what is wanted; return what it answers, which may come before it has heard all."""
    stream = await node.open(kind, arguments)
    telling = asyncio.ensure_future(tell(stream, offer))
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
    """Return what a node was refused, as it would have been raised here."""
    if (said := told.get("too_much")) is not None:
        return TooMuch(str(said))
    if (said := told.get("pipe")) is not None:
        return PipeFailed(str(said))
    if (said := told.get("unusable")) is not None:
        return UnusableArchive(str(said))
    if (number := told.get("errno")) is not None:
        name = told.get("name")
        return OSError(int(number), str(told["message"]), *([] if name is None else [str(name)]))
    bucket, key, code, message = (str(told[each]) for each in ("bucket", "key", "code", "message"))
    if told["status"] == 404:
        what = f"bucket s3://{bucket}" if code == "NoSuchBucket" else f"object s3://{bucket}/{key}"
        return NoSuchObject(f"The {what} does not exist")
    if code.startswith("KMS."):
        return AccessDenied(f"{code}: {message}")
    if told["status"] == 403:
        return AccessDenied(message)
    return OSError(errno.EIO, f"{code}: {message}")
