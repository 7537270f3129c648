"""How series and annotations become dots."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from sagehen.plots.chart import Panel, Side
from sagehen.plots.frame import Layer, Span, bar_width
from sagehen.plots.points import finite
from sagehen.plots.terminal.canvas import Canvas

# Dots on, dots off.
DASHES = ((1, 0), (4, 3), (1, 2))
# Far outside; lines to there are cut, not drawn.
_FAR = 4.0


@dataclass(frozen=True, slots=True)
class Place:
    """A canvas with its axes."""

    canvas: Canvas
    x: tuple[float, float]
    left: Span | None
    right: Span | None

    def column(self, x: float) -> float:
        """Return the dots from the left edge to an x."""
        low, high = self.x
        return _scaled(x, low, high) * (self.canvas.width - 1)

    def height(self, y: float, side: Side) -> float:
        """Return the dots from the lower edge to a y of that side's axis."""
        span = self.left if side == "left" else self.right
        return 0.0 if span is None else _scaled(y, span.low, span.high) * (self.canvas.height - 1)


def _scaled(value: float, low: float, high: float) -> float:
    return max(-_FAR, min(_FAR, (value - low) / (high - low)))


def dashes_of(panel: Panel) -> list[int]:
    """Return which of `DASHES` each series has: filled ones need none, so lines begin with the solid one."""
    lines = count()
    return [0 if series.kind in ("area", "bars") else next(lines) % len(DASHES) for series in panel.series]


def draw_layer(place: Place, layer: Layer, dash: tuple[int, int]) -> None:
    """Draw one series."""
    kind = layer.series.kind
    if kind in ("area", "bars"):
        _draw_filled(place, layer)
        return
    before: tuple[float, float] | None = None
    for point in _points(place, layer):
        if point is None:
            before = None
            continue
        if before is None or kind == "points":
            place.canvas.dot(round(point[0]), round(point[1]), layer.number)
        elif kind == "steps":
            _line(place, before, (point[0], before[1]), layer.number, dash)
            _line(place, (point[0], before[1]), point, layer.number, dash)
        else:
            _line(place, before, point, layer.number, dash)
        before = point
    if before is not None and kind == "steps":
        _line(place, before, (place.canvas.width - 1, before[1]), layer.number, dash)


def _points(place: Place, layer: Layer) -> Iterator[tuple[float, float] | None]:
    """Yield places of points; None where the line is broken."""
    series = layer.series
    last: float | None = None
    for x, y in zip(series.xs, series.ys, strict=False):
        if series.breaks_after and last is not None and x - last > series.breaks_after:
            yield None
        if y is None:
            yield None
        else:
            yield place.column(x), place.height(y, series.side)
            last = x


def _draw_filled(place: Place, layer: Layer) -> None:
    """Fill from the floor to the values: an area between its points, a bar around each."""
    series = layer.series
    floors = layer.floor or (0.0,) * len(series.xs)
    every = (1, 2, 3)[layer.number % 3]
    half = bar_width(series.xs) * 0.4
    before: tuple[int, float, float] | None = None
    for x, y, under in zip(series.xs, series.ys, floors, strict=False):
        if y is None:
            before = None
            continue
        top, bottom = place.height(y, series.side), place.height(under or 0.0, series.side)
        if series.kind == "bars":
            for column in range(round(place.column(x - half)), round(place.column(x + half)) + 1):
                _fill(place, column, bottom, top, layer.number, every)
            continue
        column = round(place.column(x))
        if before is None or (series.breaks_after and column < before[0]):
            _fill(place, column, bottom, top, layer.number, every)
        else:
            width = max(1, column - before[0])
            for step in range(width + 1):
                share = step / width
                _fill(
                    place,
                    before[0] + step,
                    before[1] + (bottom - before[1]) * share,
                    before[2] + (top - before[2]) * share,
                    layer.number,
                    every,
                )
        before = column, bottom, top


def _fill(place: Place, column: int, bottom: float, top: float, owner: int, every: int) -> None:
    if 0 <= column < place.canvas.width and abs(top - bottom) > 0:
        limit = place.canvas.height
        low, high = sorted((max(-1, min(limit, round(bottom))), max(-1, min(limit, round(top)))))
        place.canvas.column(column, low, high, owner, every)
        place.canvas.dot(column, round(top), owner)


def _line(
    place: Place, start: tuple[float, float], end: tuple[float, float], owner: int, dash: tuple[int, int]
) -> None:
    place.canvas.line((round(start[0]), round(start[1])), (round(end[0]), round(end[1])), owner, dash)


def draw_marks(place: Place, panel: Panel, owner: int) -> None:
    """Draw annotations: levels as dotted rows, moments as dotted columns; bands by both their ends."""
    for level in panel.levels:
        for value in (finite(level.value), finite(level.until)):
            if value is not None:
                y = place.height(value, level.side)
                _line(place, (0, y), (place.canvas.width - 1, y), owner, (1, 3))
    for moment in panel.moments:
        for at in (finite(moment.at), finite(moment.until)):
            if at is not None:
                x = place.column(at)
                _line(place, (x, 0), (x, place.canvas.height - 1), owner, (1, 1))
