"""What of a search a table answers by itself, as members of a List operation. Pure.

What is asked so may leave too much, never too little: each thing is held against the whole expression after.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sagehen.services.sagemaker.search.checking import MOST_CONDITIONS
from sagehen.services.sagemaker.search.expression import moment_of
from sagehen.services.sagemaker.search.properties import canonical
from sagehen.services.sagemaker.search.ranking import Place
from sagehen.services.sagemaker.search.source import CREATED, MODIFIED, NAME, TAGS

_AFTER = ("GreaterThan", "GreaterThanOrEqualTo")
_BEFORE = ("LessThan", "LessThanOrEqualTo")
# Tables keep times as floats, documents to the microsecond: what is this close may stand either way round.
SLACK_S = 0.001


def narrowed(expression: Mapping[str, Any] | None, columns: Mapping[str, str]) -> dict[str, Any]:
    """Return the members that everything which satisfies the expression satisfies.

    Args:
        columns: As Source has them.
    """
    members: dict[str, Any] = {}
    for condition in _required(expression or {}):
        operator, value = condition.get("Operator", "Equals"), condition.get("Value")
        head, _, key = canonical(condition["Name"]).partition(".")
        column = columns.get(TAGS if head == TAGS else condition["Name"])
        if column is None or value is None:
            continue
        if head == TAGS:
            if key and operator == "Equals":
                members.setdefault(column, (key, value))
            continue
        if column in (CREATED, MODIFIED):
            _narrow_times(members, column, operator, moment_of(value))
        elif column == NAME:
            if operator in ("Equals", "Contains"):
                members.setdefault("NameContains", value)
        elif operator == "Equals":
            members.setdefault(column, value)
    return members


def in_order(
    sort_by: str, ascending: bool, after: Place | None, columns: Mapping[str, str]
) -> dict[str, Any] | None:
    """Return the members that have things come in the order of a search, from a place on; None: none do."""
    column = columns.get(sort_by)
    if column not in (CREATED, MODIFIED) or (after is not None and after[0] != 1):
        return None
    members: dict[str, Any] = {"SortBy": column, "SortOrder": "Ascending" if ascending else "Descending"}
    if after is not None:
        try:
            at = datetime.fromtimestamp(after[1], UTC)
        except (OverflowError, ValueError, OSError):  # no token of ours
            return None
        members.update(_bounded(column, at, from_it_on=ascending))
    return members


def both(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members that ask for what both do."""
    joined = {**one}
    for member, value in other.items():
        if member in joined and isinstance(value, datetime):
            value = (max if member.endswith("After") else min)(joined[member], value)
        joined[member] = value
    return joined


def _narrow_times(members: dict[str, Any], column: str, operator: str, at: datetime | None) -> None:
    if at is None:
        return
    if operator in (*_AFTER, *_BEFORE):
        members.update(both(members, _bounded(column, at, from_it_on=operator in _AFTER)))


def _bounded(column: str, at: datetime, *, from_it_on: bool) -> dict[str, Any]:
    try:
        if from_it_on:
            return {f"{column}After": at - timedelta(seconds=SLACK_S)}
        return {f"{column}Before": at + timedelta(seconds=SLACK_S)}
    except OverflowError:  # the year 1, or 9999: nothing is before, or after
        return {}


def _required(expression: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the filters without which nothing satisfies an expression that was checked."""
    waiting = [expression]
    for _ in range(MOST_CONDITIONS):
        if not waiting:
            return
        part = waiting.pop()
        lists = (part.get("Filters") or (), part.get("NestedFilters") or (), part.get("SubExpressions") or ())
        if part.get("Operator") == "Or" and sum(map(len, lists)) > 1:
            continue
        yield from lists[0]
        waiting += lists[2]
