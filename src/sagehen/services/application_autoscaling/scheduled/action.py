"""ScheduledAction: new bounds at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sagehen.services.application_autoscaling.scheduled.expression import Schedule, parsed
from sagehen.services.application_autoscaling.targets.target import TargetKey


@dataclass(frozen=True, slots=True)
class ScheduledAction:
    """A scheduled action of a target.

    Args:
        key: The target.
        name: Unique there.
        arn: Its ARN.
        expression: `at(...)`, `rate(...)` or `cron(...)`.
        timezone: IANA name for at and cron; None is UTC.
        start_at: Before it nothing happens, and at it the first time; None is from creation on.
        end_at: After it nothing happens.
        minimum: MinCapacity to set, or None.
        maximum: MaxCapacity to set, or None.
        created_at: When it was first put.
        next_at: When it is due; None is never again.
    """

    key: TargetKey
    name: str
    arn: str
    expression: str
    timezone: str | None
    start_at: datetime | None
    end_at: datetime | None
    minimum: int | None
    maximum: int | None
    created_at: datetime
    next_at: datetime | None

    @property
    def schedule(self) -> Schedule:
        """The expression, parsed."""
        return parsed(self.expression, self.timezone)

    def due_after(self, moment: datetime) -> datetime | None:
        """Return when it is due after `moment`.

        Documented: with a start time it is done then for the first time, and after the end time not any more.
        """
        if self.start_at is not None and moment < self.start_at and not self.schedule.is_once:
            due: datetime | None = self.start_at
        else:
            due = self.schedule.after(moment, self.start_at or self.created_at)
        return None if due is None or (self.end_at is not None and due > self.end_at) else due

    def described(self) -> dict[str, Any]:
        """Return it as DescribeScheduledActions shows it."""
        bounds = {"MinCapacity": self.minimum, "MaxCapacity": self.maximum}
        return {
            **self.key.members(),
            "ScheduledActionName": self.name,
            "ScheduledActionARN": self.arn,
            "Schedule": self.expression,
            "Timezone": self.timezone,
            "StartTime": self.start_at,
            "EndTime": self.end_at,
            "ScalableTargetAction": {name: value for name, value in bounds.items() if value is not None},
            "CreationTime": self.created_at,
        }


def moment(seconds: float | None) -> datetime | None:
    """Return a stored moment."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
