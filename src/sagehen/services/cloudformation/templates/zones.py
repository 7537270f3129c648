"""Zones: of which regions a template asks for the availability zones. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sagehen.services.cloudformation.templates.conditions import decided
from sagehen.services.cloudformation.templates.context import Context, NotYet, Unresolved
from sagehen.services.cloudformation.templates.functions import evaluate
from sagehen.services.cloudformation.templates.template import Template


def regions_asked(template: Template, context: Context) -> frozenset[str]:
    """Return the regions that `Fn::GetAZs` names, as far as they are known before there are resources.

    Args:
        context: With the parameters' values.
    """
    try:
        context = replace(context, conditions=decided(template.conditions, context))
    except Unresolved:
        pass  # that is told where the template is carried out, and so is what follows from it
    found = set()
    for argument in _arguments([template.conditions, template.resources, template.outputs]):
        try:
            region = evaluate(argument, context)
        except (Unresolved, NotYet):
            continue
        if isinstance(region, str):
            found.add(region or context.pseudo["AWS::Region"])
    return frozenset(found)


def _arguments(value: Any) -> Iterator[Any]:
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            if "Fn::GetAZs" in one:
                yield one["Fn::GetAZs"]
            left.extend(one.values())
        elif isinstance(one, list):
            left.extend(one)
