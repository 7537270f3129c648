"""Values that templates make and see, and how they print: as Java's do."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol, runtime_checkable

from sagehen.api.bounded.budget import spend
from sagehen.services.apigateway.data_plane.mapping.json_values import (
    MAX_TEXT,
    MAX_VALUES,
    TooLarge,
    check_size,
)
from sagehen.services.apigateway.data_plane.velocity.parser import TemplateError


@runtime_checkable
class VelocityObject(Protocol):
    """A variable with methods of its own, such as `$input`."""

    def velocity_methods(self) -> Mapping[str, Callable[..., Any]]:
        """Return what a template may call on it, by name. Nothing else of it is reached."""
        ...


class JavaList(list[Any]):
    """A list that a template made; prints as Java does.

    Lists out of JSON documents are plain ones: to AWS they are JSONArrays, which print as JSON
    (recorded: `$input.path('$')` of `[{"foo":"bar"}]` prints just that, a map in it `{foo=bar}`).
    """


class Entry(dict[str, Any]):
    """One entry of a map, as `entrySet()` gives it."""


def text_of(value: Any) -> str:
    """Return a value as Java prints it: `{a=1, b=[x, true]}`; lists out of documents as JSON.

    Raises:
        TemplateError: It is too large (a list that holds itself is), or nested too deep.
    """
    if isinstance(value, str):
        return value
    printed = _Printed()
    try:
        printed.add(value)
    except RecursionError:
        raise TemplateError("a value is nested too deeply") from None
    except TooLarge as error:
        raise TemplateError(str(error)) from None
    return "".join(printed.pieces)


class _Printed:
    """What was printed so far, and how much more may be."""

    __slots__ = ("_room", "_values", "pieces")

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self._values, self._room = MAX_VALUES, MAX_TEXT

    def add(self, value: Any) -> None:
        spend()
        self._values -= 1
        if self._values < 0:
            raise TooLarge("a value is too large to print")
        if isinstance(value, Entry):
            self.add(value["key"])
            self._put("=")
            self.add(value["value"])
        elif isinstance(value, dict):
            # Java's AbstractMap.toString (recorded: `{foo=bar}`).
            self._put("{")
            for index, (key, item) in enumerate(value.items()):
                self._put(f"{', ' if index else ''}{key}=")
                self.add(item)
            self._put("}")
        elif isinstance(value, JavaList):
            self._put("[")
            for index, item in enumerate(value):
                self._put(", " if index else "")
                self.add(item)
            self._put("]")
        else:
            self._put(_plain_text(value))

    def _put(self, text: str) -> None:
        self._room -= len(text)
        if self._room < 0:
            raise TooLarge("a value is too large to print")
        self.pieces.append(text)


def _plain_text(value: Any) -> str:
    """Return what has no parts to be printed one by one; nothing of Python's own objects."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list):
        check_size(value)
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return ""
