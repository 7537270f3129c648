"""Where nested stacks are: their names, and how deep."""

from __future__ import annotations

import secrets
import string
import uuid

from sagehen.domain.scope import Scope

# A template may nest itself.
DEEPEST = 10
_LETTERS = string.ascii_uppercase + string.digits
# Documented: of a stack's name.
_MOST_NAME = 128


def drawn_letters() -> str:
    """Return what tells names apart."""
    return "".join(secrets.choice(_LETTERS) for _ in range(12))


def drawn_arn(scope: Scope, around: str, logical_id: str) -> str:
    """Return the ARN of a new stack nested in another.

    Args:
        around: The name of that one.
    """
    name = f"{around}-{logical_id}"[: _MOST_NAME - 13].rstrip("-")
    return scope.arn("cloudformation", f"stack/{name}-{drawn_letters()}/{uuid.uuid4()}")
