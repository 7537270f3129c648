"""Conditions: which hold, by the parameters' values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sagehen.services.cloudformation.templates.context import Context, Unresolved
from sagehen.services.cloudformation.templates.functions import evaluate


def decided(conditions: Mapping[str, Any], context: Context) -> dict[str, bool]:
    """Return whether each condition holds; they may name one another.

    Raises:
        Unresolved: One is no condition, or they name each other in a circle.
    """
    found: dict[str, bool] = {}
    waiting: list[str] = []

    class _Lazy(dict[str, bool]):
        def __contains__(self, name: object) -> bool:
            return name in conditions

        def __getitem__(self, name: str) -> bool:
            return decide(name)

    def decide(name: str) -> bool:
        if name not in found:
            if name in waiting:
                raise Unresolved(f"Template error: circular dependency of condition {name}")
            waiting.append(name)
            value = evaluate(conditions[name], replace(context, conditions=_Lazy()))
            if not isinstance(value, bool):
                raise Unresolved(f"Template error: condition {name} is not a boolean")
            waiting.pop()
            found[name] = value
        return found[name]

    for name in conditions:
        decide(name)
    return found
