"""Versions: what a request makes of a stack, checked: a template without macros, parameters, a role."""

from __future__ import annotations

import json
from dataclasses import replace

from sagehen.api.bounded.budget import BudgetSpent, in_budget
from sagehen.api.context import RequestContext
from sagehen.api.operation import Request
from sagehen.domain.ports.identity.roles import Roles
from sagehen.services.cloudformation.acceptance import (
    check_capabilities,
    check_expansion,
    is_true,
    parameters_given,
)
from sagehen.services.cloudformation.errors import ValidationError
from sagehen.services.cloudformation.running.tools import SERVICE
from sagehen.services.cloudformation.sources import Sources
from sagehen.services.cloudformation.stacks.stack import Stack, Version
from sagehen.services.cloudformation.templates import parameters as binding
from sagehen.services.cloudformation.templates.context import Context, pseudo_of
from sagehen.services.cloudformation.templates.rules import check_rules
from sagehen.services.cloudformation.templates.template import Template
from sagehen.services.cloudformation.zones import Zones


class Versions:
    """Makes versions of requests."""

    def __init__(self, sources: Sources, zones: Zones, roles: Roles) -> None:
        self._sources = sources
        self._zones = zones
        self._roles = roles

    async def wanted(
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
        self._check_role(context, request.get("RoleARN"))
        role_arn = request.get("RoleARN") or (before.role_arn if before else None)
        tags = request.get("Tags")
        if tags is None:
            tags = before.tags if before else ()
        values = binding.values_of(template.parameters, bound, resolved)
        known = Context(values, pseudo_of(context.scope, name), template.mappings)
        of_rules = {one: known.pseudo[one] for one in ("AWS::AccountId", "AWS::Region")}
        check_rules(template.rules, replace(known, pseudo=of_rules))
        hidden = [name for name, one in template.parameters.items() if is_true(one.get("NoEcho"))]
        kept_tags = [dict(tag) for tag in tags]
        return Version(
            *(template.text, bound, kept_tags, role_arn, list(capabilities)),
            resolved=resolved,
            hidden=hidden,
            zones=await self._zones.asked_for(context.principal, context.scope, template, known),
            outputs=json.loads(json.dumps(template.outputs, default=str)),
            original=given.text if given.transforms else "",
            nests=template.nests,
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

    def _check_role(self, context: RequestContext, role: str | None) -> None:
        if role:
            self._roles.require_pass_role(context.principal, role, SERVICE, context.condition_keys())
            if not self._roles.can_be_assumed_by(role, SERVICE):
                raise ValidationError(f"Role {role} is invalid or cannot be assumed")
