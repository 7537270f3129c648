"""What may be asked of change sets. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.services.cloudformation.errors import InvalidChangeSetStatus, ValidationError
from sagehen.services.cloudformation.stacks.change_set import ChangeSet
from sagehen.services.cloudformation.stacks.stack import REVIEW, Stack


def changed(stack: Stack | None, request: Mapping[str, Any]) -> Stack | None:
    """Return the stack that a new change set changes; None where it makes one.

    Raises:
        ValidationError: Its type does not go with what is there, or with what it is to import.
    """
    kind = request.get("ChangeSetType", "UPDATE")
    if bool(request.get("ResourcesToImport")) != (kind == "IMPORT"):
        raise ValidationError("ResourcesToImport are for change sets of type IMPORT, and those need them.")
    if kind == "IMPORT" and request.get("IncludeNestedStacks"):
        raise ValidationError("IncludeNestedStacks is not for change sets of type IMPORT.")
    if kind == "UPDATE" and (stack is None or stack.is_deleted):
        raise ValidationError(f"Stack [{request['StackName']}] does not exist")
    if kind == "CREATE" and stack is not None and stack.status != REVIEW:
        raise ValidationError(
            f"Stack [{stack.name}] already exists and cannot be created again with the changeSet"
        )
    if kind == "UPDATE" and request.get("OnStackFailure") == "DELETE":
        raise ValidationError("OnStackFailure DELETE is only valid for change sets of type CREATE.")
    is_there = stack is not None and not stack.is_deleted and stack.status != REVIEW
    return stack if kind == "UPDATE" or (kind == "IMPORT" and is_there) else None


def arn_of(stack: Stack, change_set: ChangeSet) -> str:
    """Return a change set's ARN."""
    return stack.scope.arn("cloudformation", f"changeSet/{change_set.name}/{change_set.id}")


def execution_of(stack: Stack, change_set: ChangeSet) -> str:
    """Return a change set's ExecutionStatus.

    Documented (DescribeChangeSet): obsolete once its stack was updated otherwise, since it tells of what
    was before. Those of nested stacks go with the root's, which changes their stacks.
    """
    is_late = stack.updated_at is not None and stack.updated_at > change_set.created_at
    is_open = change_set.execution == "AVAILABLE" and not change_set.parent
    return "OBSOLETE" if is_late and is_open else change_set.execution


def require_executable(stack: Stack, change_set: ChangeSet) -> None:
    """Check that a change set can be executed.

    Raises:
        InvalidChangeSetStatus: In AWS's words, from public issues.
    """
    execution = execution_of(stack, change_set)
    if execution != "AVAILABLE":
        status = f"status of [{change_set.status}]"
        if change_set.status != "FAILED":
            status = f"execution status of [{execution}]"
        raise InvalidChangeSetStatus(
            f"ChangeSet [{arn_of(stack, change_set)}] cannot be executed in its current {status}"
        )


def require_root(change_set: ChangeSet) -> None:
    """Refuse to do with a nested stack's change set what is done with the root's (documented)."""
    if change_set.parent:
        raise ValidationError(
            f"ChangeSet [{change_set.arn}] belongs to the nested change set [{change_set.root}]: only the "
            "root change set can be executed or deleted."
        )
