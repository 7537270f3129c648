"""How much a picture may hold."""

from __future__ import annotations

from sagehen.plots.chart import Chart
from sagehen.plots.totals import Totals

MIN_PIXELS, MAX_PIXELS = 1, 2000
MAX_PANELS = 12
# CloudWatch: a graph has up to 500 metrics.
MAX_SERIES = 500
MAX_ANNOTATIONS = 200
# Each is a handful of shapes and words: some 3 ms.
MAX_TOTALS = 200
MAX_POINTS = 5_000_000


class TooMuchToDraw(ValueError):
    """A chart is beyond the bounds; the message says which."""


def check(picture: Chart | Totals) -> None:
    """Refuse what would take too long to draw or could not be read.

    Raises:
        TooMuchToDraw.
    """
    for side, pixels in (("width", picture.width), ("height", picture.height)):
        if not MIN_PIXELS <= pixels <= MAX_PIXELS:
            raise TooMuchToDraw(f"A picture's {side} is {MIN_PIXELS} to {MAX_PIXELS} pixels.")
    if isinstance(picture, Totals):
        _at_most(len(picture.items), MAX_TOTALS, "values")
        _at_most(len(picture.bands), MAX_ANNOTATIONS, "bands")
        _at_most(sum(len(item.spark) for item in picture.items), MAX_POINTS, "points")
        return
    _at_most(len(picture.panels), MAX_PANELS, "panels")
    for panel in picture.panels:
        _at_most(len(panel.series), MAX_SERIES, "series")
        _at_most(len(panel.levels) + len(panel.moments), MAX_ANNOTATIONS, "annotations")
    _at_most(sum(len(series.xs) for panel in picture.panels for series in panel.series), MAX_POINTS, "points")


def _at_most(count: int, most: int, what: str) -> None:
    if count > most:
        raise TooMuchToDraw(f"A picture holds at most {most} {what}; these are {count}.")
