"""Annotations: thresholds and moments, with the side that they colour."""

from __future__ import annotations

from typing import Any

from sagehen.plots.chart import Level, Moment, Panel
from sagehen.plots.colors import annotation_color
from sagehen.plots.labels import clean
from sagehen.plots.pictures.drawn.canvas import HALO, TEXT_PT
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
    color = annotation_color(level.color)
    value, until = finite(level.value), finite(level.until)
    low, high = axes.get_ylim()
    if value is None:
        return
    ends = [value] if until is None else [value, until]
    for end in ends:
        axes.axhline(end, color=color, linewidth=1.2, zorder=1.5)
    if level.fill == "between" and until is not None:
        axes.axhspan(min(ends), max(ends), color=color, alpha=_FILL, linewidth=0, zorder=0.5)
    elif level.fill == "above":
        axes.axhspan(min(value, high), high, color=color, alpha=_FILL, linewidth=0, zorder=0.5)
    elif level.fill == "below":
        axes.axhspan(low, max(value, low), color=color, alpha=_FILL, linewidth=0, zorder=0.5)
    axes.set_ylim(low, high)
    label = clean(level.label, _LABEL_CHARACTERS)
    if words and label and low <= value <= high:
        above = value - low < 0.88 * (high - low)
        _label(axes, label, 0.005, (value - low) / (high - low), color, above=above)


def _draw_moment(axes: Any, moment: Moment, x: tuple[float, float], words: bool) -> None:
    color = annotation_color(moment.color)
    at, until = finite(moment.at), finite(moment.until)
    low, high = x
    if at is None:
        return
    ends = [at] if until is None else [at, until]
    for end in ends:
        axes.axvline(end, color=color, linewidth=1.2, zorder=1.5)
    if moment.fill == "between" and until is not None:
        axes.axvspan(min(ends), max(ends), color=color, alpha=_FILL, linewidth=0, zorder=0.5)
    elif moment.fill == "above":
        axes.axvspan(min(at, high), high, color=color, alpha=_FILL, linewidth=0, zorder=0.5)
    elif moment.fill == "below":
        axes.axvspan(low, max(at, low), color=color, alpha=_FILL, linewidth=0, zorder=0.5)
    axes.set_xlim(low, high)
    label = clean(moment.label, _LABEL_CHARACTERS)
    if words and label and low <= at <= high:
        share = (at - low) / (high - low)
        right = share > 0.75
        written = axes.text(
            share + (-0.004 if right else 0.004), 0.99, label, transform=axes.transAxes, color=color,
            fontsize=TEXT_PT - 0.5, ha="right" if right else "left", va="top", parse_math=False,
        )  # fmt: skip
        written.set_path_effects(HALO)


def _label(axes: Any, label: str, x: float, y: float, color: str, *, above: bool) -> None:
    written = axes.annotate(
        label, (x, y), xycoords="axes fraction", xytext=(0, 2 if above else -3), textcoords="offset points",
        color=color, fontsize=TEXT_PT - 0.5, ha="left", va="bottom" if above else "top", parse_math=False,
    )  # fmt: skip
    written.set_path_effects(HALO)
