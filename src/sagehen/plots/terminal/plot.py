"""draw_text: a chart as lines of text."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from sagehen.plots.bounds import check
from sagehen.plots.chart import Chart, Panel
from sagehen.plots.frame import Span, layers_of, x_span, y_span
from sagehen.plots.labels import clean
from sagehen.plots.terminal.canvas import Canvas
from sagehen.plots.terminal.layers import DASHES, Place, dashes_of, draw_layer, draw_marks
from sagehen.plots.ticks import number_text, number_ticks, time_text, time_ticks

# Of SGR: they are told apart on light and dark ground.
_COLORS = (34, 33, 32, 31, 35, 36, 94, 93)
_MARK_COLOR = 31
_KEYS = ("━━", "╍╍", "┈┈")
_MIN_COLUMNS, _MAX_COLUMNS = 30, 400


def draw_text(chart: Chart, *, columns: int = 80, rows: int = 12, color: bool = False) -> list[str]:
    """Draw a chart in text.

    Args:
        chart: What to draw.
        columns: Width of all, in characters; at least 30 and at most 400 are taken.
        rows: Height of all panels together, in lines, without titles, x axis and legends; each has at
            least three.
        color: Whether to write terminals' colours. Without, dashes tell series apart.

    Returns:
        Lines without their ends.

    Raises:
        TooMuchToDraw: Too many panels, series or points.
    """
    check(chart)
    columns = max(_MIN_COLUMNS, min(_MAX_COLUMNS, columns))
    low, high = x_span(chart)
    drawn = []
    for panel in chart.panels:
        layers = layers_of(panel, 2 * columns)
        drawn.append((panel, layers, y_span(panel, layers, "left", 3), y_span(panel, layers, "right", 3)))
    left_width = max((_axis_width(left) for _, _, left, _ in drawn), default=0)
    right_width = max((_axis_width(right) for *_, right in drawn), default=0)
    right_edge = any(right is not None for *_, right in drawn)
    inner = max(10, columns - left_width - 1 - right_edge - right_width)
    shares = sum(max(0.0, panel.share) for panel in chart.panels) or 1.0
    lines = [clean(chart.title, columns)] if chart.title else []
    for number, (panel, layers, left, right) in enumerate(drawn, start=1):
        height = max(3, min(200, round(rows * max(0.0, panel.share) / shares)))
        canvas = Canvas(inner, height)
        place = Place(canvas, (low, high), left, right)
        draw_marks(place, panel, owner=-1)
        dashes = dashes_of(panel)
        for layer in layers:
            draw_layer(place, layer, DASHES[dashes[layer.number]])
        lines += _head(panel, left_width, inner, columns)
        lines += _body(canvas, left, right, left_width, right_width, color)
        if number == len(drawn):
            lines += _x_axis(chart, low, high, left_width, inner)
        if chart.legend != "hidden":
            lines += _legend(panel, columns, color, left_width)
    return [line.rstrip() for line in lines]


def _axis_width(span: Span | None) -> int:
    return max((len(number_text(tick, span.step)) for tick in span.ticks), default=0) if span else 0


def _head(panel: Panel, left_width: int, inner: int, columns: int) -> list[str]:
    """A panel's title, and what its axes measure."""
    names = []
    for axis in (panel.left, panel.right):
        unit = f"({axis.unit})" if axis.unit else ""
        names.append(clean(f"{axis.label} {unit}", columns // 3))
    title = clean(f"{panel.title}  {names[0]}", columns * 2 // 3)
    if not title and not names[1]:
        return []
    room = left_width + 2 + inner - _cells(title) - _cells(names[1])
    return [title + " " * max(1, room) + names[1]]


def _body(
    canvas: Canvas, left: Span | None, right: Span | None, left_width: int, right_width: int, color: bool
) -> list[str]:
    left_labels, right_labels = _labels(left, canvas.rows), _labels(right, canvas.rows)
    lines = []
    for number in range(canvas.rows):
        text = left_labels.get(number, "")
        line = text.rjust(left_width) + ("┤" if text else "│")
        line += _row(canvas.row(number), color)
        if right is not None:
            text = right_labels.get(number, "")
            line += ("├" if text else "│") + text.ljust(right_width)
        lines.append(line)
    return lines


def _labels(span: Span | None, rows: int) -> dict[int, str]:
    """Row -> what is written beside it; two ticks never share one."""
    if span is None:
        return {}
    width = span.high - span.low
    placed: dict[int, str] = {}
    for tick in span.ticks:
        row = rows - 1 - min(rows - 1, int((tick - span.low) / width * rows))
        placed.setdefault(row, number_text(tick, span.step))
    return placed


def _row(cells: Sequence[tuple[str, int | None]], color: bool) -> str:
    if not color:
        return "".join(character for character, _ in cells)
    text, last = "", None
    for character, owner in cells:
        if owner != last:
            text += "\x1b[0m" if owner is None else _sgr(owner)
            last = owner
        text += character
    return text + ("\x1b[0m" if last is not None else "")


def _sgr(owner: int) -> str:
    return f"\x1b[{_MARK_COLOR if owner < 0 else _COLORS[owner % len(_COLORS)]}m"


def _legend(panel: Panel, columns: int, color: bool, indent: int) -> list[str]:
    """What each line is, as many to a row as fit."""
    keys: list[tuple[str, int, str]] = []
    for number, (series, dash) in enumerate(zip(panel.series, dashes_of(panel), strict=True)):
        key = "██" if series.kind in ("area", "bars") else _KEYS[dash]
        axis = " (right)" if series.side == "right" else ""
        keys.append((key, number, clean(series.label, columns - 14) + axis))
    keys += [("──", -1, clean(level.label, columns - 14)) for level in panel.levels if level.label]
    keys += [("┆ ", -1, clean(moment.label, columns - 14)) for moment in panel.moments if moment.label]
    rows, line, width = [], "", 0
    for key, owner, label in keys:
        entry_width = 5 + _cells(label)
        if line and width + entry_width > columns - indent:
            rows.append(line)
            line, width = "", 0
        line += f"  {_sgr(owner)}{key}\x1b[0m {label}" if color else f"  {key} {label}"
        width += entry_width
    if line:
        rows.append(line)
    return [" " * max(0, indent - 1) + row for row in rows]


def _x_axis(chart: Chart, low: float, high: float, left_width: int, inner: int) -> list[str]:
    offset = chart.x.utc_offset_s
    room = max(1, inner // 12)
    if chart.x.kind == "time":
        texts = [(at, time_text(at, high - low, offset)) for at in time_ticks(low, high, room, offset)]
    else:
        ticks = number_ticks(low, high, room)
        step = ticks[1] - ticks[0] if len(ticks) > 1 else 0.0
        texts = [(at, number_text(at, step)) for at in ticks]
    ruler, line = ["─"] * inner, [" "] * (left_width + 1 + inner)
    free = 0
    for at, text in texts:
        column = min(inner - 1, int((at - low) / (high - low) * inner))
        begin = max(0, min(left_width + 1 + column - len(text) // 2, len(line) - len(text)))
        if begin < free:
            continue
        ruler[column] = "┬"
        line[begin : begin + len(text)] = text
        free = begin + len(text) + 1
    result = [" " * left_width + "└" + "".join(ruler), "".join(line).rstrip()]
    if chart.x.label:
        result.append(" " * (left_width + 1) + clean(chart.x.label, inner).center(inner))
    return result


def _cells(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(
        0 if unicodedata.combining(character) else 1 + (unicodedata.east_asian_width(character) in "WF")
        for character in text
    )
