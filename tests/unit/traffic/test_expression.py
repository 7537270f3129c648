"""Rates as expressions: what they mean, and errors that point at their place."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagehen.traffic.expression import parse_rate
from sagehen.traffic.tokens import ExpressionError


@pytest.mark.parametrize(
    ("text", "duration", "rates"),
    [
        ("5", 60, {0: 5, 59.9: 5, 60: 0, -1: 0}),
        ("600/m", 60, {0: 10}),
        ("7200/h for 1h", None, {3599: 2, 3600: 0}),
        (
            "10 for 5m, ramp 10 to 100 for 2m, 100 for 10m",
            None,
            {0: 10, 300: 10, 360: 55, 420: 100, 1019: 100},
        ),
        ("10 for 1m, 20", 180, {59: 10, 60: 20, 179: 20, 180: 0}),
        ("10 for 1m, 20", 30, {29: 10, 30: 0}),
        ("ramp 0 to 10 for 10s", 5, {2.5: 2.5, 4: 4, 5: 0}),
        ("ramp 0 to 10", 20, {10: 5}),
        ("wave 5 to 50 every 24h", 86400, {0: 5, 43200: 50, 21600: 27.5, 86399.9: 5}),
        ("wave 50 to 5 every 1h for 90m", None, {0: 50, 1800: 5, 3600: 50, 5399.9: 5}),
        ("burst 100 lasting 10s at 30s + 1", 60, {0: 1, 29: 1, 30: 101, 39: 101, 40: 1}),
        ("burst 100 lasting 10s every 1m", 120, {24: 0, 25: 100, 34: 100, 35: 0, 85: 100, 95: 0}),
        ("(1 for 10s, 9 for 5s)", 40, {0: 1, 10: 9, 14: 9, 15: 1, 25: 9, 39: 1}),
        ("(1 for 10s, 9 for 5s) + 1 for 30s, 4 for 10s", None, {0: 2, 11: 10, 16: 2, 29: 10, 30: 4, 40: 0}),
        ("(5 + 3) + ramp 0 to 60 for 1m", None, {0: 8, 30: 38}),
        (" 1.5\tfor 1h30m ", None, {5399: 1.5, 5400: 0}),
    ],
)
def test_meaning(text: str, duration: float | None, rates: dict[float, float]) -> None:
    traffic = parse_rate(text, duration)
    assert {at: traffic.rate(at) for at in rates} == pytest.approx(rates, abs=1e-3)


@pytest.mark.parametrize(
    ("text", "duration", "column", "reason"),
    [
        ("", 1, 1, "expected a rate"),
        ("fast", 1, 1, "expected a rate"),
        ("-5", 1, 1, "expected a rate"),
        ("5", None, 2, "how long"),
        ("5 for", None, 6, "expected a duration"),
        ("5 for 10", None, 7, "expected a duration"),
        ("5 for 0s", None, 7, "more than nothing"),
        ("5 for 900d", None, 7, "at most 366d"),
        ("5, 6", 10, 2, "only the last part"),
        ("5 for 1m 6", None, 10, "expected `for`"),
        ("ramp 5 100", 10, 8, "expected `to`"),
        ("ramp 5 to", 10, 10, "expected a rate"),
        ("wave 1 to 2", 10, 12, "expected `every`"),
        ("burst 9 lasting 5s", 10, 19, "expected `at 10m`"),
        ("burst 9 lasting 5s every 1s", 10, 26, "cannot come every"),
        ("(1 for 5s, 2)", 10, 13, "within parentheses"),
        ("(1 for 5s", 10, 10, "expected `)`"),
        ("5 for 1m", 120, 9, "this is 1m long, and the duration is 2m"),
        ("5e3", 1, 1, "expected a rate"),
        ("1000001", 1, 1, "more than 1,000,000 requests"),
        ("\x00", 1, 1, "expected a rate"),
        ("٥", 1, 1, "expected a rate"),
        ("(" * 17 + "1" + ")" * 17, 1, 18, "parentheses in one another"),
        ("1+" * 5000, 1, 4097, "characters"),
    ],
)
def test_errors_point_at_the_place(text: str, duration: float | None, column: int, reason: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_rate(text, duration)
    assert caught.value.column == column
    assert reason in caught.value.reason


def test_pieces_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sagehen.traffic.traffic.MOST_PIECES", 1000)
    with pytest.raises(ExpressionError, match="pieces in 1d"):
        parse_rate("wave 1 to 2 every 1ms", 86400)


_SHAPES = st.sampled_from(
    ["3", "ramp 1 to 9", "wave 1 to 5 every 7s", "burst 9 lasting 1s every 3s", "burst 7 lasting 2s at 11s"]
)


@settings(max_examples=30)
@given(st.lists(_SHAPES, min_size=1, max_size=4), st.floats(0.5, 60))
def test_a_sum_is_the_sum_of_its_shapes(shapes: list[str], duration: float) -> None:
    whole = parse_rate(" + ".join(shapes), duration)
    each = [parse_rate(shape, duration) for shape in shapes]
    assert whole.duration == pytest.approx(duration)
    assert whole.total == pytest.approx(sum(one.total for one in each), rel=1e-6, abs=1e-6)


@given(st.text("0123456789. ,+()/smh" + "forampwveyburstlig", max_size=40))
def test_any_text_is_understood_or_refused(text: str) -> None:
    try:
        assert parse_rate(text, 10.0).duration == pytest.approx(10.0)
    except ExpressionError:
        pass
