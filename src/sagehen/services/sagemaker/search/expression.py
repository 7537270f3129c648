"""Search expressions, asked of each thing. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sagehen.services.sagemaker.search.properties import values_at

_ORDERED = {
    "GreaterThan": lambda a, b: a > b,
    "GreaterThanOrEqualTo": lambda a, b: a >= b,
    "LessThan": lambda a, b: a < b,
    "LessThanOrEqualTo": lambda a, b: a <= b,
}
WITHOUT_VALUE = ("Exists", "NotExists")


def satisfies(thing: Mapping[str, Any], expression: Mapping[str, Any]) -> bool:
    """Tell whether a thing is one that is searched for."""
    results = _results(thing, expression)
    return any(results) if expression.get("Operator") == "Or" else all(results)


def visible(thing: Mapping[str, Any], conditions: Mapping[str, str]) -> bool:
    """Tell whether VisibilityConditions let a thing be shown: one that lacks the key is (documented)."""
    for key, wanted in conditions.items():
        values = list(values_at(thing, key))
        if values and wanted not in values:
            return False
    return True


def _results(thing: Mapping[str, Any], expression: Mapping[str, Any]) -> Iterator[bool]:
    for condition in expression.get("Filters") or ():
        yield _holds(thing, condition["Name"], condition)
    for group in expression.get("NestedFilters") or ():
        yield _holds_together(thing, group)
    for part in expression.get("SubExpressions") or ():
        yield satisfies(thing, part)


def _holds_together(thing: Mapping[str, Any], group: Mapping[str, Any]) -> bool:
    """Tell whether one object of a list satisfies all filters (documented: NestedFilters)."""
    nested = group["NestedPropertyName"]
    listed = thing.get(nested.partition(".")[0])
    for part in nested.split(".")[1:]:
        listed = listed.get(part) if isinstance(listed, Mapping) else None
    objects = listed if isinstance(listed, list | tuple) else [listed] if listed else []
    return any(
        all(
            _holds(each, condition["Name"].removeprefix(f"{nested}."), condition)
            for condition in group["Filters"]
        )
        for each in objects
    )


def _holds(thing: Any, name: str, condition: Mapping[str, Any]) -> bool:
    operator, wanted = condition.get("Operator", "Equals"), condition.get("Value", "")
    values = list(values_at(thing, name))
    if operator in WITHOUT_VALUE:
        return bool(values) is (operator == "Exists")
    if operator == "NotEquals":
        return not any(_equal(value, wanted) for value in values)
    return any(_compares(value, operator, wanted, condition["Name"]) for value in values)


def _compares(value: Any, operator: str, wanted: str, name: str) -> bool:
    if operator == "Equals":
        return _equal(value, wanted)
    if operator == "In":
        return any(_equal(value, each.strip()) for each in wanted.split(","))
    if operator == "Contains":
        return isinstance(value, str) and wanted in value
    if isinstance(value, datetime):
        at = moment_of(wanted)
        return at is not None and _ORDERED[operator](value, at)
    numbers = _numbers(value, wanted, name)
    return numbers is not None and _ORDERED[operator](*numbers)


def _equal(value: Any, wanted: str) -> bool:
    if isinstance(value, bool):
        return wanted.lower() == str(value).lower()
    if isinstance(value, datetime):
        at = moment_of(wanted)
        return at is not None and value.replace(microsecond=0) == at.replace(microsecond=0)
    if isinstance(value, int | float):
        number = _number(wanted)
        return number is not None and value == number
    return bool(value == wanted)


def _numbers(value: Any, wanted: str, name: str) -> tuple[float, float] | None:
    """Return what is compared where both are numbers; texts are, of hyperparameters alone."""
    if isinstance(value, bool) or (isinstance(value, str) and "Parameters." not in name):
        return None
    mine, theirs = _number(value), _number(wanted)
    if mine is None or theirs is None:
        return None
    # Documented: "If the specified Value is an integer, the decimal hyperparameter values are treated as
    # integers."
    if isinstance(value, str) and wanted.lstrip("-").isdigit():
        mine = float(int(mine))
    return mine, theirs


def _number(text: Any) -> float | None:
    try:
        number = float(text)
    except (TypeError, ValueError):
        return None
    return number if abs(number) < float("inf") else None  # NaN, too, compares with nothing


def moment_of(text: str) -> datetime | None:
    """Return an ISO 8601 time; without an offset it is UTC."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
