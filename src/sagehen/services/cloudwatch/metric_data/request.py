"""What requests for data name: a metric, and a range of time. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sagehen.domain.clock import Clock
from sagehen.domain.scope import Scope
from sagehen.services.cloudwatch.errors import InvalidParameterValue, MissingParameter, ValidationError
from sagehen.services.cloudwatch.metrics.lives import step_s
from sagehen.services.cloudwatch.metrics.metric import MetricKey, sorted_dimensions


def start_of_range(clock: Clock, start: datetime, end: datetime, period_s: int) -> int:
    """Check a range and return its start in seconds since the epoch, rounded down as CloudWatch rounds it.

    Args:
        clock: Tells how long ago it starts.
        period_s: The period that is asked for.

    Raises:
        ValidationError: It ends before it starts, or at once.
        InvalidParameterValue: There is no such period.
    """
    if start >= end:  # the wording is from memory
        raise ValidationError("The parameter StartTime must be less than the parameter EndTime.")
    # Documented: API_GetMetricStatistics, Period; the wording is from memory.
    if period_s not in (1, 5, 10, 20, 30) and period_s % 60:
        raise InvalidParameterValue("The parameter Period must be 1, 5, 10, 20, 30, or a multiple of 60.")
    age_s = (clock.now() - start).total_seconds()
    start_s = int(start.timestamp() // 1)
    return start_s - start_s % step_s(age_s, period_s)


def metric_key(scope: Scope, request: Mapping[str, Any]) -> MetricKey:
    """Return the metric that a request or a query names.

    Raises:
        MissingParameter: It has no namespace or no name.
    """
    for name in ("Namespace", "MetricName"):
        if not request.get(name):
            raise MissingParameter(f"The parameter {name} is required.")
    dimensions = {dimension["Name"]: dimension["Value"] for dimension in request.get("Dimensions") or []}
    return MetricKey(scope, request["Namespace"], request["MetricName"], sorted_dimensions(dimensions))
