"""WarmParents: one warm parent per preload set, retired when nobody has used it for a while."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from sagehen.domain.clock import Clock
from sagehen.executors.base import Interpreter, WarmState
from sagehen.executors.limits.group import LimitBackend, LimitGroup
from sagehen.executors.processes.running import Started
from sagehen.executors.warm.parent import WarmParent
from sagehen.executors.warm.preload import PRELOAD_SETS, PreloadSet
from sagehen.executors.warm.spares import Spare, Spares

# Of other interpreters than the platform's own, at a time: each holds hundreds of megabytes. Who comes when
# all are in use is spawned.
_MOST_OTHERS = 4


class WarmParents:
    """Starts warm parents, forks from them, ends them.

    Args:
        clock: By which idle ones are retired.
        python: The interpreter that they run.
        uses_user_namespace: Whether their children need one, as the platform is no root.
        backend: Makes the limit groups of spares.
        idle_retire_s: How long an unused one stays.
        preload_sets: By name; None for those of `preload`. The set `bare` is always there.
    """

    def __init__(
        self,
        clock: Clock,
        python: str,
        *,
        uses_user_namespace: bool,
        backend: LimitBackend,
        idle_retire_s: float,
        preload_sets: Mapping[str, PreloadSet] | None = None,
    ) -> None:
        self._clock = clock
        self._idle_retire_s = idle_retire_s
        sets = PRELOAD_SETS if preload_sets is None else {"bare": PRELOAD_SETS["bare"], **preload_sets}
        self._sets = sets
        self._uses_user_namespace = uses_user_namespace
        self._parents = {
            name: WarmParent(name, preload, python, uses_user_namespace) for name, preload in sets.items()
        }
        self._others: dict[tuple[str, str], WarmParent] = {}
        self._spares = Spares(backend)
        self._retiring: asyncio.Task[None] | None = None

    @property
    def bare(self) -> WarmParent:
        """The one that has imported nothing; it makes networks too."""
        return self._parents["bare"]

    def get(self, name: str, python: Interpreter | None = None) -> WarmParent | None:
        """Return the one of that preload set; None where there is no such set, or are enough already.

        Args:
            python: Whose it is; None: the platform's own.
        """
        if python is None:
            return self._parents.get(name)
        key = (name, python.executable)
        if key not in self._others and name in self._sets and self._room_for_another():
            other = f"{name}-{hashlib.sha256(python.executable.encode()).hexdigest()[:12]}"
            self._others[key] = WarmParent(
                other, self._sets[name], python.executable, self._uses_user_namespace, is_other=True
            )
        if (parent := self._others.get(key)) is not None:
            parent.used_at = self._clock.monotonic()
        return parent

    async def start(self, name: str, spares: int, python: Interpreter | None = None) -> None:
        """Start `name` and the bare one ahead of their first use.

        Args:
            name: Of the preload set.
            spares: How many children to have forked ahead.
            python: Whose it is; None: the platform's own.

        Raises:
            KeyError: There is no such preload set.
            SandboxUnavailable: It could not import its preload set.
        """
        parent = self._parents[name] if python is None else self.get(name, python)
        if parent is None:
            return
        await asyncio.gather(self.bare.start(), parent.start())
        parent.used_at = self._clock.monotonic()
        self._watch_idleness()
        if spares:
            await self._spares.keep(parent, spares)

    def state(self) -> tuple[WarmState, ...]:
        """Return those that run."""
        return tuple(
            WarmState(parent.name, parent.pid, parent.children)
            for parent in self._all()
            if parent.pid is not None
        )

    def spare(self, parent: WarmParent) -> Spare | None:
        """Return a child forked ahead, or None."""
        return self._spares.take(parent)

    async def fork(
        self,
        parent: WarmParent,
        request: Mapping[str, Any],
        fds: Sequence[int],
        group: LimitGroup,
        spare: Spare | None,
    ) -> Started:
        """Let a child of `parent` serve `request`.

        Args:
            parent: One of these.
            request: As `process` reads it.
            fds: stdout, stderr and namespaces.
            group: What it is limited by.
            spare: The child, if one of `spare` is taken; its group is `group`.

        Raises:
            SandboxUnavailable: A step was refused, or the child is gone.
        """
        parent.children += 1
        self._watch_idleness()
        try:
            prepared = spare.status if spare else await parent.prepare(group.entry_files)
            child = await parent.fork(prepared, request, fds)
        except BaseException:
            self._child_ended(parent)
            raise

        async def exit_code() -> int:
            try:
                return await child.exit_code()
            finally:
                self._child_ended(parent)

        return Started(child.pid, None, exit_code)

    def stop_watching(self) -> None:
        """Retire no more."""
        if self._retiring is not None:
            self._retiring.cancel()
            self._retiring = None

    async def close(self) -> None:
        """End all of them, and every child that they still have."""
        self.stop_watching()
        await asyncio.gather(*(self._end(parent) for parent in self._all()))

    def _child_ended(self, parent: WarmParent) -> None:
        parent.children -= 1
        parent.used_at = self._clock.monotonic()

    def _watch_idleness(self) -> None:
        if self._retiring is None:
            self._retiring = asyncio.create_task(self._retire_idle(), name="retire warm parents")

    async def _retire_idle(self) -> None:
        while True:
            await self._clock.sleep(max(0.01, self._idle_retire_s / 10))
            for parent in self._all():
                idle_s = self._clock.monotonic() - parent.used_at
                if parent.stays or parent.children or not parent.is_running:
                    continue
                if idle_s >= self._idle_retire_s:
                    await self._end(parent)

    def _all(self) -> list[WarmParent]:
        return [*self._parents.values(), *self._others.values()]

    def _room_for_another(self) -> bool:
        """Forget those that are not running, and tell whether there may be one more.

        Not those that somebody was given a moment ago: they are about to be started.
        """
        for key, parent in list(self._others.items()):
            is_idle = self._clock.monotonic() - parent.used_at >= self._idle_retire_s
            is_over = is_idle and not parent.is_running and not parent.children
            if is_over and len(self._others) >= _MOST_OTHERS:
                del self._others[key]
        return len(self._others) < _MOST_OTHERS

    async def _end(self, parent: WarmParent) -> None:
        await self._spares.drop(parent)  # first: a replacement would start it again
        await parent.stop()
