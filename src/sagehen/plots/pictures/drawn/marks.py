"""Annotations: thresholds and moments, with the side that they colour."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sagehen.plots.chart import Level, Moment, Panel
from sagehen.plots.colors import annotation_color
from sagehen.plots.labels import clean
from sagehen.plots.pictures.drawn.canvas import BEHIND, TEXT_PT
from sagehen.plots.points import finite

_FILL = 0.13
_LABEL_CHARACTERS = 60


def draw_marks(axes: Any, twin: Any, panel: Panel, x: tuple[float, float], *, words: bool) -> None:
    """Draw a panel's annotations below its series. Those outside of the axes are not seen."""
    for level in panel.levels:
        _draw_level(twin if level.side == "right" and twin is not None else axes, level, words)
    for moment in panel.moments:
        _draw_moment(axes, moment, x, words)


def _draw_level(axes: Any, level: Level, words: bool) -> None:
    color, bounds = annotation_color(level.color), axes.get_ylim()
    low, high = bounds
    at = _draw_line(axes.axhline, axes.axhspan, level, level.value, bounds, color)
    axes.set_ylim(*bounds)
    label = clean(level.label, _LABEL_CHARACTERS)
    if words and label and at is not None and low <= at <= high:
        share = (at - low) / (high - low)
        _write(axes, label, (0.005, share), color, ha="left", above=share < 0.88)


def _draw_moment(axes: Any, moment: Moment, bounds: tuple[float, float], words: bool) -> None:
    color = annotation_color(moment.color)
    low, high = bounds
    at = _draw_line(axes.axvline, axes.axvspan, moment, moment.at, bounds, color)
    axes.set_xlim(*bounds)
    label = clean(moment.label, _LABEL_CHARACTERS)
    if words and label and at is not None and low <= at <= high:
        share = (at - low) / (high - low)
        right = share > 0.75
        place = (share + (-0.004 if right else 0.004), 1.0)
        _write(axes, label, place, color, ha="right" if right else "left", above=False)


def _draw_line(
    line: Callable[..., Any],
    span: Callable[..., Any],
    mark: Level | Moment,
    value: float,
    bounds: tuple[float, float],
    color: str,
) -> float | None:
    """Draw a line, or both of a band, and colour the side that it says; return where the line is."""
    at, until = finite(value), finite(mark.until)
    if at is None:
        return None
    low, high = bounds
    for end in (at,) if until is None else (at, until):
        line(end, color=color, linewidth=1.2, zorder=1.5)
    colored = {"above": (min(at, high), high), "below": (low, max(at, low))}.get(mark.fill)
    if mark.fill == "between" and until is not None:
        colored = min(at, until), max(at, until)
    if colored is not None:
        span(*colored, color=color, alpha=_FILL, linewidth=0, zorder=0.5)
    return at


def _write(axes: Any, label: str, place: tuple[float, float], color: str, *, ha: str, above: bool) -> None:
    axes.annotate(
        label, place, xycoords="axes fraction", xytext=(0, 2 if above else -3), textcoords="offset points",
        color=color, fontsize=TEXT_PT - 0.5, ha=ha, va="bottom" if above else "top",
        parse_math=False, bbox=BEHIND,
    )  # fmt: skip
