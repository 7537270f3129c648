"""ScalingPolicy: a policy as it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sagehen.services.application_autoscaling.targets.target import TargetKey

PolicyType = Literal["StepScaling", "TargetTrackingScaling"]


@dataclass(frozen=True, slots=True)
class ScalingPolicy:
    """A policy of a target.

    Args:
        key: The target.
        name: Unique there.
        type: AWS's PolicyType.
        arn: What alarms have as their action.
        configuration: StepScalingPolicyConfiguration or TargetTrackingScalingPolicyConfiguration, as it came.
        alarms: Of target tracking: the names of its high and its low alarm, the low one left out where
            scale-in is disabled.
        created_at: When it was first put.
    """

    key: TargetKey
    name: str
    type: PolicyType
    arn: str
    configuration: Mapping[str, Any]
    alarms: tuple[str, ...]
    created_at: datetime

    @property
    def tracks(self) -> bool:
        """Tell target tracking from steps."""
        return self.type == "TargetTrackingScaling"

    @property
    def disables_scale_in(self) -> bool:
        """Tell whether it never takes capacity away."""
        return bool(self.configuration.get("DisableScaleIn"))

    @property
    def low_alarm(self) -> str | None:
        """Name of the alarm that scales in."""
        return self.alarms[1] if len(self.alarms) > 1 else None

    def described(self, alarms: list[dict[str, str]]) -> dict[str, Any]:
        """Return it as DescribeScalingPolicies shows it."""
        member = f"{self.type}PolicyConfiguration"
        return {
            **self.key.members(),
            "PolicyARN": self.arn,
            "PolicyName": self.name,
            "PolicyType": self.type,
            member: dict(self.configuration),
            "Alarms": alarms,
            "CreationTime": self.created_at,
        }
