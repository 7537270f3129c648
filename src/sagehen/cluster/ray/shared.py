"""SharedReserves: room at somebody else's Ray, and on the platform's machine, which we count ourselves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from sagehen.cluster.placement.bundles import Strategy
from sagehen.cluster.placement.own_room import OwnRoom
from sagehen.cluster.placement.places import OWN, Reserves


class SharedReserves:
    """Implements `placement.places.Reserves`, for who names the nodes.

    Args:
        there: Reserves at Ray.
        here: Reserves what has to be on the platform's machine.
    """

    def __init__(self, there: Reserves, here: OwnRoom) -> None:
        self._there = there
        self._here = here

    async def reserve(
        self,
        name: str,
        bundles: Sequence[Mapping[str, float]],
        *,
        strategy: Strategy,
        on: Sequence[str] | None = None,
        avoid: Sequence[str] = (),
        on_wait: Callable[[], object] = lambda: None,
    ) -> list[str]:
        """See `Reserves`. Of somebody else's nodes only those have an agent that are named.

        Raises:
            BrokerRefused
        """
        assert on is not None
        if OWN in on:
            await self._here.reserve(name, bundles, on_wait)
            return [OWN] * len(bundles)
        names = [node for node in on if node not in avoid]
        if not names:
            on_wait()
            await asyncio.Event().wait()  # whoever asks looks again when there is another node
        return await self._there.reserve(name, bundles, strategy=strategy, on=names, on_wait=on_wait)

    def release(self, name: str) -> None:
        """See `Reserves`."""
        self._here.release(name)
        self._there.release(name)
