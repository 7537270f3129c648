"""JSONPath as the Jayway library reads it: definite paths give one value, indefinite ones a list.

    $  .name  ['name']  ['a','b']  [0]  [-1]  [0,2]  [1:3]  .*  [*]  ..name  ..*  [?(@.price < 10)]

Source: https://github.com/json-path/JsonPath, which API Gateway uses.
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sagehen.api.bounded.budget import spend

# The library's grammar, from memory of its documentation; a test has a path of each kind.
_NAME = re.compile(r"[^.\[\]()*?@,:'\"\s]+")
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")
_SLICE = re.compile(r"\s*(-?\d*)\s*:\s*(-?\d*)\s*")
_INDEXES = re.compile(r"\s*-?\d+\s*(?:,\s*-?\d+\s*)*")
_COMPARISON = re.compile(r"\s*@((?:\.[\w-]+|\[[^\]]*\])*)\s*(?:(==|!=|<=|>=|<|>)\s*(.+?))?\s*", re.DOTALL)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt,
    "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
# Descents and lists of indexes multiply: bound what a path may visit, and how long it may be.
_MAX_VISITED = 100_000
_MAX_PATH = 1024
_MISSING = object()

Step = Callable[[Any], Iterator[Any]]


class InvalidJsonPath(ValueError):
    """The path breaks the grammar."""


@dataclass(frozen=True, slots=True)
class JsonPath:
    """A path made ready.

    Args:
        steps: One per segment.
        definite: True when it can name at most one value.
    """

    steps: tuple[Step, ...]
    definite: bool

    def find(self, document: Any, default: Any = None) -> Any:
        """Return the value, or the list of values of an indefinite path.

        Args:
            document: Parsed JSON.
            default: For a definite path that leads nowhere.
        """
        values: list[Any] = [document]
        for step in self.steps:
            values = list(_bounded(found for value in values for found in step(value)))
        if not self.definite:
            return values
        return values[0] if values else default


def _bounded(values: Iterator[Any]) -> Iterator[Any]:
    for count, value in enumerate(values):
        spend()
        if count >= _MAX_VISITED:
            raise InvalidJsonPath("the path matches too many values")
        yield value


def compile_path(text: str) -> JsonPath:
    """Read a path.

    Raises:
        InvalidJsonPath: It breaks the grammar, or is too long to be kept.
    """
    if len(text) > _MAX_PATH:
        raise InvalidJsonPath(f"a path may have {_MAX_PATH} characters")
    return _compiled(text.strip())


@lru_cache(maxsize=1024)
def _compiled(text: str) -> JsonPath:
    if not text.startswith("$"):  # Jayway takes a bare name for a child of the root
        text = f"$.{text}" if text[:1] not in (".", "[") else f"${text}"
    steps: list[Step] = []
    definite = True
    position = 1
    while position < len(text):
        if text.startswith("..", position):
            definite = False
            steps.append(_descend)
            position += 2
            if text.startswith("[", position):
                continue
            step, position, _ = _dotted(text, position)
            steps.append(step)
        elif text[position] == ".":
            step, position, one = _dotted(text, position + 1)
            steps.append(step)
            definite = definite and one
        elif text[position] == "[":
            end = _closing(text, position)
            step, one = _bracketed(text[position + 1 : end])
            steps.append(step)
            definite = definite and one
            position = end + 1
        else:
            raise InvalidJsonPath(f"Could not parse token starting at position {position}: {text[:100]}")
    return JsonPath(tuple(steps), definite)


def _dotted(text: str, position: int) -> tuple[Step, int, bool]:
    if text.startswith("*", position):
        return _children, position + 1, False
    match = _NAME.match(text, position)
    if match is None:
        raise InvalidJsonPath(f"Path must not end with a '.' or '..': {text[:100]}")
    name, end = match.group(), match.end()
    if name in ("length", "size") and text.startswith("()", end):
        return _length, end + 2, True
    return _names((name,)), end, True


def _closing(text: str, start: int) -> int:
    quote = ""
    depth = 0
    for index in range(start, len(text)):
        character = text[index]
        if quote:
            if character == quote and text[index - 1] != "\\":
                quote = ""
        elif character in "'\"":
            quote = character
        elif character == "[":
            depth += 1
        elif character == "]":
            depth -= 1
            if depth == 0:
                return index
    raise InvalidJsonPath(f"missing ']' in {text[:100]}")


def _bracketed(inner: str) -> tuple[Step, bool]:
    inner = inner.strip()
    if inner == "*":
        return _children, False
    if inner.startswith("?(") and inner.endswith(")"):
        return _filter(inner[2:-1]), False
    if inner[:1] in ("'", '"'):
        names = tuple(re.sub(r"\\(.)", r"\1", one or two) for one, two in _QUOTED.findall(inner))
        return _names(names), len(names) == 1
    if _INDEXES.fullmatch(inner):
        indexes = tuple(int(part) for part in inner.split(","))
        return _indexes(indexes), len(indexes) == 1
    if match := _SLICE.fullmatch(inner):
        start, stop = (int(part) if part else None for part in match.groups())
        return _slice(slice(start, stop)), False
    raise InvalidJsonPath(f"Could not parse [{inner[:100]}]")


def _names(names: tuple[str, ...]) -> Step:
    def step(value: Any) -> Iterator[Any]:
        if isinstance(value, dict):
            for name in names:
                if name in value:
                    yield value[name]

    return step


def _indexes(indexes: tuple[int, ...]) -> Step:
    def step(value: Any) -> Iterator[Any]:
        if isinstance(value, list):
            for index in indexes:
                if -len(value) <= index < len(value):
                    yield value[index]

    return step


def _slice(part: slice) -> Step:
    def step(value: Any) -> Iterator[Any]:
        if isinstance(value, list):
            yield from value[part]

    return step


def _children(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _length(value: Any) -> Iterator[Any]:
    if isinstance(value, list | dict | str):
        yield len(value)


def _descend(value: Any) -> Iterator[Any]:
    waiting = [value]
    visited = 0
    while waiting:
        current = waiting.pop()
        visited += 1
        spend()
        if visited > _MAX_VISITED:
            raise InvalidJsonPath("the path matches too many values")
        yield current
        waiting.extend(reversed(list(_children(current))))


def _filter(condition: str) -> Step:
    match = _COMPARISON.fullmatch(condition)
    if match is None:
        raise InvalidJsonPath(f"Could not parse the filter {condition[:100]}")
    path, sign, literal = match.groups()
    inner = compile_path(f"${path}")
    compare = _COMPARE[sign] if sign else None
    expected = _literal(literal) if sign else None

    def holds(value: Any) -> bool:
        spend()
        actual = inner.find(value, _MISSING)
        if actual is _MISSING:
            return False
        if compare is None:
            return True
        try:
            return compare(actual, expected)
        # Java compares no text with a number either: such an element does not fit.
        except TypeError:
            return False

    def step(value: Any) -> Iterator[Any]:
        candidates = value if isinstance(value, list) else [value]
        for candidate in candidates:
            if holds(candidate):
                yield candidate

    return step


def _literal(text: str) -> Any:
    text = text.strip()
    if len(text) >= 2 and text[0] == text[-1] == "'":
        return text[1:-1]
    try:
        return json.loads(text)
    except ValueError:
        raise InvalidJsonPath(f"Could not parse the value {text[:100]}") from None
