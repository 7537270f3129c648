"""Templates looked at: of stacks, of change sets, and before anything is made of them."""

from __future__ import annotations

import asyncio
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request, operation
from sagehen.services.cloudformation.acceptance import needed_capabilities
from sagehen.services.cloudformation.errors import ValidationError
from sagehen.services.cloudformation.operations.rights import on_any, on_stack
from sagehen.services.cloudformation.sources import Sources
from sagehen.services.cloudformation.stacks.change_set_records import ChangeSetRecords
from sagehen.services.cloudformation.stacks.records import StackRecords
from sagehen.services.cloudformation.stacks.stack import Stack, Version
from sagehen.services.cloudformation.templates.reading import read
from sagehen.services.cloudformation.templates.template import Template, template_of
from sagehen.services.cloudformation.types.resource_type import is_known, kind_of


class TemplateViews:
    """GetTemplate, GetTemplateSummary, ValidateTemplate."""

    def __init__(self, records: StackRecords, change_sets: ChangeSetRecords, sources: Sources) -> None:
        self._records = records
        self._change_sets = change_sets
        self._sources = sources

    def stack_of(self, context: RequestContext, request: Request) -> Stack | None:
        """Return the stack that a request is about; None where it names none, or none that there is."""
        name = request.get("StackName")
        if not name:
            name = self._change_sets.stack_of(context.scope, request.get("ChangeSetName") or "")
        return self._records.find(context.scope, name) if name else None

    @operation("GetTemplate", access=on_stack)
    async def get_template(self, context: RequestContext, request: Request) -> Request:
        """Return the template of a stack or of a change set: as it was given, or what macros made of it.

        Raises:
            ValidationError, ChangeSetNotFound.
        """
        stage = request.get("TemplateStage", "Original")
        if stage not in ("Original", "Processed"):
            raise ValidationError("TemplateStage is Original or Processed.")
        version = self._version(context, request)
        if stage == "Processed" and not version.template:  # a change set whose macros failed
            raise ValidationError("The template was not processed.")
        stages = ["Original", "Processed"] if version.template else ["Original"]
        body = version.template if stage == "Processed" else version.given
        return {"TemplateBody": body, "StagesAvailable": stages}

    def _version(self, context: RequestContext, request: Request) -> Version:
        stack = self.stack_of(context, request)
        name = request.get("ChangeSetName")
        if stack is None:
            raise ValidationError(f"Stack with id {request.get('StackName') or name} does not exist")
        return Version(**self._change_sets.require(stack, name).version) if name else stack.version

    @operation("GetTemplateSummary", access=on_stack)
    async def get_template_summary(self, context: RequestContext, request: Request) -> Request:
        """Tell what a template takes and makes."""
        if request.get("StackSetName") or request.get("TemplateSummaryConfig") or request.get("CallAs"):
            raise NotImplementedOperation("GetTemplateSummary of stack sets is not implemented.")
        if request.get("StackName"):
            if request.get("TemplateBody") or request.get("TemplateURL"):
                raise ValidationError("Only one of TemplateBody, TemplateURL and StackName can be given.")
            stack = self._records.require(context.scope, request["StackName"])
            template = await asyncio.to_thread(_template, stack)
        else:
            template = await self._sources.template(context.principal, request)
        types = sorted(_types(template))
        return {
            **_declared(template),
            "ResourceTypes": types,
            "Version": "2010-09-09",
            "ResourceIdentifierSummaries": _importable(template),
        }

    @operation("ValidateTemplate", access=on_any)
    async def validate_template(self, context: RequestContext, request: Request) -> Request:
        """Check a template. ValidationError says what is wrong with it."""
        told = _declared(await self._sources.template(context.principal, request))
        names = ("ParameterKey", "DefaultValue", "NoEcho", "Description")
        told["Parameters"] = [{name: one.get(name) for name in names} for one in told["Parameters"]]
        return told


def _template(stack: Stack) -> Template:
    return template_of(stack.version.given, read(stack.version.given))


def _declared(template: Template) -> dict[str, Any]:
    """Return a template's parameters, capabilities and description, as several operations tell them."""
    parameters = [
        {
            "ParameterKey": name,
            "ParameterType": one["Type"],
            "DefaultValue": str(one["Default"]) if "Default" in one else None,
            "NoEcho": str(one.get("NoEcho", "false")).lower() == "true",
            "Description": one.get("Description"),
            "ParameterConstraints": {
                "AllowedValues": [str(value) for value in one.get("AllowedValues") or ()]
            },
        }
        for name, one in template.parameters.items()
    ]
    capabilities = needed_capabilities(template)
    reason = None
    if template.transforms:
        reason = f"The following transform(s) require capabilities: [{', '.join(template.transforms)}]"
    elif capabilities:
        kinds = sorted({one["Type"] for one in template.resources.values() if "::IAM::" in one["Type"]})
        reason = f"The following resource(s) require capabilities: [{', '.join(kinds)}]"
    return {
        "Parameters": parameters,
        "Description": template.description or None,
        "Capabilities": capabilities,
        "CapabilitiesReason": reason,
        "DeclaredTransforms": list(template.transforms),
    }


def _types(template: Template) -> set[str]:
    """Return the types of a template's resources; before its macros, of those that have one."""
    section = template.document.get("Resources")
    resources = section.values() if isinstance(section, dict) else ()
    types = (one.get("Type") for one in resources if isinstance(one, dict))
    return {one for one in types if isinstance(one, str)}


def _importable(template: Template) -> list[dict[str, Any]]:
    """Return by what those resources are identified that exist already and may be imported."""
    names: dict[str, list[str]] = {}
    for name, one in template.resources.items():
        if is_known(one["Type"]) and kind_of(one["Type"]).imported_by:
            names.setdefault(one["Type"], []).append(name)
    return [
        {
            "ResourceType": kind,
            "LogicalResourceIds": sorted(every),
            "ResourceIdentifiers": list(kind_of(kind).imported_by),
        }
        for kind, every in sorted(names.items())
    ]
