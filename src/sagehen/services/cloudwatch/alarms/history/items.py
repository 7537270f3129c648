"""The items of alarms' history: what CloudWatch writes down, as it words it. Pure.

The members of `data` are AWS's as far as public samples of DescribeAlarmHistory show them, the rest is from
memory: `okactions`, for instance, is spelled so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.cloudwatch.alarms.alarm import Alarm, AlarmState
from sagehen.services.cloudwatch.alarms.notation import compact, stamp

_VERBS = {"Create": "created", "Update": "updated", "Delete": "deleted"}


@dataclass(frozen=True, slots=True)
class HistoryItem:
    """One line of an alarm's history. `data`: JSON text; `id` 0 until it is stored."""

    scope: Scope
    name: str
    kind: str
    at_ms: int
    type: str
    summary: str
    data: str
    id: int = 0


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
