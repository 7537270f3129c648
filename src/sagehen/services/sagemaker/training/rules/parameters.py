"""RuleParameters: strings, read as the numbers that a rule documents."""

from __future__ import annotations

import math
from collections.abc import Mapping


class BadParameter(Exception):
    """A value that is no number of the kind; the message is for StatusDetails."""


class Parameters:
    """The parameters of one rule."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = given

    def of_rule(self, rule: str) -> Parameters:
        """Return those that are given as `<rule>_<parameter>` (documented: ProfilerReport's parameters)."""
        start = f"{rule}_".lower()
        return Parameters(
            {
                name[len(start) :]: value
                for name, value in self._given.items()
                if name.lower().startswith(start)
            }
        )

    def text(self, name: str, default: str) -> str:
        """Return a text as it came."""
        return self._given.get(name, default)

    def number(self, name: str, default: float) -> float:
        """Return a finite number.

        Raises:
            BadParameter
        """
        text = self._given.get(name)
        if text is None:
            return default
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise BadParameter(
                f"ClientError: the value {text!r:.80} of the rule parameter {name} is no number."
            )
        return value

    def count(self, name: str, default: int, most: int = 1_000_000) -> int:
        """Return a whole number from 0 to `most`.

        Raises:
            BadParameter
        """
        value = self.number(name, default)
        if value != int(value) or not 0 <= value <= most:
            raise BadParameter(
                f"ClientError: the rule parameter {name} is {self._given[name]!r:.80}; it must be a whole "
                f"number from 0 to {most}."
            )
        return int(value)
