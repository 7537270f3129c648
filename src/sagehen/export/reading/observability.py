"""Alarms, dashboards, log groups: those that somebody made, or gave settings to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sagehen.export.graph.node import Node
from sagehen.export.graph.values import Key, Named
from sagehen.export.reading.asking import Asked
from sagehen.export.reading.functions import FUNCTION
from sagehen.export.reading.hosting import ENDPOINT
from sagehen.export.reading.reverse import properties

ALARM, COMPOSITE, DASHBOARD = (
    f"AWS::CloudWatch::{noun}" for noun in ("Alarm", "CompositeAlarm", "Dashboard")
)
GROUP = "AWS::Logs::LogGroup"
# Application Auto Scaling makes them for a policy that tracks a target, and takes them away with it.
_OF_POLICIES = "TargetTracking-"
# Groups that a service makes by itself, with nothing set, need nobody to make them.
_OF_SERVICES = "/aws/"
_WATCHED = {"EndpointName": (ENDPOINT, "EndpointName"), "FunctionName": (FUNCTION, "")}
_GROUPS = (("/aws/lambda/", FUNCTION), ("/aws/sagemaker/Endpoints/", ENDPOINT))


def observability(asked: Asked) -> Iterator[Node]:
    """Yield all of them."""
    for alarm in asked.all("cloudwatch", "describe_alarms", "MetricAlarms"):
        if not alarm["AlarmName"].startswith(_OF_POLICIES):
            yield _alarm(asked, alarm)
    for listed in asked.all("cloudwatch", "list_dashboards", "DashboardEntries"):
        name = listed["DashboardName"]
        if body := asked.one("cloudwatch", "get_dashboard", DashboardName=name).get("DashboardBody"):
            yield Node(Key(DASHBOARD, name), name, {"DashboardName": name, "DashboardBody": body})
    for group in asked.all("logs", "describe_log_groups", "logGroups"):
        if (node := _group(asked, group)) is not None:
            yield node
    for alarm in asked.all("cloudwatch", "describe_alarms", "CompositeAlarms", AlarmTypes=["CompositeAlarm"]):
        found = properties(COMPOSITE, alarm, asked.input_shape("cloudwatch", "PutCompositeAlarm"))
        yield Node(Key(COMPOSITE, alarm["AlarmName"]), alarm["AlarmName"], found, {alarm["AlarmArn"]: "Arn"})


def _alarm(asked: Asked, alarm: Mapping[str, Any]) -> Node:
    found = properties(ALARM, alarm, asked.input_shape("cloudwatch", "PutMetricAlarm"))
    part_of = []
    for dimension in found.get("Dimensions", []):
        if told := _WATCHED.get(dimension["Name"]):
            key = Key(told[0], dimension["Value"])
            dimension["Value"] = Named(key, told[1], dimension["Value"])
            part_of.append(key)
    name = alarm["AlarmName"]
    return Node(Key(ALARM, name), name, found, {alarm["AlarmArn"]: "Arn"}, part_of=tuple(part_of))


def _group(asked: Asked, group: Mapping[str, Any]) -> Node | None:
    name = group["logGroupName"]
    lacks = list(_left_out(asked, group))
    for what in lacks:
        asked.leave_out(f"{what} of the log group {name}", Key(GROUP, name))
    tags = asked.one("logs", "list_tags_for_resource", resourceArn=group["logGroupArn"]).get("tags")
    found = properties(GROUP, {**group, "tags": tags}, asked.input_shape("logs", "CreateLogGroup"))
    if days := group.get("retentionInDays"):
        found["RetentionInDays"] = days
    if name.startswith(_OF_SERVICES) and set(found) == {"LogGroupName"} and not lacks:
        return None
    part_of = tuple(
        Key(type_, name.removeprefix(start)) for start, type_ in _GROUPS if name.startswith(start)
    )
    return Node(Key(GROUP, name), name, found, {group["logGroupArn"]: "Arn"}, part_of=part_of)


def _left_out(asked: Asked, group: Mapping[str, Any]) -> Iterator[str]:
    name = group["logGroupName"]
    if count := group.get("metricFilterCount"):
        yield f"{count} metric filters"
    named = {"logGroupName": name}
    if count := len(asked.all("logs", "describe_subscription_filters", "subscriptionFilters", **named)):
        yield f"{count} subscription filters"
    if name.startswith(_OF_SERVICES):
        return  # which make their streams themselves
    if count := len(asked.all("logs", "describe_log_streams", "logStreams", **named)):
        yield f"{count} streams"
