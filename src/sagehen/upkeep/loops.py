"""Loops: those of all things of a kind for which there is something to do, by their keys."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import TypeVar

from sagehen.upkeep.loop import Loop

Key = TypeVar("Key", bound=Hashable)
LoopType = TypeVar("LoopType", bound=Loop)


class Loops(Mapping[Key, LoopType]):
    """Begins loops while it is on; what comes before or after waits for the next start, which finds it."""

    def __init__(self) -> None:
        self._loops: dict[Key, LoopType] = {}
        self._is_on = False

    def __getitem__(self, key: Key) -> LoopType:
        return self._loops[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._loops)

    def __len__(self) -> int:
        return len(self._loops)

    def open(self) -> None:
        """Loops may begin from now on."""
        self._is_on = True

    async def close(self) -> None:
        """End all that run; none begins from now on."""
        self._is_on = False
        loops, self._loops = list(self._loops.values()), {}
        await asyncio.gather(*(loop.close() for loop in loops))

    def watch(self, key: Key, make: Callable[[], LoopType]) -> None:
        """The record of a thing is new, or changed: poke its loop, or begin one."""
        if (loop := self._loops.get(key)) is not None:
            loop.poke()
        elif self._is_on:
            self.begin(key, make())

    def begin(self, key: Key, loop: LoopType) -> None:
        """Begin a loop; one that has the key goes on without it, to an end of its own."""
        if not self._is_on:
            return
        self._loops[key] = loop

        def rests() -> None:
            if self._loops.get(key) is loop:
                del self._loops[key]

        loop.begin(rests)
