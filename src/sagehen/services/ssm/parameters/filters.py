"""ParameterFilters: which parameters a listing is to have. Pure.

Source: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterStringFilter.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sagehen.services.ssm.errors import InvalidFilterKey, InvalidFilterOption, InvalidFilterValue
from sagehen.services.ssm.parameters.parameter import Parameter

Tags = Mapping[str, str]
Test = Callable[[Parameter, Tags], bool]
# Documented, for a filter.
_MOST_VALUES = 50
_MEMBERS = {"Name": "name", "Type": "type", "KeyId": "key_id", "Tier": "tier", "DataType": "data_type"}
_COMPARED: dict[str, Callable[[str, str], bool]] = {
    "Equals": lambda has, value: has == value,
    "BeginsWith": lambda has, value: has.startswith(value),
    "Contains": lambda has, value: value in has,
}
_OPTIONS = {
    "Name": ("Equals", "BeginsWith", "Contains"),
    "Path": ("Recursive", "OneLevel"),
    "KeyId": ("Equals", "BeginsWith"),
}


def tests(filters: Sequence[Mapping[str, Any]] | None, keys: Sequence[str]) -> list[Test]:
    """Return what each filter asks of a parameter.

    Args:
        keys: Which filters the listing has; `tag` stands for those of tags.

    Raises:
        InvalidFilterKey, InvalidFilterOption, InvalidFilterValue.
    """
    return [_test(item, keys) for item in filters or ()]


def _test(item: Mapping[str, Any], keys: Sequence[str]) -> Test:
    key, values = item["Key"], list(item.get("Values") or ())
    kind = "tag" if key.startswith("tag:") else key
    if kind not in keys:
        raise InvalidFilterKey(
            f"The following filter key is not valid: {key}. Valid filter keys include: {list(keys)}."
        )
    option = item.get("Option") or ("OneLevel" if kind == "Path" else "Equals")
    if option not in _OPTIONS.get(kind, ("Equals",)):
        raise InvalidFilterOption(f"The following filter option is not valid: {option}.")
    if len(values) > _MOST_VALUES or (not values and kind != "tag"):
        raise InvalidFilterValue("The following filter values are missing or too many for filter key " + key)
    if kind == "tag":
        name = key.removeprefix("tag:")
        return lambda parameter, tags: name in tags and (not values or tags[name] in values)
    if kind == "Path":
        if any(not value.startswith("/") for value in values):
            raise InvalidFilterValue("The parameter path must begin with a forward slash.")
        return lambda parameter, tags: any(under(parameter.name, v, option == "Recursive") for v in values)
    if kind == "Label":
        return lambda parameter, tags: any(value in parameter.labels for value in values)
    member, compare = _MEMBERS[kind], _COMPARED[option]
    return lambda parameter, tags: any(compare(getattr(parameter, member), value) for value in values)


def under(name: str, path: str, recursive: bool) -> bool:
    """Tell whether a name lies under a path: directly, or anywhere."""
    base = path.rstrip("/") + "/"
    return name.startswith(base) and (recursive or "/" not in name[len(base) :])
