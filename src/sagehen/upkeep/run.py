"""Run: what a thing has running, from its start to its end; it tells of every change.

```
starting ─ ready ─ ended      by itself: the end has a reason
       └──────┴─ stopping ─ ended      told to
```
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import Any, Generic, Literal, Self, TypeVar

from sagehen.domain.clock import Clock

_log = logging.getLogger(__name__)

# What is seen of a run that has not ended.
Phase = Literal["starting", "ready", "stopping"]
Made = TypeVar("Made")
Told = TypeVar("Told")


class Run(ABC, Generic[Made]):
    """One run. Not thread-safe. The parameter is what a launch makes: a machine, a process.

    Args:
        name: Of its task.
        clock: The machine's.
        grace_s: What it has to end in, unless `stop` says otherwise.

    Attributes:
        phase: starting, ready, stopping, ended.
        ready_at: Monotonic, of `clock`; None before.
    """

    def __init__(self, name: str, clock: Clock, grace_s: float) -> None:
        self.phase: Phase | Literal["ended"] = "starting"
        self.ready_at: float | None = None
        self._name = name
        self._clock = clock
        self._grace_s = grace_s
        self._stopping = asyncio.Event()
        self._launching: asyncio.Future[Made] | None = None
        self._on_change: Callable[[Any], None] = lambda run: None  # takes a Self
        self._task: asyncio.Task[None] | None = None

    def begin(self, on_change: Callable[[Self], None]) -> None:
        """Start it.

        Args:
            on_change: Told when it is ready, when it has ended, and of what else the run tells.
        """
        assert self._task is None, f"{self._name} was begun before"
        self._on_change = on_change
        self._task = asyncio.create_task(self._go(), name=self._name)

    def stop(self, grace_s: float | None = None) -> None:
        """Begin to end it."""
        if self.phase in ("starting", "ready"):
            self.phase = "stopping"
            if grace_s is not None:
                self._grace_s = grace_s
            self._stopping.set()

    async def ended(self) -> None:
        """Return when nothing of it runs any more."""
        assert self._task is not None, f"{self._name} was not begun"
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.shield(self._task)

    # --- what a kind of run says -------------------------------------------------------------

    @abstractmethod
    async def _start(self) -> None:
        """Bring it up; cancelled where it is not wanted any more."""

    @abstractmethod
    async def _serve(self) -> None:
        """It came up: return once it has ended, or was told to."""

    @abstractmethod
    def _failed(self, error: Exception) -> None:
        """Keep why it did not come up, or why it ended. Not called where it was told to end."""

    @abstractmethod
    async def _clear(self) -> None:
        """End what there is of it, however far it came."""

    # --- its life ----------------------------------------------------------------------------

    async def _go(self) -> None:
        try:
            if await self._unless_stopped(self._start()):
                await self._serve()
        except Exception as error:
            if not self._stopping.is_set():
                self._failed(error)
            else:
                _log.info("%s, which was told to end: %r", self._name, error)
        finally:
            try:
                await self._clear()
            except Exception:
                _log.exception("%s did not end cleanly", self._name)
            self.phase = "ended"
            self._on_change(self)

    def _be_ready(self) -> None:
        if self.phase == "starting":
            self.phase, self.ready_at = "ready", self._clock.monotonic()
            self._on_change(self)

    async def _until_gone(self, gone: Awaitable[Told]) -> Told | None:
        """Return what `gone` tells of an end that nobody asked for; None where it was told to end."""
        told = asyncio.ensure_future(gone)
        return told.result() if await self._unless_stopped(told) else None

    async def _launched(self, launch: Awaitable[Made]) -> Made:
        """Launch it in a task of its own: what it makes while the start is cancelled is not lost."""
        self._launching = asyncio.ensure_future(launch)
        return await self._launching

    def _made(self) -> Made | None:
        """Return what was launched, though nobody may have taken it."""
        launching = self._launching
        if launching is None or launching.cancelled() or launching.exception() is not None:
            return None
        return launching.result()

    async def _unless_stopped(self, work: Awaitable[object]) -> bool:
        """Do the work, or give it up when the run is no longer wanted. True where it was done."""
        working = asyncio.ensure_future(work)
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            if not working.done():
                working.cancel()
                await asyncio.wait((working,))
        if working.cancelled():
            return False
        working.result()
        return not self._stopping.is_set()
