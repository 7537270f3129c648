"""JoinedRay: somebody else's Ray, which was there before the platform, and is after it as it was.

What it gets of us: a driver (the broker), placement groups while instances have places, and one task on each
node that starts our agent there, as a process of its own (`errand.py`, `agent/guest.py`). Nothing of a job
goes through it. But whoever may submit to it is the user whom our agents run as: the operator says that it is
trusted.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Protocol

from sagehen.cluster.kinship import kinship
from sagehen.cluster.placement.own_room import OwnRoom
from sagehen.cluster.placement.places import OWN, Reserves
from sagehen.cluster.ray.agents import Try, due, over, problem_of
from sagehen.cluster.ray.client import BrokerClient, BrokerRefused, SeenNode
from sagehen.cluster.ray.shared import SharedReserves
from sagehen.cluster.ray.used import NotOurs, Room
from sagehen.cluster.streams import Handler
from sagehen.domain.background import Background, Rounds
from sagehen.domain.clock import SystemClock
from sagehen.domain.timeouts import timeout

_log = logging.getLogger("sagehen.cluster")
_ROUND_S = 1.0
_ERRAND_S = 150.0
# Of a token: an agent joins with it as soon as it is there.
_TOKEN_S = 300.0
_LEAVE_S = 10.0
_AGAIN_S = 5.0
_MIB = 2**20


class Host(Protocol):
    """The cluster that places by it."""

    address: str

    def token(self, lifetime_s: float, node: str = "") -> str: ...
    def linked_nodes(self) -> Collection[str]:
        """Return the nodes whose agents are there."""
        ...

    def removed_nodes(self) -> Collection[str]:
        """Return those that the operator wants no more."""
        ...

    def running_nodes(self) -> Collection[str]:
        """Return those on which something runs."""
        ...

    async def end(self, node: str) -> None:
        """Have a node's agent end.

        Raises:
            OSError, TimeoutError: It does not answer.
        """
        ...


class JoinedRay:
    """Implements `used.UsedRay`.

    Args:
        address: Of its head; this machine is one of its nodes.
        mark: What no other platform has: several may have joined the same Ray.
        own: What this machine has for what must be on it.
        host: The cluster.
        on_nodes: Told all nodes whenever something about one has changed.
    """

    places_here = False

    def __init__(
        self,
        address: str,
        mark: str,
        own: Room,
        host: Host,
        on_nodes: Callable[[Sequence[SeenNode]], None],
    ) -> None:
        self._address = address
        self._mark = mark
        self._own = own
        self._host = host
        self._on_nodes = on_nodes
        # Its own settings and secrets (RAY_AUTH_TOKEN, RAY_USE_TLS…) are the operator's to give us.
        self._broker = BrokerClient(address, os.environ, self._counted, mark=mark)
        here = OwnRoom({"CPU": own.cpus, "memory": own.memory_mib * _MIB, "GPU": own.gpus})
        self.reserves: Reserves = SharedReserves(self._broker, here)
        self._keeping = Background("the broker of a Ray", self._keep)
        self._rounds = Rounds("agents of a Ray", self._round, SystemClock(), _ROUND_S, tale="starting agents")
        self._seen: list[SeenNode] = []
        self._tries: dict[str, Try] = {}
        self._errands: set[asyncio.Task[None]] = set()
        self._since = 0.0
        self._met: set[str] = set()  # linked in this life

    @property
    def problem(self) -> str | None:
        """See `UsedRay`."""
        return self._broker.problem or problem_of(self._seen, self._tries, self._host.linked_nodes())

    @property
    def handlers(self) -> Mapping[str, Handler]:
        return {}

    def begin(self) -> None:
        """See `UsedRay`."""
        self._since = time.monotonic()
        self._counted([])
        self._keeping.start()
        self._rounds.start()

    def enlisted(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """See `UsedRay`."""
        if not told.get("guest"):
            there = f"this platform uses the Ray at {self._address}"
            raise NotOurs(f"{there}: what that counts is a node, without `sagehen join`")
        return {}

    async def leave(self) -> None:
        """End all agents."""
        await self._rounds.stop()
        for errand in self._errands:
            errand.cancel()
        await asyncio.gather(*self._errands, return_exceptions=True)
        await asyncio.gather(*map(self._end, self._host.linked_nodes()))

    async def close(self) -> None:
        """Let that Ray be as it was."""
        await self._keeping.stop()
        await self._broker.close()

    def _counted(self, nodes: Sequence[SeenNode]) -> None:
        self._seen = list(nodes)
        own = self._own
        address = self._host.address.rpartition(":")[0]
        here = SeenNode(OWN, address, alive=True, cpus=own.cpus, memory_mib=own.memory_mib, gpus=own.gpus)
        self._on_nodes([here, *nodes])

    async def _keep(self) -> None:
        while True:
            try:
                await self._broker.start()
                return
            except TimeoutError:
                _log.error("the Ray at %s: %s", self._address, self._broker.problem or "it does not answer")
                await self._broker.close()
                await asyncio.sleep(_AGAIN_S)

    async def _round(self) -> None:
        linked = self._host.linked_nodes()
        self._met.update(linked)
        known = {node.name for node in self._seen}
        self._tries = {name: each for name, each in self._tries.items() if name in known}
        names = due(
            self._seen,
            self._tries,
            linked=linked,
            removed=self._host.removed_nodes(),
            now=time.monotonic(),
            since=self._since,
        )
        for name in names:
            self._tries[name] = self._tries[name].again() if name in self._tries else Try()
            errand = asyncio.create_task(self._begin(name), name=f"agent on {name}")
            self._errands.add(errand)
            errand.add_done_callback(self._errands.discard)
        if self._seen:
            await asyncio.gather(
                *map(self._end, over(self._seen, linked=linked, running=self._host.running_nodes()))
            )

    async def _begin(self, name: str) -> None:
        """Have an agent started on a node."""
        host, _, port = self._host.address.rpartition(":")
        order = {
            "is": await asyncio.to_thread(kinship),
            "host": host,
            "port": int(port),
            "node": name,
            "mark": self._mark,
            "replaces": name not in self._met,
            "token": self._host.token(_TOKEN_S, name),
        }
        try:
            async with timeout(_ERRAND_S):
                reason = await self._broker.send(name, order)
        except BrokerRefused as error:
            reason = str(error)
        except TimeoutError:
            reason = f"that Ray ran no task there within {_ERRAND_S:g} s"
        if reason:
            _log.warning("no agent on %s: %s", name, reason)
        self._tries[name] = self._tries.get(name, Try()).ended_at(time.monotonic(), reason)

    async def _end(self, name: str) -> None:
        try:
            async with timeout(_LEAVE_S):
                await self._host.end(name)
        except (OSError, TimeoutError) as error:
            _log.info("the agent on %s was not told to end: %s", name, error)
