"""SignalResource: what a machine says when it is ready, for a resource with a CreationPolicy."""

from __future__ import annotations

import asyncio

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.services.cloudformation.errors import ValidationError
from sagehen.services.cloudformation.makers.signals import Signal, Signals
from sagehen.services.cloudformation.operations.rights import on_stack
from sagehen.services.cloudformation.stacks.records import StackRecords
from sagehen.services.cloudformation.stacks.stack import Stack
from sagehen.services.cloudformation.templates.reading import read
from sagehen.services.cloudformation.templates.template import template_of


class ResourceSignals:
    """SignalResource."""

    def __init__(self, records: StackRecords, signals: Signals) -> None:
        self._records = records
        self._signals = signals

    def stack_of(self, context: RequestContext, request: Request) -> Stack | None:
        """Return the stack that a request is about; None where there is no such."""
        return self._records.find(context.scope, request["StackName"])

    @operation("SignalResource", access=on_stack)
    async def signal_resource(self, context: RequestContext, request: Request) -> None:
        """Take a signal for a resource that is being made.

        Raises:
            ValidationError: There is no such, it waits for none, or it is made already.
        """
        stack = self._records.require(context.scope, request["StackName"])
        name = request["LogicalResourceId"]
        resource = self._records.resources(stack).get(name)
        if resource is None:
            raise ValidationError(f"Resource {name} does not exist for stack {stack.name}")
        text = stack.version.template
        template = await asyncio.to_thread(lambda: template_of(text, read(text)))
        if not template.resources.get(name, {}).get("CreationPolicy"):
            raise ValidationError(f"Resource {name} has no CreationPolicy and cannot be signaled.")
        if not resource.status.endswith("_IN_PROGRESS"):
            raise ValidationError(
                f"Signals are not allowed for resource {name}: it is in {resource.status} state."
            )
        signal = Signal(request["UniqueId"], request["Status"] == "SUCCESS")
        await self._signals.add(stack.id, name, signal)
