"""Evaluating: a stack's template with its parameters, conditions and the resources that there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sagehen.services.cloudformation.stacks.stack import Resource, Stack, Version
from sagehen.services.cloudformation.templates import parameters as binding
from sagehen.services.cloudformation.templates.conditions import decided
from sagehen.services.cloudformation.templates.context import Context, NotYet, Unresolved, pseudo_of
from sagehen.services.cloudformation.templates.functions import evaluate
from sagehen.services.cloudformation.templates.reading import read
from sagehen.services.cloudformation.templates.references import dependencies
from sagehen.services.cloudformation.templates.template import Template, template_of
from sagehen.services.cloudformation.types.attributes import NoSuchAttribute, attribute_of
from sagehen.services.cloudformation.types.known import ABSENT, Known
from sagehen.services.cloudformation.types.resource_type import kind_of
from sagehen.services.cloudformation.types.tagging import with_stack_tags

# Recorded, in public issues: what a change set shows of a value that is not known before.
KNOWN_LATER = "{{changeSet:KNOWN_AFTER_APPLY}}"


@dataclass(frozen=True, slots=True)
class Plan:
    """A version of a stack, ready to be carried out.

    Args:
        context: Without resources: `with_resources` adds them.
        needs: Of each resource whose condition holds, those that it needs.
        tags: The stack's, which its resources have, too.
    """

    template: Template
    context: Context
    needs: Mapping[str, frozenset[str]]
    tags: Sequence[Mapping[str, str]] = ()

    def properties(
        self, name: str, resources: Mapping[str, Resource], places: Mapping[str, str]
    ) -> dict[str, Any]:
        """Return a resource's properties, evaluated.

        Raises:
            Unresolved, NotYet.
        """
        return self._evaluated(name, self.with_resources(resources, places))

    def _evaluated(self, name: str, context: Context) -> dict[str, Any]:
        given = self.template.resources[name]
        found = evaluate(given.get("Properties") or {}, context)
        if not isinstance(found, dict):
            raise Unresolved(f"Template format error: Properties of {name} must be an object.")
        return with_stack_tags(kind_of(given["Type"]), found, self.tags)

    def foreseen(
        self, name: str, resources: Mapping[str, Resource], places: Mapping[str, str]
    ) -> dict[str, Any]:
        """Return a resource's properties before what they name is there: such values are marked so.

        Raises:
            Unresolved
        """
        context = self.with_resources(resources, places)
        assert context.reference is not None and context.attribute is not None
        ahead = replace(
            context, reference=_or_marked(context.reference), attribute=_or_marked(context.attribute)
        )
        return self._evaluated(name, ahead)

    def creation_policy(self, name: str) -> Any:
        """Return a resource's CreationPolicy, evaluated, or None."""
        return evaluate(self.template.resources[name].get("CreationPolicy"), self.context)

    def with_resources(
        self, resources: Mapping[str, Resource], places: Mapping[str, str], *, shown: bool = False
    ) -> Context:
        """Return a context in which Ref and Fn::GetAtt find resources.

        Args:
            shown: What is evaluated is for people's eyes.
        """

        def reference(name: str) -> Any:
            resource = resources.get(name)
            if resource is None or not resource.physical_id:
                raise NotYet(name)
            return resource.physical_id

        def attribute(name: str, attribute_name: str) -> Any:
            resource = resources.get(name)
            if resource is None or not resource.physical_id:
                raise NotYet(name)
            known = Known(resource.properties, resource.physical_id, resource.result, places=places)
            try:
                value = attribute_of(kind_of(resource.type), known, attribute_name, shown=shown)
            except NoSuchAttribute:
                raise Unresolved(
                    f"Template error: resource {name} does not support attribute type {attribute_name} in "
                    "Fn::GetAtt"
                ) from None
            if value is ABSENT:
                raise Unresolved(f"Attribute {attribute_name} of {name} is not there")
            return value

        return replace(
            self.context, reference=reference, attribute=attribute, resources=frozenset(self.needs)
        )

    def outputs(self, resources: Mapping[str, Resource], places: Mapping[str, str]) -> list[dict[str, str]]:
        """Return the outputs whose condition holds."""
        context, found = self.with_resources(resources, places, shown=True), []
        for name, output in self.template.outputs.items():
            if "Condition" in output and not context.conditions.get(output["Condition"], False):
                continue
            value = evaluate(output["Value"], context)
            entry = {"OutputKey": name, "OutputValue": _output_text(name, value)}
            if "Description" in output:
                entry["Description"] = str(output["Description"])
            if "Export" in output:
                entry["ExportName"] = _output_text(name, evaluate(output["Export"]["Name"], context))
            found.append(entry)
        return found


def _output_text(name: str, value: Any) -> str:
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ",".join(value)
    if isinstance(value, str | int | float):
        return str(value).lower() if isinstance(value, bool) else str(value)
    # From memory, of public issues.
    raise Unresolved(
        f"Template format error: Output {name} is malformed. The Value field of every Outputs member must "
        "evaluate to a String."
    )


def _or_marked(get: Callable[..., Any]) -> Callable[..., Any]:
    def found(*names: str) -> Any:
        try:
            return get(*names)
        except NotYet:
            return KNOWN_LATER

    return found


def plan_of(
    stack: Stack, version: Version, imports: Callable[[str], str], ssm_values: Mapping[str, str] | None = None
) -> Plan:
    """Return a version's plan. To be called in a thread where the template is long.

    Raises:
        ValidationError: The template cannot be carried out.
        Unresolved: A condition cannot be decided.
    """
    template = template_of(version.template, read(version.template))
    values = binding.values_of(template.parameters, version.parameters, ssm_values or {})
    pseudo = {**pseudo_of(stack.scope, stack.name), "AWS::StackId": stack.arn}
    context = Context(values, pseudo, template.mappings, imports=imports, zones=version.zones)
    conditions = decided(template.conditions, context)
    present = frozenset(
        name
        for name, resource in template.resources.items()
        if "Condition" not in resource or conditions.get(resource["Condition"], False)
    )
    needs = dependencies(template, present)
    return Plan(template, replace(context, conditions=conditions), needs, version.tags)
