"""Cluster: what `--cluster` adds to a platform: a door for nodes, Ray's head, the nodes, their executor."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

import orjson

from sagehen.cluster.executor.executor import ClusterExecutor
from sagehen.cluster.executor.porter import Porter
from sagehen.cluster.kinship import kinship
from sagehen.cluster.linked_nodes import LinkedNodes
from sagehen.cluster.nodes.kept_names import KeptNames
from sagehen.cluster.nodes.registry import Registry
from sagehen.cluster.operator_acts import acts_of
from sagehen.cluster.placement.candidates import Candidates
from sagehen.cluster.placement.places import OWN, ClusterPlaces
from sagehen.cluster.ray.client import SeenNode
from sagehen.cluster.ray.joined import JoinedRay
from sagehen.cluster.ray.own import OwnRay
from sagehen.cluster.ray.used import NotOurs, Room, UsedRay
from sagehen.cluster.settings import ClusterSettings
from sagehen.cluster.streams import Handler, Link, Stream, receive_all
from sagehen.domain.clock import Clock
from sagehen.domain.ports.calls.operator_acts import OperatorAct
from sagehen.domain.ports.compute.node_data import NodeData

_MIB = 2**20
# Of the platform's machine: left to the platform itself.
_OWN_RESERVE_MIB = 1024


class Links(Protocol):
    """Takes links from nodes, each of which has shown a certificate of this platform's."""

    async def start(self) -> str:
        """Listen; return HOST:PORT."""
        ...

    async def stop(self) -> None: ...

    def token(self, lifetime_s: float, node: str = "") -> str:
        """Return what lets one machine join, by that name if one is given."""
        ...

    def revoke_tokens(self) -> int:
        """Let none of them be good any more; return how many were."""
        ...

    def end(self, node: str) -> None:
        """End a node's link, if it has one."""
        ...


class Cluster:
    """Everything of the platform's that exists with `--cluster` alone.

    Args:
        executor: Runs what names a node.
        clock: Real time.
        cpus: Of this machine, for instances.
        memory_mib: Likewise.
    """

    def __init__(
        self,
        settings: ClusterSettings,
        executor: ClusterExecutor,
        clock: Clock,
        *,
        cpus: int,
        memory_mib: int,
        gpus: int,
    ) -> None:
        self._settings = settings
        self._executor = executor
        self._clock = clock
        settings.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._drained = KeptNames(settings.folder / "drained.json")
        self._removed = KeptNames(settings.folder / "removed.json")
        self.registry = Registry(lambda: clock.now().timestamp(), self._drained.read(), self._removed.read())
        own = Room(cpus, max(_MIB // 1024, memory_mib - _OWN_RESERVE_MIB), gpus)
        self._ray: UsedRay = (
            OwnRay(settings.address, settings.folder, own, self._counted)
            if settings.ray is None
            else JoinedRay(*settings.ray, own, self, self._counted)
        )
        self._candidates = Candidates(self.registry, executor, has_own=self._ray.places_here)
        self.places = ClusterPlaces(
            self._ray.reserves,
            self._candidates.taking,
            self.registry.closed,
            self._candidates.wired,
            self.registry.draining,
            self.registry.all,
            self._candidates.having,
            spreads_jobs=settings.spreads_jobs,
            names_nodes=not self._ray.places_here,
        )
        self._links: Links | None = None
        self._linked = LinkedNodes(self.registry, executor, self._recount)
        self._seen: Sequence[SeenNode] = ()
        self.address = ""

    @property
    def porter(self) -> Porter:
        """Where nodes dial for what is large."""
        return self._executor.porter

    @property
    def data(self) -> NodeData:
        """What nodes get from S3 by themselves."""
        return self._executor.data

    async def start(self, links: Links) -> None:
        """Take links from now on."""
        self._links = links
        self.address = await links.start()
        self.registry.linked(OWN, host=os.uname().nodename, address=self._settings.address)

    def begin(self) -> None:
        """Have Ray come up; it takes its time, and who wants a place waits for it."""
        self._ray.begin()

    async def close(self) -> None:
        """Let go of the nodes, and of Ray."""
        await self._ray.leave()
        await self._linked.close()
        if self._links is not None:
            await self._links.stop()
        await self._ray.close()

    # --- what nodes do -----------------------------------------------------------------------------

    def handlers(self, node: str) -> Mapping[str, Handler]:
        """Return what a node may open."""

        async def enlist(arguments: Mapping[str, Any], stream: Stream) -> None:
            await self._enlist(node, stream)

        async def leave(arguments: Mapping[str, Any], stream: Stream) -> None:
            self.registry.left(node)
            self._executor.lose(node)
            await stream.send(b"+")
            await stream.finish()

        return {
            **self._executor.handlers(node),
            "enlist": enlist,
            "leave": leave,
            **self._ray.handlers,
        }

    async def linked(self, link: Link) -> None:
        """Take a node's link.

        Raises:
            OSError, TimeoutError: It does not answer.
        """
        await self._linked.take(link)

    async def _enlist(self, node: str, stream: Stream) -> None:
        told = orjson.loads(await receive_all(stream) or b"{}")
        ours = await asyncio.to_thread(kinship)
        if told.get("is") != ours:
            stream.reset(f"the platform is {ours}, and this node {str(told.get('is'))[:100]}")
            return
        try:
            answer = {"name": node, **self._ray.enlisted(told)}
        except NotOurs as error:
            stream.reset(str(error))
            return
        await stream.send(orjson.dumps(answer))
        await stream.finish()

    def _counted(self, nodes: Sequence[SeenNode]) -> None:
        self._seen = nodes
        self._recount()

    def _recount(self) -> None:
        """Hear that a node was linked, or is counted otherwise; of nodes that come later Ray told before."""
        self.registry.counted(self._seen)
        self.places.changed()

    # --- what the operator does --------------------------------------------------------------------

    def document(self) -> dict[str, Any]:
        """Return all nodes, and what runs there."""
        running: dict[str, list[str]] = {}
        for node, name in self._running():
            running.setdefault(node, []).append(name)
        now = self._clock.now().timestamp()
        return {
            "Address": self.address,
            "Ray": self._ray.problem or ("up" if self._candidates.taking() else "starting"),
            "Nodes": [
                {
                    **record.document(now, self._settings.lost_after_s),
                    "Wireless": self._candidates.wireless(record.name),
                    "Running": sorted(running.get(record.name, [])),
                }
                for record in self.registry.all()
            ],
        }

    @property
    def operator_acts(self) -> dict[str, OperatorAct]:
        """What `sagehen nodes` and its like ask for."""
        return acts_of(self)

    def token(self, lifetime_s: float, node: str = "") -> str:
        """Return what lets one machine join, by that name if one is given."""
        assert self._links is not None
        return self._links.token(lifetime_s, node)

    @property
    def joining_problem(self) -> str | None:
        """Why no machine can join; None: it can."""
        try:
            self._ray.enlisted({})
        except NotOurs as error:
            return str(error)
        return None

    def revoke_tokens(self) -> int:
        """Let no machine join by a token that was given out; return how many were good."""
        assert self._links is not None
        return self._links.revoke_tokens()

    async def drain(self, name: str, *, take_again: bool) -> None:
        """Let a node take nothing new, or again; kept over restarts. Endpoints' instances leave it.

        Raises:
            KeyError: There is no such node.
        """
        self.registry.drain(name, take_again=take_again)
        await self._drained.write(self.registry.drained)
        self.places.changed()

    async def remove(self, name: str) -> None:
        """Let a node be none any more, over restarts too: it gets no link, what runs there counts as lost.

        Raises:
            KeyError: There is no such node.
        """
        assert self._links is not None
        self.registry.remove(name)
        await self._removed.write(self.registry.removed)
        self._links.end(name)
        self._executor.lose(name)
        self.places.changed()

    # --- what a Ray of somebody else's asks (`ray.joined.Host`) -------------------------------------

    def linked_nodes(self) -> Collection[str]:
        """Return the nodes whose agents are there."""
        return self._linked.names

    def removed_nodes(self) -> Collection[str]:
        """Return those that the operator wants no more."""
        return self.registry.removed

    def running_nodes(self) -> Collection[str]:
        """Return those on which something runs."""
        return {node for node, _ in self._running()}

    async def end(self, node: str) -> None:
        """Have a node's agent end, if it is linked.

        Raises:
            OSError, TimeoutError: It does not answer.
        """
        await self._linked.end(node)

    def _running(self) -> list[tuple[str, str]]:
        return [(spec.node or OWN, spec.name) for spec, _ in self._executor.state().running]
