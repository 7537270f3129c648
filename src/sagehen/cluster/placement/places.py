"""ClusterPlaces: room on nodes, reserved at Ray."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Protocol
from weakref import WeakValueDictionary

from sagehen.cluster.nodes.record import NodeRecord
from sagehen.cluster.placement.bundles import Strategy, bundle_of, least_used
from sagehen.cluster.placement.waiting import why_waiting
from sagehen.domain.ports.compute.places import ANY, Demand, Needs, NoPlace
from sagehen.domain.timeouts import timeout

# The platform's own machine, as a node: its sandboxes are the local executor's.
OWN = "platform"
# Among nodes with the fewest replicas there is room at once, or another one has to do.
_FIRST_CHOICE_S = 1.0
# An endpoint whose instance finds no place fails, as on AWS, where that takes minutes.
_SPREAD_PATIENCE_S = 60.0
_SPREAD_LOOKS = 12
_LOOK_S = 1.0
_ONE_NODE: Strategy = "STRICT_PACK"
_FEW_NODES: Strategy = "PACK"
_MANY_NODES: Strategy = "SPREAD"
# One node for all hosts of a job is asked for first, and after that by turns with several that can have a
# network together. In looks.
_FIRST_TURN, _TURN = 1, 5
# So many without a word of Ray's, and a job is Pending all the same.
_SILENCE = 3


class Reserves(Protocol):
    """Reserves bundles; see `ray.client.BrokerClient`."""

    async def reserve(
        self,
        name: str,
        bundles: Sequence[Mapping[str, float]],
        *,
        strategy: Strategy,
        on: Sequence[str] | None = None,
        avoid: Sequence[str] = (),
        on_wait: Callable[[], object] = lambda: None,
    ) -> list[str]: ...

    def release(self, name: str) -> None: ...


async def _own_alone(needs: Needs) -> Collection[str]:
    return (OWN,)


class ClusterPlaces:
    """Implements `domain.ports.compute.places.Places`.

    Args:
        broker: Reserves.
        ready: Returns the nodes that take instances now.
        closed: Returns those that take none any more.
        wired: Of `ready` those that can have one network together.
        draining: Returns those of `closed` that are there, and serve what they have.
        nodes: Returns all that is known of nodes, to tell who waits.
        having: Returns those that have what is needed; never none.
        spreads_jobs: Whether the hosts of a job are on as many nodes as there are, where they can be.
        names_nodes: Whether each reservation names the nodes where it may be: Ray has others.
    """

    def __init__(
        self,
        broker: Reserves,
        ready: Callable[[], Sequence[str]],
        closed: Callable[[], Sequence[str]],
        wired: Callable[[], Sequence[str]] = lambda: (),
        draining: Callable[[], Sequence[str]] = lambda: (),
        nodes: Callable[[], Sequence[NodeRecord]] = lambda: (),
        having: Callable[[Needs], Awaitable[Collection[str]]] = _own_alone,
        *,
        spreads_jobs: bool = False,
        names_nodes: bool = False,
    ) -> None:
        self._names_nodes = names_nodes
        self._broker = broker
        self._ready = ready
        self._closed = closed
        self._wired = wired
        self._draining = draining
        self._nodes = nodes
        self._having = having
        self._listeners: list[Callable[[], object]] = []
        self._packs_first = not spreads_jobs
        self._several = _MANY_NODES if spreads_jobs else _FEW_NODES
        # name -> (group, node)
        self._taken: dict[str, tuple[str, str]] = {}
        self._choosing: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def together(
        self, name: str, demands: Sequence[Demand], on_wait: Callable[[str], object], needs: Needs = ANY
    ) -> tuple[str | None, ...]:
        """See `Places`. Hosts that share a network are on one node, else on such as can have one.

        Ray decides which: those that nothing may be placed on now are named to it.
        """
        bundles = [bundle_of(demand) for demand in demands]
        fit: Sequence[str] | None = None
        told = False

        def tell() -> None:
            nonlocal told
            if not told:
                told = True
                on_wait(why_waiting(bundles, self._nodes(), on=fit))

        alone = needs.own or len(demands) == 1
        packs, turn = self._packs_first, _FIRST_TURN if self._packs_first else _TURN
        while True:
            # What waits at Ray has said where it may go: it asks again when that is no longer so.
            seen = self._seen(needs, alone=alone)
            fit = await self._fitting(needs)
            avoid, together, _ = seen
            several = [node for node in together if fit is None or node in fit]
            takes_turns = len(several) > 1
            on, strategy = fit, _ONE_NODE
            if takes_turns and not packs:
                on, strategy = several, self._several
            waiting = asyncio.create_task(
                self._broker.reserve(name, bundles, strategy=strategy, on=on, avoid=avoid, on_wait=tell)
            )
            looks = 0
            try:
                while not waiting.done() and self._seen(needs, alone=alone) == seen:
                    if takes_turns and looks == turn:
                        packs, turn = not packs, _TURN
                        break
                    await asyncio.wait((waiting,), timeout=_LOOK_S)
                    looks += 1
                    if looks == _SILENCE and not waiting.done():
                        tell()  # Ray's head is not up, and says nothing
                if waiting.done():
                    return tuple(map(_named, waiting.result()))
            finally:
                waiting.cancel()
                await asyncio.gather(waiting, return_exceptions=True)

    def _seen(self, needs: Needs, *, alone: bool) -> tuple[list[str], list[str], list[str]]:
        """Return what decides where something may go: who takes nothing, who takes several together, whom to
        ask for what is needed."""
        together = self._ready() if needs.apart else self._wired()
        asked = sorted(self._ready()) if self._asks(needs) else []
        return sorted(self._closed()), [] if alone else sorted(together), asked

    async def _fitting(self, needs: Needs) -> Sequence[str] | None:
        """Return the nodes that have what is needed; None: any."""
        if needs.own:
            return (OWN,)
        return sorted(await self._having(needs)) if self._asks(needs) else None

    def _asks(self, needs: Needs) -> bool:
        return self._names_nodes or needs.asks

    async def spread(self, name: str, group: str, demand: Demand, needs: Needs = ANY) -> str | None:
        """See `Places`."""
        bundles = [bundle_of(demand)]
        fit = await self._fitting(needs)
        choosing = self._choosing.setdefault(group, asyncio.Lock())
        async with choosing:  # instances of one variant that start together would all see the same node empty
            ready = [node for node in self._ready() if fit is None or node in fit]
            first = least_used(ready, [node for of, node in self._taken.values() if of == group])
            if first and (found := await self._within(_FIRST_CHOICE_S, name, bundles, first)):
                self._taken[name] = (group, found)
                return _named(found)
        looks = _SPREAD_LOOKS if self._names_nodes else 1
        for _ in range(looks):  # another node may have come that is not named yet
            fit = await self._fitting(needs)
            if found := await self._within(_SPREAD_PATIENCE_S / looks, name, bundles, fit):
                self._taken[name] = (group, found)
                return _named(found)
        raise NoPlace

    def give_back(self, name: str) -> None:
        """See `Places`."""
        self._taken.pop(name, None)
        self._broker.release(name)

    def is_closing(self, node: str | None) -> bool:
        """See `Places`."""
        return (node or OWN) in self._draining() and bool(self._ready())

    def on_change(self, listener: Callable[[], object]) -> None:
        """See `Places`."""
        self._listeners.append(listener)

    def changed(self) -> None:
        """Tell who listens that another node takes instances, or takes none any more."""
        for listener in self._listeners:
            listener()

    async def _within(
        self, seconds: float, name: str, bundles: Sequence[Mapping[str, float]], on: Sequence[str] | None
    ) -> str | None:
        try:
            async with timeout(seconds):
                avoid = () if on is not None else self._closed()
                return (await self._broker.reserve(name, bundles, strategy=_ONE_NODE, on=on, avoid=avoid))[0]
        except TimeoutError:
            return None


def _named(node: str) -> str | None:
    return None if node == OWN else node
