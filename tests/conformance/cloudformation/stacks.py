"""What tests of stacks share."""

from __future__ import annotations

import uuid
from typing import Any

from tests.waiting import eventually


def new_name() -> str:
    """Return a name that no other stack has."""
    return f"s-{uuid.uuid4().hex[:8]}"


def create(cloudformation: Any, template: str, **more: Any) -> str:
    """Begin to make a stack of a name of its own; return its ARN."""
    request = {"StackName": new_name(), "TemplateBody": template, "Capabilities": ["CAPABILITY_IAM"]}
    stack_id: str = cloudformation.create_stack(**{**request, **more})["StackId"]
    return stack_id


def ended(cloudformation: Any, stack: str) -> dict[str, Any]:
    """Wait until nothing goes on in a stack, and return what is told of it."""

    def found() -> Any:
        [one] = cloudformation.describe_stacks(StackName=stack)["Stacks"]
        return None if one["StackStatus"].endswith("_IN_PROGRESS") else one

    told: dict[str, Any] = eventually(found)
    return told


def outputs(told: dict[str, Any]) -> dict[str, str]:
    """Return a stack's outputs by name."""
    return {one["OutputKey"]: one["OutputValue"] for one in told["Outputs"]}


def physical(cloudformation: Any, stack: str) -> dict[str, str]:
    """Return the physical ids of a stack's resources by logical id."""
    found = cloudformation.describe_stack_resources(StackName=stack)["StackResources"]
    return {one["LogicalResourceId"]: one.get("PhysicalResourceId", "") for one in found}


def failures(cloudformation: Any, stack: str) -> list[str]:
    """Return what failed in a stack, and why, the newest first."""
    events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    return [
        f"{one['LogicalResourceId']}: {one.get('ResourceStatusReason')}"
        for one in events
        if one["ResourceStatus"].endswith("FAILED")
    ]
