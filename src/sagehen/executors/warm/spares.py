"""Children of warm parents forked ahead: each waits in a limit group of its own for something to run.

Entering a cgroup makes the kernel wait for all its readers, some 10 ms on an idle machine: most of
what a sandbox's start would cost. A spare has that behind it, and knows nothing yet of its job.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import socket
from collections import deque
from dataclasses import dataclass

from sagehen.executors.base import SandboxUnavailable
from sagehen.executors.limits.group import LimitBackend, LimitGroup
from sagehen.executors.warm.parent import WarmParent

_log = logging.getLogger(__name__)
# Replacements wait for the start that used one up: they would compete with it for the processor.
_REPLACE_AFTER_S = 0.05


@dataclass(frozen=True, slots=True)
class Spare:
    """One waiting child.

    Args:
        group: Its limits, not yet set.
        status: Takes the request; closing it ends the child.
        parent_pid: Of the warm parent that it was forked from, with which it dies.
    """

    group: LimitGroup
    status: socket.socket
    parent_pid: int | None


class Spares:
    """Keeps so many spares per warm parent.

    Args:
        backend: Makes their limit groups.
    """

    def __init__(self, backend: LimitBackend) -> None:
        self._backend = backend
        self._wanted: dict[str, int] = {}
        self._ready: dict[str, deque[Spare]] = {}
        self._replacing: dict[str, asyncio.Task[None]] = {}
        self._given_up: set[asyncio.Task[None]] = set()
        self._numbers = itertools.count()

    async def keep(self, parent: WarmParent, count: int) -> None:
        """Have `count` spares of `parent` from now on."""
        self._wanted[parent.name] = count
        await self._fill(parent)

    def take(self, parent: WarmParent) -> Spare | None:
        """Return a spare, or None; what is gone is replaced soon."""
        ready = self._ready.get(parent.name)
        if ready is not None:
            self._replace_soon(parent)
        while ready:
            spare = ready.popleft()
            if spare.parent_pid == parent.pid:
                return spare
            self._give_up(spare)
        return None

    async def drop(self, parent: WarmParent) -> None:
        """End the spares of `parent` and make no more."""
        self._wanted.pop(parent.name, None)
        task = self._replacing.pop(parent.name, None)
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        for spare in self._ready.pop(parent.name, ()):
            self._give_up(spare)
        await asyncio.gather(*self._given_up)

    def _replace_soon(self, parent: WarmParent) -> None:
        task = self._replacing.get(parent.name)
        if task is None or task.done():
            self._replacing[parent.name] = asyncio.create_task(self._replace(parent), name="spares")

    async def _replace(self, parent: WarmParent) -> None:
        await asyncio.sleep(_REPLACE_AFTER_S)
        try:
            await self._fill(parent)
        except (SandboxUnavailable, OSError) as error:  # the next start is a plain one then
            _log.warning("no spare sandboxes of %s: %s", parent.name, error)

    async def _fill(self, parent: WarmParent) -> None:
        ready = self._ready.setdefault(parent.name, deque())
        while len(ready) < self._wanted.get(parent.name, 0):
            name = f"spare-{parent.name}-{next(self._numbers)}"
            group = await asyncio.to_thread(self._backend.create, name)
            try:
                status = await parent.prepare(group.entry_files)
            except BaseException:
                await asyncio.to_thread(group.release)
                raise
            ready.append(Spare(group, status, parent.pid))

    def _give_up(self, spare: Spare) -> None:
        """End a spare; its group goes when its process has gone, for which nobody waits."""
        spare.status.close()
        task = asyncio.create_task(_release(spare.group), name="end of a spare")
        self._given_up.add(task)
        task.add_done_callback(self._given_up.discard)


async def _release(group: LimitGroup) -> None:
    with contextlib.suppress(OSError):  # the next start removes what is left
        await asyncio.to_thread(group.release)
