"""Rollbacks that somebody asks for: of what failed and was left, and of a rollback that failed itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request, operation
from sagehen.domain.ports.identity.roles import Roles
from sagehen.services.cloudformation.acceptance import check_request
from sagehen.services.cloudformation.errors import ValidationError
from sagehen.services.cloudformation.operations.rights import on_stack
from sagehen.services.cloudformation.running.runs import StackRuns
from sagehen.services.cloudformation.running.tools import SERVICE
from sagehen.services.cloudformation.stacks import callers
from sagehen.services.cloudformation.stacks.records import StackRecords
from sagehen.services.cloudformation.stacks.stack import FAILED, Stack


class Rollbacks:
    """RollbackStack, ContinueUpdateRollback."""

    def __init__(self, records: StackRecords, runs: StackRuns, roles: Roles) -> None:
        self._records = records
        self._runs = runs
        self._roles = roles

    def stack_of(self, context: RequestContext, request: Request) -> Stack | None:
        """Return the stack that a request is about; None where there is no such."""
        return self._records.find(context.scope, request["StackName"])

    @operation("RollbackStack", access=on_stack)
    async def roll_back_stack(self, context: RequestContext, request: Request) -> Request:
        """Take back what failed and was left as it was (DisableRollback).

        Documented: a stack without a state to go back to is deleted.

        Raises:
            ValidationError: Nothing of the kind was left.
        """
        check_request("RollbackStack", request)
        stack = self._records.require(context.scope, request["StackName"])

        def next_of(current: Stack) -> str:
            if current.status not in FAILED:
                raise ValidationError(
                    f"Stack:{current.arn} is in {current.status} state and can not be rolled back."
                )
            return "UPDATE_ROLLBACK_IN_PROGRESS" if current.before else "DELETE_IN_PROGRESS"

        await self._go_on(context, request, stack, next_of)
        return {"StackId": stack.arn}

    @operation("ContinueUpdateRollback", access=on_stack)
    async def continue_update_rollback(self, context: RequestContext, request: Request) -> Request:
        """Try again to take an update back; resources to skip are taken for what the template says.

        Raises:
            ValidationError: The stack is not in UPDATE_ROLLBACK_FAILED or is nested, or what is to be skipped
                did not fail.
            NotImplementedOperation: With resources to skip in nested stacks.
        """
        stack = self._records.require(context.scope, request["StackName"])
        if stack.parent is not None:
            raise ValidationError("ContinueUpdateRollback cannot be invoked on child stacks")
        skipped = self._skipped(stack, request)

        def next_of(current: Stack) -> str:
            if current.status != "UPDATE_ROLLBACK_FAILED":
                raise ValidationError(
                    f"Stack:{current.arn} is in {current.status} state and can not continue update rollback."
                )
            return "UPDATE_ROLLBACK_IN_PROGRESS"

        await self._go_on(context, request, stack, next_of, skipped)
        return {}

    def _skipped(self, stack: Stack, request: Request) -> list[str]:
        failed = [
            name
            for name, one in self._records.resources(stack).items()
            if one.status == "UPDATE_FAILED" and one.before
        ]
        named: Sequence[str] = request.get("ResourcesToSkip") or ()
        if any("." in name for name in named):
            raise NotImplementedOperation(
                "ContinueUpdateRollback ResourcesToSkip in nested stacks is not implemented."
            )
        if strange := sorted(set(named) - set(failed)):
            raise ValidationError(
                f"Following resources [{', '.join(strange)}] are not in UPDATE_FAILED state and cannot be "
                "skipped"
            )
        return failed if request.get("ForceRollback") else sorted(named)

    async def _go_on(
        self,
        context: RequestContext,
        request: Request,
        stack: Stack,
        next_of: Callable[[Stack], str],
        skipped: Sequence[str] = (),
    ) -> None:
        role = request.get("RoleARN")
        if role:
            self._roles.require_pass_role(context.principal, role, SERVICE, context.condition_keys())

        def going_on(current: Stack) -> Stack:
            version = replace(current.version, role_arn=role or current.version.role_arn)
            return replace(
                current,
                status=next_of(current),
                reason="User Initiated",
                version=version,
                principal=callers.kept(context.principal),
                skipped=skipped,
                spares_new=not request.get("RetainExceptOnCreate", not current.spares_new),
                token=request.get("ClientRequestToken"),
            )

        event = self._runs.tools.event(stack, next_of(stack), "User Initiated")
        self._runs.start(await self._records.change(stack, going_on, event))
