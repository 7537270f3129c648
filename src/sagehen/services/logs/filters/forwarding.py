"""Forwarding: shows stored events to the filters of their group."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import Sequence
from typing import Protocol

from sagehen.domain.background import Background
from sagehen.domain.timeouts import timeout
from sagehen.services.logs.events.event import Event
from sagehen.services.logs.events.outbox import Entry, Outbox
from sagehen.services.logs.events.records import EventRecords

_log = logging.getLogger(__name__)

# Entries taken at a time: each is one PutLogEvents (1 MB) or one batch of a stream's lines (4 MB at most).
_ENTRIES = 16
# Events wait so long for company, in real seconds: a stream that is written line by line makes few
# invocations. On AWS it is some seconds (from memory).
_GATHER_S = 0.2
_AGAIN_AFTER_S = 1.0
_STOP_S = 2.0


class Viewers(Protocol):
    """Those who look at events of one kind of filters."""

    async def take(self, entry: Entry, events: Sequence[Event]) -> None:
        """Do with the events what the group's filters of this kind say. Raises for no fault of theirs.

        Raises:
            OSError, sqlite3.Error: It may go better later.
        """
        ...

    def watches(self, entry: Entry) -> bool:
        """Tell whether there is anything to be done with events of the entry's group."""
        ...


class Forwarding:
    """A loop that lives with the service.

    Args:
        outbox: What is to be shown.
        events: Where the events are.
        metrics: See events in the order of their sequences, in which CloudWatch counts each once. They come
            first: they are quick, and a function that fails holds nothing up.
        subscribers: See the events of a stream together, which makes few invocations.
    """

    def __init__(self, outbox: Outbox, events: EventRecords, metrics: Viewers, subscribers: Viewers) -> None:
        self._outbox = outbox
        self._events = events
        self._metrics = metrics
        self._subscribers = subscribers
        self._wake = asyncio.Event()
        self._showing = asyncio.Lock()
        self._showing_all = Background("logs-forwarding", self._run)

    def start(self) -> None:
        """Begin with what an earlier life left in the outbox."""
        self._outbox.watch()
        self._wake.set()
        self._showing_all.start()

    def poke(self) -> None:
        """Say that there may be something; from the event loop, after the events are stored."""
        self._wake.set()

    async def stop(self) -> None:
        """End between two batches where that comes soon: one that is cut short is shown again."""
        with contextlib.suppress(TimeoutError):
            async with timeout(_STOP_S), self._showing:
                await self._showing_all.stop()
        await self._showing_all.stop()

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            await asyncio.sleep(_GATHER_S)
            self._wake.clear()
            try:
                while entries := self._outbox.first(_ENTRIES):
                    async with self._showing:
                        await self._show(entries)
                        await self._outbox.remove(entries[-1].id)
            except Exception:
                _log.exception("forwarding log events failed; it is tried again")
                await asyncio.sleep(_AGAIN_AFTER_S)
                self._wake.set()

    async def _show(self, entries: Sequence[Entry]) -> None:
        streams: dict[int, list[Entry]] = {}
        for entry in entries:
            if self._metrics.watches(entry):
                await _shown(self._metrics, entry, await self._read(entry))
            if self._subscribers.watches(entry):
                streams.setdefault(entry.stream_id, []).append(entry)
        for runs in streams.values():
            events = [event for run in runs for event in await self._read(run)]
            await _shown(self._subscribers, runs[0], events)

    async def _read(self, entry: Entry) -> list[Event]:
        return await asyncio.to_thread(self._events.run_of, entry)


async def _shown(viewers: Viewers, entry: Entry, events: Sequence[Event]) -> None:
    try:
        await viewers.take(entry, events)
    except (OSError, sqlite3.Error):
        raise
    except Exception:  # a fault of ours, and the next time the same: others wait behind it
        _log.exception(
            "%d events of %s %s were not shown to %s",
            len(events),
            entry.group,
            entry.stream,
            type(viewers).__name__,
        )
