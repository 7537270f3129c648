"""Room: how much a small text may bring in that names large values over and over."""

from __future__ import annotations

from typing import Any

from sagehen.api.bounded.budget import spend

# Of a value that is no text, in characters.
_OTHER = 8


class RoomTaken(Exception):
    """There is no room for more."""


class Room:
    """What may still be brought in, in characters."""

    def __init__(self, left: int) -> None:
        self._left = left

    def take(self, characters: int) -> None:
        """Count so many.

        Raises:
            RoomTaken
        """
        self._left -= characters
        if self._left < 0:
            raise RoomTaken

    def take_value(self, value: Any) -> Any:
        """Count a value of dictionaries, lists and texts; return it. Raises as `take`."""
        waiting = [value]
        while waiting:
            spend()
            one = waiting.pop()
            self.take(len(one) if isinstance(one, str) else _OTHER)
            if isinstance(one, dict):
                waiting += one.keys()
                waiting += one.values()
            elif isinstance(one, list):
                waiting += one
        return value
