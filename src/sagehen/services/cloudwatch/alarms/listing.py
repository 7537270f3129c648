"""AlarmListing: DescribeAlarms and DescribeAlarmsForMetric."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.api.pagination import page_read, sought
from sagehen.domain.access import Access
from sagehen.domain.scope import Scope
from sagehen.services.cloudwatch.alarms.alarm import ACTIONS, Alarm, alarm_arn
from sagehen.services.cloudwatch.alarms.evaluation.rule import parsed_rule
from sagehen.services.cloudwatch.alarms.notation import moment_of
from sagehen.services.cloudwatch.alarms.records import AlarmRecords
from sagehen.services.cloudwatch.errors import InvalidNextToken, ValidationError
from sagehen.services.cloudwatch.metrics.metric import sorted_dimensions

_PAGE = 50  # documented: API_DescribeAlarms, MaxRecords; 100 at the most
_BITE = 100  # alarms looked at together
# Documented: API_DescribeAlarms: what ChildrenOfAlarmName and ParentsOfAlarmName exclude.
_FILTERS = ("AlarmNames", "AlarmNamePrefix", "AlarmTypes", "StateValue", "ActionPrefix")


def _describe_access(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    for name in request.get("AlarmNames") or ["*"]:
        yield Access("cloudwatch:DescribeAlarms", alarm_arn(context.scope, name))


def _metric_access(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    yield Access("cloudwatch:DescribeAlarmsForMetric", alarm_arn(context.scope, "*"))


class AlarmListing:
    """DescribeAlarms and DescribeAlarmsForMetric."""

    def __init__(self, records: AlarmRecords) -> None:
        self._records = records

    @operation("DescribeAlarms", access=_describe_access)
    async def describe_alarms(self, context: RequestContext, request: Request) -> dict[str, Any]:
        if request.get("AlarmNames") and request.get("AlarmNamePrefix"):
            raise ValidationError("AlarmNames and AlarmNamePrefix cannot be used together.")
        related = [name for name in ("ChildrenOfAlarmName", "ParentsOfAlarmName") if request.get(name)]
        if related and (len(related) > 1 or any(request.get(name) for name in _FILTERS)):
            raise ValidationError(f"{related[0]} cannot be combined with other filters.")
        limit = request.get("MaxRecords") or _PAGE
        after = sought(request.get("NextToken"), (str,), listing="alarms", error=InvalidNextToken)
        name = "" if after is None else after[0]
        # Thousands of alarms take a while to look through.
        find = self._related if related else self._matching
        found = await asyncio.to_thread(find, context.scope, request, name, limit + 1)
        page = page_read(found, True, limit, key=lambda alarm: alarm.name, listing="alarms")
        show = _summary if related else describe
        return {
            "MetricAlarms": [show(alarm) for alarm in page.items if alarm.kind == "MetricAlarm"],
            "CompositeAlarms": [show(alarm) for alarm in page.items if alarm.kind == "CompositeAlarm"],
            "NextToken": page.next_token,
        }

    @operation("DescribeAlarmsForMetric", access=_metric_access)
    async def describe_alarms_for_metric(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Return the alarms on exactly this metric; alarms on metric math are not among them, as on AWS."""
        wanted = _dimensions(request)
        filters = ("Statistic", "ExtendedStatistic", "Period", "Unit")
        alarms = self._records.of_metric(context.scope, request["Namespace"], request["MetricName"])
        return {
            "MetricAlarms": [
                describe(alarm)
                for alarm in alarms
                if _dimensions(alarm.configuration) == wanted
                and all(request.get(name) in (None, alarm.configuration.get(name)) for name in filters)
            ]
        }

    def _matching(self, scope: Scope, request: Request, after: str, limit: int) -> list[Alarm]:
        """Return up to `limit` alarms behind `after` that the request asks for."""
        names = request.get("AlarmNames")
        prefix = request.get("AlarmNamePrefix") or ""
        # Documented (API_DescribeAlarms, AlarmTypes): without it only metric alarms are shown.
        types = request.get("AlarmTypes") or ["MetricAlarm"]
        state = request.get("StateValue")
        action = request.get("ActionPrefix")

        def fits(alarm: Alarm) -> bool:
            return (
                alarm.kind in types
                and alarm.name.startswith(prefix)
                and state in (None, alarm.state.value)
                and (action is None or _has_action(alarm, action))
            )

        if names:
            found = (self._records.get(scope, name) for name in sorted(set(names)) if name > after)
            return [alarm for alarm in found if alarm is not None and fits(alarm)]
        matching: list[Alarm] = []
        while len(matching) < limit:
            bite = self._records.behind(scope, after, prefix, _BITE)
            matching += [alarm for alarm in bite if fits(alarm)]
            if len(bite) < _BITE:
                break
            after = bite[-1].name
        return matching[:limit]

    def _related(self, scope: Scope, request: Request, after: str, limit: int) -> list[Alarm]:
        found = [alarm for alarm in self._all_related(scope, request) if alarm.name > after]
        return sorted(found, key=lambda alarm: alarm.name)[:limit]

    def _all_related(self, scope: Scope, request: Request) -> list[Alarm]:
        if parent_name := request.get("ChildrenOfAlarmName"):
            parent = self._records.get(scope, parent_name)
            if parent is None or parent.kind != "CompositeAlarm":
                return []
            names = sorted(parsed_rule(parent.configuration["AlarmRule"]).children)
            return [child for name in names if (child := self._records.get(scope, name))]
        return self._records.parents(scope, request["ParentsOfAlarmName"])


def describe(alarm: Alarm) -> dict[str, Any]:
    """Return an alarm as DescribeAlarms shows it: lists of actions are there also where they are empty."""
    lists: dict[str, Any] = {
        member: list(alarm.configuration.get(member) or []) for member in ACTIONS.values()
    }
    if alarm.kind == "MetricAlarm" and not alarm.configuration.get("Metrics"):
        lists["Dimensions"] = alarm.configuration.get("Dimensions") or []
    return {
        **alarm.configuration,
        **lists,
        **_summary(alarm),
        "AlarmConfigurationUpdatedTimestamp": moment_of(alarm.configured_ms),
        "ActionsEnabled": alarm.actions_enabled,
        "StateReason": alarm.state.reason,
        "StateReasonData": alarm.state.reason_data or None,
        "StateTransitionedTimestamp": moment_of(alarm.state.transitioned_ms),
    }


def _summary(alarm: Alarm) -> dict[str, Any]:
    return {
        "AlarmName": alarm.name,
        "AlarmArn": alarm.arn,
        "StateValue": alarm.state.value,
        "StateUpdatedTimestamp": moment_of(alarm.state.updated_ms),
    }


def _has_action(alarm: Alarm, prefix: str) -> bool:
    return any(arn.startswith(prefix) for state in ACTIONS for arn in alarm.actions(state))


def _dimensions(source: Any) -> tuple[tuple[str, str], ...]:
    return sorted_dimensions({one["Name"]: one["Value"] for one in source.get("Dimensions") or []})
