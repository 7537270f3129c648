"""Search expressions: checked once, then asked of each thing. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sagehen.api.errors import ValidationException
from sagehen.services.sagemaker.search.properties import canonical, values_at

# Documented: SearchExpression. Each costs a walk through each thing.
MOST_CONDITIONS = 50
_ORDERED = {
    "GreaterThan": lambda a, b: a > b,
    "GreaterThanOrEqualTo": lambda a, b: a >= b,
    "LessThan": lambda a, b: a < b,
    "LessThanOrEqualTo": lambda a, b: a <= b,
}
_WITHOUT_VALUE = ("Exists", "NotExists")
# Maps whose keys are anybody's, and what filters name so though no shape does.
_COMPUTED = ("Metrics",)


def check(expression: Mapping[str, Any], properties: tuple[str, ...]) -> None:
    """Check an expression.

    Args:
        properties: Those that the resource has.

    Raises:
        ValidationException: It says nothing, says too much, or names what there is not; words are ours.
    """
    conditions = 0
    for part in _parts(expression):
        lists = (part.get("Filters") or (), part.get("NestedFilters") or (), part.get("SubExpressions") or ())
        if not any(lists):
            raise ValidationException(
                "SearchExpression must contain at least one of Filters, NestedFilters and SubExpressions."
            )
        nested = [each for group in lists[1] for each in group["Filters"]]
        conditions += len(lists[0]) + len(nested) + len(lists[2])
        if conditions > MOST_CONDITIONS:
            raise ValidationException(f"SearchExpression can contain at most {MOST_CONDITIONS} conditions.")
        for each in (*lists[0], *nested):
            _check_filter(each, properties)
        for group in lists[1]:
            require_property(group["NestedPropertyName"], properties)


def require_property(name: str, properties: tuple[str, ...]) -> None:
    """Check that a resource has a property of that name.

    Raises:
        ValidationException: It has not (documented: "You must specify a valid property").
    """
    if canonical(name).partition(".")[0] not in (*properties, *_COMPUTED):
        raise ValidationException(f"Unknown property name: {name}")


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


def _parts(expression: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    waiting = [expression]
    seen = 0
    while waiting and seen <= MOST_CONDITIONS:
        part = waiting.pop()
        seen += 1
        yield part
        waiting += part.get("SubExpressions") or ()


def _check_filter(condition: Mapping[str, Any], properties: tuple[str, ...]) -> None:
    name, operator = condition["Name"], condition.get("Operator", "Equals")
    require_property(name, properties)
    if operator in _WITHOUT_VALUE:
        if condition.get("Value") is not None:
            raise ValidationException(f"Value must not be specified with Operator {operator}.")
    elif condition.get("Value") is None:
        raise ValidationException(f"Value must be specified for filter {name}.")


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
    if operator in _WITHOUT_VALUE:
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
        at = _moment(wanted)
        return at is not None and _ORDERED[operator](value, at)
    numbers = _numbers(value, wanted, name)
    return numbers is not None and _ORDERED[operator](*numbers)


def _equal(value: Any, wanted: str) -> bool:
    if isinstance(value, bool):
        return wanted.lower() == str(value).lower()
    if isinstance(value, datetime):
        at = _moment(wanted)
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


def _moment(text: str) -> datetime | None:
    """Return an ISO 8601 time; without an offset it is UTC."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
