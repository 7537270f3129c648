"""Expressions over series: how they bind, what functions do with gaps, and what has no value."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.api.errors import NotImplementedOperation
from sagehen.services.cloudwatch.errors import ValidationError
from sagehen.services.cloudwatch.metric_math.evaluation import Evaluation
from sagehen.services.cloudwatch.metric_math.parser import parse_expression
from sagehen.services.cloudwatch.metric_math.series import Series

# Minutes; `gaps` has no data in the third and the fourth one.
KNOWN = {
    "m1": Series("m1", "one", 60, {0: 1.0, 60: 2.0, 120: 4.0}),
    "m2": Series("m2", "two", 60, {0: 10.0, 60: 20.0, 120: 30.0}),
    "gaps": Series("gaps", "gaps", 60, {0: 1.0, 60: 3.0, 240: 6.0}),
    "slow": Series("slow", "slow", 300, {0: 100.0}),
    "zero": Series("zero", "zero", 60, {0: 0.0, 60: 1.0}),
    "none": Series("none", "none", 60, {}),
}


def evaluated(text: str, **further: str) -> list[Series]:
    expressions = {name: parse_expression(one) for name, one in {"e": text, **further}.items()}
    return Evaluation(KNOWN.keys(), KNOWN.__getitem__, expressions).results("e")


def values(text: str, **further: str) -> Any:
    [series] = evaluated(text, **further)
    return dict(series.values)


# What stands beside `m1 * 0 + ` is a number: how operators bind.
BINDING = [
    ("1 + 2 * 3", 7),
    ("(1 + 2) * 3", 9),
    ("10 - 3 - 2", 5),
    ("12 / 3 / 2", 2),
    ("2 ^ 3 ^ 2", 512),
    ("-2 ^ 2", -4),
    ("2 * -3", -6),
    ("1 + 1 > 1", 1),
    ("3 > 2 > 1", 0),  # comparisons are of one row: (3 > 2) is 1
    ("1 > 2 || 1 AND 0", 0),
    ("1 || 0 && 0", 1),
    ("0 OR 1 AND 1", 1),
    ("1.5e1", 15),
    (".5 + 1", 1.5),
]


@pytest.mark.parametrize(("text", "number"), BINDING)
def test_how_operators_bind(text: str, number: float) -> None:
    assert values(f"zero * 0 + ({text})") == {0: number, 60: number}


POINTS = [
    ("m1 + m2", {0: 11.0, 60: 22.0, 120: 34.0}),
    ("m1 + gaps", {0: 2.0, 60: 5.0}),  # where both have data
    ("m1 + slow", {0: 101.0}),
    ("m1 / zero", {60: 2.0}),  # 1/0 falls out
    ("m1 * none", {}),
    ("m1 > 1", {0: 0.0, 60: 1.0, 120: 1.0}),
    ("SUM([m1, m2])", {0: 11.0, 60: 22.0, 120: 34.0}),
    ("SUM([m1, gaps])", {0: 2.0, 60: 5.0, 120: 4.0, 240: 6.0}),  # those that are there
    ("AVG([m1, gaps])", {0: 1.0, 60: 2.5, 120: 4.0, 240: 6.0}),
    ("MAX([m1, m2]) - MIN([m1, m2])", {0: 9.0, 60: 18.0, 120: 26.0}),
    ("m1 - MIN(m1)", {0: 0.0, 60: 1.0, 120: 3.0}),
    ("m1 * 0 + SUM(m1)", {0: 7.0, 60: 7.0, 120: 7.0}),
    ("m1 * 0 + SUM(none)", {0: 0.0, 60: 0.0, 120: 0.0}),
    ("m1 / PERIOD(slow)", {0: 1 / 300, 60: 2 / 300, 120: 4 / 300}),
    ("DIFF(gaps)", {60: 2.0, 240: 3.0}),
    ("RATE(gaps)", {60: 2 / 60, 240: 3 / 180}),
    ("RUNNING_SUM(gaps)", {0: 1.0, 60: 4.0, 240: 10.0}),
    ("FILL(gaps, 0)", {0: 1.0, 60: 3.0, 120: 0.0, 180: 0.0, 240: 6.0}),
    ("FILL(gaps, REPEAT)", {0: 1.0, 60: 3.0, 120: 3.0, 180: 3.0, 240: 6.0}),
    ("FILL(gaps, LINEAR)", {0: 1.0, 60: 3.0, 120: 4.0, 180: 5.0, 240: 6.0}),
    ("FILL(gaps, m2)", {0: 1.0, 60: 3.0, 120: 30.0, 240: 6.0}),  # m2 has nothing to fill the fourth with
    ("FILL(none, 0)", {}),
    ("IF(m1 > 1, m2, 0)", {0: 0.0, 60: 20.0, 120: 30.0}),
    ("IF(m1 > 1, m2)", {60: 20.0, 120: 30.0}),
    ("IF(m1 > 1, gaps, m2)", {0: 10.0, 60: 3.0}),
    ("IF(0, m1, m2)", {0: 10.0, 60: 20.0, 120: 30.0}),
    ("CEIL(m1 / 3) + FLOOR(m1 / 3) + ABS(0 - m1)", {0: 2.0, 60: 3.0, 120: 7.0}),
    ("LOG10(m2 * 10)", {0: 2.0, 60: pytest.approx(2.30103), 120: pytest.approx(2.47712)}),
    ("LOG(zero)", {60: 0.0}),
    ("STDDEV([m1, m2])", {0: 4.5, 60: 9.0, 120: 13.0}),
]


@pytest.mark.parametrize(("text", "points"), POINTS)
def test_point_by_point(text: str, points: dict[int, float]) -> None:
    assert values(text) == pytest.approx(points)


def test_several_series() -> None:
    every = evaluated("METRICS()")
    assert [series.label for series in every] == ["one", "two", "gaps", "slow", "zero", "none"]
    assert [dict(series.values) for series in evaluated('METRICS("m") / 2')] == [
        {0: 0.5, 60: 1.0, 120: 2.0},
        {0: 5.0, 60: 10.0, 120: 15.0},
    ]
    assert values('SUM(METRICS("m"))') == {0: 11.0, 60: 22.0, 120: 34.0}
    assert [series.period_s for series in evaluated("FILL([m1, slow], 0)")] == [60, 300]


def test_expressions_name_one_another() -> None:
    assert values("half * 2", half="m1 / 2") == {0: 1.0, 60: 2.0, 120: 4.0}
    [series] = evaluated("m1 + slow")
    assert (series.id, series.label, series.period_s) == ("e", "e", 300)


@pytest.mark.parametrize(
    "text",
    [
        *("", "m1 +", "m1 m2", "(m1", "m1; m2", "m1 + 'text'", "(" * 50 + "m1"),
        *(
            "[m1, 3]",
            "SUM(3)",
            "ABS()",
            "DIFF([m1, m2])",
            "PERIOD(3)",
            "m1 + [[m1]]",
            "METRICS() + METRICS()",
        ),
        *("METRICS() + METRICS()", "7", "nobody", "e + 1", "1 / 0 * m1"),
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        values(text)


@pytest.mark.parametrize(
    "text", ["SEARCH('x', 'Sum')", "ANOMALY_DETECTION_BAND(m1)", "SELECT AVG(m) FROM N", "TIME_SERIES(3)"]
)
def test_not_built(text: str) -> None:
    with pytest.raises(NotImplementedOperation):
        values(text)


def test_gaps_are_counted_before_they_are_filled() -> None:
    long = Series("m1", "m1", 1, {0: 1.0, 10**12: 2.0})
    with pytest.raises(ValidationError, match="more than 2000000 data points"):
        Evaluation(["m1"], lambda name: long, {"e": parse_expression("FILL(m1, 0)")}).results("e")
