"""ScalableTarget: a registered resource."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sagehen.autoscaling.capacity import Suspended
from sagehen.domain.scope import Scope
from sagehen.services.application_autoscaling.targets.dimensions import DIMENSIONS, Dimension


@dataclass(frozen=True, slots=True)
class TargetKey:
    """What names a scalable target: AWS's three, in an account and region."""

    scope: Scope
    resource_id: str
    dimension: str

    @property
    def kind(self) -> Dimension:
        """The dimension with all that is known of it."""
        return DIMENSIONS[self.dimension]

    @property
    def namespace(self) -> str:
        """AWS's service namespace."""
        return self.dimension.partition(":")[0]

    def members(self) -> dict[str, Any]:
        """Return the three as members of an answer."""
        return {
            "ServiceNamespace": self.namespace,
            "ResourceId": self.resource_id,
            "ScalableDimension": self.dimension,
        }


@dataclass(frozen=True, slots=True)
class ScalableTarget:
    """A registered resource.

    Args:
        key: What names it.
        target_id: The last part of its ARN.
        uuid: In the ARNs of its policies and scheduled actions.
        minimum: MinCapacity.
        maximum: MaxCapacity.
        role_arn: Of the service-linked role.
        created_at: When it was first registered.
        suspended: What is stopped for now.
        tags: Its tags.
    """

    key: TargetKey
    target_id: str
    uuid: str
    minimum: int
    maximum: int
    role_arn: str
    created_at: datetime
    suspended: Suspended = field(default_factory=Suspended)
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        """Its ARN, by which it is tagged."""
        return self.key.scope.arn("application-autoscaling", f"scalable-target/{self.target_id}")

    def part_arn(self, kind: str, name_kind: str, name: str) -> str:
        """Return the ARN of a policy or scheduled action of this target (its form: documented and
        recorded).
        """
        resource = f"resource/{self.key.namespace}/{self.key.resource_id}"
        return self.key.scope.arn("autoscaling", f"{kind}:{self.uuid}:{resource}:{name_kind}/{name}")

    def described(self) -> dict[str, Any]:
        """Return it as DescribeScalableTargets shows it."""
        return {
            **self.key.members(),
            "MinCapacity": self.minimum,
            "MaxCapacity": self.maximum,
            "RoleARN": self.role_arn,
            "CreationTime": self.created_at,
            "SuspendedState": {
                "DynamicScalingInSuspended": self.suspended.dynamic_in,
                "DynamicScalingOutSuspended": self.suspended.dynamic_out,
                "ScheduledScalingSuspended": self.suspended.scheduled,
            },
            "ScalableTargetARN": self.arn,
        }
