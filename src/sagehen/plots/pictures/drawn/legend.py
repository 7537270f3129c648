"""The legend: squares and labels, in rows below a panel or in a column beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sagehen.plots.pictures.drawn.canvas import FAINT_INK, Canvas

_ROW = 17.0
_KEY, _KEY_GAP, _GAP = 10.0, 5.0, 16.0


@dataclass(frozen=True, slots=True)
class Entry:
    """What a colour stands for."""

    label: str
    color: str


def rows_of(
    canvas: Canvas, entries: Sequence[Entry], width: float, height: float
) -> list[list[tuple[float, Entry]]]:
    """Place entries in rows of a width: (x from the left, entry).

    What has no place in the height is counted in a last entry ("+ 12 more").
    """
    most = max(1, int(height // _ROW))
    rows: list[list[tuple[float, Entry]]] = [[]]
    x = 0.0
    for number, entry in enumerate(entries):
        label = canvas.fitted(entry.label, width - _KEY - _KEY_GAP)
        needed = _KEY + _KEY_GAP + canvas.text_width(label) + _GAP
        # The last row keeps room for "+ n more".
        full = width - (70.0 if len(rows) == most and number < len(entries) - 1 else 0.0)
        if rows[-1] and x + needed - _GAP > full:
            if len(rows) == most:
                rows[-1].append((x, Entry(f"+ {len(entries) - number} more", "")))
                return rows
            rows.append([])
            x = 0.0
        rows[-1].append((x, Entry(label, entry.color)))
        x += needed
    return rows if rows[0] else []


def height_of(rows: Sequence[Sequence[tuple[float, Entry]]]) -> float:
    """Return how many pixels rows are high."""
    return _ROW * len(rows)


def draw_rows(canvas: Canvas, rows: Sequence[Sequence[tuple[float, Entry]]], left: float, top: float) -> None:
    """Draw rows below a line."""
    for number, row in enumerate(rows):
        y = top + (number + 0.5) * _ROW
        for x, entry in row:
            begin = left + x
            if entry.color:
                canvas.box(begin, y - _KEY / 2, _KEY, _KEY, entry.color)
                begin += _KEY + _KEY_GAP
            canvas.text(begin, y + 0.5, entry.label, color=FAINT_INK)


def column_of(
    canvas: Canvas, entries: Sequence[Entry], width: float, height: float
) -> list[list[tuple[float, Entry]]]:
    """Place entries one below the other."""
    most = max(1, int(height // _ROW))
    shown = list(entries) if len(entries) <= most else list(entries)[: most - 1]
    rows = [
        [(0.0, Entry(canvas.fitted(entry.label, width - _KEY - _KEY_GAP), entry.color))] for entry in shown
    ]
    if len(shown) < len(entries):
        rows.append([(0.0, Entry(f"+ {len(entries) - len(shown)} more", ""))])
    return rows


def column_width(canvas: Canvas, entries: Sequence[Entry], most: float) -> float:
    """Return how wide a column of entries is, `most` at most."""
    widths = [_KEY + _KEY_GAP + canvas.text_width(entry.label) for entry in entries[:60]]
    return min(most, max(widths, default=0.0))
