"""LastUsed: which of what a node keeps goes when it is too much. No effects."""

from __future__ import annotations

from collections.abc import Collection, Iterable


class LastUsed:
    """Names with their sizes, in the order in which they were last used.

    Args:
        most_bytes: What they may be together.
        known: Names and sizes, the one that was not used for the longest first.
    """

    def __init__(self, most_bytes: int, known: Iterable[tuple[str, int]] = ()) -> None:
        self._most = most_bytes
        self._sizes = dict(known)

    def all(self) -> list[tuple[str, int]]:
        """Return names and sizes, the one that was not used for the longest first."""
        return list(self._sizes.items())

    def used(self, name: str, size: int | None = None) -> None:
        """Note that it is used.

        Args:
            size: In bytes; None: as it was.
        """
        before = self._sizes.pop(name, 0)
        self._sizes[name] = before if size is None else size

    def to_discard(self, held: Collection[str], coming: int = 0) -> list[str]:
        """Return what has to go, and forget it.

        Args:
            held: What stays in any case.
            coming: Bytes that there is to be room for.
        """
        over = sum(self._sizes.values()) + coming - self._most
        found = []
        for name in list(self._sizes):
            if over <= 0:
                break
            if name not in held:
                found.append(name)
                over -= self._sizes.pop(name)
        return found
