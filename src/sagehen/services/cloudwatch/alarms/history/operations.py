"""AlarmHistory: what happened to alarms, kept for 30 days, deleted alarms included."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request, operation
from sagehen.api.pagination import page_read, sought
from sagehen.domain.access import Access
from sagehen.services.cloudwatch.alarms.actions.event import compact
from sagehen.services.cloudwatch.alarms.actions.records import PendingAction
from sagehen.services.cloudwatch.alarms.alarm import (
    Alarm,
    AlarmState,
    alarm_arn,
    milliseconds,
    moment_of,
    stamp,
)
from sagehen.services.cloudwatch.alarms.history.records import AlarmHistoryRecords, HistoryFilter, HistoryItem
from sagehen.services.cloudwatch.errors import InvalidNextToken

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html
KEPT_FOR_S = 30 * 86_400
_PAGE = 100
_LISTING = "alarm-history"
_VERBS = {"Create": "created", "Update": "updated", "Delete": "deleted"}


def _access(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    name = request.get("AlarmName") or "*"
    yield Access("cloudwatch:DescribeAlarmHistory", alarm_arn(context.scope, name))


class AlarmHistory:
    def __init__(self, records: AlarmHistoryRecords) -> None:
        self._records = records

    @operation("DescribeAlarmHistory", access=_access)
    async def describe_alarm_history(self, context: RequestContext, request: Request) -> dict[str, Any]:
        if request.get("AlarmContributorId"):
            raise NotImplementedOperation("DescribeAlarmHistory AlarmContributorId is not implemented.")
        start, end = request.get("StartDate"), request.get("EndDate")
        # Without AlarmTypes only metric alarms are shown; a name finds its alarm whatever it is.
        types = request.get("AlarmTypes") or ([] if request.get("AlarmName") else ["MetricAlarm"])
        after = sought(request.get("NextToken"), (int, int), listing=_LISTING, error=InvalidNextToken)
        limit = request.get("MaxRecords") or _PAGE
        items, whole = await asyncio.to_thread(
            self._records.page,
            context.scope,
            HistoryFilter(
                request.get("AlarmName"),
                milliseconds(start) if start else None,
                milliseconds(end) if end else None,
                request.get("HistoryItemType"),
                tuple(types),
            ),
            after=None if after is None else (after[0], after[1]),
            descending=request.get("ScanBy") != "TimestampAscending",
            limit=limit + 1,
        )
        page = page_read(items, whole, limit, key=lambda item: (item.at_ms, item.id), listing=_LISTING)
        return {
            "AlarmHistoryItems": [
                {
                    "AlarmName": item.name,
                    "AlarmType": item.kind,
                    "Timestamp": moment_of(item.at_ms),
                    "HistoryItemType": item.type,
                    "HistorySummary": item.summary,
                    "HistoryData": item.data,
                }
                for item in page.items
            ],
            "NextToken": page.next_token,
        }


def configuration_update(alarm: Alarm, kind: str, at_ms: int) -> HistoryItem:
    """Return the item of an alarm's creation, update or deletion (`Create`, `Update`, `Delete`)."""
    verb = _VERBS[kind]
    data = {"version": "1.0", "type": kind, f"{verb}Alarm": _described(alarm)}
    return HistoryItem(
        alarm.scope,
        alarm.name,
        alarm.kind,
        at_ms,
        "ConfigurationUpdate",
        f'Alarm "{alarm.name}" {verb}',
        compact(data),
    )


def state_update(alarm: Alarm, state: AlarmState) -> HistoryItem:
    """Return the item of a transition of `alarm`, as it was before, to `state`."""
    data = {"version": "1.0", "oldState": _state(alarm.state), "newState": _state(state)}
    return HistoryItem(
        alarm.scope,
        alarm.name,
        alarm.kind,
        state.updated_ms,
        "StateUpdate",
        f"Alarm updated from {alarm.state.value} to {state.value}",
        compact(data),
    )


def action_done(action: PendingAction, at_ms: int, error: str | None) -> HistoryItem:
    """Return the item of an action that was done, or that failed for good with `error`."""
    data = {
        "actionState": "Succeeded" if error is None else "Failed",
        "stateUpdateTimestamp": action.updated_ms,
        "notificationResource": action.action_arn,
        "publishedMessage": action.event,
        "error": error,
    }
    summary = (
        f"Successfully executed action {action.action_arn}"
        if error is None
        else f'Failed to execute action {action.action_arn}. Received error: "{error}"'
    )
    return HistoryItem(action.scope, action.name, action.kind, at_ms, "Action", summary, compact(data))


def _state(state: AlarmState) -> dict[str, Any]:
    shown: dict[str, Any] = {"stateValue": state.value, "stateReason": state.reason}
    if state.reason_data:
        shown["stateReasonData"] = json.loads(state.reason_data)
    return shown


def _described(alarm: Alarm) -> dict[str, Any]:
    """The alarm in the camel case of history data: `{"alarmName": …, "evaluationPeriods": 1, …}`."""
    settings = alarm.configuration
    return {
        **{_camel(name): _plain(value) for name, value in sorted(settings.items())},
        "okactions": settings.get("OKActions") or [],
        "alarmActions": settings.get("AlarmActions") or [],
        "insufficientDataActions": settings.get("InsufficientDataActions") or [],
        "actionsEnabled": alarm.actions_enabled,
        "alarmName": alarm.name,
        "alarmArn": alarm.arn,
        "alarmConfigurationUpdatedTimestamp": stamp(alarm.configured_ms),
        "stateValue": alarm.state.value,
        "stateUpdatedTimestamp": stamp(alarm.state.updated_ms),
    }


def _camel(name: str) -> str:
    return "okactions" if name == "OKActions" else name[:1].lower() + name[1:]


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {_camel(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value
