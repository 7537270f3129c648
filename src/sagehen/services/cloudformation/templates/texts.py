"""Texts: functions that make texts and lists of others."""

from __future__ import annotations

import base64
import ipaddress
import json
from typing import Any

from sagehen.services.cloudformation.templates.context import Context, Evaluated, Unresolved

# What a member of a list holds besides its text.
_OF_ITEM = 16


def text_of(value: Any, what: str) -> str:
    """Return a value as the text that functions make of it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    raise Unresolved(f"Template error: every value of {what} must be a string")


def join(argument: Any, context: Context, evaluated: Evaluated) -> Any:
    """Fn::Join."""
    if not isinstance(argument, list) or len(argument) != 2 or not isinstance(argument[0], str):
        raise Unresolved("Template error: every Fn::Join object requires two parameters")
    every = evaluated(argument[1])
    if not isinstance(every, list):
        raise Unresolved("Template error: every Fn::Join object requires a list of values")
    parts = [text_of(one, "Fn::Join") for one in every]
    context.room.take(len(argument[0]) * len(parts) + sum(map(len, parts)))  # before it is made
    return argument[0].join(parts)


def select(argument: Any, context: Context, evaluated: Evaluated) -> Any:
    """Fn::Select."""
    index, every = (evaluated(one) for one in pair(argument, "Fn::Select"))
    if not isinstance(every, list):
        raise Unresolved("Template error: Fn::Select requires a list argument with two elements")
    try:
        number = int(index)
    except (TypeError, ValueError):
        raise Unresolved(f"Template error: Fn::Select requires an integer index, not {index!r}") from None
    if not 0 <= number < len(every):
        raise Unresolved(f"Template error: Fn::Select cannot select nonexistent value at index {number}")
    return every[number]


def split(argument: Any, context: Context, evaluated: Evaluated) -> Any:
    """Fn::Split."""
    delimiter, text = (evaluated(one) for one in pair(argument, "Fn::Split"))
    if not isinstance(delimiter, str) or not delimiter or not isinstance(text, str):
        raise Unresolved(
            "Template error: every Fn::Split object requires two parameters, (1) a delimiter and (2) a string"
        )
    context.room.take(_OF_ITEM * text.count(delimiter))
    return text.split(delimiter)


def in_base64(argument: Any, context: Context, evaluated: Evaluated) -> Any:
    """Fn::Base64."""
    return base64.b64encode(text_of(evaluated(argument), "Fn::Base64").encode()).decode()


def cidr(argument: Any, context: Context, evaluated: Evaluated) -> Any:
    """Fn::Cidr."""
    every = evaluated(argument)
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


def length(argument: Any, context: Context, evaluated: Evaluated) -> Any:
    """Fn::Length."""
    every = evaluated(argument)
    if not isinstance(every, list):
        raise Unresolved("Template error: Fn::Length requires a list")
    return len(every)


def to_json(argument: Any, context: Context, evaluated: Evaluated) -> str:
    """Fn::ToJsonString."""
    # Documented: of AWS::LanguageExtensions, an object or an array, its functions evaluated.
    if not isinstance(argument, dict | list):
        raise Unresolved("Template error: Fn::ToJsonString requires an object or an array")
    return json.dumps(evaluated(argument), separators=(",", ":"))


def pair(argument: Any, name: str) -> list[Any]:
    """Return a function's two arguments."""
    if not isinstance(argument, list) or len(argument) != 2:
        raise Unresolved(f"Template error: every {name} object requires two parameters")
    return argument
