"""What PutMetricAlarm and PutCompositeAlarm accept. Pure.

The rules are those of API_PutMetricAlarm and API_PutCompositeAlarm; the wording of refusals is from memory
where nothing else is said.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from sagehen.alarms.condition import COMPARISONS, TREATMENTS, condition_of
from sagehen.api.errors import NotImplementedOperation
from sagehen.domain.scope import Scope
from sagehen.services.cloudwatch.errors import (
    InvalidParameterCombination,
    InvalidParameterValue,
    MissingParameter,
    ValidationError,
)
from sagehen.services.cloudwatch.metric_math.parser import parse_expression
from sagehen.services.cloudwatch.metrics.metric import MOST_DIMENSIONS, UNITS
from sagehen.services.cloudwatch.metrics.statistic import parse_statistic

_DAY_S = 86_400
# Members that would change what an alarm does, and that nothing here does.
_UNBUILT = (
    "ThresholdMetricId",  # anomaly detection
    "EvaluationWindow",
    "WarmUpConfiguration",
    "EvaluationCriteria",
    "EvaluationInterval",
    "ActionConfiguration",
    "ActionsSuppressor",
    "ActionsSuppressorWaitPeriod",
    "ActionsSuppressorExtensionPeriod",
)
_MAX_QUERIES = 20  # from memory


def metric_alarm_configuration(scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Check a PutMetricAlarm and return what is kept of it.

    Raises:
        ValidationError, MissingParameter, InvalidParameterCombination, InvalidParameterValue: As AWS.
        NotImplementedOperation: It asks for anomaly detection, Metrics Insights or other unbuilt parts.
    """
    _refuse_unbuilt("PutMetricAlarm", request)
    for name in ("ComparisonOperator", "EvaluationPeriods", "Threshold"):
        if request.get(name) is None:
            raise MissingParameter(f"The parameter {name} is required.")
    if not math.isfinite(threshold := request["Threshold"]):  # "NaN" and "Infinity" are doubles on the wire
        raise InvalidParameterValue(f"The value {threshold} for parameter Threshold is invalid.")
    if request["ComparisonOperator"] not in COMPARISONS:
        raise NotImplementedOperation("PutMetricAlarm: anomaly detection is not implemented.")
    treatment = request.get("TreatMissingData")
    if treatment not in (None, *TREATMENTS):  # the model knows no enum of them
        raise ValidationError(
            f"Option {treatment} is not supported for TreatMissingData parameter."
            f" Supported values: [{', '.join(TREATMENTS)}]"
        )
    if request.get("Metrics"):
        _check_queries(scope, request)
    else:
        _check_single_metric(request)
    _check_periods(request)
    return _kept(request)


def composite_alarm_configuration(request: Mapping[str, Any]) -> dict[str, Any]:
    """Check a PutCompositeAlarm, all but its rule, and return what is kept of it."""
    _refuse_unbuilt("PutCompositeAlarm", request)
    return _kept(request)


def _refuse_unbuilt(operation: str, request: Mapping[str, Any]) -> None:
    for name in _UNBUILT:
        if request.get(name) is not None:
            raise NotImplementedOperation(f"{operation}: {name} is not implemented.")


def _check_single_metric(request: Mapping[str, Any]) -> None:
    for name in ("MetricName", "Namespace", "Period"):
        if not request.get(name):
            raise MissingParameter(f"The parameter {name} is required.")
    _check_metric(request.get("Dimensions"), request.get("Unit"))
    extended = request.get("ExtendedStatistic")
    if bool(request.get("Statistic")) == bool(extended):
        raise ValidationError("An alarm must have exactly one of Statistic and ExtendedStatistic.")
    if extended:
        parse_statistic(extended)
    low = request.get("EvaluateLowSampleCountPercentile")
    if low is not None:
        if low not in ("evaluate", "ignore"):
            raise ValidationError(
                f"Option {low} is not supported for EvaluateLowSampleCountPercentile parameter."
                " Supported values: [evaluate, ignore]"
            )
        if not extended:
            raise ValidationError("EvaluateLowSampleCountPercentile is only for alarms on percentiles.")


def _check_metric(dimensions: Sequence[Any] | None, unit: str | None) -> None:
    """Check what the front door checks of requests: alarms come through the port MetricAlarms as well."""
    if unit is not None and unit not in UNITS:
        raise InvalidParameterValue(f"The value {unit} for parameter Unit is invalid.")
    if len(dimensions or ()) > MOST_DIMENSIONS:
        raise InvalidParameterValue(f"A metric can have at most {MOST_DIMENSIONS} dimensions.")


def _check_queries(scope: Scope, request: Mapping[str, Any]) -> None:
    for name in ("MetricName", "Namespace", "Period", "Statistic", "ExtendedStatistic", "Dimensions", "Unit"):
        if request.get(name):
            raise InvalidParameterCombination(  # recorded, of other parameters
                f"The parameters Metrics and {name} are mutually exclusive and you have specified both."
            )
    queries: Sequence[Mapping[str, Any]] = request["Metrics"]
    ids = [query["Id"] for query in queries]
    if len(queries) > _MAX_QUERIES or len(set(ids)) < len(ids):
        raise ValidationError("Metrics must hold at most 20 queries, each with an Id of its own.")
    if sum(1 for query in queries if query.get("ReturnData") is not False) != 1:  # recorded
        raise ValidationError("Exactly one element of the metrics list should return data.")
    periods = set()
    for query in queries:
        if bool(query.get("MetricStat")) == bool(query.get("Expression")):
            raise ValidationError(
                f"The query {query['Id']} must have exactly one of MetricStat and Expression."
            )
        if query.get("AccountId") not in (None, scope.account_id):
            raise NotImplementedOperation("PutMetricAlarm: other accounts' metrics are not implemented.")
        if expression := query.get("Expression"):
            if expression.lstrip().upper().startswith("SELECT"):
                raise NotImplementedOperation("PutMetricAlarm: Metrics Insights queries are not implemented.")
            parse_expression(expression)
            periods.add(query.get("Period"))
        else:
            stat = query["MetricStat"]
            parse_statistic(stat["Stat"])
            _check_metric(stat["Metric"].get("Dimensions"), stat.get("Unit"))
            periods.add(stat["Period"])
    periods.discard(None)
    if not any(query.get("MetricStat") for query in queries):
        raise ValidationError("An alarm's Metrics must hold at least one MetricStat.")
    if len(periods) > 1:
        raise NotImplementedOperation("PutMetricAlarm: Metrics of different periods are not implemented.")


def _check_periods(request: Mapping[str, Any]) -> None:
    condition = condition_of(request)
    # Documented: API_PutMetricAlarm, Period.
    if condition.period_s not in (10, 20, 30) and (condition.period_s < 60 or condition.period_s % 60):
        raise ValidationError("Period must be 10, 20, 30, or a multiple of 60.")
    if (condition.datapoints_to_alarm or 0) > condition.evaluation_periods:
        raise ValidationError("DatapointsToAlarm must be less than or equal to EvaluationPeriods.")
    # Documented (API_PutMetricAlarm, Period): a week for periods of an hour and more, a day for others.
    days = 7 if condition.period_s >= 3600 else 1
    if condition.period_s * condition.evaluation_periods > days * _DAY_S:
        raise ValidationError(  # recorded, of a day; of a week from memory
            f"Metrics cannot be checked across more than {'7 days' if days == 7 else 'a day'}"
            f" (EvaluationPeriods * Period must be <= {days * _DAY_S})."
        )


def _kept(request: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in request.items()
        if name not in ("AlarmName", "Tags") and value is not None
    }
