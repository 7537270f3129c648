"""What a search may ask: expressions, names of properties, keys of visibility. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sagehen.api.errors import ValidationException
from sagehen.services.sagemaker.search.expression import WITHOUT_VALUE
from sagehen.services.sagemaker.search.properties import canonical
from sagehen.services.sagemaker.search.resources import PROPERTIES

# Documented: SearchExpression. Each costs a walk through each thing.
MOST_CONDITIONS = 50
# Documented: Filter. Of everything else an expression looks for parts of one text only.
_CONTAINED_OFTEN = {
    "Experiment": ("DisplayName", "ExperimentName", "Tags"),
    "Trial": ("DisplayName", "TrialName", "Tags"),
    "TrialComponent": ("DisplayName", "TrialComponentName", "Tags", "InputArtifacts", "OutputArtifacts"),
}
# Maps whose keys are anybody's, and what filters name so though no shape does.
_COMPUTED = ("Metrics",)


def check(expression: Mapping[str, Any], member: str) -> None:
    """Check an expression.

    Args:
        member: Of a SearchRecord, whose properties are asked for.

    Raises:
        ValidationException: It says nothing, says too much, or names what there is not; words are ours.
    """
    conditions, contained, properties = 0, 0, PROPERTIES[member]
    often = _CONTAINED_OFTEN.get(member, ())
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
            named_often = canonical(each["Name"]).partition(".")[0] in often
            contained += each.get("Operator") == "Contains" and not named_often
        if contained > 1:
            raise ValidationException("'CONTAINS' operator usage limit of 1 exceeded.")  # documented
        for group in lists[1]:
            require_property(group["NestedPropertyName"], properties)


def require_property(name: str, properties: tuple[str, ...]) -> None:
    """Check that a resource has a property of that name.

    Raises:
        ValidationException: It has not (documented: "You must specify a valid property").
    """
    if canonical(name).partition(".")[0] not in (*properties, *_COMPUTED):
        raise ValidationException(f"Unknown property name: {name}")


def check_visibility(conditions: Iterable[str]) -> None:
    """Check the keys of VisibilityConditions.

    Raises:
        ValidationException: One is not of the documented form; words are ours.
    """
    for key in conditions:
        if not key.startswith("Tags.") or key == "Tags.":
            raise ValidationException("Key of VisibilityConditions must be in the format: Tags.<key>")


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
    if operator in WITHOUT_VALUE:
        if condition.get("Value") is not None:
            raise ValidationException(f"Value must not be specified with Operator {operator}.")
    elif condition.get("Value") is None:
        raise ValidationException(f"Value must be specified for filter {name}.")
