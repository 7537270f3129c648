"""action: an operation of EC2's. Each can be asked for as a dry run, and finds its region furnished."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

from sagehen.api.context import RequestContext
from sagehen.api.operation import AccessRule, Reply, Request, operation
from sagehen.services.ec2.errors import DryRunOperation
from sagehen.services.ec2.resources.access import anything
from sagehen.services.ec2.resources.state import State

Answer = dict[str, Any] | Reply | None


class Owner(Protocol):
    """Who declares operations."""

    state: State


O = TypeVar("O", bound=Owner)  # noqa: E741  # the owner's own class
Method = Callable[[O, RequestContext, Request], Awaitable[Answer]]


def action(name: str, *, access: AccessRule | None = None) -> Callable[[Method[O]], Method[O]]:
    """Declare a method as the implementation of an EC2 operation.

    A dry run goes as far as the operation can without an effect: its rights, its input, and in
    `State.change` all of its checks. It never answers anything but an error.

    Args:
        name: The operation's name in botocore's model.
        access: As in `operation`.
    """

    def mark(method: Method[O]) -> Method[O]:
        @functools.wraps(method)
        async def handler(owner: O, context: RequestContext, request: Request) -> Answer:
            await owner.state.prepare(context.scope)
            answer = await method(owner, context, request)
            if request.get("DryRun"):
                raise DryRunOperation
            return answer

        return operation(name, access=access or anything)(handler)

    return mark
