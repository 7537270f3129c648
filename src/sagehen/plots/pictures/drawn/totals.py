"""Single values: tiles, bars, a pie, gauges."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sagehen.plots.colors import annotation_color, color_of
from sagehen.plots.frame import ends
from sagehen.plots.labels import clean
from sagehen.plots.pictures.drawn.canvas import BEHIND, FAINT_INK, GRID, TEXT_PT, TITLE_PT, Canvas
from sagehen.plots.pictures.drawn.legend import Entry, column_of, column_width, draw_rows, height_of, rows_of
from sagehen.plots.points import extent, finite
from sagehen.plots.ticks import number_text, number_ticks, rounded_out, spread
from sagehen.plots.totals import Total, Totals

_MARGIN, _TITLE = 12.0, 26.0
_NONE = "--"


def draw_totals(totals: Totals) -> bytes:
    """Return single values as PNG."""
    canvas = Canvas(totals.width, totals.height)
    top = _MARGIN
    if totals.title and totals.height >= 80:
        title = canvas.fitted(clean(totals.title), totals.width - 2 * _MARGIN, TITLE_PT)
        canvas.text(_MARGIN, _MARGIN + _TITLE / 2 - 2, title, size=TITLE_PT)
        top = _MARGIN + _TITLE
    if totals.items:
        draw = {"tiles": _tiles, "bars": _bars, "pie": _pie, "gauge": _gauges}[totals.view]
        draw(canvas, totals, top)
    return canvas.png()


def value_text(item: Total, *, whole: bool = False) -> str:
    """Write a value as it stands in tiles and gauges, without its unit."""
    value = finite(item.value)
    if value is None:
        return _NONE
    if whole and abs(value) < 1e15:
        return f"{value:,.3f}".rstrip("0").rstrip(".")
    return number_text(value)


def _grid(totals: Totals, top: float, wanted_ratio: float) -> list[tuple[float, float, float, float]]:
    """Share the room among the items: (left, top, width, height) of each, cells of about that ratio."""
    width, height = totals.width - 2 * _MARGIN, totals.height - top - 6
    count = len(totals.items)
    columns = max(1, min(count, round(math.sqrt(count * width / max(1.0, height) / wanted_ratio))))
    rows = -(-count // columns)
    return [
        (
            _MARGIN + number % columns * width / columns,
            top + number // columns * height / rows,
            width / columns,
            height / rows,
        )
        for number in range(count)
    ]


def _tiles(canvas: Canvas, totals: Totals, top: float) -> None:
    for number, (item, (left, upper, width, height)) in enumerate(
        zip(totals.items, _grid(totals, top, 2.2), strict=True)
    ):
        text = value_text(item, whole=totals.whole)
        unit = clean(item.unit, 16) if text != _NONE else ""
        size = max(6.0, min(30.0, height * 0.28, width / max(4, len(text)) * 0.9))
        middle = left + width / 2
        inner = width - 12
        spark = any(finite(value) is not None for value in item.spark) and height >= 90
        y = upper + height * (0.32 if spark else 0.42)
        shown = canvas.fitted(text, inner, size)
        text_width = canvas.text_width(shown, size)
        unit_width = canvas.text_width(unit, TEXT_PT) + 4 if unit else 0.0
        unit_width = unit_width if text_width + unit_width <= inner else 0.0
        canvas.text(middle - (text_width + unit_width) / 2, y, shown, size=size, va="center")
        if unit_width:
            canvas.text(middle + (text_width - unit_width) / 2 + 4, y + size * 0.3, unit, color=FAINT_INK)
        label_y = y + size * 0.7 + 14
        color = color_of(item.color, number)
        label = canvas.fitted(clean(item.label), inner - 15)
        label_width = canvas.text_width(label) + 15
        canvas.box(middle - label_width / 2, label_y - 5, 10, 10, color)
        canvas.text(middle - label_width / 2 + 15, label_y + 0.5, label, color=FAINT_INK)
        if spark:
            _spark(canvas, item, color, (left + 10, label_y + 12, left + width - 10, upper + height - 4))


def _spark(canvas: Canvas, item: Total, color: str, edges: tuple[float, float, float, float]) -> None:
    left, top, right, bottom = edges
    values = [finite(value) for value in item.spark]
    low, high = spread(*(extent(values) or (0.0, 1.0)))
    step, scale = (right - left) / max(1, len(values) - 1), (bottom - top - 4) / (high - low)
    points = [
        (left + index * step, math.nan if value is None else bottom - (value - low) * scale)
        for index, value in enumerate(values)
    ]
    known = [point for point in points if not math.isnan(point[1])]
    canvas.polygon([(known[0][0], bottom), *known, (known[-1][0], bottom)], color, 0.15)
    canvas.line(points, color, 1.4)


def _scale(totals: Totals, extra: Sequence[float | None] = ()) -> tuple[float, float]:
    found = extent([finite(item.value) for item in totals.items] + [finite(value) for value in extra])
    low, high = rounded_out(*(found or (0.0, 1.0)))
    return ends(low, high, totals.low, totals.high)


def _bars(canvas: Canvas, totals: Totals, top: float) -> None:
    entries = _entries(totals)
    bottom = totals.height - 8.0
    if totals.legend != "hidden":
        rows = rows_of(canvas, entries, totals.width - 2 * _MARGIN, (totals.height - top) * 0.34)
        bottom -= height_of(rows)
        draw_rows(canvas, rows, _MARGIN, bottom + 4)
    low, high = _scale(totals, [end for band in totals.bands for end in (band.value, band.until)])
    ticks = number_ticks(low, high, max(2, min(6, int((bottom - top) / 50))))
    step = ticks[1] - ticks[0] if len(ticks) > 1 else 0.0
    texts = [number_text(tick, step) for tick in ticks]
    left = _MARGIN + 6 + max((canvas.text_width(text) for text in texts), default=0.0)
    axes = canvas.axes(left, top + 14, totals.width - _MARGIN, bottom - 8)
    axes.set_ylim(low, high)
    axes.set_yticks(ticks, texts)
    axes.tick_params(axis="y", colors=FAINT_INK, length=0, pad=4)
    axes.set_xticks([])
    for name, spine in axes.spines.items():
        spine.set_visible(name == "bottom")
    axes.spines["bottom"].set_color("#aab7b8")
    axes.grid(axis="y", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.set_xlim(-0.6, len(totals.items) - 0.4)
    room = (totals.width - left) / len(totals.items)
    for number, item in enumerate(totals.items):
        value = finite(item.value)
        if value is None:
            continue
        axes.bar(number, value, 0.6, color=color_of(item.color, number))
        if room >= 34 and low <= value <= high:
            axes.annotate(
                value_text(item), (number, value), xytext=(0, 3), textcoords="offset points", ha="center",
                va="bottom", color=FAINT_INK, fontsize=TEXT_PT, parse_math=False,
            )  # fmt: skip
    axes.axhline(0, color="#aab7b8", linewidth=0.8)
    for band in totals.bands:
        color = annotation_color(band.color)
        ends = [end for end in (finite(band.value), finite(band.until)) if end is not None]
        for end in ends:
            axes.axhline(end, color=color, linewidth=1.2)
        if len(ends) == 2:
            axes.axhspan(min(ends), max(ends), color=color, alpha=0.13, linewidth=0)
        label = clean(band.label, 60)
        if label and ends and low <= ends[0] <= high:
            axes.annotate(
                label, (-0.55, ends[0]), xytext=(0, 2), textcoords="offset points", color=color,
                fontsize=TEXT_PT - 0.5, va="bottom", parse_math=False, bbox=BEHIND,
            )  # fmt: skip
    axes.set_ylim(low, high)


def _entries(totals: Totals) -> list[Entry]:
    return [
        Entry(clean(item.label), color_of(item.color, number)) for number, item in enumerate(totals.items)
    ]


def _pie(canvas: Canvas, totals: Totals, top: float) -> None:
    """Slices clockwise from noon; what is not above zero has none."""
    values = [max(0.0, finite(item.value) or 0.0) for item in totals.items]
    whole = math.fsum(values)
    entries = [
        # The share goes first: labels may be written from right to left.
        Entry(f"{value / whole if whole else 0:.1%}  {clean(item.label)}", color_of(item.color, number))
        for number, (item, value) in enumerate(zip(totals.items, values, strict=True))
    ]
    right, bottom = totals.width - _MARGIN, totals.height - 10.0
    if totals.legend == "right":
        width = column_width(canvas, entries, totals.width * 0.45)
        right -= width + 12
        rows = column_of(canvas, entries, width, bottom - top)
        draw_rows(canvas, rows, right + 12, top + max(0.0, (bottom - top - height_of(rows)) / 2))
    elif totals.legend == "bottom":
        rows = rows_of(canvas, entries, totals.width - 2 * _MARGIN, (totals.height - top) * 0.34)
        bottom -= height_of(rows)
        draw_rows(canvas, rows, _MARGIN, bottom + 4)
    side = max(4.0, min(right - _MARGIN, bottom - top))
    middle_x, middle_y = (_MARGIN + right) / 2, (top + bottom) / 2
    radius, hole = side / 2, side * 0.29
    if not whole:
        canvas.wedge(middle_x, middle_y, radius, hole, (0, 360), GRID)
        canvas.text(middle_x, middle_y, _NONE, color=FAINT_INK, ha="center", va="center")
        return
    begin = 90.0
    for number, (item, value) in enumerate(zip(totals.items, values, strict=True)):
        if value:
            end = begin - 360 * value / whole
            canvas.wedge(
                middle_x, middle_y, radius, hole, (end, begin), color_of(item.color, number), edge="white"
            )
            begin = end


def _gauges(canvas: Canvas, totals: Totals, top: float) -> None:
    low, high = _scale(totals)
    for number, (item, (left, upper, width, height)) in enumerate(
        zip(totals.items, _grid(totals, top, 1.5), strict=True)
    ):
        # An arc of 180 degrees over its value and label.
        side = max(8.0, min(width - 16, (height - 34) * 1.8))
        middle_x, center_y = left + width / 2, upper + 8 + side / 2
        radius, hole = side / 2, side * 0.4
        canvas.wedge(middle_x, center_y, radius, hole, (0, 180), GRID)
        value = finite(item.value)
        if value is not None:
            turned = 180 - 180 * _share(value, low, high)
            canvas.wedge(middle_x, center_y, radius, hole, (turned, 180), color_of(item.color, number))
        for band in totals.bands:
            begin, until = finite(band.value), finite(band.until)
            if begin is not None:
                shares = [_share(end, low, high) for end in (begin, begin if until is None else until)]
                between = 180 - 180 * max(shares) - 0.6, 180 - 180 * min(shares) + 0.6
                color = annotation_color(band.color)
                canvas.wedge(middle_x, center_y, side * 0.39, side * 0.36, between, color)
        size = max(6.0, min(24.0, side * 0.11))
        text = value_text(item) if value is None else f"{value_text(item)} {clean(item.unit, 12)}".strip()
        size = max(5.0, min(size, size * side * 0.66 / max(1.0, canvas.text_width(text, size))))
        canvas.text(middle_x, center_y - size * 0.5, text, size=size, ha="center")
        for end, at in ((low, middle_x - side * 0.45), (high, middle_x + side * 0.45)):
            canvas.text(at, center_y + 9, number_text(end), color=FAINT_INK, ha="center")
        canvas.text(
            middle_x, center_y + 22, canvas.fitted(clean(item.label), width - 8), color=FAINT_INK, ha="center"
        )


def _share(value: float, low: float, high: float) -> float:
    return max(0.0, min(1.0, (value - low) / (high - low)))
