"""Failures: the ends in a row of what was not told to end, and when it is tried again. Pure.

The numbers are ours: AWS names none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Self, TypeVar

Reason = TypeVar("Reason")
# What served this long and then ended is not what cannot start.
PROVEN_AFTER_S = 30.0
_LONGEST_PAUSE_S = 60.0


@dataclass(frozen=True)  # slots and a call of Failures[str] do not go together in Python 3.11
class Failures(Generic[Reason]):
    """Ends in a row.

    Args:
        last: On the monotonic clock.
        final: Whether another try is of no use.
    """

    count: int
    last: float
    reason: Reason
    final: bool = False

    @classmethod
    def after(cls, before: Self | None, served_s: float | None, now: float, reason: Reason) -> Self:
        """Return the failures after one more end.

        Args:
            before: Those in a row so far.
            served_s: How long it was ready; None where it never was. Half a minute of service begins the row
                anew.
            now: On the monotonic clock.
        """
        proven = served_s is not None and served_s >= PROVEN_AFTER_S
        return cls((0 if proven or before is None else before.count) + 1, now, reason)

    def again_at(self, pause_s: float) -> float:
        """Return when to try again: at once after the first, then after `pause_s`, twice, four times of it.

        A minute is the longest pause.
        """
        if self.count <= 1:
            return self.last
        return self.last + min(_LONGEST_PAUSE_S, pause_s * 2.0 ** min(self.count - 2, 16))
