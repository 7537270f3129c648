"""Ticks, numbers, times, labels, thinning, stacking: what both drawers decide by."""

from __future__ import annotations

import math

import pytest

from sagehen.plots.chart import Chart, Level, Panel, Series, XAxis, YAxis
from sagehen.plots.frame import layers_of, x_span, y_span
from sagehen.plots.labels import MAX_CHARACTERS, clean
from sagehen.plots.points import columns_of, thinned
from sagehen.plots.ticks import number_text, number_ticks, rounded_out, time_text, time_ticks


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 100, [0, 20, 40, 60, 80, 100]),
        (0, 3.2, [0, 1, 2, 3]),
        (-1, 1, [-1, -0.5, 0, 0.5, 1]),
        (7, 7, [6.5, 7, 7.5]),
        (0, 0, [-0.4, -0.2, 0, 0.2, 0.4]),
        (1e-9, 3e-9, [1e-9, 1.5e-9, 2e-9, 2.5e-9, 3e-9]),
    ],
)
def test_ticks_are_round(low: float, high: float, ticks: list[float]) -> None:
    assert number_ticks(low, high) == pytest.approx(ticks)


@pytest.mark.parametrize(
    ("value", "step", "text"),
    [
        (0, 10, "0"),
        (1500, 500, "1.5k"),
        (1000, 500, "1k"),
        (250, 50, "250"),
        (0.025, 0.005, "0.025"),
        (2_000_000, 1_000_000, "2M"),
        (3.2e16, 0, "3.2e+16"),
        (1e-7, 0, "1e-07"),
        (-12.5, 2.5, "-12.5"),
        (123456.789, 0, "123k"),
    ],
)
def test_numbers_are_short(value: float, step: float, text: str) -> None:
    assert number_text(value, step) == text


@pytest.mark.parametrize(
    ("width", "offset", "first"),
    [
        (120, 0, "14:13:30"),
        (3600, 0, "14:20"),
        (3600, 20700, "20:00"),
        (86400 * 2, 0, "11/15 00:00"),
        (86400 * 9, 0, "11/15"),
    ],
)
def test_times_are_round_on_the_clock_of_their_zone(width: int, offset: int, first: str) -> None:
    low = 1_700_000_000 - 8 * 3600  # 14:13:20 UTC
    at = time_ticks(low, low + width, 6, offset)
    assert time_text(at[0], width, offset) == first
    assert 2 <= len(at) <= 8


def test_an_axis_begins_at_zero_and_ends_at_a_tick() -> None:
    assert rounded_out(3, 97) == (0, 100)
    assert rounded_out(-42, -3) == (-50, 0)
    assert rounded_out(0, 0) == (0, 1)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("p99 $x_1$ 日本", "p99 $x_1$ 日本"),
        ("a\0b\r\nc\x1b[31m", "a b c [31m"),
        ("\u202eevil\u2066", "evil"),
        ("\ud800x", "x"),
        ("z" + "\u0301" * 50, "z" + "\u0301" * 3),
        ("x" * 10_000_000, "x" * (MAX_CHARACTERS - 1) + "…"),
    ],
)
def test_labels_are_one_short_line(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_thinning_keeps_peaks_and_gaps() -> None:
    ys: list[float | None] = [0.0] * 100_000
    ys[4321], ys[77_777], ys[50_000] = 9.0, -9.0, math.nan
    series = thinned(Series("", tuple(range(100_000)), tuple(ys)), 500)
    assert len(series.xs) <= 1010
    assert (min(y for y in series.ys if y is not None), max(y for y in series.ys if y is not None)) == (-9, 9)
    assert series.xs[0] == 0 and series.xs[-1] == 99_999


def test_many_series_of_a_large_picture_are_thinned_more() -> None:
    assert columns_of(600, 400, 3) == 600
    assert columns_of(2000, 2000, 100) < 200
    assert columns_of(2000, 2000, 500) == 50


def test_a_stack_adds_up_where_points_are_missing() -> None:
    one = Series("a", (0, 1, 2), (1, None, 3), "area")
    two = Series("b", (1, 2, 3), (10, 20, 30), "area")
    line = Series("c", (0,), (5,))
    layers = layers_of(Panel((one, line, two), stacked=True), 100)
    assert [(layer.number, layer.series.ys, layer.floor) for layer in layers] == [
        (0, (1, 0, 3, 0), None),
        (2, (1, 10, 23, 30), (1, 0, 3, 0)),
        (1, (5,), None),
    ]


def test_what_an_axis_says_goes_before_its_data() -> None:
    panel = Panel(
        (Series("a", (0, 1), (20, 97)), Series("b", (0, 1), (1e308, math.inf), side="right")),
        left=YAxis(high=50),
        levels=(Level(120),),
    )
    layers = layers_of(panel, 100)
    left, right = y_span(panel, layers, "left"), y_span(panel, layers, "right")
    assert left is not None and (left.low, left.high) == (0, 50)
    assert right is not None and math.isfinite(right.high - right.low)
    assert y_span(Panel(()), [], "right") is None
    assert x_span(Chart((panel,))) == (0, 1)
    low, high = x_span(Chart((panel,), x=XAxis(low=-1.7e308, high=1.7e308)))
    assert math.isfinite(high - low)
    assert x_span(Chart((panel,), x=XAxis(low=5))) == (5, 6)
