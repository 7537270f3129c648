"""Document: what is told of a thing, asked for when somebody looks at it.

A search looks at a name or a tag of thousands, and shows ten: what costs a read of its own, or a page of
arithmetic, is for those alone that a filter or the answer asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any


class Document(Mapping[str, Any]):
    """A thing, by the names of its properties.

    Args:
        known: What costs nothing.
        rest: Tells everything else but the parts.
        parts: Properties of which each has its own read.
    """

    def __init__(
        self,
        known: Mapping[str, Any],
        rest: Callable[[], Mapping[str, Any]] | None = None,
        parts: Mapping[str, Callable[[], Any]] | None = None,
    ) -> None:
        self._told = {**known}
        self._rest = rest
        self._parts = {**(parts or {})}

    def add(self, name: str, part: Callable[[], Any]) -> None:
        """Add a part."""
        self._parts[name] = part

    def __getitem__(self, name: str) -> Any:
        if name not in self._told:
            if (part := self._parts.pop(name, None)) is not None:
                self._told[name] = part()
            else:
                self._tell_rest()
        return self._told[name]

    def __iter__(self) -> Iterator[str]:
        for name in (*self._parts,):
            self[name]
        self._tell_rest()
        return iter(self._told)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _tell_rest(self) -> None:
        if self._rest is not None:
            rest, self._rest = self._rest, None
            self._told = {**rest(), **self._told}
