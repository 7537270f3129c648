"""ModelSource: where an instance's models come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Fetched:
    """A model on the instance's disk.

    Args:
        name: What the container calls it: opaque, and safe in a path.
        url: Its folder, as the container sees it.
        seconds: What bringing it took; None where it was there.
    """

    name: str
    url: str
    seconds: float | None


class ModelSource(Protocol):
    """Brings models to one instance's disk."""

    def name_of(self, model: str) -> str:
        """Return what the container calls a model."""
        ...

    async def fetch(self, model: str) -> Fetched:
        """Bring a model, unless it is there; it stays until it is `unused`.

        Raises:
            ModelUnavailable: It cannot be had.
        """
        ...

    def unused(self, model: str) -> None:
        """Say that it is not in memory any more: its files may go when room is needed."""
        ...
