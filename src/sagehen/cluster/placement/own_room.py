"""OwnRoom: the platform's own machine where Ray does not count it. Who comes first is served first."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence


class OwnRoom:
    """Keeps account of one machine.

    Args:
        has: Of each of Ray's resources (`bundles.bundle_of`), how much there is.
    """

    def __init__(self, has: Mapping[str, float]) -> None:
        self._has = has
        self._taken: dict[str, Counter[str]] = {}
        self._queue: deque[str] = deque()
        self._changed = asyncio.Event()

    async def reserve(
        self, name: str, bundles: Sequence[Mapping[str, float]], on_wait: Callable[[], object]
    ) -> None:
        """Reserve all bundles together, as soon as there is room and nobody waits who came before."""
        wanted: Counter[str] = Counter()
        for bundle in bundles:
            wanted.update(bundle)
        self._queue.append(name)
        try:
            if not self._may(name, wanted):
                on_wait()
            while not self._may(name, wanted):
                self._changed.clear()
                await self._changed.wait()
            self._taken[name] = wanted
        finally:
            self._queue.remove(name)
            self._changed.set()

    def release(self, name: str) -> None:
        """Give back what was reserved; nothing where it was not."""
        if self._taken.pop(name, None) is not None:
            self._changed.set()

    def _may(self, name: str, wanted: Mapping[str, float]) -> bool:
        if self._queue[0] != name:
            return False
        return all(
            size + sum(each[what] for each in self._taken.values()) <= self._has.get(what, 0)
            for what, size in wanted.items()
        )
