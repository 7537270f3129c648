"""What both drawers know before they draw: the layers of a panel, and where its axes end. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sagehen.plots.chart import Chart, Panel, Series, Side
from sagehen.plots.points import extent, finite, stacked, thinned
from sagehen.plots.ticks import number_ticks, rounded_out, spread


@dataclass(frozen=True, slots=True)
class Layer:
    """A series as it is drawn.

    Attributes:
        series: Thinned; in a stack, what it comes to with those below.
        number: Its place in the panel, for its colour.
        floor: Values of what lies below it, as many as the series has; None for the axis.
    """

    series: Series
    number: int
    floor: tuple[float | None, ...] | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """An axis from `low` to `high`, and its ticks."""

    low: float
    high: float
    ticks: tuple[float, ...]

    @property
    def step(self) -> float:
        """The distance between ticks; 0 with fewer than two."""
        return self.ticks[1] - self.ticks[0] if len(self.ticks) > 1 else 0.0


def layers_of(panel: Panel, columns: int) -> list[Layer]:
    """Return what is drawn of a panel's series, in the order of drawing."""
    thin = [thinned(series, columns) for series in panel.series]
    if not panel.stacked:
        return [Layer(series, number) for number, series in enumerate(thin)]
    layers = [
        Layer(series, number) for number, series in enumerate(thin) if series.kind not in ("area", "bars")
    ]
    stacks = []
    for side in ("left", "right"):
        for kind in ("area", "bars"):
            members = [
                (number, series)
                for number, series in enumerate(thin)
                if (series.side, series.kind) == (side, kind)
            ]
            floor: tuple[float | None, ...] | None = None
            for (number, _), total in zip(members, stacked([each for _, each in members]), strict=True):
                stacks.append(Layer(total, number, floor))
                floor = total.ys
    return stacks + layers


def x_span(chart: Chart) -> tuple[float, float]:
    """Return where x begins and ends; bars have room for their half."""
    every = [series for panel in chart.panels for series in panel.series]
    low, high = extent([finite(x) for series in every for x in (*series.xs[:1], *series.xs[-1:])]) or (
        0.0,
        1.0,
    )
    room = max((bar_width(series.xs) / 2 for series in every if series.kind == "bars"), default=0.0)
    return ends(low - room, high + room, chart.x.low, chart.x.high)


def ends(low: float, high: float, wanted_low: float | None, wanted_high: float | None) -> tuple[float, float]:
    """Return where an axis ends: where it is wanted to, or where its data do."""
    first, last = finite(wanted_low), finite(wanted_high)
    low, high = low if first is None else first, high if last is None else last
    if low >= high:  # one end is wanted on the wrong side of all data
        low, high = (low, low + 1) if first is not None else (high - 1, high)
    return spread(low, high)


def bar_width(xs: Sequence[float]) -> float:
    """Return the width of a bar: the smallest distance between two."""
    return min((later - earlier for earlier, later in pairwise(xs) if later > earlier), default=1.0)


def y_span(panel: Panel, layers: Iterable[Layer], side: Side, count: int = 4) -> Span | None:
    """Return a vertical axis as its data and annotations want it; None for one that nothing follows.

    What the axis says (`low`, `high`) goes before what its data says.
    """
    axis = panel.left if side == "left" else panel.right
    mine = [layer.series for layer in layers if layer.series.side == side]
    marks = [level for level in panel.levels if level.side == side]
    if not mine and not marks and side == "right":
        return None
    values: list[float | None] = [y for series in mine for y in series.ys]
    values += [finite(end) for level in marks for end in (level.value, level.until)]
    if any(series.kind in ("area", "bars") for series in mine):
        values.append(0.0)
    found = extent(values) or (0.0, 1.0)
    low, high = rounded_out(*found, count)
    if found[1] > high - 0.02 * (high - low):  # a line along the upper edge is half a line
        high += 0.04 * (high - low)
    low, high = ends(low, high, axis.low, axis.high)
    return Span(low, high, tuple(number_ticks(low, high, count)))
