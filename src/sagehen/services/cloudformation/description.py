"""What is told of stacks. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sagehen.services.cloudformation.stacks.stack import Resource, Stack, Version

_HIDDEN = "****"


def moment(epoch_s: float) -> datetime:
    """Return a stored time."""
    return datetime.fromtimestamp(epoch_s, UTC)


def drift_of_stack(found: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return a stack's DriftInformation.

    Args:
        found: Its last detection.
    """
    if found is None or "status" not in found:
        return {"StackDriftStatus": "NOT_CHECKED"}
    return {"StackDriftStatus": found["status"], "LastCheckTimestamp": moment(found["at"])}


def drift_of_resource(found: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return a resource's DriftInformation; what was not read since it was changed is not known."""
    if found is None:
        return {"StackResourceDriftStatus": "NOT_CHECKED"}
    return {"StackResourceDriftStatus": found["status"], "LastCheckTimestamp": moment(found["at"])}


def stack_told(stack: Stack, drift: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return a stack's entry in DescribeStacks."""
    return {
        "StackId": stack.arn,
        "StackName": stack.name,
        "ParentId": stack.parent,
        "RootId": stack.root,
        "TimeoutInMinutes": stack.longest_min,
        "Description": stack.description or None,
        "Parameters": parameters_told(stack.version),
        "CreationTime": moment(stack.created_at),
        "LastUpdatedTime": moment(stack.updated_at) if stack.updated_at else None,
        "DeletionTime": moment(stack.deleted_at) if stack.deleted_at else None,
        "StackStatus": stack.status,
        "StackStatusReason": stack.reason,
        "DisableRollback": stack.on_failure == "DO_NOTHING",
        "NotificationARNs": [],
        "Capabilities": list(stack.version.capabilities),
        "Outputs": list(stack.outputs),
        "RoleARN": stack.version.role_arn,
        "Tags": list(stack.version.tags),
        "EnableTerminationProtection": stack.protected,
        "DriftInformation": drift_of_stack(drift),
        "RollbackConfiguration": {},
    }


def parameters_told(version: Version) -> list[dict[str, str]]:
    """Return parameters as they are shown: secret ones as asterisks."""
    found = []
    for name, value in version.parameters.items():
        entry = {"ParameterKey": name, "ParameterValue": _HIDDEN if name in version.hidden else value}
        if value in version.resolved:
            entry["ResolvedValue"] = version.resolved[value]
        found.append(entry)
    return found


def summary(stack: Stack, drift: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return a stack's entry in ListStacks."""
    return {
        "StackId": stack.arn,
        "StackName": stack.name,
        "ParentId": stack.parent,
        "RootId": stack.root,
        "TemplateDescription": stack.description or None,
        "CreationTime": moment(stack.created_at),
        "LastUpdatedTime": moment(stack.updated_at) if stack.updated_at else None,
        "DeletionTime": moment(stack.deleted_at) if stack.deleted_at else None,
        "StackStatus": stack.status,
        "StackStatusReason": stack.reason,
        "DriftInformation": drift_of_stack(drift),
    }


def resource_told(stack: Stack, resource: Resource, drift: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return a resource's entry in DescribeStackResources."""
    return {
        "StackName": stack.name,
        "StackId": stack.arn,
        "LogicalResourceId": resource.logical_id,
        "PhysicalResourceId": resource.physical_id or None,
        "ResourceType": resource.type,
        "Timestamp": moment(resource.at),
        "ResourceStatus": resource.status,
        "ResourceStatusReason": resource.reason,
        "DriftInformation": drift_of_resource(drift),
    }


def resource_summary(resource: Resource, drift: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return a resource's entry in ListStackResources."""
    return {
        "LogicalResourceId": resource.logical_id,
        "PhysicalResourceId": resource.physical_id or None,
        "ResourceType": resource.type,
        "LastUpdatedTimestamp": moment(resource.at),
        "ResourceStatus": resource.status,
        "ResourceStatusReason": resource.reason,
        "DriftInformation": drift_of_resource(drift),
    }
