"""What must be allowed: on a stack, by its name or its ARN."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request
from sagehen.domain.access import Access


def on_stack(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    """Yield the operation's action on the stack. Documented: actions and resources of CloudFormation."""
    name = request.get("StackName") or "*"
    arn = name if name.startswith("arn:") else context.scope.arn("cloudformation", f"stack/{name}/*")
    keys = {}
    if role := request.get("RoleARN"):
        keys["cloudformation:RoleArn"] = role
    if change_set := request.get("ChangeSetName"):
        keys["cloudformation:ChangeSetName"] = change_set
    yield Access(f"cloudformation:{context.operation}", arn, keys)
