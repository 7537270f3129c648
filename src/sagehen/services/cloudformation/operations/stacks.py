"""Stacks: created, updated, deleted."""

from __future__ import annotations

import uuid
from dataclasses import replace

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request, operation
from sagehen.domain.clock import Clock
from sagehen.domain.ports.identity.roles import Roles
from sagehen.services.cloudformation.acceptance import (
    check_request,
    on_failure_of,
)
from sagehen.services.cloudformation.errors import ValidationError
from sagehen.services.cloudformation.operations.rights import on_stack
from sagehen.services.cloudformation.running.runs import StackRuns
from sagehen.services.cloudformation.running.tools import SERVICE
from sagehen.services.cloudformation.sources import Sources
from sagehen.services.cloudformation.stacks import callers
from sagehen.services.cloudformation.stacks.records import StackRecords
from sagehen.services.cloudformation.stacks.stack import FAILED, IN_PROGRESS, Stack, Version
from sagehen.services.cloudformation.stacks.updatable import require_updatable
from sagehen.services.cloudformation.templates.template import Template
from sagehen.services.cloudformation.versions import Versions

# Recorded: the CLI's `deploy` reads this very sentence.
NO_UPDATES = "No updates are to be performed."


class Stacks:
    """CreateStack, UpdateStack, DeleteStack, UpdateTerminationProtection."""

    def __init__(
        self,
        records: StackRecords,
        runs: StackRuns,
        sources: Sources,
        versions: Versions,
        clock: Clock,
        roles: Roles,
    ) -> None:
        self._records = records
        self._runs = runs
        self._sources = sources
        self._versions = versions
        self._clock = clock
        self._roles = roles

    def stack_of(self, context: RequestContext, request: Request) -> Stack | None:
        """Return the stack that a request is about; None where it names none, or none that there is."""
        return self._records.find(context.scope, request.get("StackName") or "")

    @operation("CreateStack", access=on_stack)
    async def create_stack(self, context: RequestContext, request: Request) -> Request:
        """Accept a stack and begin.

        Raises:
            ValidationError, AlreadyExistsException, InsufficientCapabilitiesException,
            NotImplementedOperation.
        """
        check_request("CreateStack", request)
        on_failure = on_failure_of(request)
        template = await self._sources.template(context.principal, request)
        version = await self._versions.wanted(context, request, template, None)
        stack = self.new(context, request, template, version, "CREATE_IN_PROGRESS")
        stack = replace(
            stack,
            on_failure=on_failure,
            protected=bool(request.get("EnableTerminationProtection")),
            longest_min=request.get("TimeoutInMinutes"),
            spares_new=not request.get("RetainExceptOnCreate"),
            policy=await self._sources.policy(context.principal, request, "StackPolicy") or "",
        )
        await self._records.add(stack, self._runs.tools.event(stack, stack.status, "User Initiated"))
        self._runs.start(stack)
        return {"StackId": stack.arn}

    def new(
        self, context: RequestContext, request: Request, template: Template, version: Version, status: str
    ) -> Stack:
        """Return a stack that is made now."""
        return Stack(
            scope=context.scope,
            id=str(uuid.uuid4()),
            name=request["StackName"],
            created_at=self._clock.now().timestamp(),
            status=status,
            version=version,
            principal=callers.kept(context.principal),
            description=template.description,
            token=request.get("ClientRequestToken"),
        )

    @operation("UpdateStack", access=on_stack)
    async def update_stack(self, context: RequestContext, request: Request) -> Request:
        """Accept an update and begin.

        Raises:
            ValidationError: There is no such stack, it is not in a state to be updated, or nothing changes.
        """
        check_request("UpdateStack", request)
        stack = self._records.require(context.scope, request["StackName"])
        template = await self._sources.template(context.principal, request, stack.version.given)
        version = await self._versions.wanted(context, request, template, stack)
        on_failure = on_failure_of(request)
        await self.begin_update(context, request, stack, version, template.description, on_failure)
        return {"StackId": stack.arn}

    async def begin_update(
        self,
        context: RequestContext,
        request: Request,
        stack: Stack,
        version: Version,
        description: str,
        on_failure: str,
    ) -> None:
        """Begin an update. ValidationError where the stack cannot be updated now, or nothing changes."""
        now = self._clock.now().timestamp()
        policy = await self._sources.policy(context.principal, request, "StackPolicy")
        during = await self._sources.policy(context.principal, request, "StackPolicyDuringUpdate")

        def updating(current: Stack) -> Stack:
            require_updatable(current, on_failure)
            goes_on = current.status in FAILED
            # From memory, and issue 6046 of aws-cdk: an update of what has nested stacks is always done.
            if current.version.is_same_as(version) and not version.nests and not goes_on:
                raise ValidationError(NO_UPDATES)
            return replace(
                current,
                status="UPDATE_IN_PROGRESS",
                reason="User Initiated",
                version=version,
                before=current.before if goes_on else current.version,
                goes_on=goes_on,
                updated_at=now,
                principal=callers.kept(context.principal),
                on_failure=on_failure,
                spares_new=not request.get("RetainExceptOnCreate"),
                policy=current.policy if policy is None else policy,
                policy_now=current.policy if during is None else during,
                description=description,
                token=request.get("ClientRequestToken"),
            )

        event = self._runs.tools.event(stack, "UPDATE_IN_PROGRESS", "User Initiated")
        self._runs.start(await self._records.change(stack, updating, event))

    @operation("DeleteStack", access=on_stack)
    async def delete_stack(self, context: RequestContext, request: Request) -> None:
        """Begin to delete a stack; one that is not there is no fault, as on AWS.

        Raises:
            ValidationError: It is protected, something goes on in it, or another stack imports of it.
        """
        check_request("DeleteStack", request)
        if request.get("DeletionMode", "STANDARD") != "STANDARD":
            raise NotImplementedOperation("DeleteStack DeletionMode FORCE_DELETE_STACK is not implemented.")
        role, retained = request.get("RoleARN"), list(request.get("RetainResources") or ())
        token = request.get("ClientRequestToken")
        stack = self._records.find(context.scope, request["StackName"])
        if stack is None or stack.is_deleted:
            return
        if retained and stack.status != "DELETE_FAILED":
            raise ValidationError(
                "Invalid operation on stack: RetainResources can only be given in DELETE_FAILED state."
            )
        if role:
            self._roles.require_pass_role(context.principal, role, SERVICE, context.condition_keys())
        self._records.require_not_imported(stack)

        def deleting(current: Stack) -> Stack:
            if current.protected:
                raise ValidationError(
                    f"Stack [{current.name}] cannot be deleted while TerminationProtection is enabled"
                )
            if current.status in IN_PROGRESS:
                raise ValidationError(
                    f"Stack:{current.arn} is in {current.status} state and can not be deleted."
                )
            return replace(
                current,
                status="DELETE_IN_PROGRESS",
                reason="User Initiated",
                principal=callers.kept(context.principal),
                version=replace(current.version, role_arn=role or current.version.role_arn),
                retained=retained,
                token=token,
            )

        event = self._runs.tools.event(stack, "DELETE_IN_PROGRESS", "User Initiated")
        self._runs.start(await self._records.change(stack, deleting, event))

    @operation("UpdateTerminationProtection", access=on_stack)
    async def update_termination_protection(self, context: RequestContext, request: Request) -> Request:
        """Say whether a stack can be deleted. ValidationError where there is none."""
        stack = self._records.require(context.scope, request["StackName"])
        protected = request["EnableTerminationProtection"]
        await self._records.change(stack, lambda current: replace(current, protected=protected))
        return {"StackId": stack.arn}
