"""Widget: what the JSON of a metric widget says, with every default filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

View = Literal["timeSeries", "singleValue", "bar", "pie", "gauge"]
Side = Literal["left", "right"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One metric or expression of a widget.

    Attributes:
        id: Its own, or a number where it has none: no expression can name it.
        query: As a member of GetMetricData's MetricDataQueries.
        region: Where the metric is.
        label: Empty for the default.
    """

    id: str
    query: Mapping[str, Any]
    region: str
    label: str = ""
    color: str = ""
    side: Side = "left"
    visible: bool = True

    @property
    def is_expression(self) -> bool:
        return "Expression" in self.query


@dataclass(frozen=True, slots=True)
class Axis:
    """One side's settings; None lets the data say."""

    label: str = ""
    low: float | None = None
    high: float | None = None
    shows_units: bool = True


@dataclass(frozen=True, slots=True)
class Line:
    """An annotation. `until` ends a band; of vertical ones both are seconds since the epoch."""

    value: float
    until: float | None = None
    label: str = ""
    color: str = ""
    fill: Literal["none", "above", "below", "between"] = "none"
    side: Side = "left"


@dataclass(frozen=True, slots=True)
class Widget:
    """A metric widget. Sizes in pixels; `whole_range`: single values stand for all of it."""

    entries: tuple[Entry, ...]
    start: datetime
    end: datetime
    view: View = "timeSeries"
    title: str = ""
    width: int = 600
    height: int = 400
    stacked: bool = False
    legend: Literal["bottom", "right", "hidden"] = "bottom"
    live: bool = False
    whole_range: bool = False
    sparkline: bool = False
    full_precision: bool = False
    utc_offset_s: int = 0
    axes: Mapping[Side, Axis] = field(default_factory=dict)
    horizontal: tuple[Line, ...] = ()
    vertical: tuple[Line, ...] = ()

    @property
    def range_s(self) -> int:
        """A period that holds the range: whole minutes, and an hour more.

        The start of what is read is rounded down, to the hour at most (documented: API_GetMetricStatistics).
        """
        seconds = (self.end - self.start).total_seconds()
        return 3600 - int(-seconds // 60) * 60
