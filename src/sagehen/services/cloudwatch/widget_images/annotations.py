"""Annotations: lines and bands, as a widget writes them.

Documented: CloudWatch API reference, Metric widget structure and syntax, "Annotation properties format".
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal, cast

from sagehen.services.cloudwatch.widget_images.checks import Fields, invalid, number
from sagehen.services.cloudwatch.widget_images.times import moment
from sagehen.services.cloudwatch.widget_images.widget import Line, Side

# Ours: AWS names no number.
_MOST = 100
_HORIZONTAL = ("value", "label", "color", "fill", "visible", "yAxis")
_VERTICAL = ("value", "label", "color", "fill", "visible")
_FILLS = {"before": "below", "after": "above"}


def horizontal(fields: Fields) -> tuple[Line, ...]:
    """Return the horizontal annotations that are visible.

    Raises:
        ValidationError, NotImplementedOperation.
    """

    def value(fields: Fields) -> float:
        found = number(fields.get("value"), fields.within("value"))
        if found is None:
            invalid(fields.path, "Should have required property 'value'")
        return found

    return _lines(fields, "horizontal", _HORIZONTAL, ("none", "above", "below"), value)


def vertical(fields: Fields, now: datetime) -> tuple[Line, ...]:
    """Return the vertical annotations that are visible; their values are in seconds since the epoch.

    Raises:
        ValidationError, NotImplementedOperation.
    """

    def value(fields: Fields) -> float:
        return moment(fields.text("value"), fields.within("value"), now).timestamp()

    return _lines(fields, "vertical", _VERTICAL, ("none", "before", "after"), value)


def _lines(
    fields: Fields,
    name: str,
    members: tuple[str, ...],
    fills: tuple[str, ...],
    value: Callable[[Fields], float],
) -> tuple[Line, ...]:
    found = []
    items = fields.items(name)
    if len(items) > _MOST:
        invalid(fields.within(name), f"Should NOT have more than {_MOST} items")
    for index, item in enumerate(items):
        path = f"{fields.within(name)}/{index}"
        if isinstance(item, list):
            found.append(_band(item, path, members, (*fills, "between"), value))
        else:
            found.append(_line(Fields(item, path), members, fills, value))
    return tuple(line for line in found if line is not None)


def _line(
    fields: Fields, members: tuple[str, ...], fills: tuple[str, ...], value: Callable[[Fields], float]
) -> Line | None:
    fields.known(members)
    fill = fields.one_of("fill", fills, "none")
    line = Line(
        value(fields),
        label=fields.text("label"),
        color=fields.text("color"),
        fill=cast(Literal["none", "above", "below"], _FILLS.get(fill, fill)),
        side=cast(Side, fields.one_of("yAxis", ("left", "right"), "left")),
    )
    return line if fields.truth("visible", True) else None


def _band(
    items: list[Any],
    path: str,
    members: tuple[str, ...],
    fills: tuple[str, ...],
    value: Callable[[Fields], float],
) -> Line | None:
    """Two lines, and what lies between them coloured; the first says how."""
    if len(items) != 2:
        invalid(path, "A band should have 2 items")
    first, second = Fields(items[0], f"{path}/0"), Fields(items[1], f"{path}/1")
    second.known(members)
    second.one_of("fill", fills, "none")
    first.one_of("fill", fills, "none")
    ends = _line(Fields({**items[0], "fill": None}, first.path), members, fills, value)
    until = value(second)
    if ends is None or not second.truth("visible", True):
        return None
    labels = [text for text in (first.text("label"), second.text("label")) if text]
    return Line(
        ends.value,
        until,
        label=" – ".join(labels),
        color=first.text("color") or second.text("color"),
        fill="between",
        side=ends.side,
    )
