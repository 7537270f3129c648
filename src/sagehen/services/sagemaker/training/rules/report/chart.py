"""A line chart as SVG. Pure; every text escaped."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT, _LEFT, _BOTTOM = 900, 260, 60, 30
# Told apart by people who see few colours (Okabe and Ito).
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
_MOST_POINTS = 600
_MOST_LINES = 24


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its name, and (x, y) with rising x; what is not finite is left out."""

    name: str
    points: Sequence[tuple[float, float]]


def chart(lines: Sequence[Line], top: float | None = None) -> str:
    """Return the lines in one picture.

    Args:
        top: Of the vertical axis; None takes the highest value.
    """
    drawn = [(line.name, _thin(line.points)) for line in lines[:_MOST_LINES]]
    xs = [x for _, points in drawn for x, _ in points]
    ys = [y for _, points in drawn for _, y in points]
    if not xs:
        return "<p>nothing to draw</p>"
    left, right = min(xs), max(xs)
    low, high = min(0.0, *ys), max(ys) if top is None else top
    width, height = (right - left) or 1.0, (high - low) or 1.0

    def place(x: float, y: float) -> str:
        across = _LEFT + (x - left) / width * (_WIDTH - _LEFT - 10)
        down = 10 + (high - y) / height * (_HEIGHT - _BOTTOM - 10)
        return f"{across:.1f},{down:.1f}"

    tall = _HEIGHT + 18 * len(drawn)
    parts = [f'<svg viewBox="0 0 {_WIDTH} {tall}" role="img">', _axes(left, right, low, high)]
    for number, (name, points) in enumerate(drawn):
        colour = _COLOURS[number % len(_COLOURS)]
        path = " ".join(place(x, y) for x, y in points)
        parts.append(f'<polyline fill="none" stroke="{colour}" stroke-width="1.5" points="{path}"/>')
        at = _HEIGHT + 18 * number + 12
        parts.append(f'<text x="{_LEFT}" y="{at}" font-size="13" fill="{colour}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>"])


def _axes(left: float, right: float, low: float, high: float) -> str:
    floor = _HEIGHT - _BOTTOM
    marks = [
        (_LEFT - 6, 18, "end", high),
        (_LEFT - 6, floor, "end", low),
        (_LEFT, floor + 18, "start", left),
        (_WIDTH - 10, floor + 18, "end", right),
    ]
    texts = "".join(
        f'<text x="{x}" y="{y}" font-size="12" text-anchor="{anchor}">{value:.4g}</text>'
        for x, y, anchor, value in marks
    )
    return f'<path d="M{_LEFT},10V{floor}H{_WIDTH - 10}" fill="none" stroke="#888"/>{texts}'


def _thin(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    finite = [(x, y) for x, y in points if math.isfinite(x) and math.isfinite(y)]
    return finite[:: max(1, math.ceil(len(finite) / _MOST_POINTS))]
