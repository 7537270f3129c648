"""Tools: what runs of stacks work with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sagehen.domain.access import AccessDenied
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.ports.calls.operation_calls import OperationCalls
from sagehen.domain.ports.calls.shapes import Shapes
from sagehen.domain.ports.identity.roles import Roles
from sagehen.services.cloudformation.makers.contract import Maker
from sagehen.services.cloudformation.makers.signals import Signals
from sagehen.services.cloudformation.running.calling import Actor, StepFailed
from sagehen.services.cloudformation.running.steps import Steps
from sagehen.services.cloudformation.stacks import callers
from sagehen.services.cloudformation.stacks.change_set_records import ChangeSetRecords
from sagehen.services.cloudformation.stacks.records import StackRecords
from sagehen.services.cloudformation.stacks.stack import Resource, Stack

SERVICE = "cloudformation.amazonaws.com"


@dataclass(frozen=True, slots=True)
class Tools:
    """What is shared by all runs.

    Args:
        calls: The platform's operations.
        shapes: Of their requests.
        makers: Of what no operation makes, by `made_by` of its type.
        signals: That creation policies wait for.
        change_sets: Those that are being carried out, of nested stacks.
    """

    records: StackRecords
    clock: Clock
    ids: Ids
    roles: Roles
    calls: OperationCalls
    shapes: Shapes
    makers: Mapping[str, Maker]
    signals: Signals
    change_sets: ChangeSetRecords

    @property
    def steps(self) -> Steps:
        return Steps(self.calls, self.shapes)

    def now(self) -> datetime:
        return self.clock.now()

    async def actor(self, stack: Stack) -> Actor:
        """Return as whom a stack acts: its role, or who asked.

        Raises:
            StepFailed: The role cannot be assumed.
        """
        role_arn = stack.version.role_arn
        if role_arn is None:
            return Actor(callers.of_kept(stack.principal), stack.scope)
        try:
            session = await self.roles.assume_for_service(role_arn, SERVICE, "AWSCloudFormation")
        except AccessDenied:
            raise StepFailed(f"Role {role_arn} is invalid or cannot be assumed") from None
        return Actor(session.principal, stack.scope)

    def places(self, stack: Stack) -> Mapping[str, str]:
        """Return what `$region` and `$account` stand for."""
        return {"region": stack.scope.region, "account": stack.scope.account_id}

    def event(
        self, stack: Stack, status: str, reason: str | None, resource: Resource | None = None
    ) -> dict[str, Any]:
        """Return an event's row: of a resource, or of the stack itself."""
        found: dict[str, Any] = {
            "EventId": self.ids.uuid(),
            "LogicalResourceId": resource.logical_id if resource else stack.name,
            "PhysicalResourceId": resource.physical_id if resource else stack.arn,
            "ResourceType": resource.type if resource else "AWS::CloudFormation::Stack",
            "ResourceStatus": status,
            "ResourceStatusReason": reason,
            "Timestamp": self.now().timestamp(),
            "ClientRequestToken": stack.token,
        }
        return found
