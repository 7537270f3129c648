"""Which points are worth drawing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from sagehen.plots.chart import Series

# Sums and differences of such values are still numbers.
_MOST = 1e200


def finite(value: float | None) -> float | None:
    """Return a value that can be drawn; None for none, NaN and infinities."""
    if value is None or not math.isfinite(value):
        return None
    return max(-_MOST, min(_MOST, float(value)))


# Pixels of lines in a picture. To draw 16 million takes a core half a second to four, by how busy it is.
_MOST_LINE_PIXELS = 24_000_000


def columns_of(width: int, height: int, series: int) -> int:
    """Return how many stretches each series of a picture is thinned to, so that it is drawn in its time.

    All columns, unless there are dozens of series in a large picture. A point stands for a line over a third
    of the height.
    """
    return max(50, min(width, 3 * _MOST_LINE_PIXELS // (2 * max(1, height) * max(1, series))))


def thinned(series: Series, columns: int) -> Series:
    """Return a series of at most some two points a column, its peaks kept: the eye sees no difference.

    Of each stretch the lowest and the highest point stay, or a gap where there is nothing else; of all, the
    first and the last. Points without an x fall out, and values that are no number become gaps.
    """
    points = [(x, finite(y)) for x, y in zip(series.xs, series.ys, strict=False) if finite(x) == x]
    if len(points) > 2 * columns:
        stride = -(-len(points) // columns)
        corners = [
            point
            for first in range(0, len(points), stride)
            for point in _corners(points[first : first + stride])
        ]
        points = [*points[:1], *corners, *points[-1:]]
    return replace(series, xs=tuple(x for x, _ in points), ys=tuple(y for _, y in points))


def _corners(stretch: Sequence[tuple[float, float | None]]) -> list[tuple[float, float | None]]:
    known = [(y, index) for index, (_, y) in enumerate(stretch) if y is not None]
    chosen = {min(known)[1], max(known)[1]} if known else {0}
    return [stretch[index] for index in sorted(chosen)]


def stacked(group: Sequence[Series]) -> list[Series]:
    """Return series of the same kind on top of each other: what each comes to with those before it.

    A series without a point at an x, or with a gap there, adds nothing there.
    """
    xs = sorted({x for series in group for x in series.xs})
    below = dict.fromkeys(xs, 0.0)
    result = []
    for series in group:
        for x, y in zip(series.xs, series.ys, strict=False):
            below[x] += y or 0.0
        result.append(replace(series, xs=tuple(xs), ys=tuple(below[x] for x in xs), breaks_after=0.0))
    return result


def extent(values: Sequence[float | None]) -> tuple[float, float] | None:
    """Return the lowest and highest of what is there, or None."""
    known = [value for value in values if value is not None]
    return (min(known), max(known)) if known else None
