"""Transforms: the macros that a template names, at its top and inside. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sagehen.services.cloudformation.errors import ValidationError

SERVERLESS = "AWS::Serverless-2016-10-31"
INCLUDE = "AWS::Include"
LANGUAGE_EXTENSIONS = "AWS::LanguageExtensions"
FRAGMENT = "Fn::Transform"


@dataclass(frozen=True, slots=True)
class Macro:
    """A macro that is asked for.

    Args:
        parameters: As the template writes them.
    """

    name: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


def at_the_top(document: Mapping[str, Any]) -> list[Macro]:
    """Return what the section `Transform` names, in its order.

    Raises:
        ValidationError: It names none.
    """
    section = document.get("Transform")
    if section is None:
        return []
    return [macro_of(one) for one in (section if isinstance(section, list) else [section])]


def macro_of(value: Any) -> Macro:
    """Return one macro, as a name or as `{"Name", "Parameters"}`. ValidationError where it is neither."""
    if isinstance(value, str):
        return Macro(value)
    if isinstance(value, dict) and isinstance(value.get("Name"), str):
        parameters = value.get("Parameters") or {}
        if isinstance(parameters, dict) and value.keys() <= {"Name", "Parameters"}:
            return Macro(value["Name"], parameters)
    raise ValidationError("Template format error: Transform must name a macro, or be a list of such names.")


def names_of(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of every macro of a template, each once: DeclaredTransforms."""
    found = [macro.name for macro in at_the_top(document)] + [macro.name for macro in _inside(document)]
    return tuple(dict.fromkeys(found))


def _inside(value: Any) -> Iterator[Macro]:
    if isinstance(value, list):
        for one in value:
            yield from _inside(one)
    elif isinstance(value, dict):
        for name, one in value.items():
            if name == FRAGMENT:
                yield macro_of(one)
            else:
                yield from _inside(one)
