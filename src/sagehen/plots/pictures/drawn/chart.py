"""A chart: title, panels below one another, their legends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sagehen.plots.chart import Chart, Panel, YAxis
from sagehen.plots.colors import color_of
from sagehen.plots.frame import Layer, Span, layers_of, x_span, y_span
from sagehen.plots.labels import clean
from sagehen.plots.pictures.drawn.canvas import FAINT_INK, GRID, TITLE_PT, Canvas
from sagehen.plots.pictures.drawn.layers import draw_layer
from sagehen.plots.pictures.drawn.legend import Entry, column_of, column_width, draw_rows, height_of, rows_of
from sagehen.plots.pictures.drawn.marks import draw_marks
from sagehen.plots.ticks import number_text, number_ticks, time_text, time_ticks

_MARGIN = 12.0
_TITLE, _HEAD, _TICKS, _GAP, _BETWEEN = 26.0, 17.0, 20.0, 8.0, 12.0


@dataclass(frozen=True, slots=True)
class _Part:
    panel: Panel
    layers: list[Layer]
    left: Span | None
    right: Span | None


def draw_chart(chart: Chart) -> bytes:
    """Return a chart as PNG."""
    canvas = Canvas(chart.width, chart.height)
    tiny = chart.height < 120 or chart.width < 200  # no room for words
    margin = 3.0 if tiny else _MARGIN
    top = margin
    if chart.title and not tiny:
        title = canvas.fitted(clean(chart.title), chart.width - 2 * margin, TITLE_PT)
        canvas.text(margin, top + _TITLE / 2 - 2, title, size=TITLE_PT)
        top += _TITLE
    x = x_span(chart)
    shares = sum(max(0.0, panel.share) for panel in chart.panels) or 1.0
    room = chart.height - margin - top - _BETWEEN * (len(chart.panels) - 1)
    parts = [_part(chart, panel, max(1, round(room * panel.share / shares / 55))) for panel in chart.panels]
    if not parts:
        return canvas.png()
    left = 0.0 if tiny else max(_ticks_width(canvas, part.left) for part in parts)
    right = 0.0 if tiny else max(_ticks_width(canvas, part.right) for part in parts)
    x_label = clean(chart.x.label)
    for number, part in enumerate(parts, start=1):
        height = room * max(0.0, part.panel.share) / shares
        last = number == len(parts)
        edges = (margin + left, top, chart.width - margin - right - (0 if right else 4), top + height)
        _draw_part(canvas, chart, part, x, edges, x_label if last else "", tiny)
        top += height + _BETWEEN
    return canvas.png()


def _part(chart: Chart, panel: Panel, count: int) -> _Part:
    layers = layers_of(panel, chart.width)
    count = max(2, min(6, count))
    return _Part(panel, layers, y_span(panel, layers, "left", count), y_span(panel, layers, "right", count))


def _ticks_width(canvas: Canvas, span: Span | None) -> float:
    if span is None:
        return 0.0
    return 6 + max((canvas.text_width(number_text(tick, span.step)) for tick in span.ticks), default=0.0)


def _draw_part(
    canvas: Canvas,
    chart: Chart,
    part: _Part,
    x: tuple[float, float],
    edges: tuple[float, float, float, float],
    x_label: str,
    tiny: bool,
) -> None:
    left, top, right, bottom = edges
    panel = part.panel
    if not tiny:
        top = _head(canvas, panel, edges, part.right is not None)
        entries = [] if chart.legend == "hidden" else _entries(panel)
        # A legend never takes more than a third of the plot: it can be long, the lines are what counts.
        if chart.legend == "right" and entries:
            width = column_width(canvas, entries, canvas.width * 0.3)
            right -= width + 12
            rows = column_of(canvas, entries, width, bottom - top - _TICKS)
            beside = 12 + (_ticks_width(canvas, part.right) if part.right else 0.0)
            draw_rows(canvas, rows, right + beside, top)
        elif entries:
            rows = rows_of(canvas, entries, canvas.width - 2 * _MARGIN, (bottom - top) * 0.34)
            bottom -= height_of(rows)
            draw_rows(canvas, rows, _MARGIN, bottom + 2)
        if x_label:
            bottom -= 16
            canvas.text(
                (left + right) / 2,
                bottom + 8,
                canvas.fitted(x_label, right - left),
                color=FAINT_INK,
                ha="center",
            )
        bottom -= _TICKS
    axes = canvas.axes(left, top, right, bottom - 4)
    _draw_axes(canvas, axes, part, x, chart, tiny, right - left)
    twin = axes.twinx() if part.right is not None else None
    if twin is not None and part.right is not None:
        _style(twin, part.right, "right", tiny)
    draw_marks(axes, twin, panel, x, words=not tiny)
    for layer in part.layers:
        on_right = layer.series.side == "right" and twin is not None
        span = part.right if on_right else part.left
        if span is not None:
            draw_layer(twin if on_right else axes, layer, color_of(layer.series.color, layer.number))


def _head(canvas: Canvas, panel: Panel, edges: tuple[float, float, float, float], two: bool) -> float:
    """Write a panel's title and what its axes measure; return where the plot begins."""
    _, top, right, _ = edges
    names = [clean(" ".join(filter(None, (axis.label, _unit(axis))))) for axis in (panel.left, panel.right)]
    title = clean(panel.title)
    if not title and not any(names):
        return top + _GAP
    room = right - _MARGIN
    x = _MARGIN
    if title:
        title = canvas.fitted(title, room * 0.6, weight="bold")
        canvas.text(x, top + _HEAD / 2, title, weight="bold")
        x += canvas.text_width(title, weight="bold") + 10
    left_name = canvas.fitted(names[0], room / 2 - (x - _MARGIN if title else 0))
    canvas.text(x, top + _HEAD / 2, left_name, color=FAINT_INK)
    if two and names[1]:
        canvas.text(
            canvas.width - _MARGIN,
            top + _HEAD / 2,
            canvas.fitted(names[1], room / 3),
            color=FAINT_INK,
            ha="right",
        )
    return top + _HEAD + 5


def _unit(axis: YAxis) -> str:
    return f"({axis.unit})" if axis.unit and axis.label else axis.unit


def _entries(panel: Panel) -> list[Entry]:
    return [
        Entry(clean(series.label), color_of(series.color, number))
        for number, series in enumerate(panel.series)
    ]


def _draw_axes(
    canvas: Canvas, axes: Any, part: _Part, x: tuple[float, float], chart: Chart, tiny: bool, width: float
) -> None:
    if part.left is not None:
        _style(axes, part.left, "left", tiny)
    axes.set_xlim(*x)
    count = max(1, int(width // 90))
    if chart.x.kind == "time":
        at = time_ticks(*x, count, chart.x.utc_offset_s)
        texts = [time_text(tick, x[1] - x[0], chart.x.utc_offset_s) for tick in at]
    else:
        at = number_ticks(*x, count)
        step = at[1] - at[0] if len(at) > 1 else 0.0
        texts = [number_text(tick, step) for tick in at]
    axes.set_xticks(at, [""] * len(at) if tiny else texts, parse_math=False)
    axes.tick_params(axis="x", colors=FAINT_INK, length=0 if tiny else 4, width=0.8)
    axes.spines["bottom"].set_color("#aab7b8")


def _style(axes: Any, span: Span, side: str, tiny: bool) -> None:
    axes.set_ylim(span.low, span.high)
    axes.set_yticks(
        span.ticks, [""] * len(span.ticks) if tiny else [number_text(t, span.step) for t in span.ticks]
    )
    axes.tick_params(axis="y", colors=FAINT_INK, length=0, pad=4)
    for name, spine in axes.spines.items():
        spine.set_visible(name == "bottom" and side == "left")
    if side == "left":
        axes.grid(axis="y", color=GRID, linewidth=0.8)
        axes.set_axisbelow(True)
    axes.set_facecolor("none")
