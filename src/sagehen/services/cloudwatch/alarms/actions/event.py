"""The JSON that an alarm hands to its actions, and keeps in its history.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.services.cloudwatch.alarms.alarm import Alarm, AlarmState
from sagehen.services.cloudwatch.alarms.notation import stamp


def alarm_event(alarm: Alarm, previous: AlarmState, state: AlarmState) -> dict[str, Any]:
    """Return the event of a transition from `previous` to `state`: what actions are given."""
    return {
        "source": "aws.cloudwatch",
        "alarmArn": alarm.arn,
        "accountId": alarm.scope.account_id,
        "time": stamp(state.updated_ms),
        "region": alarm.scope.region,
        "alarmData": {
            "alarmName": alarm.name,
            "state": _state(state),
            "previousState": _state(previous),
            "configuration": _configuration(alarm),
        },
    }


def _state(state: AlarmState) -> dict[str, Any]:
    shown = {"value": state.value, "reason": state.reason}
    if state.reason_data:
        shown["reasonData"] = state.reason_data
    return {**shown, "timestamp": stamp(state.updated_ms)}


def _configuration(alarm: Alarm) -> dict[str, Any]:
    settings = alarm.configuration
    shown: dict[str, Any] = {}
    if settings.get("AlarmDescription"):
        shown["description"] = settings["AlarmDescription"]
    if alarm.kind == "CompositeAlarm":
        return {**shown, "alarmRule": settings["AlarmRule"]}
    if settings.get("Metrics"):
        shown["metrics"] = [_query(query) for query in settings["Metrics"]]
    else:
        metric_stat = {
            "Metric": settings,
            "Period": settings["Period"],
            "Stat": settings.get("Statistic") or settings["ExtendedStatistic"],
            "Unit": settings.get("Unit"),
        }
        # AWS's sample shows the one metric of such an alarm as a query with a UUID for its id.
        shown["metrics"] = [_query({"Id": alarm.query_id, "MetricStat": metric_stat})]
    return shown


def _query(query: Mapping[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": query["Id"]}
    if query.get("Expression"):
        shown["expression"] = query["Expression"]
    if stat := query.get("MetricStat"):
        metric = stat["Metric"]
        shown["metricStat"] = {
            "metric": {
                "namespace": metric["Namespace"],
                "name": metric["MetricName"],
                "dimensions": {one["Name"]: one["Value"] for one in metric.get("Dimensions") or []},
            },
            "period": stat["Period"],
            "stat": stat["Stat"],
        }
        if stat.get("Unit"):
            shown["metricStat"]["unit"] = stat["Unit"]
    if query.get("Label"):
        shown["label"] = query["Label"]
    # Documented: API_MetricDataQuery: a query returns data unless it says that it does not.
    return {**shown, "returnData": query.get("ReturnData") is not False}
