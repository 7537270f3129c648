"""References: which resources a resource needs, and the order that follows. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sagehen.services.cloudformation.errors import ValidationError
from sagehen.services.cloudformation.templates.template import Template, depends_on

_HOLE = re.compile(r"\$\{([^}!][^}]*)\}")


def named(value: Any) -> Iterator[str]:
    """Yield every name that a value refers to, of parameters and pseudo parameters too."""
    if isinstance(value, list):
        for one in value:
            yield from named(one)
    elif isinstance(value, dict):
        if len(value) == 1:
            [(name, argument)] = value.items()
            if name == "Ref" and isinstance(argument, str):
                yield argument
                return
            if name == "Fn::GetAtt" and argument and isinstance(argument, str | list):
                yield argument.split(".")[0] if isinstance(argument, str) else str(argument[0])
                return
            if name == "Fn::Sub":
                yield from _named_by_sub(argument)
                return
        for one in value.values():
            yield from named(one)


def _named_by_sub(argument: Any) -> Iterator[str]:
    text, own = argument if isinstance(argument, list) and len(argument) == 2 else (argument, {})
    if isinstance(text, str) and isinstance(own, dict):  # else its evaluation tells
        found = (match.strip().split(".")[0] for match in _HOLE.findall(text))
        yield from (one for one in found if one not in own)
    yield from named(own)


def dependencies(template: Template, present: frozenset[str]) -> dict[str, frozenset[str]]:
    """Return what each present resource needs first, of those that are present.

    Raises:
        ValidationError: DependsOn names what is not there, or they need each other in a circle.
    """
    found: dict[str, frozenset[str]] = {}
    for name in template.resources:
        resource = template.resources[name]
        depends = depends_on(resource)
        for other in depends:
            if other not in template.resources:
                raise ValidationError(
                    f"Template format error: Unresolved resource dependencies [{other}] in the Resources "
                    "block of the template"
                )
        if name in present:
            needs = {*depends, *named(resource.get("Properties") or {})}
            found[name] = frozenset(needs & present - {name})
    _require_no_circle(found)
    return found


def _require_no_circle(needs: Mapping[str, frozenset[str]]) -> None:
    left = dict(needs)
    while ready := [name for name, of in left.items() if not of & left.keys()]:
        for name in ready:
            del left[name]
    if left:
        raise ValidationError(f"Circular dependency between resources: [{', '.join(sorted(left))}]")
