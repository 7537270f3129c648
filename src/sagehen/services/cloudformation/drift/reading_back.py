"""Reading back: one resource's properties as they are, beside what the template made them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sagehen.api.bounded.budget import BudgetSpent, in_budget
from sagehen.services.cloudformation.drift.comparing import differences, own_tags
from sagehen.services.cloudformation.running.calling import Actor, StepFailed
from sagehen.services.cloudformation.running.reading import answered
from sagehen.services.cloudformation.running.tools import Tools
from sagehen.services.cloudformation.stacks.secrets import masked
from sagehen.services.cloudformation.stacks.stack import Resource, Stack
from sagehen.services.cloudformation.types.known import ABSENT, Known
from sagehen.services.cloudformation.types.requests import filled
from sagehen.services.cloudformation.types.resource_type import ResourceType, Step, kind_of

# A property, what it should be in the service's form, and what was read of it.
Pair = tuple[str, Any, Any]


def can_be_read(resource: Resource) -> bool:
    """Tell whether drift of a resource can be told: its table reads more than whether it is there."""
    return bool(resource.physical_id) and any("gives" in step for step in kind_of(resource.type).read)


async def read_back(tools: Tools, actor: Actor, stack: Stack, resource: Resource) -> dict[str, Any]:
    """Return a resource's drift: `status`, `differences`, `expected`, `actual`; or `reason`."""
    kind = kind_of(resource.type)
    known = Known(resource.properties, resource.physical_id, resource.result, places=tools.places(stack))
    pairs: list[Pair] = []
    try:
        for number, step in enumerate(kind.read):
            answer = await answered(tools.steps, actor, kind, step, known)
            if answer is None and number == 0:
                return {"status": "DELETED"}
            pairs += _pairs(kind, step, known, answer or {})
    except StepFailed as error:
        return {"status": "UNKNOWN", "reason": str(error)}
    secrets = stack.version.secrets
    try:
        found = await in_budget(_compared, pairs)
    except (BudgetSpent, RecursionError):  # lists have no order, which costs; documents may be nested at will
        return {"status": "UNKNOWN", "reason": "Its properties take too long to compare."}
    expected = {name: resource.properties[name] for name, _, _ in pairs}
    actual = {name: had for name, _, had in pairs if had is not ABSENT}
    return {
        "status": "MODIFIED" if found else "IN_SYNC",
        "differences": masked(found, secrets),
        "expected": _document(masked(expected, secrets)),
        "actual": _document(masked(actual, secrets)),
    }


def _compared(pairs: Sequence[Pair]) -> list[dict[str, str]]:
    return [one for name, wanted, had in pairs for one in differences(f"/{name}", wanted, had)]


def _pairs(kind: ResourceType, step: Step, known: Known, answer: Mapping[str, Any]) -> Iterator[Pair]:
    """Yield what a read says of the properties that the template names."""
    told = replace(known, properties=answer)
    gives: Mapping[str, Any] = step.get("gives") or {}
    for name, template in gives.items():
        if name == "*":
            yield from _by_name(kind, gives, known, filled(template, told))
        elif name in known.properties:
            wanted, had = template if isinstance(template, list) else (f"${name}", template)
            value, read = filled(wanted, known), filled(had, told)
            if name == "Tags":
                value, read = own_tags(value), own_tags(read)
            yield name, value, read


def _by_name(kind: ResourceType, gives: Mapping[str, Any], known: Known, members: Any) -> Iterator[Pair]:
    """Yield the properties that are members of an answer by name, whatever their case."""
    lower = {str(key).lower(): one for key, one in members.items()} if isinstance(members, Mapping) else {}
    for name, value in known.properties.items():
        if name not in gives and name != "Tags" and name not in kind.kept and name.lower() in lower:
            yield name, value, lower[name.lower()]


def _document(properties: Mapping[str, Any]) -> str:
    return json.dumps(properties, default=str, sort_keys=True)
