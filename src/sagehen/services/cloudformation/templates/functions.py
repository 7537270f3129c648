"""Functions of templates, evaluated. Documented: Intrinsic function reference."""

from __future__ import annotations

import base64
import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sagehen.api.bounded.room import Room, RoomTaken
from sagehen.services.cloudformation.templates.context import NO_VALUE, Context, Unresolved

_HOLE = re.compile(r"\$\{(!?)([^}!][^}]*)\}")
_DEEPEST = 120
# Documented: of a value after its functions.
_MOST_CHARACTERS = 4 << 20
# What a member of a list holds besides its text.
_OF_ITEM = 16


def evaluate(value: Any, context: Context, depth: int = 0) -> Any:
    """Return a value with every function in it evaluated; NO_VALUE members are left out.

    Raises:
        Unresolved, NotYet.
    """
    if depth == 0:
        # Of all of it: a template may name a large value thousands of times.
        try:
            return evaluate(value, replace(context, room=Room(_MOST_CHARACTERS)), 1)
        except RoomTaken:
            raise Unresolved("Template error: a value became too long") from None
    if depth > _DEEPEST:
        raise Unresolved("Template error: functions are nested too deeply")
    if isinstance(value, dict):
        if len(value) == 1:
            [(name, argument)] = value.items()
            if name == "Ref":
                return context.room.take_value(reference(argument, context))
            # A policy's statement may have a Condition, which is no function.
            if name in _FUNCTIONS and (name != "Condition" or isinstance(argument, str)):
                found_value = _FUNCTIONS[name](argument, context, depth + 1)
                return context.room.take_value(found_value) if name in _BRINGING else found_value
            if isinstance(name, str) and name.startswith("Fn::"):
                raise Unresolved(f"Template error: the function {name} is not implemented here")
        found = {key: evaluate(one, context, depth + 1) for key, one in value.items()}
        return {key: one for key, one in found.items() if one is not NO_VALUE}
    if isinstance(value, list):
        every = [evaluate(one, context, depth + 1) for one in value]
        return [one for one in every if one is not NO_VALUE]
    return value


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


def _text(value: Any, what: str) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    raise Unresolved(f"Template error: every value of {what} must be a string")


def _get_att(argument: Any, context: Context, depth: int) -> Any:
    parts = argument.split(".", 1) if isinstance(argument, str) else argument
    if not isinstance(parts, list) or len(parts) != 2:
        raise Unresolved("Template error: Fn::GetAtt object requires two non-empty parameters")
    name, attribute = parts[0], evaluate(parts[1], context, depth)
    if not isinstance(name, str) or not isinstance(attribute, str):
        raise Unresolved("Template error: every Fn::GetAtt object requires two strings")
    if name not in context.resources or context.attribute is None:
        raise Unresolved(f"Template error: instance of Fn::GetAtt references undefined resource {name}")
    return context.attribute(name, attribute)


def _join(argument: Any, context: Context, depth: int) -> Any:
    if not isinstance(argument, list) or len(argument) != 2 or not isinstance(argument[0], str):
        raise Unresolved("Template error: every Fn::Join object requires two parameters")
    every = evaluate(argument[1], context, depth)
    if not isinstance(every, list):
        raise Unresolved("Template error: every Fn::Join object requires a list of values")
    parts = [_text(one, "Fn::Join") for one in every]
    context.room.take(len(argument[0]) * len(parts) + sum(map(len, parts)))  # before it is made
    return argument[0].join(parts)


def _sub(argument: Any, context: Context, depth: int) -> Any:
    text: Any = argument
    given: Any = {}
    if isinstance(argument, list) and len(argument) == 2:
        text, given = argument
    if not isinstance(text, str) or not isinstance(given, dict):
        raise Unresolved(
            "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments"
        )
    own = {name: evaluate(one, context, depth) for name, one in given.items()}

    def filled(match: re.Match[str]) -> str:
        is_literal, name = match[1], match[2].strip()
        if is_literal:
            return f"${{{name}}}"
        if name in own:
            value = own[name]
        elif "." in name:
            value = _get_att(name, context, depth)
        else:
            value = reference(name, context)
        found: str = context.room.take_value(_text(value, "Fn::Sub"))
        return found

    return _HOLE.sub(filled, text)


def _select(argument: Any, context: Context, depth: int) -> Any:
    index, every = (evaluate(one, context, depth) for one in _pair(argument, "Fn::Select"))
    if not isinstance(every, list):
        raise Unresolved("Template error: Fn::Select requires a list argument with two elements")
    try:
        number = int(index)
    except (TypeError, ValueError):
        raise Unresolved(f"Template error: Fn::Select requires an integer index, not {index!r}") from None
    if not 0 <= number < len(every):
        raise Unresolved(f"Template error: Fn::Select cannot select nonexistent value at index {number}")
    return every[number]


def _split(argument: Any, context: Context, depth: int) -> Any:
    delimiter, text = (evaluate(one, context, depth) for one in _pair(argument, "Fn::Split"))
    if not isinstance(delimiter, str) or not delimiter or not isinstance(text, str):
        raise Unresolved(
            "Template error: every Fn::Split object requires two parameters, (1) a delimiter and (2) a string"
        )
    context.room.take(_OF_ITEM * text.count(delimiter))
    return text.split(delimiter)


def _if(argument: Any, context: Context, depth: int) -> Any:
    if not isinstance(argument, list) or len(argument) != 3:
        raise Unresolved("Template error: Fn::If requires a list argument with three elements")
    return evaluate(argument[1 if condition(argument[0], context) else 2], context, depth)


def condition(name: Any, context: Context) -> bool:
    """Return whether a named condition holds."""
    if not isinstance(name, str) or name not in context.conditions:
        raise Unresolved(f"Template error: unresolved condition dependency {name}")
    return context.conditions[name]


def _find_in_map(argument: Any, context: Context, depth: int) -> Any:
    default: Any = {}
    if isinstance(argument, list) and len(argument) == 4 and isinstance(argument[3], dict):
        argument, default = argument[:3], argument[3]
    if not isinstance(argument, list) or len(argument) != 3 or default.keys() - {"DefaultValue"}:
        raise Unresolved("Template error: every Fn::FindInMap object requires three parameters")
    name, top, second = (_text(evaluate(one, context, depth), "Fn::FindInMap") for one in argument)
    table = context.mappings.get(name)
    rows = table.get(top) if isinstance(table, Mapping) else None
    if default and (not isinstance(rows, Mapping) or second not in rows):
        return evaluate(default["DefaultValue"], context, depth)
    if not isinstance(table, Mapping):
        raise Unresolved(
            f"Template error: Mapping named '{name}' is not present in the 'Mappings' section of template."
        )
    row = table.get(top)
    if not isinstance(row, Mapping) or second not in row:
        raise Unresolved(f"Template error: Unable to get mapping for {name}::{top}::{second}")
    return row[second]


def _base64(argument: Any, context: Context, depth: int) -> Any:
    return base64.b64encode(_text(evaluate(argument, context, depth), "Fn::Base64").encode()).decode()


def _zones(argument: Any, context: Context, depth: int) -> Any:
    region = evaluate(argument, context, depth) or context.pseudo["AWS::Region"]
    zones = [zone for zone in context.zones if zone[:-1] == region]  # a zone is its region and a letter
    if not zones:
        raise Unresolved(f"Template error: Fn::GetAZs knows no region {region}")
    return zones


def _import(argument: Any, context: Context, depth: int) -> Any:
    if context.imports is None:
        raise Unresolved("Template error: Fn::ImportValue cannot be used here")
    return context.imports(_text(evaluate(argument, context, depth), "Fn::ImportValue"))


def _cidr(argument: Any, context: Context, depth: int) -> Any:
    every = evaluate(argument, context, depth)
    try:
        block, count, bits = ipaddress.ip_network(every[0]), int(every[1]), int(every[2])
        if not 1 <= count <= 256:
            raise ValueError
        subnets = block.subnets(new_prefix=block.max_prefixlen - bits)
        return [str(next(subnets)) for _ in range(count)]
    except (ValueError, TypeError, IndexError, StopIteration):
        raise Unresolved(
            "Template error: Fn::Cidr requires a block, a count of 1 to 256 and bits that fit"
        ) from None


def _length(argument: Any, context: Context, depth: int) -> Any:
    every = evaluate(argument, context, depth)
    if not isinstance(every, list):
        raise Unresolved("Template error: Fn::Length requires a list")
    return len(every)


def _to_json(argument: Any, context: Context, depth: int) -> str:
    # Documented: of AWS::LanguageExtensions, an object or an array, its functions evaluated.
    if not isinstance(argument, dict | list):
        raise Unresolved("Template error: Fn::ToJsonString requires an object or an array")
    return json.dumps(evaluate(argument, context, depth), separators=(",", ":"))


def _equals(argument: Any, context: Context, depth: int) -> bool:
    left, right = (evaluate(one, context, depth) for one in _pair(argument, "Fn::Equals"))
    return bool(_plain(left) == _plain(right))


def _boolean(argument: Any, context: Context, depth: int, name: str, least: int, most: int) -> list[bool]:
    if not isinstance(argument, list) or not least <= len(argument) <= most:
        raise Unresolved(
            f"Template error: every {name} object requires a list of {least} to {most} conditions"
        )
    found = [evaluate(one, context, depth) for one in argument]
    if not all(isinstance(one, bool) for one in found):
        raise Unresolved(f"Template error: every member of {name} must be a condition")
    return found


def _pair(argument: Any, name: str) -> list[Any]:
    if not isinstance(argument, list) or len(argument) != 2:
        raise Unresolved(f"Template error: every {name} object requires two parameters")
    return argument


def _plain(value: Any) -> Any:
    return _text(value, "Fn::Equals") if isinstance(value, bool | int | float) else value


# Whose results are not counted as they are made.
_BRINGING = ("Fn::GetAtt", "Fn::FindInMap", "Fn::ImportValue", "Fn::Base64", "Fn::Cidr", "Fn::ToJsonString")
_FUNCTIONS: Mapping[str, Callable[[Any, Context, int], Any]] = {
    "Fn::GetAtt": _get_att,
    "Fn::Join": _join,
    "Fn::Sub": _sub,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::If": _if,
    "Fn::FindInMap": _find_in_map,
    "Fn::Base64": _base64,
    "Fn::GetAZs": _zones,
    "Fn::ImportValue": _import,
    "Fn::Cidr": _cidr,
    "Fn::Length": _length,
    "Fn::ToJsonString": _to_json,
    "Fn::Equals": _equals,
    "Fn::And": lambda argument, context, depth: all(_boolean(argument, context, depth, "Fn::And", 2, 10)),
    "Fn::Or": lambda argument, context, depth: any(_boolean(argument, context, depth, "Fn::Or", 2, 10)),
    "Fn::Not": lambda argument, context, depth: not _boolean(argument, context, depth, "Fn::Not", 1, 1)[0],
    "Condition": lambda argument, context, depth: condition(argument, context),
}
