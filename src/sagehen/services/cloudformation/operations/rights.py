"""What must be allowed: on a stack, by its name or its ARN."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request
from sagehen.domain.access import Access, ConditionValue
from sagehen.services.cloudformation.stacks.stack import Stack

# Documented: condition keys of CloudFormation; which action has which, IAM knows.
_KEYS = {
    "RoleARN": "cloudformation:RoleArn",
    "ChangeSetName": "cloudformation:ChangeSetName",
    "TemplateURL": "cloudformation:TemplateUrl",
    "StackPolicyURL": "cloudformation:StackPolicyUrl",
}


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
    yield Access(f"cloudformation:{context.operation}", arn, _keys(request))


def on_any(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    """Yield the operation's action, which AWS's reference has on no resource: a template, a detection."""
    yield Access(f"cloudformation:{context.operation}", "*", _keys(request))


def _keys(request: Request) -> dict[str, ConditionValue]:
    keys: dict[str, ConditionValue] = {
        key: request[member] for member, key in _KEYS.items() if request.get(member)
    }
    if kinds := request.get("ResourceTypes"):
        keys["cloudformation:ResourceTypes"] = tuple(kinds)
    if tags := request.get("Tags"):
        keys["aws:TagKeys"] = tuple(tag["Key"] for tag in tags)
        keys |= {f"aws:RequestTag/{tag['Key']}": tag["Value"] for tag in tags}
    return keys
