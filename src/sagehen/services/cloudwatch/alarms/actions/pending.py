"""An action that an alarm asks for: made with a transition, written down once it is done. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from sagehen.domain.scope import Scope
from sagehen.services.cloudwatch.alarms.actions.event import alarm_event
from sagehen.services.cloudwatch.alarms.alarm import Alarm, AlarmState
from sagehen.services.cloudwatch.alarms.history.items import HistoryItem
from sagehen.services.cloudwatch.alarms.notation import compact


@dataclass(frozen=True, slots=True)
class PendingAction:
    """An action that was decided and not done yet.

    Args:
        name, kind: Of the alarm.
        event: JSON text of the transition, as functions get it.
        updated_ms: When the alarm entered the state, in ms since the epoch.
        attempts: How often it failed.
        due_ms: When it is to be tried; 0 is at once.
        id: 0 until it is stored.
    """

    scope: Scope
    name: str
    kind: str
    action_arn: str
    event: str
    updated_ms: int
    attempts: int = 0
    due_ms: int = 0
    id: int = 0


def actions_of(alarm: Alarm, previous: AlarmState, state: AlarmState) -> list[PendingAction]:
    """Return what is to be done when `alarm` goes from one state to another, if its actions are enabled."""
    arns = alarm.actions(state.value)
    if not arns:
        return []
    event = compact(alarm_event(alarm, previous, state))
    return [PendingAction(alarm.scope, alarm.name, alarm.kind, arn, event, state.updated_ms) for arn in arns]


def action_done(action: PendingAction, at_ms: int, error: str | None) -> HistoryItem:
    """Return the item of history of an action that was done, or that failed for good with `error`.

    The summary of one that was done is recorded; the other's, and the members of the data, are from memory.
    """
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
