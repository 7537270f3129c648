"""Hyperparameters: names, ranges, and what is taken without effect on another solver. Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sagehen.trainingtoolkit.failure import ToolkitError

Check = Callable[[Any], Any]
_INF = math.inf


@dataclass(frozen=True, slots=True)
class Hyperparameters:
    """What one algorithm takes.

    Args:
        used: Name -> what checks and decodes its text.
        unused: Those that say how AWS's solver goes its way, and nothing of the model that is sought.
        required: Without them a job fails.
    """

    used: Mapping[str, Check]
    unused: Mapping[str, Check] = field(default_factory=dict)
    required: tuple[str, ...] = ()

    def read(self, values: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
        """Return the values by name, and the names of those without effect.

        Raises:
            ToolkitError: As AWS's algorithms say it; the sentences from public issues.
        """
        texts = {name: _text(value) for name, value in values.items() if not name.startswith("_")}
        if missing := [name for name in self.required if name not in texts]:
            names = ", ".join(f"'{name}'" for name in missing)
            raise ToolkitError(
                f"No value(s) were specified for {names} which are required hyperparameter(s) "
                "(caused by ValidationError)"
            )
        known = {**self.used, **self.unused}
        if extra := [name for name in texts if name not in known]:
            names = ", ".join(f"'{name}'" for name in extra)
            verb = "was" if len(extra) == 1 else "were"
            raise ToolkitError(
                f"Additional hyperparameters are not allowed ({names} {verb} unexpected) "
                "(caused by ValidationError)"
            )
        checked = {}
        for name, text in texts.items():
            try:
                checked[name] = known[name](text)
            except ValueError as error:
                raise ToolkitError(
                    f"Hyperparameter {name}: {text!r} {error} (caused by ValidationError)"
                ) from None
        named = {name: value for name, value in checked.items() if name in self.used and value is not None}
        return named, [name for name in checked if name in self.unused]


def whole(lowest: float, highest: float = _INF, auto: bool = False) -> Check:
    """Return a check of a whole number; `auto` stands for None."""
    return _number(int, lowest, highest, "", auto)


def real(lowest: float, highest: float = _INF, outside: str = "", auto: bool = False) -> Check:
    """Return a check of a number.

    Args:
        outside: The ends of the range that are themselves not in it: `(`, `)` or both.
    """
    return _number(float, lowest, highest, outside, auto)


def one_of(*choices: str) -> Check:
    """Return a check of a word."""

    def check(text: str) -> str:
        if text not in choices:
            raise ValueError(f"is not one of {list(choices)}")
        return text

    return check


def truth(text: str) -> bool | None:
    """Decode `true` or `false`; `auto` stands for None."""
    values = {"true": True, "1": True, "false": False, "0": False, "auto": None}
    if text.lower() not in values:
        raise ValueError("is neither true nor false")
    return values[text.lower()]


def names_of(*choices: str) -> Check:
    """Return a check of a JSON list of words."""

    def check(text: str) -> list[str]:
        try:
            found = json.loads(text)
        except ValueError:
            raise ValueError("must be valid json") from None
        if not isinstance(found, list) or not set(map(str, found)) <= set(choices):
            raise ValueError(f"is not a list of {list(choices)}")
        return [str(name) for name in found]

    return check


def either(check: Check, *words: str) -> Check:
    """Return a check that takes some words beside what another takes."""
    return lambda text: text if text in words else check(text)


def _number(kind: Callable[[str], Any], lowest: float, highest: float, outside: str, auto: bool) -> Check:
    def check(text: str) -> Any:
        if auto and text == "auto":
            return None
        try:
            value = kind(text)
        except ValueError:
            raise ValueError(f"is not {'an integer' if kind is int else 'a number'}") from None
        ends = [end for end, mark in ((lowest, "("), (highest, ")")) if mark in outside]
        if value in ends or not lowest <= value <= highest:
            left = "(" if "(" in outside or lowest == -_INF else "["
            right = ")" if ")" in outside or highest == _INF else "]"
            raise ValueError(f"is not in {left}{lowest:g}, {highest:g}{right}")
        return value

    return check


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else json.dumps(value)
