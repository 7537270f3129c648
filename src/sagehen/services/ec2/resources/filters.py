"""Filters: what `Filters` of a Describe operation leaves of its resources.

A filter is satisfied by any of its values, and all filters must be. Source:
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from sagehen.services.ec2.errors import FilterLimitExceeded, InvalidParameterValue
from sagehen.services.ec2.resources.wildcards import matcher

# Documented: 50 filters with 200 values each.
_MOST_FILTERS = 50
_MOST_VALUES = 200

Described = Mapping[str, Any]
D = TypeVar("D", bound=Described)
# A path through a description (`CidrBlockAssociationSet.CidrBlock`, lists are gone through), or what
# returns the values.
Source = str | Callable[[Described], Iterable[Any]]
Filter = Mapping[str, Any]


def select(described: Sequence[D], filters: Sequence[Filter] | None, table: Mapping[str, Source]) -> list[D]:
    """Return the descriptions that all filters let pass, in their order.

    Args:
        described: With their `Tags`, where the kind has such.
        filters: `Name` and `Values`, as the request has them.
        table: Filter's name -> where its value is.

    Raises:
        InvalidParameterValue: A filter of a name that is not in the table.
        FilterLimitExceeded.
    """
    tests = conditions(filters, table)
    return [item for item in described if all(test(item) for test in tests)]


def conditions(
    filters: Sequence[Filter] | None, table: Mapping[str, Source]
) -> list[Callable[[Described], bool]]:
    """Return what each filter asks of a description. Raises as `select`."""
    asked = [item for item in filters or () if item.get("Name") is not None or item.get("Values")]
    if len(asked) > _MOST_FILTERS or any(len(item.get("Values") or ()) > _MOST_VALUES for item in asked):
        raise FilterLimitExceeded(
            f"The maximum number of filters is {_MOST_FILTERS}, with {_MOST_VALUES} values each."
        )
    return [_condition(item, table) for item in asked]


def _condition(item: Filter, table: Mapping[str, Source]) -> Callable[[Described], bool]:
    name = item.get("Name") or ""
    values = item.get("Values") or ()
    if not values:
        raise InvalidParameterValue(f"The filter '{name}' has no values.")
    source = _source(name, table)
    matchers = [matcher(value) for value in values]
    return lambda described: any(match(text) for text in _texts(source, described) for match in matchers)


def _source(name: str, table: Mapping[str, Source]) -> Source:
    if name in table:
        return table[name]
    if name.startswith("tag:") and len(name) > len("tag:"):
        key = name.removeprefix("tag:")
        return lambda described: (t["Value"] for t in described.get("Tags") or () if t["Key"] == key)
    if name in ("tag-key", "tag-value"):
        return "Tags.Key" if name == "tag-key" else "Tags.Value"
    raise InvalidParameterValue(f"The filter '{name}' is invalid")


def _texts(source: Source, described: Described) -> Iterable[str]:
    values = values_at(described, source) if isinstance(source, str) else source(described)
    return (_text(value) for value in values if value is not None)


def values_at(described: Any, path: str) -> list[Any]:
    """Return what is at a path: nothing where there is nothing, several where a list lies on the way."""
    found = [described]
    for name in path.split("."):
        found = [item.get(name) for item in found if isinstance(item, Mapping)]
        found = [inner for item in found for inner in (item if isinstance(item, list) else (item,))]
    return [item for item in found if item is not None]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
