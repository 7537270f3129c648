"""JSONPath as DataProcessing takes it: a value's part. Pure.

Documented (Associate prediction results with input records, supported JSONPath operators): `$`, `.name`, `*`,
`['name', ...]`, `[number, ...]`, `[start:end]`. No expressions, no recursive descent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from math import inf
from typing import Any

_NAME = re.compile(r"\.([A-Za-z_][\w-]*)")
_BRACKET = re.compile(r"\[([^\[\]]*)\]")
_QUOTED = re.compile(r"\s*(?:'([^']*)'|\"([^\"]*)\")\s*(?:,|\Z)")
_NUMBER = re.compile(r"\s*(\d{1,9})\s*\Z")
_SLICE = re.compile(r"\s*(\d{0,9})\s*:\s*(\d{0,9})\s*\Z")


class InvalidPath(ValueError):
    """It is no such JSONPath; the message says where."""


class NotThere(Exception):
    """A value has no such part; the message says which."""


@dataclass(frozen=True, slots=True)
class _Step:
    """One step.

    Args:
        names: Of members; one alone leads to its value, several to an object of them.
        places: Numbers and slices of an array, likewise.
        everything: All values.
    """

    names: tuple[str, ...] = ()
    places: tuple[int | slice, ...] = ()
    everything: bool = False

    @property
    def is_single(self) -> bool:
        return len(self.names) == 1 or (len(self.places) == 1 and isinstance(self.places[0], int))


@dataclass(frozen=True, slots=True)
class Path:
    """A parsed JSONPath."""

    steps: tuple[_Step, ...]

    @property
    def is_whole(self) -> bool:
        """Whether it is `$`."""
        return not self.steps

    def of(self, value: Any) -> Any:
        """Return the part of a value that it names.

        Raises:
            NotThere
        """
        for step in self.steps:
            value = _taken(step, value)
        return value


def parse(text: str) -> Path:
    """Parse a path.

    Raises:
        InvalidPath
    """
    if not text.startswith("$"):
        raise InvalidPath("it must begin with $")
    steps, rest = [], text[1:]
    while rest:
        if rest.startswith(".*"):
            steps.append(_Step(everything=True))
            rest = rest[2:]
        elif match := _NAME.match(rest):
            steps.append(_Step(names=(match[1],)))
            rest = rest[match.end() :]
        elif match := _BRACKET.match(rest):
            steps.append(_bracket(match[1]))
            rest = rest[match.end() :]
        else:
            raise InvalidPath(f"{rest[:20]!a} is not supported")
    return Path(tuple(steps))


def _bracket(text: str) -> _Step:
    if text.strip() == "*":
        return _Step(everything=True)
    if text.lstrip().startswith(("'", '"')):
        names, place = [], 0
        while place < len(text):
            match = _QUOTED.match(text, place)
            if match is None:
                raise InvalidPath(f"[{text[:20]}] is not a list of names")
            names.append(match[1] if match[1] is not None else match[2])
            place = match.end()
        return _Step(names=tuple(names))
    places: list[int | slice] = []
    for part in text.split(","):
        if match := _NUMBER.match(part):
            places.append(int(match[1]))
        elif match := _SLICE.match(part):
            places.append(slice(int(match[1] or 0), int(match[2]) if match[2] else None))
        else:
            raise InvalidPath(f"[{text[:20]}] is not supported")
    _refuse_twice(places, text)
    return _Step(places=tuple(places))


def _refuse_twice(places: Iterable[int | slice], text: str) -> None:
    """Refuse a place that is named twice: more would be taken than there is, and more again by each step."""
    ends = 0.0
    spans = [
        (place.start, inf if place.stop is None else place.stop)
        if isinstance(place, slice)
        else (place, place + 1)
        for place in places
    ]
    for start, stop in sorted(span for span in spans if span[0] < span[1]):
        if start < ends:
            raise InvalidPath(f"[{text[:20]}] names a place twice")
        ends = stop


def _taken(step: _Step, value: Any) -> Any:
    if step.everything:
        if isinstance(value, dict):
            return list(value.values())
        if isinstance(value, list):
            return value
        raise NotThere("* of what is neither an object nor an array")
    if step.names:
        if not isinstance(value, dict):
            raise NotThere(f"{step.names[0]!a} of what is no object")
        for name in step.names:
            if name not in value:
                raise NotThere(f"there is no {name!a}")
        return value[step.names[0]] if step.is_single else {name: value[name] for name in step.names}
    if not isinstance(value, list):
        raise NotThere("a place in what is no array")
    found: list[Any] = []
    for place in step.places:
        if isinstance(place, slice):
            found += value[place]
        elif place < len(value):
            found.append(value[place])
        else:
            raise NotThere(f"there is no [{place}] among {len(value)}")
    return found[0] if step.is_single else found
