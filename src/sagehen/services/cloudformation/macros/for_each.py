"""Fn::ForEach: what stands in a loop, written out. Pure. Documented: Fn::ForEach."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

_KEY = "Fn::ForEach::"
_STRIPPED = re.compile(r"[^A-Za-z0-9]")
# Mappings, lists and values that all loops of a template write: what one of a megabyte may hold.
_MOST_NODES = 50_000
_DEEPEST = 100


class LoopFault(Exception):
    """A loop that cannot be written out; the message says why."""


class Loops:
    """Writes out the loops of a template.

    Args:
        collection: Evaluates what a loop goes over. Raises Unresolved.
    """

    def __init__(self, collection: Callable[[Any], Any]) -> None:
        self._collection = collection
        self._left = _MOST_NODES

    def written(self, value: Any, depth: int = 0) -> Any:
        """Return a value without loops. LoopFault."""
        if depth > _DEEPEST:
            raise LoopFault("Fn::ForEach is nested too deeply.")
        if isinstance(value, list):
            return [self.written(one, depth + 1) for one in value]
        if not isinstance(value, dict):
            return value
        found: dict[str, Any] = {}
        for key, one in value.items():
            members = (
                self._loop(key, one, depth) if key.startswith(_KEY) else {key: self.written(one, depth + 1)}
            )
            if twice := found.keys() & members.keys():
                raise LoopFault(f"{key} writes {min(twice)}, which is there already.")
            found.update(members)
        return found

    def _loop(self, key: str, loop: Any, depth: int) -> dict[str, Any]:
        if not isinstance(loop, list) or len(loop) != 3 or not isinstance(loop[0], str):
            raise LoopFault(f"The value of {key} must be an identifier, a collection and an output.")
        identifier, collection, output = loop
        every = self._collection(collection)
        if not isinstance(every, list) or not all(isinstance(one, str | int) for one in every):
            raise LoopFault(f"The collection of {key} must be a list of strings.")
        if not isinstance(output, dict):
            raise LoopFault(f"The output of {key} must be a map.")
        found: dict[str, Any] = {}
        for one in map(str, every):
            members = self.written(self._filled(output, identifier, one), depth + 1)
            if twice := found.keys() & members.keys():
                raise LoopFault(f"{key} writes {min(twice)} more than once.")
            found.update(members)
        return found

    def _filled(self, value: Any, identifier: str, one: str) -> Any:
        """Return an output with an element in the place of its identifier."""
        self._left -= 1
        if self._left < 0:
            raise LoopFault(f"Loops write more than {_MOST_NODES} values.")
        if isinstance(value, str):
            filled = value.replace(f"${{{identifier}}}", one)
            return filled.replace(f"&{{{identifier}}}", _STRIPPED.sub("", one))
        if isinstance(value, list):
            return [self._filled(part, identifier, one) for part in value]
        if isinstance(value, dict):
            if value == {"Ref": identifier}:
                return one
            return {
                self._filled(key, identifier, one): self._filled(part, identifier, one)
                for key, part in value.items()
            }
        return value
