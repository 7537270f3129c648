"""Publishing: what stored events say of metrics, by their group's filters and in embedded metric format."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from sagehen.domain.clock import Clock, epoch_ms
from sagehen.domain.ports.observing.logged_metrics import LoggedDatum, LoggedMetrics
from sagehen.services.logs.embedded_metrics.document import embedded, is_lambda_stream, may_embed
from sagehen.services.logs.events.event import Event
from sagehen.services.logs.events.outbox import Entry
from sagehen.services.logs.filters.metric.records import MetricFilterRecords
from sagehen.services.logs.filters.metric.variety import Variety
from sagehen.services.logs.filters.metric.watch import Combinations, FilterWatch, Minutes

# Of so many data a transaction is made: some 50 ms of the writer's time (measured), and one event may say
# a thousand.
_DATA = 1000


class Publishing:
    """Implements `forwarding.Viewers` for metrics.

    Args:
        records: The filters.
        logged: Where the data go, with the sequence of the last event that they are of.
        clock: Says which times in embedded metrics are too old or too new.
    """

    def __init__(self, records: MetricFilterRecords, logged: LoggedMetrics, clock: Clock) -> None:
        self._records = records
        self._logged = logged
        self._clock = clock
        self._combinations = Combinations()
        self._minutes = Minutes()
        self._variety = Variety()

    def watches(self, entry: Entry) -> bool:
        """Every event is looked at: embedded metrics need no filter."""
        return True

    async def take(self, entry: Entry, events: Sequence[Event]) -> None:
        """Store what the events say, at the events' own times; those that were taken before are left out."""
        taken = self._logged.taken()
        left = [event for event in events if event.position.sequence > taken]
        while left:
            data, count = await asyncio.to_thread(self._read, entry, left)
            # Without data there is nothing that could be counted twice.
            if data:
                try:
                    await self._logged.take(data, left[count - 1].position.sequence)
                except BaseException:
                    self._minutes.forget()  # the defaults among them are not published
                    raise
            left = left[count:]

    def forget(self) -> None:
        """Forget which dimensions and minutes filters have made, and which metrics lines."""
        self._combinations.forget()
        self._minutes.forget()
        self._variety.forget()

    def _read(self, entry: Entry, events: Sequence[Event]) -> tuple[list[LoggedDatum], int]:
        """Return the data of the first events, and how many events these are. Blocking."""
        data: list[LoggedDatum] = []
        filters = [
            FilterWatch(entry, one, self._combinations, self._minutes)
            for one in self._records.of_group(entry.group_id)
        ]
        # Documented: groups of the other classes have no embedded metrics (CloudWatch Logs, Log classes).
        embeds = entry.group_class == "STANDARD"
        count = 0
        for event in events:
            count += 1
            for one in filters:
                data += one.see(event)
            if embeds and may_embed(event.message):
                data += self._embedded(entry, event)
            if len(data) >= _DATA:
                break
        for one in filters:
            data += one.end()
        return data, count

    def _embedded(self, entry: Entry, event: Event) -> list[LoggedDatum]:
        now_ms = epoch_ms(self._clock.now())
        of_lambda = is_lambda_stream(entry.group, entry.stream)
        found = embedded(event.message, now_ms, of_lambda=of_lambda)
        if found is None:
            return []
        data = [
            LoggedDatum(
                entry.scope,
                one.namespace,
                one.name,
                one.values,
                one.at_ms / 1000,
                one.unit,
                one.dimensions,
                one.resolution_s,
            )
            for one in found.data
        ]
        kept = [datum for datum in data if self._variety.may_make(entry, datum)]
        told = {
            "EMFParsingErrors": found.parsing_error,
            "EMFValidationErrors": found.validation_error or len(kept) < len(data),
        }
        for name, happened in told.items():
            if happened:
                at_s, dimensions = now_ms / 1000, {"LogGroupName": entry.group}
                kept.append(LoggedDatum(entry.scope, "AWS/Logs", name, [1.0], at_s, dimensions=dimensions))
        return kept
