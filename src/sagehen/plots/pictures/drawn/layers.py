"""How series are drawn."""

from __future__ import annotations

from typing import Any

import numpy as np

from sagehen.plots.frame import Layer, bar_width


def draw_layer(axes: Any, layer: Layer, color: str) -> None:
    """Draw a series into its axes.

    A point with gaps on both sides is a dot: a line of it would not be seen.
    """
    series = layer.series
    xs, ys = _broken(layer)
    if not len(xs):
        return
    if series.kind == "bars":
        floor = np.array(_floor(layer), dtype=float)
        width = bar_width(series.xs) * 0.8
        axes.bar(series.xs, np.array(_values(layer), dtype=float) - floor, width, bottom=floor, color=color)
    elif series.kind == "points":
        axes.plot(xs, ys, linestyle="none", marker="o", markersize=3, color=color)
    elif series.kind == "steps":
        axes.step(xs, ys, where="post", color=color, linewidth=1.6)
    else:
        if series.kind == "area":
            axes.fill_between(
                series.xs,
                np.array(_values(layer), dtype=float),
                _floor(layer),
                color=color,
                alpha=0.35,
                linewidth=0,
            )
        axes.plot(xs, ys, color=color, linewidth=1.6, solid_joinstyle="round")
        lonely = _lonely(ys)
        axes.plot(xs[lonely], ys[lonely], linestyle="none", marker="o", markersize=3.5, color=color)


def _values(layer: Layer) -> list[float]:
    return [float("nan") if y is None else y for y in layer.series.ys]


def _floor(layer: Layer) -> list[float]:
    return [value or 0.0 for value in layer.floor] if layer.floor else [0.0] * len(layer.series.xs)


def _broken(layer: Layer) -> tuple[Any, Any]:
    """Return x and y with a gap wherever points are too far apart."""
    series = layer.series
    xs: list[float] = []
    ys: list[float] = []
    for x, y in zip(series.xs, _values(layer), strict=False):
        if series.breaks_after and xs and x - xs[-1] > series.breaks_after:
            xs.append(x)
            ys.append(float("nan"))
        xs.append(x)
        ys.append(y)
    return np.array(xs), np.array(ys)


def _lonely(ys: Any) -> Any:
    known = ~np.isnan(ys)
    before = np.concatenate(([False], known[:-1]))
    after = np.concatenate((known[1:], [False]))
    return known & ~before & ~after
