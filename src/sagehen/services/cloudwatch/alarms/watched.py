"""WatchedAlarms: what other services see of alarms, with the rights of whom they act for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sagehen.domain.access import Access
from sagehen.domain.identity import Principal
from sagehen.domain.ports.identity.authorization import Authorizer
from sagehen.domain.scope import Scope
from sagehen.services.cloudwatch.alarms.alarm import alarm_arn
from sagehen.services.cloudwatch.alarms.records import AlarmRecords


class WatchedAlarms:
    """Implements the port `AlarmStates`."""

    def __init__(self, records: AlarmRecords, authorizer: Authorizer) -> None:
        self._records = records
        self._authorizer = authorizer

    def missing(self, scope: Scope, names: Sequence[str]) -> Sequence[str]:
        """See `ports.AlarmStates`."""
        return [name for name in names if self._records.get(scope, name) is None]

    def states(self, principal: Principal, scope: Scope, names: Sequence[str]) -> Mapping[str, str]:
        """See `ports.AlarmStates`."""
        states = {}
        for name in names:
            access = Access("cloudwatch:DescribeAlarms", alarm_arn(scope, name))
            self._authorizer.authorize(principal, access, {})
            alarm = self._records.get(scope, name)
            if alarm is not None:
                states[name] = alarm.state.value
        return states
