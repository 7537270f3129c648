"""draw_text: lines, axes, units, legends, in a fixed width."""

from __future__ import annotations

import pytest

from sagehen.plots.bounds import TooMuchToDraw
from sagehen.plots.chart import Chart, Level, Moment, Panel, Series, XAxis, YAxis
from sagehen.plots.terminal.plot import draw_text

NUMBERS = XAxis("number")


def test_a_rising_line() -> None:
    series = Series("load", (0, 1, 2, 3, 4), (0, 1, 2, 3, 4))
    chart = Chart((Panel((series,), left=YAxis("load", "1/s"), title="Climb"),), title="Whole", x=NUMBERS)
    assert draw_text(chart, columns=30, rows=4) == [
        "Whole",
        "Climb load (1/s)",
        "4┤                      ⣀⣀⡠⠤⠔⠒",
        " │               ⣀⡠⠤⠔⠒⠉⠉",
        "2┤      ⢀⣀⡠⠤⠔⠒⠒⠉⠉",
        "0┤⣀⠤⠤⠒⠊⠉⠁",
        " └┬─────────────┬────────────┬",
        "  0             2            4",
        "  ━━ load",
    ]


def test_two_axes_and_marks_have_their_ticks_and_names() -> None:
    panel = Panel(
        (
            Series("load", (0, 60, 120), (10, 90, 50), "area"),
            Series("instances", (0, 60), (1, 3), "steps", "right"),
        ),
        right=YAxis("instances"),
        levels=(Level(80, "capacity"),),
        moments=(Moment(60, "scaled out"),),
    )
    lines = draw_text(Chart((panel,)), columns=70, rows=6)
    assert lines[0].endswith("instances") and lines[-1].split() == [
        "██", "load", "━━", "instances", "(right)", "──", "capacity", "┆", "scaled", "out",
    ]  # fmt: skip
    assert max(map(len, lines)) <= 70
    assert any("├3" in line for line in lines) and any("├1" in line for line in lines)
    assert "00:00:00" in lines[-2] and "00:02:00" in lines[-2]


def test_colours_are_put_back() -> None:
    series = Series("a\x1b[2J", (0, 1), (0, 1))
    lines = draw_text(Chart((Panel((series,)),), x=NUMBERS), columns=30, rows=3, color=True)
    for line in lines:
        assert line.count("\x1b[0m") == line.count("\x1b[3") + line.count("\x1b[9") and "\x1b[2J" not in line


@pytest.mark.parametrize(
    "series",
    [
        Series("none", (), ()),
        Series("gaps", (0, 1), (None, None)),
        Series("one", (5,), (1e308,)),
        Series("huge", (0, 1, 2), (-1.7e308, float("nan"), 1.7e308), "bars"),
        Series("same", (3, 3, 3), (1, 2, 3), "steps"),
        Series("no x", (float("nan"), float("inf")), (1, 2), "area"),
    ],
)
def test_what_hardly_can_be_drawn_is_drawn(series: Series) -> None:
    for stacked in (False, True):
        lines = draw_text(Chart((Panel((series,), stacked=stacked),)), columns=40, rows=3)
        assert 5 <= len(lines) <= 6 and max(map(len, lines)) <= 52


def test_bounds() -> None:
    with pytest.raises(TooMuchToDraw, match="500 series; these are 501"):
        draw_text(Chart((Panel((Series("", (), ()),) * 501),)))
