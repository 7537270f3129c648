"""Forwarding: shows stored events to the filters of their group."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from typing import Protocol

from sagehen.services.logs.event_records import Event, EventRecords
from sagehen.services.logs.outbox import Entry, Outbox

_log = logging.getLogger(__name__)

# Entries taken at a time: each is one PutLogEvents or one batch of a stream's lines.
_ENTRIES = 20
_AGAIN_AFTER_S = 1.0


class Filters(Protocol):
    """One kind of filters."""

    async def take(self, entry: Entry, events: Sequence[Event]) -> None:
        """Do with the events what the group's filters of this kind say. Raises for no fault of theirs."""
        ...


class Forwarding:
    """A loop that lives with the service.

    Args:
        outbox: What is to be shown.
        events: Where the events are.
        kinds: Whom they are shown to, in order.
    """

    def __init__(self, outbox: Outbox, events: EventRecords, kinds: Sequence[Filters]) -> None:
        self._outbox = outbox
        self._events = events
        self._kinds = kinds
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._outbox.watch()
        self._wake.set()
        self._task = asyncio.create_task(self._run(), name="logs-forwarding")

    def poke(self) -> None:
        """Say that there may be something; from the event loop, after the events are stored."""
        self._wake.set()

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                while entries := self._outbox.first(_ENTRIES):
                    for entry in entries:
                        events = await asyncio.to_thread(self._events.run_of, entry)
                        for kind in self._kinds:
                            await kind.take(entry, events)
                        await self._outbox.remove(entry.id)
            except Exception:
                _log.exception("forwarding log events failed; it is tried again")
                await asyncio.sleep(_AGAIN_AFTER_S)
                self._wake.set()
