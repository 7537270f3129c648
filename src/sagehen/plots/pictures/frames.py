"""Messages between the platform and its drawing process: a length, then so many bytes.

To the process: a picture as JSON. From it: a byte that says what comes, then a PNG or why there is none.
"""

from __future__ import annotations

import signal
import struct
from dataclasses import fields, is_dataclass, replace
from typing import Any

from sagehen.plots.bounds import check
from sagehen.plots.chart import Chart, Panel
from sagehen.plots.labels import clean
from sagehen.plots.points import columns_of, finite, thinned
from sagehen.plots.totals import Totals

LENGTH = struct.Struct(">I")
ANSWER = struct.Struct(">cI")
PNG, TROUBLE, MISSING = b"P", b"T", b"M"
# A PNG of 2000 x 2000 pixels that cannot be compressed has 16 MB.
MAX_BYTES = 64 << 20


class PicturesUnavailable(RuntimeError):
    """Pictures cannot be drawn here; the message says what to do."""


class DrawingFailed(RuntimeError):
    """A picture could not be drawn, or not in its time."""


def missing() -> PicturesUnavailable:
    """Return what is said where matplotlib is not installed."""
    return PicturesUnavailable("Drawing pictures needs matplotlib: pip install 'sagehen[plots]'")


def encoded(picture: Chart | Totals) -> bytes:
    """Return a picture's message, its points thinned to what its width can show.

    Raises:
        TooMuchToDraw: It is beyond the bounds.
    """
    import msgspec  # 10 ms that those who draw nothing do without

    check(picture)
    if isinstance(picture, Chart):
        message = {
            "chart": _harmless(replace(picture, panels=tuple(_small(p, picture) for p in picture.panels)))
        }
    else:
        items = tuple(
            replace(item, value=finite(item.value), spark=_few(item.spark, picture.width))
            for item in picture.items
        )
        message = {"totals": _harmless(replace(picture, items=items))}
    body = msgspec.json.encode(message)
    return LENGTH.pack(len(body)) + body


def decoded(body: bytes) -> Chart | Totals:
    """Read a picture's message."""
    import msgspec

    parts: dict[str, Any] = msgspec.json.decode(body)
    if "chart" in parts:
        return msgspec.convert(parts["chart"], Chart)
    return msgspec.convert(parts["totals"], Totals)


def png_of(kind: bytes, body: bytes) -> bytes:
    """Return the picture of an answer.

    Raises:
        PicturesUnavailable: There is no matplotlib.
        DrawingFailed: Drawing failed.
    """
    if kind == PNG:
        return body
    if kind == MISSING:
        raise missing()
    raise DrawingFailed(body.decode(errors="replace"))


def ended_early(status: int | None) -> str:
    """Return what is said of a process that ended without an answer."""
    if status == -signal.SIGPROF:
        return "The picture takes too long to draw; ask for fewer series or a smaller one."
    return f"The drawing process ended before the picture was ready (status {status})."


def _few(spark: tuple[float | None, ...], most: int) -> tuple[float | None, ...]:
    stride = max(1, -(-len(spark) // max(1, most)))
    return tuple(finite(value) for value in spark[::stride])


def _small(panel: Panel, chart: Chart) -> Panel:
    """Return a panel with what can be seen of it."""
    every = sum(len(panel.series) for panel in chart.panels)
    columns = columns_of(chart.width, chart.height // len(chart.panels), every)
    return replace(
        panel,
        series=tuple(thinned(series, columns) for series in panel.series),
        levels=tuple(level for level in panel.levels if finite(level.value) is not None),
        moments=tuple(moment for moment in panel.moments if finite(moment.at) is not None),
    )


def _harmless(part: Any) -> Any:
    """Return a description with every text as it may be drawn."""
    if isinstance(part, str):
        return clean(part)
    if isinstance(part, tuple):
        return tuple(map(_harmless, part)) if part and is_dataclass(part[0]) else part
    if is_dataclass(part) and not isinstance(part, type):
        return replace(part, **{each.name: _harmless(getattr(part, each.name)) for each in fields(part)})
    return part
