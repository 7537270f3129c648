"""Reads the series that a widget draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sagehen.domain.clock import Clock
from sagehen.domain.scope import Scope
from sagehen.services.cloudwatch.errors import ValidationError
from sagehen.services.cloudwatch.metric_data.queries import Queries
from sagehen.services.cloudwatch.metric_data.stored import StoredValues
from sagehen.services.cloudwatch.metric_math.series import Series
from sagehen.services.cloudwatch.widget_images.labels import labels_of
from sagehen.services.cloudwatch.widget_images.widget import Entry, Widget

# Documented: "Use live data": without it a data point is shown a minute after its period has ended.
_SETTLED = timedelta(minutes=1)
# Of all metrics of one picture: a hundred over a week by the minute.
_MOST_POINTS = 1_000_000


@dataclass(frozen=True, slots=True)
class Drawn:
    """A series of a widget, with the entry that asks for it and its unit; '' where it has none."""

    entry: Entry
    series: Series
    unit: str


class WidgetData:
    """Reads as GetMetricData reads, in whichever region a metric is."""

    def __init__(self, stored: StoredValues, clock: Clock) -> None:
        self._stored = stored
        self._clock = clock

    def series(self, widget: Widget, scope: Scope, period_s: int | None = None) -> list[Drawn]:
        """Return the visible series; an expression may come to several.

        Args:
            widget: What is asked for.
            scope: Of the caller.
            period_s: Instead of the metrics' own.

        Raises:
            ValidationError, InvalidParameterValue, NotImplementedOperation.
        """
        by_id = {entry.id: entry for entry in widget.entries}
        units: dict[str, str] = {}
        points = 0
        settled = self._clock.now() if widget.live else self._clock.now() - _SETTLED

        def read(
            scope: Scope, query: Mapping[str, Any], start: datetime, end: datetime
        ) -> tuple[dict[int, float], list[str]]:
            nonlocal points
            of_region = replace(scope, region=by_id[query["Id"]].region)
            values, found = self._stored.values(of_region, query, start, end)
            points += len(values)
            if points > _MOST_POINTS:
                raise ValidationError(
                    f"The graph has more than {_MOST_POINTS} data points; use longer periods."
                )
            units[query["Id"]] = query["MetricStat"].get("Unit") or (found[0] if found else "")
            if not widget.live and period_s is None:
                last = settled.timestamp() - query["MetricStat"]["Period"]
                values = {at_s: value for at_s, value in values.items() if at_s <= last}
            return values, found

        labels = labels_of(widget.entries)
        asked = [_query(entry, labels[entry.id], period_s) for entry in widget.entries]
        times = {"StartTime": widget.start, "EndTime": widget.end}
        queries = Queries(read, scope, {**times, "MetricDataQueries": asked})
        drawn = []
        for query in asked:
            entry = by_id[query["Id"]]
            if not entry.visible:
                continue
            found = list(queries.results(query))
            for series, _ in found:
                label = query["Label"]
                if entry.is_expression and len(found) > 1:
                    label = f"{entry.label} {series.label}".strip()
                unit = units.get(entry.id, "")
                drawn.append(Drawn(entry, replace(series, label=label), "" if unit == "None" else unit))
        return drawn


def _query(entry: Entry, label: str, period_s: int | None) -> dict[str, Any]:
    query = {**entry.query, "Label": label}
    if period_s is not None and "MetricStat" in query:
        query["MetricStat"] = {**query["MetricStat"], "Period": period_s}
    return query
