"""Alarms that a service watches: between SageMaker's deployments and CloudWatch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from sagehen.domain.identity import Principal
from sagehen.domain.scope import Scope

# Told the name of an alarm, metric or composite, that has just gone to ALARM.
AlarmListener = Callable[[Scope, str], None]


class AlarmStates(Protocol):
    """The states of alarms, for those who may see them."""

    def missing(self, scope: Scope, names: Sequence[str]) -> Sequence[str]:
        """Return those of the names that no alarm has."""
        ...

    def states(self, principal: Principal, scope: Scope, names: Sequence[str]) -> Mapping[str, str]:
        """Return the states (`OK`, `ALARM`, `INSUFFICIENT_DATA`) of those of the alarms that exist.

        Raises:
            AccessDenied: The principal lacks cloudwatch:DescribeAlarms on one of them.
        """
        ...
