"""Chart: what a plot shows, said without a drawing library.

Plain frozen dataclasses, so that they cross to the drawing process as JSON and tests can compare them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Side = Literal["left", "right"]
Kind = Literal["line", "area", "bars", "steps", "points"]
# What an annotation colours: nothing, the side above or below it (before or after), or up to its `until`.
Fill = Literal["none", "above", "below", "between"]
Legend = Literal["bottom", "right", "hidden"]


@dataclass(frozen=True, slots=True)
class Series:
    """Values over x.

    Attributes:
        label: Its name in the legend.
        xs: Ascending; seconds since the epoch where x is time.
        ys: As many; None or NaN where there is a gap.
        kind: How it is drawn. `steps` holds a value until the next (instances, capacity).
        side: Whose axis it follows.
        color: `#rrggbb`, or empty for the next of the palette.
        breaks_after: A line is broken where two points are further apart than this; 0 never. Of x's unit.
    """

    label: str
    xs: tuple[float, ...]
    ys: tuple[float | None, ...]
    kind: Kind = "line"
    side: Side = "left"
    color: str = ""
    breaks_after: float = 0.0


@dataclass(frozen=True, slots=True)
class YAxis:
    """A vertical axis. `low` and `high` are where it begins and ends; None lets the data say."""

    label: str = ""
    unit: str = ""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Level:
    """A horizontal line: a threshold. `until` ends a band (`fill` is then `between`)."""

    value: float
    label: str = ""
    color: str = ""
    fill: Fill = "none"
    side: Side = "left"
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """A vertical line at an x: a deployment, a scaling activity. `until` ends a band."""

    at: float
    label: str = ""
    color: str = ""
    fill: Fill = "none"
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """One plot. `stacked` puts its areas and bars on top of each other; `share` is its part of the height."""

    series: tuple[Series, ...]
    title: str = ""
    left: YAxis = YAxis()
    right: YAxis = YAxis()
    levels: tuple[Level, ...] = ()
    moments: tuple[Moment, ...] = ()
    stacked: bool = False
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class XAxis:
    """What all panels share.

    Attributes:
        kind: `time` is in seconds since the epoch.
        low, high: Where it begins and ends; None lets the data say.
        utc_offset_s: Of the time zone that times are written in.
    """

    kind: Literal["time", "number"] = "time"
    label: str = ""
    low: float | None = None
    high: float | None = None
    utc_offset_s: int = 0


@dataclass(frozen=True, slots=True)
class Chart:
    """Panels under one another. `width` and `height` are in pixels, for pictures; a terminal has its own."""

    panels: tuple[Panel, ...]
    title: str = ""
    x: XAxis = XAxis()
    legend: Legend = "bottom"
    width: int = 800
    height: int = 400
