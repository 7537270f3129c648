"""What an alarm annotation draws: the alarm's own metric, and its threshold.

Documented: Dashboard body structure and syntax, "Alarm annotation".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.services.cloudwatch.widget_images.widget import Entry, Line

_SIGNS = {
    "GreaterThanOrEqualToThreshold": ">=",
    "GreaterThanThreshold": ">",
    "LessThanThreshold": "<",
    "LessThanOrEqualToThreshold": "<=",
}


def entries_of_alarm(alarm: Mapping[str, Any], region: str) -> tuple[Entry, ...]:
    """Return the metrics of an alarm, given PutMetricAlarm's members and the region that it is in."""
    if alarm.get("Metrics"):
        return tuple(
            Entry(
                query["Id"],
                {
                    name: query[name]
                    for name in ("Id", "Label", "MetricStat", "Expression")
                    if query.get(name)
                },
                region,
                label=query.get("Label") or "",
                visible=query.get("ReturnData") is not False,
            )
            for query in alarm["Metrics"]
        )
    metric = {
        "Namespace": alarm["Namespace"],
        "MetricName": alarm["MetricName"],
        "Dimensions": alarm.get("Dimensions") or [],
    }
    stat = {
        "Metric": metric,
        "Period": alarm["Period"],
        "Stat": alarm.get("Statistic") or alarm.get("ExtendedStatistic"),
        **({"Unit": alarm["Unit"]} if alarm.get("Unit") else {}),
    }
    return (Entry("0", {"Id": "0", "MetricStat": stat}, region),)


def line_of_alarm(alarm: Mapping[str, Any]) -> tuple[Line, ...]:
    """Return the line of an alarm's threshold."""
    threshold = alarm.get("Threshold")
    if threshold is None:
        return ()
    what = alarm.get("MetricName") or "Threshold"
    sign = _SIGNS.get(alarm.get("ComparisonOperator", ""), "")
    periods = alarm.get("EvaluationPeriods", 1)
    enough = alarm.get("DatapointsToAlarm") or periods
    label = f"{what} {sign} {threshold:g} for {enough} datapoints"
    if alarm.get("Period"):
        seconds = periods * alarm["Period"]
        label += f" within {seconds // 60} minutes" if seconds % 60 == 0 else f" within {seconds} seconds"
    return (Line(float(threshold), label=label),)
