"""Alarm: one metric or composite alarm as it is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sagehen.domain.scope import Scope

Kind = Literal["MetricAlarm", "CompositeAlarm"]

# State -> the member that lists what is done when the alarm enters it (documented: API_PutMetricAlarm).
ACTIONS = {
    "ALARM": "AlarmActions",
    "OK": "OKActions",
    "INSUFFICIENT_DATA": "InsufficientDataActions",
}
# Recorded.
INITIAL_REASON = "Unchecked: Initial alarm creation"


@dataclass(frozen=True, slots=True)
class AlarmState:
    """A state with its grounds.

    Args:
        value: `OK`, `ALARM` or `INSUFFICIENT_DATA`.
        reason: For people, as CloudWatch words it.
        reason_data: JSON text for programs; '' where there is none.
        updated_ms: When it was last set, in ms since the epoch.
        transitioned_ms: When the value last became another one.
    """

    value: str
    reason: str
    reason_data: str
    updated_ms: int
    transitioned_ms: int


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm.

    Args:
        name: Unique in its account and region, over both kinds.
        configuration: The members of PutMetricAlarm or PutCompositeAlarm, without tags and name.
        query_id: The id that events give the metric of an alarm without `Metrics`.
        configured_ms: When it was last put, enabled or disabled, in ms since the epoch.
        version: Grows with every change of configuration or state, so that an evaluation that
            read an older one is not written over a newer one.
    """

    scope: Scope
    name: str
    kind: Kind
    configuration: Mapping[str, Any]
    query_id: str
    configured_ms: int
    state: AlarmState
    version: int

    @property
    def arn(self) -> str:
        return alarm_arn(self.scope, self.name)

    @property
    def actions_enabled(self) -> bool:
        return self.configuration.get("ActionsEnabled") is not False

    def actions(self, state_value: str) -> Sequence[str]:
        """Return the ARNs of what is done on entering a state, disabled or not."""
        return self.configuration.get(ACTIONS[state_value]) or ()


def alarm_arn(scope: Scope, name: str) -> str:
    """Return the ARN of an alarm, which need not exist."""
    return scope.arn("cloudwatch", f"alarm:{name}")
