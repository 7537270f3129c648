"""Values out of a widget's JSON, checked: an error says where and what it should be.

Errors are in the manner of PutDashboard's (recorded); that GetMetricWidgetImage words them so is from memory.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any, NoReturn

from sagehen.api.errors import NotImplementedOperation
from sagehen.services.cloudwatch.errors import ValidationError


def invalid(path: str, message: str) -> NoReturn:
    """Refuse a widget.

    Raises:
        ValidationError: Always.
    """
    raise ValidationError(f"Invalid MetricWidget: {path or '/'}: {message}")


class Fields:
    """An object within a widget, with its place in it.

    Raises:
        ValidationError: It is no object.
    """

    def __init__(self, value: Any, path: str) -> None:
        if not isinstance(value, dict):
            invalid(path, "Should be object")
        self._value: Mapping[str, Any] = value
        self.path = path

    def known(self, names: Collection[str]) -> None:
        """Refuse members that would have no effect.

        Raises:
            NotImplementedOperation: Names them.
        """
        others = sorted(set(self._value) - set(names))
        if others:
            named = ", ".join(f"{self.path}/{name[:40]}" for name in others[:5])
            raise NotImplementedOperation(f"GetMetricWidgetImage: {named} is not implemented.")

    def get(self, name: str) -> Any:
        """Return a member as it is; None where it is missing or null."""
        return self._value.get(name)

    def within(self, name: str) -> str:
        """Return the place of a member."""
        return f"{self.path}/{name}"

    def text(self, name: str, default: str = "") -> str:
        """Return a text member."""
        value = self.get(name)
        if value is None:
            return default
        if not isinstance(value, str):
            invalid(self.within(name), "Should be string")
        return value

    def truth(self, name: str, default: bool = False) -> bool:
        """Return a boolean member."""
        value = self.get(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            invalid(self.within(name), "Should be boolean")
        return value

    def one_of(self, name: str, allowed: Collection[str], default: str) -> str:
        """Return a text member that is one of a few."""
        value = self.text(name, default)
        if value not in allowed:
            invalid(self.within(name), f"Should be equal to one of the allowed values: {', '.join(allowed)}")
        return value

    def number(self, name: str) -> float | None:
        """Return a number, or None."""
        return number(self.get(name), self.within(name))

    def whole(self, name: str, default: int, least: int, most: int) -> int:
        """Return an integer within bounds."""
        value = self.get(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
            invalid(self.within(name), "Should be integer")
        if not least <= value <= most:
            invalid(self.within(name), f"Should be >= {least} and <= {most}")
        return int(value)

    def part(self, name: str) -> Fields:
        """Return an object member; an empty one where it is missing."""
        value = self.get(name)
        return Fields({} if value is None else value, self.within(name))

    def items(self, name: str) -> list[Any]:
        """Return an array; an empty one where it is missing."""
        value = self.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            invalid(self.within(name), "Should be array")
        return value


def number(value: Any, path: str) -> float | None:
    """Return a number, or None where there is none."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        invalid(path, "Should be number")
    return float(value)
