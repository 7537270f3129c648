"""Expressions: values as Python writes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sagehen.export.graph.values import Package
from sagehen.export.writing.script.marks import JsonText, Marked, Marks

_WIDTH = 100
_INDENT = "    "
# An expression without quotes or braces for what a mark stands for: it goes into f-strings.
Spoken = Callable[[Marked], str]


class Expressions:
    """Writes values.

    Args:
        marks: Of the values.
        spoken: What stands for each reference.
    """

    def __init__(self, marks: Marks, spoken: Spoken) -> None:
        self._marks = marks
        self._spoken = spoken

    def of(self, value: Any, depth: int = 0, before: int = 0) -> str:
        """Return an expression.

        Args:
            depth: How far its lines are indented.
            before: Characters in front of it in its first line.
        """
        if isinstance(value, JsonText):
            return f"json.dumps({self.of(value.document, depth, before + len('json.dumps()'))})"
        if isinstance(value, str):
            return self._text(value)
        if (package := self._marks.package(value)) is not None:
            return self._package(package)
        if isinstance(value, Mapping):
            items = [(f"{self._text(name)}: ", one) for name, one in value.items()]
            return self._collection("{}", items, depth, before)
        if isinstance(value, list):
            return self._collection("[]", [("", one) for one in value], depth, before)
        if isinstance(value, datetime):
            return repr(value.isoformat())
        if isinstance(value, bytes) or value is None or isinstance(value, bool | int | float):
            return repr(value)
        raise TypeError(f"{type(value).__name__} is no value of a request")

    def _collection(self, ends: str, items: list[tuple[str, Any]], depth: int, before: int) -> str:
        short = ends[0] + ", ".join(name + self.of(one) for name, one in items) + ends[1]
        if len(short) + before + len(_INDENT) * depth <= _WIDTH and "\n" not in short:
            return short
        inner = _INDENT * (depth + 1)
        lines = [f"{inner}{name}{self.of(one, depth + 1, len(name))},\n" for name, one in items]
        return f"{ends[0]}\n{''.join(lines)}{_INDENT * depth}{ends[1]}"

    def _text(self, text: str) -> str:
        parts = [*self._marks.parts(text)]
        if all(isinstance(part, str) for part in parts):
            return quoted(text)
        if len(parts) == 1 and not isinstance(parts[0], str):
            return self._spoken(parts[0])
        told = "".join(
            _escaped(part).replace("{", "{{").replace("}", "}}")
            if isinstance(part, str)
            else f"{{{self._spoken(part)}}}"
            for part in parts
        )
        return f'f"{told}"'

    @staticmethod
    def _package(package: Package) -> str:
        return f'{{"ZipFile": (HERE / {quoted(package.file)}).read_bytes()}}'


def quoted(text: str) -> str:
    """Return a text as Python writes it, in one line."""
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    """Return what stands between double quotes for a text."""
    return "".join(
        {"\\": "\\\\", '"': '\\"', "\n": "\\n"}.get(char) or (char if char.isprintable() else _code(char))
        for char in text
    )


def _code(char: str) -> str:
    return char.encode("unicode_escape").decode()
