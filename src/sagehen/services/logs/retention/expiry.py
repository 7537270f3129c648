"""Expiry: the deletion of events that nobody may see any more."""

from __future__ import annotations

from sagehen.domain.background import Rounds
from sagehen.domain.clock import Clock, epoch_ms
from sagehen.services.logs.events.outbox import Outbox
from sagehen.services.logs.groups.records import GroupRecords
from sagehen.services.logs.retention.records import ExpiryRecords

DAY_MS = 86_400_000
# Documented (PutRetentionPolicy): AWS expires events within 72 hours of their due time; a quarter of an hour
# is kinder to disks.
_SWEEP_EVERY_S = 900.0


class Expiry:
    """Deletes in small bites, each a transaction: other writers get their turn in between.

    Args:
        groups: Whose retention counts.
        events: What goes.
        outbox: From which what was never shown to filters goes with its stream.
    """

    def __init__(self, groups: GroupRecords, events: ExpiryRecords, outbox: Outbox, clock: Clock) -> None:
        self._groups = groups
        self._events = events
        self._outbox = outbox
        self._clock = clock
        self._rounds = Rounds("logs-retention", self.sweep, clock, _SWEEP_EVERY_S, tale="expiring log events")

    def start(self) -> None:
        """Begin; the first round is at once, for what became due while the platform was down."""
        self._rounds.start()

    async def stop(self) -> None:
        """End between two bites."""
        await self._rounds.stop()

    async def sweep(self) -> None:
        """Delete events past their group's retention, and those of deleted groups and streams.

        In small bites, each a transaction: other writers get their turn in between.
        """
        now_ms = epoch_ms(self._clock.now())
        for group in self._groups.groups_with_retention():
            before_ms = now_ms - (group.retention_days or 0) * DAY_MS
            while await self._events.expire(group.id, before_ms):
                pass
        while await self._events.sweep_garbage():
            pass
        await self._outbox.sweep()
