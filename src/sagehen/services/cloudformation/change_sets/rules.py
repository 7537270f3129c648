"""What may be asked of change sets. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.services.cloudformation.errors import ValidationError
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


def require_root(change_set: ChangeSet) -> None:
    """Refuse to do with a nested stack's change set what is done with the root's (documented)."""
    if change_set.parent:
        raise ValidationError(
            f"ChangeSet [{change_set.arn}] belongs to the nested change set [{change_set.root}]: only the "
            "root change set can be executed or deleted."
        )
