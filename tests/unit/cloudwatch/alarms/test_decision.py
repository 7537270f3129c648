"""The evaluator against AWS's own tables, and its laws."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagehen.alarms.condition import TREATMENTS, Condition, Datapoint
from sagehen.alarms.decision import decide
from sagehen.services.cloudwatch.alarms.evaluation.outcome import Evaluation, evaluate
from sagehen.services.cloudwatch.alarms.evaluation.reason import number

KEEP = "keep"
INSUFFICIENT = "INSUFFICIENT_DATA"
# 2026-11-22T17:00:00Z
AT_S = 1_795_366_800


def condition(**changes: Any) -> Condition:
    settings: dict[str, Any] = {
        "comparison": "GreaterThanThreshold",
        "threshold": 3.0,
        "evaluation_periods": 3,
        "datapoints_to_alarm": 3,
        "treat_missing_data": "missing",
        "period_s": 60,
        "statistic": "Average",
    }
    return Condition(**{**settings, **changes})


def points(pattern: str) -> list[Datapoint]:
    """`0 - X - X`: 0 not breaching, X breaching, - missing; oldest first."""
    values = {"0": 1.0, "X": 5.0, "-": None}
    return [
        Datapoint(AT_S + 60 * index, values[sign], None if sign == "-" else 1.0)
        for index, sign in enumerate(pattern.replace(" ", ""))
    ]


# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
# Data, to be filled, and the states for missing, ignore, breaching, notBreaching; 3 periods, range 5.
ALL_OF_THREE = [
    ("0 - X - X", 0, "OK", "OK", "OK", "OK"),
    ("- - - - 0", 2, "OK", "OK", "OK", "OK"),
    ("- - - - -", 3, INSUFFICIENT, KEEP, "ALARM", "OK"),
    ("0 X X - X", 0, "ALARM", "ALARM", "ALARM", "ALARM"),
    ("- - X - -", 2, "ALARM", KEEP, "ALARM", "OK"),
]
TWO_OF_THREE = [
    ("0 - X - X", 0, "ALARM", "ALARM", "ALARM", "ALARM"),
    ("0 0 X 0 X", 0, "ALARM", "ALARM", "ALARM", "ALARM"),
    ("0 - X - -", 1, "OK", "OK", "ALARM", "OK"),
    ("- - - - 0", 2, "OK", "OK", "ALARM", "OK"),
    ("- - - X -", 2, "ALARM", KEEP, "ALARM", "OK"),
]


@pytest.mark.parametrize("previous", ["OK", "ALARM", INSUFFICIENT])
@pytest.mark.parametrize(
    ("needed", "row"), [(3, row) for row in ALL_OF_THREE] + [(2, row) for row in TWO_OF_THREE]
)
def test_the_documented_tables(needed: int, row: tuple[Any, ...], previous: str) -> None:
    pattern, filled, missing, ignore, breaching, not_breaching = row
    expected = {
        "missing": missing,
        "ignore": ignore,
        "breaching": breaching,
        "notBreaching": not_breaching,
    }
    for treatment, state in expected.items():
        verdict = decide(
            condition(datapoints_to_alarm=needed, treat_missing_data=treatment), points(pattern), previous
        )
        assert verdict.filled == filled
        assert verdict.state == (previous if state == KEEP else state), treatment
        assert verdict.decided == (state != KEEP), treatment


@pytest.mark.parametrize("pattern", ["- - - - X", "- - - X -", "- - - X X"])
def test_a_lone_new_breach_does_not_alarm_before_its_time(pattern: str) -> None:
    for previous in ("OK", "ALARM", INSUFFICIENT):
        assert decide(condition(), points(pattern), previous).state == previous


def evaluated(pattern: str, previous: str = "OK", **changes: Any) -> Evaluation:
    return evaluate(condition(**changes), points(pattern), AT_S * 1000 + 300_500, previous)


@pytest.mark.parametrize(
    ("pattern", "changes", "text"),
    [
        (
            "- - X",
            {"evaluation_periods": 1, "datapoints_to_alarm": 1},
            "1 out of the last 1 datapoints [5.0 (22/11/26 17:02:00)] was greater than the threshold (3.0)"
            " (minimum 1 datapoint for OK -> ALARM transition).",
        ),
        (
            "X 0 X 0 X",
            {"datapoints_to_alarm": 2},
            "2 out of the last 3 datapoints [5.0 (22/11/26 17:04:00), 5.0 (22/11/26 17:02:00)] were greater"
            " than the threshold (3.0) (minimum 2 datapoints for OK -> ALARM transition).",
        ),
        (
            "X X 0 0 X",
            {"datapoints_to_alarm": 2},
            "2 out of the last 3 datapoints [1.0 (22/11/26 17:03:00), 1.0 (22/11/26 17:02:00)] were not"
            " greater than the threshold (3.0) (minimum 2 datapoints for ALARM -> OK transition).",
        ),
        (
            "- - 0",
            {"evaluation_periods": 1, "datapoints_to_alarm": None},
            "1 datapoint [1.0 (22/11/26 17:02:00)] was not greater than the threshold (3.0).",
        ),
        (
            "- - - -",
            {"evaluation_periods": 2, "datapoints_to_alarm": None, "treat_missing_data": "breaching"},
            "no datapoints were received for 2 periods and 2 missing datapoints were treated as [Breaching].",
        ),
        (
            "- - -",
            {"evaluation_periods": 1, "datapoints_to_alarm": None, "treat_missing_data": "notBreaching"},
            "no datapoints were received for 1 period and 1 missing datapoint was treated as [NonBreaching].",
        ),
        (
            "- - - 0",
            {"evaluation_periods": 2, "datapoints_to_alarm": None, "treat_missing_data": "breaching"},
            "1 datapoint [1.0 (22/11/26 17:03:00)] was not greater than the threshold (3.0)"
            " and 1 missing datapoint was treated as [Breaching].",
        ),
        (
            "- - 0 - -",
            {"datapoints_to_alarm": 2, "treat_missing_data": "breaching"},
            "1 datapoint was received for 3 periods and 2 missing datapoints were treated as [Breaching].",
        ),
    ],
)
def test_reasons(pattern: str, changes: dict[str, Any], text: str) -> None:
    assert evaluated(pattern, **changes).reason == f"Threshold Crossed: {text}"


def test_insufficient_data() -> None:
    found = evaluated("- - - - -")
    assert found.reason == "Insufficient Data: 3 datapoints were unknown."
    assert json.loads(found.reason_data) == {
        "version": "1.0",
        "queryDate": "2026-11-22T17:05:00.500+0000",
        "statistic": "Average",
        "period": 60,
        "recentDatapoints": [],
        "threshold": 3.0,
        "evaluatedDatapoints": [{"timestamp": f"2026-11-22T17:0{n}:00.000+0000"} for n in (4, 3, 2)],
    }
    one = evaluated("- - -", evaluation_periods=1, datapoints_to_alarm=None)
    assert one.reason == "Insufficient Data: 1 datapoint was unknown."


def test_reason_data() -> None:
    data = json.loads(evaluated("- X X - X", unit="Count").reason_data)
    assert data["startDate"] == "2026-11-22T17:01:00.000+0000"
    assert data["unit"] == "Count"
    assert data["recentDatapoints"] == [5.0, 5.0, 5.0]
    assert data["evaluatedDatapoints"] == [
        {"timestamp": "2026-11-22T17:04:00.000+0000", "sampleCount": 1.0, "value": 5.0},
        {"timestamp": "2026-11-22T17:03:00.000+0000"},
        {"timestamp": "2026-11-22T17:02:00.000+0000", "sampleCount": 1.0, "value": 5.0},
        {"timestamp": "2026-11-22T17:01:00.000+0000", "sampleCount": 1.0, "value": 5.0},
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5, "5.0"),
        (0.0, "0.0"),
        (-12.25, "-12.25"),
        (0.0666851903306472, "0.0666851903306472"),
        (1073741824.0, "1.073741824E9"),
        (1e7, "1.0E7"),
        (9999999.5, "9999999.5"),
        (0.0001, "1.0E-4"),
    ],
)
def test_numbers_are_written_as_java_writes_them(value: float, text: str) -> None:
    assert number(value) == text


def test_percentiles_of_few_samples() -> None:
    """p95 wants 10 / 0.05 = 200 samples."""
    for samples, state in ((199, "OK"), (200, "ALARM")):
        found = [Datapoint(AT_S + 60 * index, 5.0, samples) for index in range(5)]
        strict = condition(statistic="p95", ignore_low_sample_counts=True)
        assert decide(strict, found, "OK").state == state
        assert decide(condition(statistic="p95"), found, "OK").state == "ALARM"


@pytest.mark.parametrize(
    ("comparison", "breaching"),
    [
        ("GreaterThanThreshold", [4.0]),
        ("GreaterThanOrEqualToThreshold", [3.0, 4.0]),
        ("LessThanThreshold", [2.0]),
        ("LessThanOrEqualToThreshold", [2.0, 3.0]),
    ],
)
def test_comparisons(comparison: str, breaching: list[float]) -> None:
    one = condition(comparison=comparison)
    assert [value for value in (2.0, 3.0, 4.0) if one.is_breaching(value)] == breaching


patterns = st.lists(st.sampled_from("0X-"), min_size=3, max_size=8)


@given(
    pattern=patterns,
    data=st.data(),
    treatment=st.sampled_from(TREATMENTS),
    previous=st.sampled_from(["OK", "ALARM", INSUFFICIENT]),
)
def test_more_breaching_points_never_end_an_alarm(
    pattern: list[str], data: st.DataObject, treatment: str, previous: str
) -> None:
    """Turning a good point into a breaching one moves no alarm from ALARM to anything else."""
    periods = len(pattern) - 2
    needed = data.draw(st.integers(1, periods))
    rule = condition(evaluation_periods=periods, datapoints_to_alarm=needed, treat_missing_data=treatment)
    before = decide(rule, points("".join(pattern)), previous).state
    worse = list(pattern)
    for index in data.draw(st.sets(st.integers(0, len(pattern) - 1))):
        worse[index] = "X" if worse[index] == "0" else worse[index]
    after = decide(rule, points("".join(worse)), previous).state
    if before == "ALARM":
        assert after == "ALARM"


@given(pattern=patterns, data=st.data(), previous=st.sampled_from(["OK", "ALARM", INSUFFICIENT]))
def test_treatments_agree_where_nothing_is_missing(
    pattern: list[str], data: st.DataObject, previous: str
) -> None:
    full = [sign if sign != "-" else "0" for sign in pattern]
    periods = len(full) - 2
    needed = data.draw(st.integers(1, periods))
    states = {
        decide(
            condition(evaluation_periods=periods, datapoints_to_alarm=needed, treat_missing_data=treatment),
            points("".join(full)),
            previous,
        ).state
        for treatment in TREATMENTS
    }
    assert states == {"ALARM" if full[-periods:].count("X") >= needed else "OK"}


@given(pattern=patterns, data=st.data())
def test_insufficient_data_only_without_any_data(pattern: list[str], data: st.DataObject) -> None:
    periods = len(pattern) - 2
    needed = data.draw(st.integers(1, periods))
    rule = condition(evaluation_periods=periods, datapoints_to_alarm=needed)
    state = decide(rule, points("".join(pattern)), "OK").state
    assert (state == INSUFFICIENT) == (set(pattern) == {"-"})
