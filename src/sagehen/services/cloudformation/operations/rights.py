"""What must be allowed: on a stack, by its name or its ARN."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request
from sagehen.domain.access import Access
from sagehen.services.cloudformation.stacks.stack import Stack


class _KnowsStacks(Protocol):
    def stack_of(self, context: RequestContext, request: Request) -> Stack | None:
        """Return the stack that a request is about; None where it names none, or none that there is."""
        ...


def on_stack(owner: _KnowsStacks, context: RequestContext, request: Request) -> Iterator[Access]:
    """Yield the operation's action on the stack. Documented: actions and resources of CloudFormation.

    On the one that will be found, by whatever name it is asked for: a policy may name it by its ARN.
    """
    name = request.get("StackName") or "*"
    stack = owner.stack_of(context, request)
    if stack is not None:
        arn = stack.arn
    else:
        arn = name if name.startswith("arn:") else context.scope.arn("cloudformation", f"stack/{name}/*")
    keys = {}
    if role := request.get("RoleARN"):
        keys["cloudformation:RoleArn"] = role
    if change_set := request.get("ChangeSetName"):
        keys["cloudformation:ChangeSetName"] = change_set
    yield Access(f"cloudformation:{context.operation}", arn, keys)
