"""FilterWatch: one metric filter's look at a run of events."""

from __future__ import annotations

import logging

from sagehen.domain.ports.observing.logged_metrics import LoggedDatum
from sagehen.domain.ports.observing.metrics import MetricValue
from sagehen.services.logs.events.event import Event
from sagehen.services.logs.events.outbox import Entry
from sagehen.services.logs.filters.metric.records import MetricFilter
from sagehen.services.logs.filters.metric.transformation import datum, default
from sagehen.services.logs.patterns.extraction import parse_extractor

_log = logging.getLogger(__name__)

_MINUTE_MS = 60_000
# Documented (API_PutMetricFilter): AWS may disable a filter that makes 1,000 pairs in an hour; here
# it makes no further ones.
_MOST_DIMENSIONS = 1000
# Filters whose dimensions and minutes are remembered; beyond that the first one begins anew.
_MOST_FILTERS = 256
_MOST_MINUTES = 120


class Combinations:
    """Which combinations of dimensions filters have made since the platform was started."""

    def __init__(self) -> None:
        self._made: dict[tuple[int, str], set[tuple[str, ...]]] = {}

    def forget(self) -> None:
        """Begin anew."""
        self._made.clear()

    def may_make(self, one: MetricFilter, value: MetricValue) -> bool:
        """Count a value's combination in, and tell whether the filter may make it."""
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


class Minutes:
    """Minutes of which filters have published something: a match, or the default.

    Only the latest are remembered. A match that comes after its minute's default was published stands beside
    it; AWS, which looks at a minute when it is over, publishes the match alone.
    """

    def __init__(self) -> None:
        self._told: dict[tuple[int, str], dict[int, None]] = {}

    def forget(self) -> None:
        """Begin anew."""
        self._told.clear()

    def of(self, one: MetricFilter) -> dict[int, None]:
        """Return a filter's minutes, in the order in which they came, to add to."""
        key = (one.group_id, one.name)
        if key not in self._told and len(self._told) >= _MOST_FILTERS:
            del self._told[next(iter(self._told))]
        return self._told.setdefault(key, {})


class FilterWatch:
    """What the events of a run add to a filter's metric, and its default for minutes without a match."""

    def __init__(self, entry: Entry, one: MetricFilter, combinations: Combinations, minutes: Minutes) -> None:
        self._entry = entry
        self._filter = one
        self._combinations = combinations
        self._minutes = minutes
        self._extract = parse_extractor(one.pattern)
        self._quiet: dict[int, int] = {}
        self._loud: set[int] = set()

    def see(self, event: Event) -> list[LoggedDatum]:
        """Return what an event adds, at its own time."""
        at_ms = event.position.at_ms
        found = self._extract(event.message)
        if found is None:
            self._quiet.setdefault(at_ms // _MINUTE_MS, at_ms)
            return []
        self._loud.add(at_ms // _MINUTE_MS)
        value = datum(self._filter.transformation, found)
        if value is None or not self._combinations.may_make(self._filter, value):
            return []
        return [self._logged(at_ms, value)]

    def end(self) -> list[LoggedDatum]:
        """Return the defaults of the minutes in which events came and none has matched so far."""
        otherwise = default(self._filter.transformation)
        if otherwise is None:
            return []
        told = self._minutes.of(self._filter)
        told.update(dict.fromkeys(self._loud))
        quiet = {minute: at_ms for minute, at_ms in self._quiet.items() if minute not in told}
        told.update(dict.fromkeys(quiet))
        while len(told) > _MOST_MINUTES:
            del told[next(iter(told))]
        return [self._logged(at_ms, otherwise) for at_ms in quiet.values()]

    def _logged(self, at_ms: int, value: MetricValue) -> LoggedDatum:
        return LoggedDatum(
            self._entry.scope,
            self._filter.transformation["metricNamespace"],
            value.name,
            [value.value],
            at_ms / 1000,
            value.unit,
            value.dimensions,
        )
