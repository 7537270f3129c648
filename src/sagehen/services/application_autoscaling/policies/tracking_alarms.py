"""The two alarms of a target tracking policy, as members of PutMetricAlarm. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.api.errors import NotImplementedOperation
from sagehen.autoscaling.target_tracking import watches
from sagehen.services.application_autoscaling.errors import ValidationException
from sagehen.services.application_autoscaling.policies.policy import ScalingPolicy
from sagehen.services.application_autoscaling.targets.dimensions import alarm_settings


def alarm_name(resource_id: str, side: str, uuid: str) -> str:
    """Return the name of an alarm; `side` is `AlarmHigh` or `AlarmLow`. Recorded."""
    return f"TargetTracking-{resource_id}-{side}-{uuid}"


def tracking_alarms(policy: ScalingPolicy) -> list[dict[str, Any]]:
    """Return the settings of the policy's alarms, the high one first.

    Raises:
        ValidationException: The metric is not one of this kind of target, or not completely named.
        NotImplementedOperation: A predefined metric that nothing here records.
    """
    metric = _metric(policy)
    looks = watches(policy.configuration["TargetValue"], metric.get("Period", 60))
    return [
        {
            **metric,
            "AlarmName": name,
            # Recorded. The last part of AWS's action ARNs, `:createdBy/UUID`, is left out.
            "AlarmDescription": f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {policy.arn}.",
            "ActionsEnabled": True,
            "AlarmActions": [policy.arn],
            "ComparisonOperator": watch.comparison,
            "Threshold": watch.threshold,
            "EvaluationPeriods": watch.periods,
        }
        for name, watch in zip(policy.alarms, looks, strict=False)
    ]


def _metric(policy: ScalingPolicy) -> dict[str, Any]:
    predefined = policy.configuration.get("PredefinedMetricSpecification")
    if predefined is None:
        return _customized(policy.configuration["CustomizedMetricSpecification"])
    kind, dimension = predefined["PredefinedMetricType"], policy.key.kind
    source = dimension.metrics.get(kind)
    if source is None:
        prefix = "SageMaker" if dimension.namespace == "sagemaker" else "Lambda"
        if kind.startswith(prefix):
            raise NotImplementedOperation(f"PutScalingPolicy: the metric {kind} is not recorded here.")
        raise ValidationException(f"The predefined metric {kind} is not one of {dimension.name}.")
    if predefined.get("ResourceLabel"):  # documented: only for ALBRequestCountPerTarget
        raise ValidationException(f"You can't specify a resource label with the metric type {kind}.")
    return alarm_settings(dimension, policy.key.resource_id, source)


def _customized(metric: Mapping[str, Any]) -> dict[str, Any]:
    if metric.get("Metrics"):
        if any(metric.get(name) for name in ("MetricName", "Namespace", "Dimensions", "Statistic", "Unit")):
            raise ValidationException(
                "A customized metric is either one metric or a list of Metrics, not both."
            )
        return {"Metrics": [_query(query) for query in metric["Metrics"]]}
    for name in ("MetricName", "Namespace", "Statistic"):
        if not metric.get(name):
            raise ValidationException(f"{name} is required for a customized metric.")
    settings: dict[str, Any] = {
        "MetricName": metric["MetricName"],
        "Namespace": metric["Namespace"],
        "Dimensions": metric.get("Dimensions") or [],
        "Statistic": metric["Statistic"],
        "Period": 60,  # target tracking looks at minutes (User Guide)
    }
    return settings | ({"Unit": metric["Unit"]} if metric.get("Unit") else {})


def _query(query: Mapping[str, Any]) -> dict[str, Any]:
    stat = query.get("MetricStat")
    asked = {name: query[name] for name in ("Id", "Expression", "Label", "ReturnData") if name in query}
    if stat:
        asked["MetricStat"] = {**stat, "Period": stat.get("Period", 60)}
    return asked
