"""Condition: when a metric alarm is in ALARM; and the data points that it is held against. Pure."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

# Documented: User Guide, "Configuring how CloudWatch alarms treat missing data": AWS looks at 5 periods for 3
# evaluation periods, and gives no general formula.
_FURTHER_PERIODS = 2
_DAY_S = 86_400

# The rest of ComparisonOperator is for anomaly detection (documented: API_PutMetricAlarm).
COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
TREATMENTS = ("breaching", "notBreaching", "ignore", "missing")


@dataclass(frozen=True, slots=True)
class Condition:
    """When a metric alarm is in ALARM.

    Args:
        datapoints_to_alarm: M of "M out of N"; None where the alarm was put without it.
        statistic: Such as `Average` or `p99`; '' for metric math.
        unit: Of the metric; '' where any will do.
    """

    comparison: str
    threshold: float
    evaluation_periods: int
    datapoints_to_alarm: int | None
    treat_missing_data: str
    period_s: int
    statistic: str = ""
    unit: str = ""
    ignore_low_sample_counts: bool = False

    @property
    def needed(self) -> int:
        """How many breaching data points make an ALARM."""
        return self.datapoints_to_alarm or self.evaluation_periods

    @property
    def evaluation_range(self) -> int:
        """How many periods are looked at."""
        return self.evaluation_periods + _FURTHER_PERIODS

    def is_breaching(self, value: float) -> bool:
        """Tell whether one data point breaches; it is the comparison's first operand (documented)."""
        return COMPARISONS[self.comparison](value, self.threshold)


@dataclass(frozen=True, slots=True)
class Datapoint:
    """One period; `value` None where nothing was observed. `at_s`: its start since the epoch."""

    at_s: int
    value: float | None
    sample_count: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the data says.

    Args:
        state: The new state; the previous one where the data does not decide.
        decided: False where the previous state is kept for want of data.
        considered: The data points that counted, newest first; none of them is missing.
        filled: How many missing ones TreatMissingData stood in for.
    """

    state: str
    decided: bool
    considered: tuple[Datapoint, ...]
    filled: int


def condition_of(configuration: Mapping[str, Any]) -> Condition:
    """Return the condition that a metric alarm's configuration (PutMetricAlarm's members) states."""
    queries = configuration.get("Metrics") or ()
    period_s = configuration.get("Period") or max(
        (query["MetricStat"]["Period"] for query in queries if query.get("MetricStat")), default=60
    )
    return Condition(
        comparison=configuration["ComparisonOperator"],
        threshold=configuration["Threshold"],
        evaluation_periods=configuration["EvaluationPeriods"],
        datapoints_to_alarm=configuration.get("DatapointsToAlarm"),
        treat_missing_data=configuration.get("TreatMissingData") or "missing",
        period_s=period_s,
        statistic=configuration.get("Statistic") or configuration.get("ExtendedStatistic") or "",
        unit=configuration.get("Unit") or "",
        ignore_low_sample_counts=configuration.get("EvaluateLowSampleCountPercentile") == "ignore",
    )


def tick_of(configuration: Mapping[str, Any]) -> int:
    """Return how often a metric alarm is evaluated, in seconds.

    Each minute, whatever its period (documented: CloudWatch User Guide, "Alarm evaluation"); alarms of less
    than a minute each 10 seconds, those that look at more than a day each hour (from memory).
    """
    condition = condition_of(configuration)
    if condition.period_s < 60:
        return 10
    return 3600 if condition.period_s * condition.evaluation_periods > _DAY_S else 60
