"""ScalingActivity: one change of capacity, or the reason of none, in AWS's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from sagehen.services.application_autoscaling.targets.target import TargetKey

Status = Literal["Pending", "InProgress", "Successful", "Overridden", "Unfulfilled", "Failed"]
OPEN: tuple[Status, ...] = ("Pending", "InProgress")


@dataclass(frozen=True, slots=True)
class ScalingActivity:
    """One activity. The words of description, cause and message are AWS's, recorded unless said otherwise.

    Args:
        key: The target.
        activity_id: A UUID.
        description: What it sets.
        cause: Which alarm, schedule or bound brought it about.
        status: AWS's StatusCode.
        started_at: Seconds since the epoch.
        message: How it went.
        ended_at: Likewise; None while it goes on.
        capacity: What it sets the target to; None where it sets bounds only, or nothing.
        base: The capacity that a cooldown counts from, where a policy caused it.
        cooldown_s: Seconds that follow; None where no policy caused it.
        not_scaled: NotScaledReasons, for activities that are shown only on request.
        row: Its number on record, 0 before.
        details: What a policy read, for a person.
    """

    key: TargetKey
    activity_id: str
    description: str
    cause: str
    status: Status
    started_at: float
    message: str = ""
    ended_at: float | None = None
    capacity: int | None = None
    base: int | None = None
    cooldown_s: float | None = None
    not_scaled: tuple[Mapping[str, Any], ...] = field(default=())
    row: int = 0
    details: str = ""

    def described(self) -> dict[str, Any]:
        """Return it as DescribeScalingActivities shows it."""
        return {
            **self.key.members(),
            "ActivityId": self.activity_id,
            "Description": self.description,
            "Cause": self.cause,
            "StartTime": datetime.fromtimestamp(self.started_at, UTC),
            "EndTime": None if self.ended_at is None else datetime.fromtimestamp(self.ended_at, UTC),
            "StatusCode": self.status,
            "StatusMessage": self.message or None,
            "Details": self.details or None,
            "NotScaledReasons": list(self.not_scaled) or None,
        }


def triggered_by(alarm: str, policy: str) -> str:
    """Return the cause of an activity that an alarm brought about."""
    return f"monitor alarm {alarm} in state ALARM triggered policy {policy}"


def setting(key: TargetKey, capacity: int) -> str:
    """Return the description of a change."""
    return f"Setting {key.kind.noun} to {capacity}."


def waiting(key: TargetKey, capacity: int) -> str:
    """Return the message of a change that the service took."""
    return (
        f"Successfully set {key.kind.noun} to {capacity}."
        f" Waiting for change to be fulfilled by {key.namespace}."
    )


def fulfilled(key: TargetKey, capacity: int) -> str:
    """Return the message of a change that is done."""
    return (
        f"Successfully set {key.kind.noun} to {capacity}. Change successfully fulfilled by {key.namespace}."
    )


def failed(key: TargetKey, capacity: int, reason: str) -> str:
    """Return the message of a change that the service refused."""
    return f"Failed to set {key.kind.noun} to {capacity}. Reason: {reason}"


def unfulfilled(key: TargetKey, capacity: int) -> str:
    """Return the message of a change that did not come about. From memory."""
    return f"Successfully set {key.kind.noun} to {capacity}. Change was not fulfilled by {key.namespace}."


def overridden(key: TargetKey, capacity: int) -> str:
    """Return the message of a change that a newer one replaced. From memory."""
    return f"Successfully set {key.kind.noun} to {capacity}. The change was overridden by a newer one."
