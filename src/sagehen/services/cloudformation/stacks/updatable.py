"""Whether a stack can be updated now."""

from __future__ import annotations

from sagehen.services.cloudformation.errors import ValidationError
from sagehen.services.cloudformation.stacks.stack import FAILED, UPDATABLE, Stack


def require_updatable(stack: Stack, on_failure: str) -> None:
    """Check that an update may begin.

    Args:
        on_failure: What a failure of it leads to.

    Raises:
        ValidationError
    """
    if stack.status in FAILED:
        if on_failure != "DO_NOTHING":
            # Recorded, in public issues: amazon.aws 1655, aws-cli 6368.
            raise ValidationError(
                f"This stack is currently in a non-terminal [{stack.status}] state. To update the stack from "
                "this state, please use the disable-rollback parameter with update-stack API. To rollback to "
                "the last known good state, use the rollback-stack API"
            )
    elif stack.status not in UPDATABLE:
        raise ValidationError(f"Stack:{stack.arn} is in {stack.status} state and can not be updated.")
