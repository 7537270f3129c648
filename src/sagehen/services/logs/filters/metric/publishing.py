"""Publishing: what stored events add to the metrics of their group's filters."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import UTC, datetime

from sagehen.domain.ports.metrics import MetricSink, MetricValue
from sagehen.services.logs.events.event import Event
from sagehen.services.logs.events.outbox import Entry
from sagehen.services.logs.filters.metric.records import MetricFilter, MetricFilterRecords
from sagehen.services.logs.filters.metric.transformation import datum, default
from sagehen.services.logs.patterns.extraction import parse_extractor

_log = logging.getLogger(__name__)

_MINUTE_MS = 60_000
# Documented (API_PutMetricFilter): AWS may disable a filter that makes 1,000 pairs in an hour; here
# it makes no further ones.
_MOST_DIMENSIONS = 1000
# Filters whose dimensions are remembered; beyond that the first one begins to count anew.
_MOST_FILTERS = 256
_Datum = tuple[int, MetricValue]


class Publishing:
    """Implements `forwarding.Filters` for metrics.

    Attributes:
        metrics: Where they go.
    """

    def __init__(self, records: MetricFilterRecords, metrics: MetricSink) -> None:
        self._records = records
        self.metrics = metrics
        # Which combinations of dimensions a filter has made since the platform was started.
        self._made: dict[tuple[int, str], set[tuple[str, ...]]] = {}

    async def take(self, entry: Entry, events: Sequence[Event]) -> None:
        """Record what the events add to the metrics of the group's filters, at the events' own times."""
        for one in self._records.of_group(entry.group_id):
            await asyncio.to_thread(self._publish, entry, one, events)

    def forget(self) -> None:
        """Forget which dimensions filters have made."""
        self._made.clear()

    def _publish(self, entry: Entry, one: MetricFilter, events: Sequence[Event]) -> None:
        for at_ms, value in self._data(one, events):
            at = datetime.fromtimestamp(at_ms / 1000, UTC)
            self.metrics.record(entry.scope, one.transformation["metricNamespace"], [value], at)

    def _data(self, one: MetricFilter, events: Sequence[Event]) -> list[_Datum]:
        extract = parse_extractor(one.pattern)
        data: list[_Datum] = []
        quiet: dict[int, int] = {}
        loud: set[int] = set()
        for event in events:
            at_ms = event.position.at_ms
            found = extract(event.message)
            if found is None:
                quiet.setdefault(at_ms // _MINUTE_MS, at_ms)
                continue
            loud.add(at_ms // _MINUTE_MS)
            value = datum(one.transformation, found)
            if value is not None and self._may_make(one, value):
                data.append((at_ms, value))
        otherwise = default(one.transformation)
        if otherwise is not None:
            data += [(at_ms, otherwise) for minute, at_ms in quiet.items() if minute not in loud]
        return data

    def _may_make(self, one: MetricFilter, value: MetricValue) -> bool:
        if not value.dimensions:
            return True
        key = (one.group_id, one.name)
        if key not in self._made and len(self._made) >= _MOST_FILTERS:
            del self._made[next(iter(self._made))]
        made = self._made.setdefault(key, set())
        pair = tuple(value.dimensions.values())
        if pair not in made:
            if len(made) >= _MOST_DIMENSIONS:
                return False
            made.add(pair)
            if len(made) == _MOST_DIMENSIONS:
                _log.warning(
                    "metric filter %s of %s has made %d dimensions: it makes no further ones",
                    one.name,
                    one.group,
                    _MOST_DIMENSIONS,
                )
        return True
