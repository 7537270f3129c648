"""Conditions of a condition step: their form, and what they come to once their values are known. Pure.

Members as the SDK writes them; the JSON schema of aws-sagemaker-mlops has Value and In in place of QueryValue
and Values, and NotEquals and NotIn besides.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from sagehen.services.sagemaker.pipelines.definition.refusals import Invalid

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": operator.eq,
    "NotEquals": operator.ne,
    "GreaterThan": operator.gt,
    "GreaterThanOrEqualTo": operator.ge,
    "LessThan": operator.lt,
    "LessThanOrEqualTo": operator.le,
}
_MEMBERSHIPS = ("In", "NotIn")
# Ours: deeper ones say nothing that others do not.
_MOST_DEPTH = 16


class NotComparable(Exception):
    """Values of types that are not compared. The message says which."""


def require_conditions(step: str, given: Any) -> None:
    """Check the form.

    Raises:
        Invalid
    """
    if not isinstance(given, list) or not given:
        raise Invalid(f"Invalid Conditions of step '{step}'.")
    for one in given:
        _require(step, one, _MOST_DEPTH)


def _require(step: str, given: Any, depth: int) -> None:
    kind = str(given.get("Type")) if isinstance(given, dict) else None
    names = given.keys() - {"Type"} if isinstance(given, dict) else set()
    if depth == 0:
        raise Invalid(f"Conditions of step '{step}' are nested too deep.")
    if kind in _COMPARISONS:
        fits = names == {"LeftValue", "RightValue"}
    elif kind in _MEMBERSHIPS:
        fits = names in ({"QueryValue", "Values"}, {"Value", "In"}) and isinstance(_values(given), list)
    elif kind == "Not":
        fits = names == {"Condition"}
        if fits:
            _require(step, given["Condition"], depth - 1)
    elif kind == "Or":
        fits = names == {"Conditions"} and isinstance(given["Conditions"], list) and bool(given["Conditions"])
        for one in given["Conditions"] if fits else ():
            _require(step, one, depth - 1)
    else:
        raise Invalid(f"Invalid condition type '{kind}' in step '{step}'.")
    if not fits:
        raise Invalid(f"Invalid condition of type '{kind}' in step '{step}'.")


def holds(condition: Mapping[str, Any]) -> bool:
    """Tell whether a condition, whose values are evaluated, holds.

    Raises:
        NotComparable
    """
    kind = condition["Type"]
    if kind == "Not":
        return not holds(condition["Condition"])
    if kind == "Or":
        return any([holds(one) for one in condition["Conditions"]])  # each is looked at, so that all compare
    if kind in _MEMBERSHIPS:
        query = condition.get("QueryValue", condition.get("Value"))
        found = any(_same_kind(query, one) and query == one for one in _values(condition))
        return found if kind == "In" else not found
    left, right = condition["LeftValue"], condition["RightValue"]
    if not _same_kind(left, right):
        raise NotComparable(
            f"Condition of type {kind} is not supported between {_told(left)} and {_told(right)}"
        )
    compared: bool = _COMPARISONS[kind](left, right)
    return compared


def _values(condition: Mapping[str, Any]) -> Any:
    return condition.get("Values", condition.get("In"))


def _same_kind(left: Any, right: Any) -> bool:
    """Numbers compare with numbers, a boolean is none."""
    return _kind(left) == _kind(right) and _kind(left) is not None


def _kind(value: Any) -> str | None:
    if isinstance(value, bool):
        return "Boolean"
    if isinstance(value, int | float):
        return "number"
    return "String" if isinstance(value, str) else None


def _told(value: Any) -> str:
    return f"'{str(value)[:100]}' ({_kind(value) or 'no single value'})"
