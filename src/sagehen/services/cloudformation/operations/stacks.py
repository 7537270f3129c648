"""Stacks: created, updated, deleted."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace

from sagehen.api.bounded.budget import BudgetSpent, in_budget
from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request, operation
from sagehen.domain.clock import Clock
from sagehen.domain.ports.identity.roles import Roles
from sagehen.services.cloudformation.acceptance import (
    check_capabilities,
    check_expansion,
    check_request,
    is_true,
    on_failure_of,
    parameters_given,
)
from sagehen.services.cloudformation.errors import ValidationError
from sagehen.services.cloudformation.operations.rights import on_stack
from sagehen.services.cloudformation.running.runs import StackRuns
from sagehen.services.cloudformation.running.tools import SERVICE
from sagehen.services.cloudformation.sources import Sources
from sagehen.services.cloudformation.stacks import callers
from sagehen.services.cloudformation.stacks.records import StackRecords
from sagehen.services.cloudformation.stacks.stack import IN_PROGRESS, UPDATABLE, Stack, Version
from sagehen.services.cloudformation.templates import parameters as binding
from sagehen.services.cloudformation.templates.context import Context
from sagehen.services.cloudformation.templates.rules import check_rules
from sagehen.services.cloudformation.templates.template import Template

# Recorded: the CLI's `deploy` reads this very sentence.
NO_UPDATES = "No updates are to be performed."


class Stacks:
    """CreateStack, UpdateStack, DeleteStack, UpdateTerminationProtection."""

    def __init__(
        self, records: StackRecords, runs: StackRuns, sources: Sources, clock: Clock, roles: Roles
    ) -> None:
        self._records = records
        self._runs = runs
        self._sources = sources
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
        version = await self.version(context, request, template, None)
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

    async def version(
        self,
        context: RequestContext,
        request: Request,
        template: Template,
        stack: Stack | None,
        *,
        reviewed: bool = False,
    ) -> Version:
        """Return what a request makes of a stack.

        Args:
            reviewed: By a change set, which shows what macros made of the template before it is carried out.

        Raises:
            ValidationError, InsufficientCapabilitiesException.
            AccessDenied: The role may not be passed.
        """
        capabilities = request.get("Capabilities") or ()
        before = stack.version if stack else None
        check_expansion(template, capabilities, reviewed=reviewed)
        bound, resolved = await self._parameters(context, request, template, before)
        given, name = template, stack.name if stack else request["StackName"]
        template = await self._sources.processed(
            context.principal, context.scope, name, template, bound, resolved
        )
        check_capabilities(template, capabilities)
        if template.parameters.keys() != given.parameters.keys():  # a file that was included has some
            bound, resolved = await self._parameters(context, request, template, before)
        role_arn = request.get("RoleARN") or (before.role_arn if before else None)
        if role := request.get("RoleARN"):
            self._roles.require_pass_role(context.principal, role, SERVICE, context.condition_keys())
            if not self._roles.can_be_assumed_by(role, SERVICE):
                raise ValidationError(f"Role {role} is invalid or cannot be assumed")
        tags = request.get("Tags")
        if tags is None:
            tags = before.tags if before else ()
        if template.rules:
            values = binding.values_of(template.parameters, bound, resolved)
            pseudo = {"AWS::AccountId": context.scope.account_id, "AWS::Region": context.scope.region}
            check_rules(template.rules, Context(values, pseudo, template.mappings))
        hidden = [name for name, one in template.parameters.items() if is_true(one.get("NoEcho"))]
        kept_tags = [dict(tag) for tag in tags]
        return Version(
            *(template.text, bound, kept_tags, role_arn, list(capabilities)),
            resolved=resolved,
            hidden=hidden,
            zones=await self._sources.zones(context.principal, context.scope, template),
            outputs=json.loads(json.dumps(template.outputs, default=str)),
            original=given.text if given.transforms else "",
        )

    async def _parameters(
        self, context: RequestContext, request: Request, template: Template, before: Version | None
    ) -> tuple[dict[str, str], dict[str, str]]:
        """Return the texts of a template's parameters, and what those of Systems Manager are."""
        values, previous = parameters_given(request)
        try:  # patterns are the template's
            bound = await in_budget(
                binding.bound, template.parameters, values, before.parameters if before else {}, previous
            )
        except BudgetSpent:
            raise ValidationError("Template format error: AllowedPatterns take too long.") from None
        return bound, await self._sources.resolved(context.principal, context.scope, template, bound)

    @operation("UpdateStack", access=on_stack)
    async def update_stack(self, context: RequestContext, request: Request) -> Request:
        """Accept an update and begin.

        Raises:
            ValidationError: There is no such stack, it is not in a state to be updated, or nothing changes.
        """
        check_request("UpdateStack", request)
        stack = self._records.require(context.scope, request["StackName"])
        template = await self._sources.template(context.principal, request, stack.version.given)
        version = await self.version(context, request, template, stack)
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
            if current.status not in UPDATABLE:
                raise ValidationError(
                    f"Stack:{current.arn} is in {current.status} state and can not be updated."
                )
            if same(current.version, version):
                raise ValidationError(NO_UPDATES)
            return replace(
                current,
                status="UPDATE_IN_PROGRESS",
                reason="User Initiated",
                version=version,
                before=current.version,
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
        self.require_not_imported(stack)

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

    def require_not_imported(self, stack: Stack) -> None:
        """Refuse to delete what another stack imports. ValidationError."""
        for one in self._records.exports(stack.scope):
            if one["stack_id"] != stack.id:
                continue
            if other := self._records.importing(stack.scope, one["name"]):
                raise ValidationError(f"Export {one['name']} cannot be deleted as it is in use by {other}")

    @operation("UpdateTerminationProtection", access=on_stack)
    async def update_termination_protection(self, context: RequestContext, request: Request) -> Request:
        """Say whether a stack can be deleted. ValidationError where there is none."""
        stack = self._records.require(context.scope, request["StackName"])
        protected = request["EnableTerminationProtection"]
        await self._records.change(stack, lambda current: replace(current, protected=protected))
        return {"StackId": stack.arn}


def same(left: Version, right: Version) -> bool:
    """Tell whether nothing of what makes resources differs."""
    return (left.template, left.parameters, list(left.tags), left.role_arn, left.resolved) == (
        right.template,
        right.parameters,
        list(right.tags),
        right.role_arn,
        right.resolved,
    )
