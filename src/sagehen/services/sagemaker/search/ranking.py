"""The order of what was found, and the best of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sagehen.services.sagemaker.search.properties import values_at

# A place in the order: what kind of value it is, the value, and the ARN, which decides between equals.
# What lacks the property comes before everything that has it.
Place = tuple[int, float, str, str]


def place_of(thing: Mapping[str, Any], sort_by: str, arn: str) -> Place:
    """Return a thing's place."""
    value = next(values_at(thing, sort_by), None)
    if isinstance(value, datetime):
        return 1, value.timestamp(), "", arn
    if isinstance(value, int | float):
        return 1, float(value), "", arn
    return (0, 0.0, "", arn) if value is None else (2, 0.0, str(value), arn)


@dataclass(slots=True)
class Best:
    """Keeps the first of what is added, in order, and counts the rest.

    Args:
        most: How many.
        ascending: The order.
        after: The place behind which they are to be; None from the beginning.

    Attributes:
        count: How many were added.
        behind: How many of them are behind `after`.
    """

    most: int
    ascending: bool
    after: Place | None = None
    count: int = 0
    behind: int = 0
    _full_at: float | None = None
    _kept: list[tuple[Place, Mapping[str, Any]]] = field(default_factory=list)

    def add(self, place: Place, thing: Mapping[str, Any]) -> None:
        """Note a thing."""
        self.count += 1
        if self.after is not None and not (place > self.after if self.ascending else place < self.after):
            return
        self.behind += 1
        self._kept.append((place, thing))
        if self.behind == self.most + 1:
            self._full_at = place[1]
        if (
            len(self._kept) >= 4 * self.most + 100
        ):  # sorted now and then: each is moved a few times at the most
            self._sort()

    def is_settled(self, place: Place, slack: float) -> bool:
        """Tell whether nothing from a place on belongs to the first, where things come in order.

        Args:
            slack: By how much what comes may be out of order.
        """
        return self._full_at is not None and abs(place[1] - self._full_at) > slack

    def first(self) -> tuple[list[Mapping[str, Any]], Place | None]:
        """Return the page, and the place of its last where more follow."""
        more = len(self._kept) > self.most
        self._sort(beyond=1)
        more = more or len(self._kept) > self.most
        page = self._kept[: self.most]
        return [thing for _, thing in page], page[-1][0] if more else None

    def _sort(self, beyond: int = 1) -> None:
        self._kept.sort(key=lambda pair: pair[0], reverse=not self.ascending)
        del self._kept[self.most + beyond :]
