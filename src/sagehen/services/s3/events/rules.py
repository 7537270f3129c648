"""Rules of a bucket's notifications: which events of which keys they want. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Kind of the bucket's configuration that holds LambdaFunctionConfigurations.
CONFIGURATION = "notification"


def fits(rule: Mapping[str, Any], name: str, key: str) -> bool:
    """Tell whether a configuration wants an event (`ObjectCreated:Put`) of a key."""
    wanted = any(
        event == f"s3:{name}" or (event.endswith("*") and f"s3:{name}".startswith(event[:-1]))
        for event in rule["Events"]
    )
    prefix, suffix = affixes(rule)
    return wanted and key.startswith(prefix) and key.endswith(suffix)


def affixes(rule: Mapping[str, Any]) -> tuple[str, str]:
    """Return the prefix and the suffix that a configuration filters by."""
    rules = ((rule.get("Filter") or {}).get("Key") or {}).get("FilterRules") or []
    found = {one["Name"].lower(): one.get("Value", "") for one in rules}
    return found.get("prefix", ""), found.get("suffix", "")
