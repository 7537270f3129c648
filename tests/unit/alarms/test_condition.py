"""What a configuration states, and how often it is evaluated."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.alarms.condition import condition_of, tick_of

LEAST = {"ComparisonOperator": "GreaterThanThreshold", "Threshold": 1.0, "EvaluationPeriods": 3}


def stat(period_s: int) -> dict[str, Any]:
    return {"Id": f"m{period_s}", "MetricStat": {"Period": period_s, "Stat": "Sum"}}


@pytest.mark.parametrize(
    ("settings", "period_s", "needed", "reach"),
    [
        ({"Period": 60}, 60, 3, 5),
        ({"Period": 60, "DatapointsToAlarm": 2}, 60, 2, 5),
        ({"Period": 10, "EvaluationPeriods": 1}, 10, 1, 3),
        ({"Metrics": [stat(300)]}, 300, 3, 5),
        ({"Metrics": [{"Id": "e", "Expression": "m300 * 2"}, stat(300)]}, 300, 3, 5),
    ],
)
def test_periods_and_how_many_breach(
    settings: dict[str, Any], period_s: int, needed: int, reach: int
) -> None:
    found = condition_of({**LEAST, **settings})
    assert (found.period_s, found.needed, found.evaluation_range) == (period_s, needed, reach)


def test_what_is_not_given() -> None:
    found = condition_of({**LEAST, "Period": 60, "ExtendedStatistic": "p99"})
    assert (found.treat_missing_data, found.statistic, found.unit) == ("missing", "p99", "")
    assert found.datapoints_to_alarm is None and not found.ignore_low_sample_counts
    strict = {**LEAST, "Period": 60, "EvaluateLowSampleCountPercentile": "ignore"}
    assert condition_of(strict).ignore_low_sample_counts


@pytest.mark.parametrize(
    ("period_s", "periods", "tick_s"),
    [
        (10, 1, 10),
        (30, 100, 10),
        (60, 1, 60),
        (300, 3, 60),
        (3600, 24, 60),  # a day
        (3600, 25, 3600),
        (86_400, 1, 60),
        (86_400, 7, 3600),
    ],
)
def test_how_often(period_s: int, periods: int, tick_s: int) -> None:
    assert tick_of({**LEAST, "Period": period_s, "EvaluationPeriods": periods}) == tick_s
