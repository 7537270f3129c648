"""RemoteData: `ports.NodeData`: nodes told which objects to get, and what to store of what they have."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from sagehen.cluster.executor.asking import Asking, Tell
from sagehen.cluster.executor.left import Left, in_left
from sagehen.cluster.executor.names import Names
from sagehen.cluster.executor.node import Node, NodeLost
from sagehen.cluster.executor.piping import piping
from sagehen.cluster.orders import place_of
from sagehen.cluster.streams import Stream, line
from sagehen.domain.identity import Credentials
from sagehen.domain.ports.compute.node_data import Fetched, NodeGone, Wanted
from sagehen.domain.ports.storage.incoming import Piped
from sagehen.domain.ports.storage.outgoing import ArtifactsTarget, Target
from sagehen.executors.base import SandboxSpec


class RemoteData:
    """What nodes hold and what they get, what sandboxes leave there and where it goes.

    Args:
        nodes: By name; as they are at each moment.
        asking: How they are asked.
    """

    def __init__(self, nodes: Mapping[str, Node], asking: Asking) -> None:
        self._nodes = nodes
        self._asking = asking
        # Of each node and place; None: what was asked for may be there in part.
        self._asked_for: dict[tuple[str, Path], Fetched | None] = {}
        self._left: dict[Path, Left] = {}

    def holds(self, node: str, place: Path) -> bool:
        """Tell whether a node has the folder of that name."""
        return self._asked_for.get((node, place)) is not None

    def gave(self, node: str, place: Path) -> None:
        """Hear that a node has made a folder part of what a sandbox there sees."""
        self._asked_for.pop((node, place), None)

    async def held(self, node: str, place: Path) -> Fetched | None:
        """See `ports.NodeData.held`: a node that ended what it ran meanwhile has let go of it."""
        known = self._asked_for.get((node, place))
        if known is None:
            return None
        found = self._nodes.get(node)
        try:
            if found is None:
                raise NodeGone(node)
            return known if await found.call("held", {"place": str(place)}) is True else None
        except NodeLost as error:
            raise NodeGone(node) from error

    def starts(self, spec: SandboxSpec) -> None:
        """Note where the folders of a sandbox are going to lie that stay where it runs."""
        assert spec.node is not None
        for path in spec.left:
            self._left[path] = Left(spec.node, spec.name, *place_of(spec, path))

    def lost(self, spec: SandboxSpec) -> None:
        """Hear that the machine of a sandbox is lost: nobody waits for it once more to store what it left."""
        for path in spec.left:
            if (left := self._left.get(path)) is not None:
                self._left[path] = replace(left, is_lost=True)

    async def fetch(
        self,
        node: str,
        place: Path,
        wanted: AsyncIterator[Wanted],
        credentials: Credentials,
        region: str,
        *,
        own: bool = False,
    ) -> Fetched:
        """See `ports.NodeData.fetch`."""
        order = {"own": own, **_rights(credentials, region)}
        names = Names(wanted)

        async def tell(stream: Stream, offer: Mapping[str, Any]) -> None:
            await stream.send(line({**order, "offer": offer}))
            async for text in names.lines():
                await stream.send(text)
            await stream.send(line([]))  # all are named; an end would say that nobody waits any more

        try:
            return await self._get(node, "fetch", place, tell)
        finally:
            await names.close()

    async def unpack(
        self, node: str, place: Path, archive: Wanted, credentials: Credentials, region: str
    ) -> Fetched:
        """See `ports.NodeData.unpack`."""
        return await self._get(
            node, "unpack", place, _told({"archive": asdict(archive), **_rights(credentials, region)})
        )

    async def pipe(
        self,
        folder: Path,
        piped: Piped,
        entries: Path,
        keys: Callable[[], Awaitable[Credentials]],
        region: str,
        ended: asyncio.Event,
    ) -> None:
        """See `ports.NodeData.pipe`."""
        found = in_left(self._left, folder / piped.name)
        assert found is not None, "it is started first"
        left, below = found
        if left.is_lost:
            raise NodeGone(left.node)

        async def rights() -> Mapping[str, Any]:
            return _rights(await keys(), region)

        arguments = {"name": left.sandbox, "tree": left.tree, "below": below}
        await self._asking.ask(left.node, "pipe", arguments, piping(piped, entries, rights, ended))

    async def store_changes(
        self, host: str, folder: Path, target: Target, credentials: Credentials, region: str, *, settled: bool
    ) -> int:
        """See `ports.NodeData.store_changes`."""
        if (found := in_left(self._left, folder)) is None:
            return 0  # nothing was started that could have written there
        left, below = found
        order = {"below": below, "target": asdict(target), "settled_only": settled}
        told = await self._store("changes", {host: left}, {**order, **_rights(credentials, region)})
        return int(told["stored"])

    async def store_artifacts(
        self, hosts: Mapping[str, Path], target: ArtifactsTarget, credentials: Credentials, region: str
    ) -> list[str]:
        """See `ports.NodeData.store_artifacts`."""
        left = {host: self._left[folder] for host, folder in hosts.items()}
        order = {"target": asdict(target), **_rights(credentials, region)}
        told = await self._store("artifacts", left, order)
        return [str(note) for note in told["notes"]]

    async def let_go(self, below: Path) -> None:
        """See `ports.NodeData.let_go`. A node that cannot be reached lets go when it ends what it runs."""
        gone = [(node, place) for node, place in self._asked_for if place.is_relative_to(below)]
        for each in gone:
            del self._asked_for[each]
        left = [path for path in self._left if path.is_relative_to(below)]
        boxes = {(each.node, each.sandbox) for each in map(self._left.pop, left)}
        works = [self._tell(node, "forget", {"name": name}) for node, name in boxes]
        works += [self._tell(node, "let-go", {"below": str(below)}) for node in {node for node, _ in gone}]
        await asyncio.gather(*works)

    async def close(self) -> None:
        """Serve no node any more."""
        await self._asking.close()

    async def _get(self, node: str, kind: str, place: Path, tell: Tell) -> Fetched:
        self._asked_for[node, place] = None
        told = await self._asking.ask(node, kind, {"place": str(place)}, tell)
        found = self._asked_for[node, place] = Fetched(int(told["files"]), int(told["size"]))
        return found

    async def _store(self, do: str, left: Mapping[str, Left], order: Mapping[str, Any]) -> dict[str, Any]:
        (node,) = {each.node for each in left.values()}
        if any(each.is_lost for each in left.values()):
            raise NodeGone(node)
        parts = {host: (each.sandbox, each.tree) for host, each in left.items()}
        return await self._asking.ask(node, "store", {"do": do, "parts": parts}, _told(order))

    async def _tell(self, name: str, what: str, order: Mapping[str, Any]) -> None:
        node = self._nodes.get(name)
        with contextlib.suppress(OSError, TimeoutError, KeyError):
            if node is not None and node.is_linked:
                await node.call(what, order)


def _told(order: Mapping[str, Any]) -> Tell:
    async def tell(stream: Stream, offer: Mapping[str, Any]) -> None:
        # No end: that is how the node hears that nobody waits any more.
        await stream.send(line({**order, "offer": offer}))

    return tell


def _rights(credentials: Credentials, region: str) -> dict[str, Any]:
    keys = [credentials.access_key_id, credentials.secret_access_key, credentials.session_token]
    return {"keys": keys, "region": region}
