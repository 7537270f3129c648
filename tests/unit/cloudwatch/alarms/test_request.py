"""What PutMetricAlarm and PutCompositeAlarm accept, and what of it is kept."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.api.errors import NotImplementedOperation
from sagehen.services.cloudwatch.alarms.request import (
    composite_alarm_configuration,
    metric_alarm_configuration,
)
from sagehen.services.cloudwatch.errors import (
    InvalidParameterCombination,
    InvalidParameterValue,
    MissingParameter,
    ValidationError,
)
from sagehen.services.cloudwatch.tags.request import checked_tags, tags_of
from tests.unit.cloudwatch.conftest import SCOPE

SINGLE: dict[str, Any] = {
    "AlarmName": "a",
    "Namespace": "N",
    "MetricName": "m",
    "Statistic": "Average",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 3.0,
    "ComparisonOperator": "GreaterThanThreshold",
}
NO_METRIC = dict.fromkeys(["Namespace", "MetricName", "Statistic", "Period"])


def request(**changes: Any) -> dict[str, Any]:
    return {name: value for name, value in {**SINGLE, **changes}.items() if value is not None}


def stat(name: str = "m", period_s: int = 60, **more: Any) -> dict[str, Any]:
    metric = {"Namespace": "N", "MetricName": name}
    return {"Id": name, "MetricStat": {"Metric": metric, "Period": period_s, "Stat": "Sum"}, **more}


def test_what_is_kept() -> None:
    """All but the name and the tags, which have places of their own."""
    asked = request(Tags=[{"Key": "k", "Value": "v"}], TreatMissingData="ignore", ActionsEnabled=False)
    kept = metric_alarm_configuration(SCOPE, asked)
    assert kept == {name: value for name, value in asked.items() if name not in ("AlarmName", "Tags")}


# Period, EvaluationPeriods, DatapointsToAlarm; whether they are accepted.
PERIODS = [
    (10, 1, None, True),
    (20, 1, None, True),
    (30, 2880, None, True),  # a day
    (30, 2881, None, False),
    (1, 1, None, False),
    (15, 1, None, False),
    (60, 1440, None, True),
    (60, 1441, None, False),
    (90, 1, None, False),
    (3540, 24, None, True),
    (3540, 25, None, False),
    (3600, 168, None, True),  # a week
    (3600, 169, None, False),
    (86_400, 7, None, True),
    (86_400, 8, None, False),
    (60, 3, 1, True),
    (60, 3, 3, True),
    (60, 3, 4, False),
]


@pytest.mark.parametrize(("period_s", "periods", "needed", "accepted"), PERIODS)
def test_periods(period_s: int, periods: int, needed: int | None, accepted: bool) -> None:
    asked = request(Period=period_s, EvaluationPeriods=periods, DatapointsToAlarm=needed)
    if accepted:
        metric_alarm_configuration(SCOPE, asked)
        return
    with pytest.raises(ValidationError):
        metric_alarm_configuration(SCOPE, asked)


REFUSED = [
    ({"Threshold": None}, MissingParameter, "The parameter Threshold is required"),
    ({"EvaluationPeriods": None}, MissingParameter, "The parameter EvaluationPeriods is required"),
    ({"Namespace": None}, MissingParameter, "The parameter Namespace is required"),
    ({"Statistic": None}, ValidationError, "exactly one of Statistic and ExtendedStatistic"),
    ({"ExtendedStatistic": "p99"}, ValidationError, "exactly one of Statistic and ExtendedStatistic"),
    ({"TreatMissingData": "zero"}, ValidationError, r"\[breaching, notBreaching, ignore, missing\]"),
    ({"EvaluateLowSampleCountPercentile": "ignore"}, ValidationError, "only for alarms on percentiles"),
    (
        {"Statistic": None, "ExtendedStatistic": "p99", "EvaluateLowSampleCountPercentile": "x"},
        ValidationError,
        "Option x is not supported",
    ),
    ({"Metrics": [stat()]}, InvalidParameterCombination, "The parameters Metrics and MetricName are"),
    ({**NO_METRIC, "Metrics": [stat(), stat("n")]}, ValidationError, "Exactly one element"),
    ({**NO_METRIC, "Metrics": [stat(ReturnData=False)]}, ValidationError, "Exactly one element"),
    ({**NO_METRIC, "Metrics": [stat(), stat(ReturnData=False)]}, ValidationError, "an Id of its own"),
    (
        {**NO_METRIC, "Metrics": [{"Id": "e", "Expression": "1 + 1"}]},
        ValidationError,
        "at least one MetricStat",
    ),
    ({**NO_METRIC, "Metrics": [{"Id": "e"}]}, ValidationError, "exactly one of MetricStat and Expression"),
    (
        {**NO_METRIC, "Metrics": [stat(), stat("n", 300, ReturnData=False)]},
        NotImplementedOperation,
        "different periods",
    ),
    (
        {**NO_METRIC, "Metrics": [{"Id": "e", "Expression": "SELECT AVG(m) FROM N"}]},
        NotImplementedOperation,
        "Metrics Insights",
    ),
    ({"Threshold": float("nan")}, InvalidParameterValue, "The value nan for parameter Threshold is invalid"),
    ({"Threshold": float("inf")}, InvalidParameterValue, "Threshold is invalid"),
    ({"ComparisonOperator": "GreaterThanUpperThreshold"}, NotImplementedOperation, "anomaly detection"),
]


@pytest.mark.parametrize(("changes", "error", "text"), REFUSED)
def test_refused(changes: dict[str, Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        metric_alarm_configuration(SCOPE, request(**changes))


@pytest.mark.parametrize(
    "member",
    [
        *("ThresholdMetricId", "EvaluationWindow", "WarmUpConfiguration", "EvaluationCriteria"),
        *("EvaluationInterval", "ActionConfiguration"),
    ],
)
def test_members_of_metric_alarms_that_would_have_no_effect(member: str) -> None:
    with pytest.raises(NotImplementedOperation, match=f"PutMetricAlarm: {member} is not implemented"):
        metric_alarm_configuration(SCOPE, request(**{member: {"x": 1}}))


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("ActionsSuppressor", "quiet"),
        ("ActionsSuppressorWaitPeriod", 0),  # also what reads as nothing
        ("ActionsSuppressorExtensionPeriod", 60),
        ("ActionConfiguration", {"x": 1}),
    ],
)
def test_suppressors_are_refused(member: str, value: Any) -> None:
    asked = {"AlarmName": "c", "AlarmRule": "TRUE", member: value}
    with pytest.raises(NotImplementedOperation, match=f"PutCompositeAlarm: {member} is not implemented"):
        composite_alarm_configuration(asked)


@pytest.mark.parametrize(("count", "accepted"), [(0, True), (50, True), (51, False)])
def test_tags(count: int, accepted: bool) -> None:
    tags = tags_of({"Tags": [{"Key": f"k{n}", "Value": str(n)} for n in range(count)]})
    assert len(tags) == count
    if accepted:
        assert checked_tags(tags) == tags
        return
    with pytest.raises(ValidationError, match="at most 50 tags"):
        checked_tags(tags)
