"""Functions of templates, evaluated. Documented: Intrinsic function reference."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from sagehen.api.bounded.room import Room, RoomTaken
from sagehen.services.cloudformation.templates import decisions, lookups, texts
from sagehen.services.cloudformation.templates.context import NO_VALUE, Context, Evaluated, Unresolved

_DEEPEST = 120
# Documented: of a value after its functions.
_MOST_CHARACTERS = 4 << 20
# Whose results are not counted as they are made.
_BRINGING = ("Fn::GetAtt", "Fn::FindInMap", "Fn::ImportValue", "Fn::Base64", "Fn::Cidr", "Fn::ToJsonString")
_FUNCTIONS: Mapping[str, Callable[[Any, Context, Evaluated], Any]] = {
    "Fn::GetAtt": lookups.attribute,
    "Fn::Join": texts.join,
    "Fn::Sub": lookups.sub,
    "Fn::Select": texts.select,
    "Fn::Split": texts.split,
    "Fn::If": decisions.chosen,
    "Fn::FindInMap": lookups.find_in_map,
    "Fn::Base64": texts.in_base64,
    "Fn::GetAZs": lookups.zones,
    "Fn::ImportValue": lookups.imported,
    "Fn::Cidr": texts.cidr,
    "Fn::Length": texts.length,
    "Fn::ToJsonString": texts.to_json,
    "Fn::Equals": decisions.equals,
    "Fn::And": decisions.every,
    "Fn::Or": decisions.some,
    "Fn::Not": decisions.negated,
    "Condition": decisions.condition,
}


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
                return context.room.take_value(lookups.reference(argument, context))
            # A policy's statement may have a Condition, which is no function.
            if name in _FUNCTIONS and (name != "Condition" or isinstance(argument, str)):
                inner = partial(evaluate, context=context, depth=depth + 1)
                found_value = _FUNCTIONS[name](argument, context, inner)
                return context.room.take_value(found_value) if name in _BRINGING else found_value
            if isinstance(name, str) and name.startswith("Fn::"):
                raise Unresolved(f"Template error: the function {name} is not implemented here")
        found = {key: evaluate(one, context, depth + 1) for key, one in value.items()}
        return {key: one for key, one in found.items() if one is not NO_VALUE}
    if isinstance(value, list):
        every = [evaluate(one, context, depth + 1) for one in value]
        return [one for one in every if one is not NO_VALUE]
    return value
