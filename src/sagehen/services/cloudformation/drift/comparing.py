"""Comparing: what a template says a property is against what was read of it. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sagehen.api.bounded.budget import spend
from sagehen.domain.system_tags import is_system
from sagehen.services.cloudformation.types.known import ABSENT

_NOTHING: tuple[Any, ...] = (None, "", [], {})


def differences(path: str, wanted: Any, found: Any) -> Iterator[dict[str, str]]:
    """Yield the members of PropertyDifferences: of maps the innermost that differ, of lists the whole.

    What the template does not name is not looked at, as on AWS. It spends of a budget: lists may be long.

    Raises:
        BudgetSpent, RecursionError.
    """
    spend()
    wanted, found = _plain(wanted), _plain(found)
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        lower = {str(name).lower(): one for name, one in found.items()}
        for name, one in wanted.items():
            yield from differences(f"{path}/{name}", one, lower.get(str(name).lower(), ABSENT))
        return
    if found is ABSENT or found in _NOTHING:
        if wanted not in _NOTHING:
            yield _difference(path, wanted, "", "REMOVE")
    elif not _same(wanted, found):
        yield _difference(path, wanted, found, "NOT_EQUAL")


def own_tags(tags: Any) -> Any:
    """Return tags without AWS's own, which no template names."""
    if isinstance(tags, list):
        names = ("Key", "TagKey", "key")
        return [one for one in tags if not any(is_system(str(one.get(name, ""))) for name in names)]
    if isinstance(tags, Mapping):
        return {key: value for key, value in tags.items() if not is_system(str(key))}
    return tags


def _same(wanted: Any, found: Any) -> bool:
    spend()
    wanted, found = _plain(wanted), _plain(found)
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        return next(differences("", wanted, found), None) is None
    if isinstance(wanted, list) or isinstance(found, list):
        # A policy's action may be a list of one; and no list that is compared here has an order.
        left = list(found) if isinstance(found, list) else [found]
        for one in wanted if isinstance(wanted, list) else [wanted]:
            match = next((number for number, other in enumerate(left) if _same(one, other)), None)
            if match is None:
                return False
            del left[match]
        return not left
    return bool(_scalar(wanted) == _scalar(found))


def _plain(value: Any) -> Any:
    """Return a document that stands there as text as what it says."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def _scalar(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    try:
        return float(value)
    except (TypeError, ValueError):
        return str(value)


def _difference(path: str, wanted: Any, found: Any, kind: str) -> dict[str, str]:
    return {
        "PropertyPath": path,
        "ExpectedValue": _told(wanted),
        "ActualValue": _told(found),
        "DifferenceType": kind,
    }


def _told(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)
