"""Requests: the values of a step's request, filled in. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.services.cloudformation.types.conversions import CONVERSIONS
from sagehen.services.cloudformation.types.known import ABSENT, Known
from sagehen.services.cloudformation.types.resource_type import ResourceType, Step


def request_of(kind: ResourceType, step: Step, known: Known) -> dict[str, Any]:
    """Return the request of a step; members without a value are left out."""
    wanted = dict(step.get("with") or {})
    merged = wanted.pop("*", None)
    found: dict[str, Any] = {}
    if merged == "rest":
        found = {name: one for name, one in known.properties.items() if name not in kind.named_properties}
    elif merged is not None:
        value = filled(merged, known)
        without = step.get("without") or ()
        if isinstance(value, Mapping):
            found = {name: one for name, one in value.items() if name not in without}
    for name, template in wanted.items():
        if name == "_":  # read by a conversion
            continue
        value = filled(template, known)
        if value is not ABSENT:
            found[name] = value
    return found


def filled(template: Any, known: Known) -> Any:
    """Return a value of a request, or ABSENT."""
    if isinstance(template, str) and template.startswith("$"):
        return _named(template[1:], known)
    if isinstance(template, str) and "{" in template:
        return _formatted(template, known)
    if isinstance(template, Mapping):
        found = {name: filled(one, known) for name, one in template.items()}
        if any(value is ABSENT for value in found.values()):
            found = {name: value for name, value in found.items() if value is not ABSENT}
            if not found:
                return ABSENT
        return found
    if isinstance(template, list):
        every = [filled(one, known) for one in template]
        return ABSENT if any(one is ABSENT for one in every) else every
    return template


def _named(name: str, known: Known) -> Any:
    conversion, _, path = name.rpartition(":")
    first, *rest = path.split(".")
    value: Any
    if first == "id":
        value = known.identity if known.identity is not None else ABSENT
    elif first == "each":
        value = known.each
    elif first == "result":
        value = known.result
    elif first in ("region", "account"):
        value = known.places[first]
    else:
        value = known.properties.get(first, ABSENT)
    for part in rest:
        value = _member(value, part)
    if conversion and value is not ABSENT:
        return CONVERSIONS[conversion](value, known)
    return value


def _member(value: Any, name: str) -> Any:
    if isinstance(value, list):
        return value[int(name)] if name.isdecimal() and int(name) < len(value) else ABSENT
    return value.get(name, ABSENT) if isinstance(value, Mapping) else ABSENT


def _formatted(template: str, known: Known) -> Any:
    """Fill `{id}`, `{Property}`, `{result.x}` of a text."""
    parts, rest = [], template
    while "{" in rest:
        before, _, rest = rest.partition("{")
        name, _, rest = rest.partition("}")
        value = _named(name, known)
        if value is ABSENT:
            return ABSENT
        parts += [before, str(value)]
    return "".join((*parts, rest))
