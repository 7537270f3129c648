"""Parameters: values bound to a template's parameters, within what each allows. Pure."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Any

import regex

from sagehen.api.bounded.budget import afford, left_s
from sagehen.services.cloudformation.errors import ValidationError

_LISTS = ("CommaDelimitedList",)
# A pattern of a template is the user's.
_PATTERN_S = 0.5
_SSM = "AWS::SSM::Parameter::Value<"


def bound(
    declared: Mapping[str, Mapping[str, Any]],
    given: Mapping[str, str],
    previous: Mapping[str, str],
    uses_previous: frozenset[str] = frozenset(),
) -> dict[str, str]:
    """Return the text of each parameter.

    Args:
        declared: The template's section.
        given: ParameterValue by name.
        previous: Those of the stack as it is; empty of a new one.
        uses_previous: Names with UsePreviousValue.

    Raises:
        ValidationError: In AWS's words.
        BudgetSpent: Where the work has a budget.
    """
    if unknown := [name for name in given if name not in declared]:
        raise ValidationError(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    found: dict[str, str] = {}
    missing = []
    for name, parameter in declared.items():
        if name in uses_previous and name in previous:
            found[name] = previous[name]
        elif name in given:
            found[name] = given[name]
        elif "Default" in parameter:
            found[name] = _text(parameter["Default"])
        else:
            missing.append(name)
    if missing:
        raise ValidationError(f"Parameters: [{', '.join(missing)}] must have values")
    for name, value in found.items():
        _check(name, declared[name], value)
    return found


def value_of(kind: str, text: str) -> Any:
    """Return what `Ref` gives of a parameter of a type: text, or a list of texts."""
    if kind in _LISTS or kind.startswith("List<"):
        return [part.strip() for part in text.split(",")] if text else []
    return text


def values_of(
    declared: Mapping[str, Mapping[str, Any]], bound: Mapping[str, str], resolved: Mapping[str, str]
) -> dict[str, Any]:
    """Return what `Ref` gives of each parameter.

    Args:
        declared: The template's section.
        bound: The text of each.
        resolved: Values of the parameters of Systems Manager that they name.
    """
    found = {}
    for name, parameter in declared.items():
        kind, text = parameter["Type"], bound[name]
        inner = ssm_parameter(kind)
        found[name] = value_of(inner or kind, text if inner is None else resolved.get(text, text))
    return found


def ssm_parameter(kind: str) -> str | None:
    """Return the type within `AWS::SSM::Parameter::Value<...>`, or None where the type is another."""
    return kind[len(_SSM) : -1] if kind.startswith(_SSM) and kind.endswith(">") else None


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _check(name: str, parameter: Mapping[str, Any], text: str) -> None:
    kind = parameter["Type"]
    constraint = parameter.get("ConstraintDescription")

    def refuse(words: str) -> ValidationError:
        if constraint:
            return ValidationError(f"Parameter {name} failed to satisfy constraint: {constraint}")
        return ValidationError(words)

    every = value_of(kind, text) if kind in _LISTS or kind.startswith("List<") else [text]
    among = parameter.get("AllowedValues") or []
    if not isinstance(among, list):
        raise ValidationError(f"Template format error: AllowedValues of {name} must be a list.")
    allowed = [_text(value) for value in among]
    if allowed and not set(every) <= set(allowed):
        raise refuse(f"Parameter '{name}' must be one of AllowedValues")
    if kind in ("Number", "List<Number>"):
        _check_numbers(name, parameter, every, refuse)
        return
    if (least := _limit(name, parameter, "MinLength")) is not None and len(text) < least:
        raise refuse(f"Parameter '{name}' must contain at least {parameter['MinLength']} characters")
    if (most := _limit(name, parameter, "MaxLength")) is not None and len(text) > most:
        raise refuse(f"Parameter '{name}' must contain at most {parameter['MaxLength']} characters")
    # Documented: of a list, each value has to match.
    if (pattern := parameter.get("AllowedPattern")) and not _match(name, pattern, every):
        raise refuse(f"Parameter '{name}' must match pattern {pattern}")


def _match(name: str, pattern: Any, every: list[str]) -> bool:
    until = time.monotonic() + _PATTERN_S  # all of them together
    for text in every:
        left = max(until - time.monotonic(), 0.001)
        try:
            if not regex.fullmatch(pattern, text, timeout=left_s(left), concurrent=True):
                return False
        except (regex.error, TypeError, TimeoutError) as error:
            if isinstance(error, TimeoutError):
                afford(left)  # with more time it may be done
            raise ValidationError(
                f"Template format error: AllowedPattern of {name} cannot be used."
            ) from None
    return True


def _check_numbers(name: str, parameter: Mapping[str, Any], every: list[str], refuse: Any) -> None:
    for text in every:
        number = _number(text)
        if number is None:
            raise ValidationError(f"Parameter '{name}' must be a number")
        if (least := _limit(name, parameter, "MinValue")) is not None and number < least:
            raise refuse(f"Parameter '{name}' must be a number not less than {parameter['MinValue']}")
        if (most := _limit(name, parameter, "MaxValue")) is not None and number > most:
            raise refuse(f"Parameter '{name}' must be a number not greater than {parameter['MaxValue']}")


def _limit(name: str, parameter: Mapping[str, Any], member: str) -> float | None:
    """Return one of a parameter's limits; None where it has none."""
    if parameter.get(member) is None:
        return None
    limit = _number(parameter[member])
    if limit is None:
        raise ValidationError(f"Template format error: {member} of {name} must be a number.")
    return limit


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
