"""Alarms that a service makes and actions that alarms take: CloudWatch, Application Auto Scaling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sagehen.domain.scope import Scope


class MetricAlarms(Protocol):
    """CloudWatch's alarms as services that make their own use them (target tracking)."""

    async def put_metric(self, scope: Scope, settings: Mapping[str, Any]) -> str:
        """Create or update an alarm from PutMetricAlarm's members; return its ARN.

        Raises:
            ServiceError: As PutMetricAlarm.
        """
        ...

    def states(self, scope: Scope, names: Sequence[str]) -> Mapping[str, str]:
        """Return the states (`OK`, `ALARM`, `INSUFFICIENT_DATA`) of those of the alarms that exist."""
        ...

    def with_action(self, scope: Scope, action_arn: str) -> Sequence[str]:
        """Return the names of alarms that have an action, in order; up to a hundred."""
        ...

    async def delete(self, scope: Scope, names: Sequence[str]) -> None:
        """Delete those of the alarms that exist.

        Raises:
            ServiceError: A composite alarm depends on one of them.
        """
        ...


class AlarmActions(Protocol):
    """Application Auto Scaling as CloudWatch's alarms use it: a policy as an alarm's action."""

    async def alarm_action(self, scope: Scope, action_arn: str, alarm_event: Mapping[str, Any]) -> None:
        """Act on an alarm's state: on each transition, and each minute for as long as the state lasts.

        Args:
            scope: The alarm's account and region.
            action_arn: The scaling policy.
            alarm_event: The alarm's name, states and configuration, as Lambda functions get them:
                `alarmData.state.value`, `.reasonData` (JSON text with `recentDatapoints`), …

        Raises:
            ServiceError: There is no such policy, or it could not act; it goes into the alarm's history.
        """
        ...
