"""Totals: single values instead of values over time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sagehen.plots.chart import Legend

TotalsView = Literal["tiles", "bars", "pie", "gauge"]


@dataclass(frozen=True, slots=True)
class Total:
    """One value; None where there is none.

    Attributes:
        spark: Values over time, drawn small below a tile; they may be none.
    """

    label: str
    value: float | None
    unit: str = ""
    color: str = ""
    spark: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Band:
    """A part of a gauge's dial, or a line (`until` is None) across bars."""

    value: float
    until: float | None = None
    label: str = ""
    color: str = ""


@dataclass(frozen=True, slots=True)
class Totals:
    """What a picture of single values shows; sizes in pixels.

    Attributes:
        low, high: Ends of the scale of gauges and bars; None lets the data say.
        whole: Tiles: write values out instead of with a k or M.
    """

    items: tuple[Total, ...]
    view: TotalsView
    title: str = ""
    low: float | None = None
    high: float | None = None
    bands: tuple[Band, ...] = ()
    legend: Legend = "bottom"
    whole: bool = False
    width: int = 800
    height: int = 400
