"""Lookups: functions that bring in what the template does not say itself, or says elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sagehen.services.cloudformation.templates.context import NO_VALUE, Context, Evaluated, Unresolved
from sagehen.services.cloudformation.templates.texts import text_of

_HOLE = re.compile(r"\$\{(!?)([^}!][^}]*)\}")


def reference(name: Any, context: Context) -> Any:
    """Return what `Ref` gives: a parameter's value, or a resource's physical id."""
    if not isinstance(name, str):
        raise Unresolved("Template format error: Every Ref object must have a single String value.")
    if name == "AWS::NoValue":
        return NO_VALUE
    if name in context.pseudo:
        return context.pseudo[name]
    if name in context.parameters:
        return context.parameters[name]
    if name in context.resources and context.reference is not None:
        return context.reference(name)
    raise Unresolved(f"Template format error: Unresolved resource dependencies [{name}] in the template")


def attribute(argument: Any, context: Context, evaluated: Evaluated) -> Any:
    """Fn::GetAtt."""
    parts = argument.split(".", 1) if isinstance(argument, str) else argument
    if not isinstance(parts, list) or len(parts) != 2:
        raise Unresolved("Template error: Fn::GetAtt object requires two non-empty parameters")
    name, wanted = parts[0], evaluated(parts[1])
    if not isinstance(name, str) or not isinstance(wanted, str):
        raise Unresolved("Template error: every Fn::GetAtt object requires two strings")
    if name not in context.resources or context.attribute is None:
        raise Unresolved(f"Template error: instance of Fn::GetAtt references undefined resource {name}")
    return context.attribute(name, wanted)


def find_in_map(argument: Any, context: Context, evaluated: Evaluated) -> Any:
    """Fn::FindInMap."""
    default: Any = {}
    if isinstance(argument, list) and len(argument) == 4 and isinstance(argument[3], dict):
        argument, default = argument[:3], argument[3]
    if not isinstance(argument, list) or len(argument) != 3 or default.keys() - {"DefaultValue"}:
        raise Unresolved("Template error: every Fn::FindInMap object requires three parameters")
    name, top, second = (text_of(evaluated(one), "Fn::FindInMap") for one in argument)
    table = context.mappings.get(name)
    rows = table.get(top) if isinstance(table, Mapping) else None
    if default and (not isinstance(rows, Mapping) or second not in rows):
        return evaluated(default["DefaultValue"])
    if not isinstance(table, Mapping):
        raise Unresolved(
            f"Template error: Mapping named '{name}' is not present in the 'Mappings' section of template."
        )
    row = table.get(top)
    if not isinstance(row, Mapping) or second not in row:
        raise Unresolved(f"Template error: Unable to get mapping for {name}::{top}::{second}")
    return row[second]


def zones(argument: Any, context: Context, evaluated: Evaluated) -> Any:
    """Fn::GetAZs."""
    region = evaluated(argument) or context.pseudo["AWS::Region"]
    found = [zone for zone in context.zones if zone[:-1] == region]  # a zone is its region and a letter
    if not found:
        raise Unresolved(f"Template error: Fn::GetAZs knows no region {region}")
    return found


def imported(argument: Any, context: Context, evaluated: Evaluated) -> Any:
    """Fn::ImportValue."""
    if context.imports is None:
        raise Unresolved("Template error: Fn::ImportValue cannot be used here")
    return context.imports(text_of(evaluated(argument), "Fn::ImportValue"))


def sub(argument: Any, context: Context, evaluated: Evaluated) -> Any:
    """Fn::Sub."""
    text: Any = argument
    given: Any = {}
    if isinstance(argument, list) and len(argument) == 2:
        text, given = argument
    if not isinstance(text, str) or not isinstance(given, dict):
        raise Unresolved(
            "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments"
        )
    own = {name: evaluated(one) for name, one in given.items()}

    def filled(match: re.Match[str]) -> str:
        is_literal, name = match[1], match[2].strip()
        if is_literal:
            return f"${{{name}}}"
        if name in own:
            value = own[name]
        elif "." in name:
            value = attribute(name, context, evaluated)
        else:
            value = reference(name, context)
        found: str = context.room.take_value(text_of(value, "Fn::Sub"))
        return found

    return _HOLE.sub(filled, text)
