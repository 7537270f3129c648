"""Elsewhere: instances that are on nodes of a cluster, which get objects from S3 and store by themselves.

What is in a channel, and which instance gets which of its objects, is said here as for instances on the
platform's machine, with the same rights. Nodes are told keys, and ask S3 for each with the role's keys.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from sagehen.domain.ports.compute.node_data import Fetched, NodeData, NodeGone, Wanted
from sagehen.domain.ports.storage.incoming import Piped
from sagehen.domain.ports.storage.outgoing import ArtifactsTarget, Target
from sagehen.executors.folders.job import HostFolder, JobFolder
from sagehen.incoming.index import Entry
from sagehen.services.sagemaker.roles.keys import RoleKeys
from sagehen.services.sagemaker.transfers.channels.channel import Channel
from sagehen.services.sagemaker.transfers.downloads import Downloads, Take, target_of
from sagehen.services.sagemaker.transfers.failures import as_failure
from sagehen.services.sagemaker.transfers.views.views import Views

# Names that wait until a node hears them.
_MOST_WAITING = 2000


class Elsewhere:
    """The nodes of one job.

    Args:
        nodes: Of the hosts that are on one; the others are on the platform's machine.
        keys: Of the job's role.
        region: Of the job.

    Attributes:
        fetched: What folders of File channels have come to that nodes have got, by their places.
    """

    def __init__(
        self,
        data: NodeData,
        folder: JobFolder,
        nodes: Mapping[str, str],
        keys: RoleKeys,
        region: str,
    ) -> None:
        self._data = data
        self._folder = folder
        self.nodes = nodes
        self._keys, self._region = keys, region
        self.fetched: dict[Path, Fetched] = {}

    def concerns(self, hosts: Sequence[str]) -> bool:
        """Tell whether any of these hosts is on a node."""
        return any(host in self.nodes for host in hosts)

    async def bring(
        self, channel: Channel, hosts: Sequence[str], downloads: Downloads, views: Views | None
    ) -> None:
        """Bring a channel in for all hosts that get it, to where they are.

        Raises:
            DownloadFailed: With the reason as AWS words it.
            NodeGone
        """
        machines = [(self.nodes.get(host), host if channel.is_sharded else None) for host in hosts]
        if not channel.is_sharded:
            machines = list(dict.fromkeys(machines))
        places = [(node, self._folder.channel(channel.name, host)) for node, host in machines]
        got = await self._share_out(channel, places, downloads.ordered(channel), downloads, views)
        if not channel.is_view:
            self.fetched |= got

    async def bring_own(
        self, channel: Channel, places: Mapping[str, Path], downloads: Downloads, room: int
    ) -> None:
        """Bring a channel in for hosts that are going to write to what they get.

        Args:
            places: Of each host; on a node, what `SandboxSpec.left` has to name.
            room: Bytes that they may be together: for each, or of one that is sharded for all.

        Raises:
            DownloadFailed, NodeGone: As `bring`.
        """
        machines = [(self.nodes.get(host), place) for host, place in places.items()]
        entries = downloads.within(channel, room)
        await self._share_out(channel, machines, entries, downloads, None, own=True)

    async def _share_out(
        self,
        channel: Channel,
        places: Sequence[tuple[str | None, Path]],
        entries: AsyncIterator[Entry],
        downloads: Downloads,
        views: Views | None,
        *,
        own: bool = False,
    ) -> dict[Path, Fetched]:
        """Bring entries to places of nodes, and of this machine; return what nodes have got."""
        got: dict[Path, Fetched] = {}

        async def fetch(node: str, place: Path, feed: _Feed) -> None:
            keys = await self._keys.now()
            got[place] = await self._data.fetch(node, place, feed.wanted(), keys, self._region, own=own)

        try:
            async with asyncio.TaskGroup() as group:
                ends: list[Callable[[], Awaitable[None]]] = []
                takers: list[Take] = []
                for node, place in places:
                    if node is None:
                        takers.append(await downloads.taker(group, place, views))
                        continue
                    feed = _Feed()
                    group.create_task(fetch(node, place, feed))
                    takers.append(feed.put)
                    ends.append(feed.end)
                place_in_turn = 0
                async for entry in entries:
                    if channel.is_sharded:
                        await takers[place_in_turn % len(takers)](entry)
                    else:
                        for take in takers:
                            await take(entry)
                    place_in_turn += 1
                for end in ends:
                    await end()
        except (ExceptionGroup, OSError) as error:
            gone = error.subgroup(NodeGone) if isinstance(error, ExceptionGroup) else None
            raise gone.exceptions[0] if gone is not None else as_failure(error) from None
        return got

    async def pipe(self, host: str, piped: Piped, entries: Path, ended: asyncio.Event) -> None:
        """See `NodeData.pipe`."""
        folder = self._folder.host(host).data
        await self._data.pipe(folder, piped, entries, self._keys.now, self._region, ended)

    def has(self, host: HostFolder) -> bool:
        """Tell whether an instance is on a node."""
        return host.root.name in self.nodes

    async def restore(self, host: HostFolder, folder: Path, entries: AsyncIterator[Entry]) -> None:
        """Bring objects to a folder that an instance is going to write to.

        Raises:
            DownloadFailed, NoSuchObject, AccessDenied, OSError, NodeGone
        """

        async def wanted() -> AsyncIterator[Wanted]:
            async for entry in entries:
                yield Wanted(entry.bucket, entry.key, str(target_of(entry.relative)))

        keys, node = await self._keys.now(), self.nodes[host.root.name]
        await self._data.fetch(node, folder, wanted(), keys, self._region, own=True)

    async def store_changes(self, host: HostFolder, folder: Path, target: Target, *, settled: bool) -> int:
        """See `NodeData.store_changes`."""
        keys = await self._keys.now()
        return await self._data.store_changes(
            host.root.name, folder, target, keys, self._region, settled=settled
        )

    def has_all(self, hosts: Sequence[str]) -> bool:
        """Tell whether all of a job's hosts are on one node."""
        return set(hosts) == set(self.nodes) and len(set(self.nodes.values())) == 1

    async def store_artifacts(self, hosts: Sequence[str], target: ArtifactsTarget) -> list[str]:
        """See `NodeData.store_artifacts`."""
        places = {host: self._folder.host(host).opt_ml for host in hosts}
        return await self._data.store_artifacts(places, target, await self._keys.now(), self._region)


def elsewhere_of(
    data: NodeData | None,
    folder: JobFolder,
    hosts: Sequence[str],
    places: Sequence[str | None],
    keys: RoleKeys,
    region: str,
) -> Elsewhere | None:
    """Return the nodes of a job's instances; None where none is on one.

    Args:
        places: Of the hosts, in their order; none where there is no cluster.
    """
    nodes = {host: node for host, node in zip(hosts, places, strict=False) if node is not None}
    return None if data is None or not nodes else Elsewhere(data, folder, nodes, keys, region)


class _Feed:
    """Entries on their way to one node."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Wanted | None] = asyncio.Queue(_MOST_WAITING)

    async def put(self, entry: Entry) -> None:
        await self._queue.put(Wanted(entry.bucket, entry.key, str(target_of(entry.relative))))

    async def end(self) -> None:
        await self._queue.put(None)

    async def wanted(self) -> AsyncIterator[Wanted]:
        while (each := await self._queue.get()) is not None:
            yield each
