"""Policies of stacks: set, and told."""

from __future__ import annotations

from dataclasses import replace

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.services.cloudformation.errors import ValidationError
from sagehen.services.cloudformation.operations.rights import on_stack
from sagehen.services.cloudformation.sources import Sources
from sagehen.services.cloudformation.stacks.records import StackRecords
from sagehen.services.cloudformation.stacks.stack import Stack


class StackPolicies:
    """SetStackPolicy, GetStackPolicy."""

    def __init__(self, records: StackRecords, sources: Sources) -> None:
        self._records = records
        self._sources = sources

    def stack_of(self, context: RequestContext, request: Request) -> Stack | None:
        """Return the stack that a request is about; None where it names none, or none that there is."""
        return self._records.find(context.scope, request.get("StackName") or "")

    @operation("SetStackPolicy", access=on_stack)
    async def set_stack_policy(self, context: RequestContext, request: Request) -> None:
        """Say what updates may change. A policy cannot be taken away again, as on AWS, but replaced.

        Raises:
            ValidationError: There is no such stack, or no policy in the request.
        """
        stack = self._records.require(context.scope, request["StackName"])
        policy = await self._sources.policy(context.principal, request, "StackPolicy")
        if policy is None:
            raise ValidationError("Either StackPolicyBody or StackPolicyURL must be specified.")
        await self._records.change(stack, lambda current: replace(current, policy=policy))

    @operation("GetStackPolicy", access=on_stack)
    async def get_stack_policy(self, context: RequestContext, request: Request) -> Request:
        """Return a stack's policy; nothing where it has none. ValidationError without a stack."""
        stack = self._records.require(context.scope, request["StackName"])
        return {"StackPolicyBody": stack.policy or None}
