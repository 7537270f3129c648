"""Page: what the front process sees of a worker without asking it, in memory that both share."""

from __future__ import annotations

import mmap
from dataclasses import dataclass

_LANE, _SINCE, _OWED, _CALLS, _BUSY, _SLOW = range(6)


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker has done since it started: calls that were timed, their time, how many were slow."""

    calls: int = 0
    busy_ns: int = 0
    slow: int = 0

    def __add__(self, other: Work) -> Work:
        return Work(self.calls + other.calls, self.busy_ns + other.busy_ns, self.slow + other.slow)

    def __sub__(self, other: Work) -> Work:
        return Work(self.calls - other.calls, self.busy_ns - other.busy_ns, self.slow - other.slow)


class Page:
    """Made before the fork. The worker alone writes; each field is one aligned word, written at once."""

    def __init__(self) -> None:
        self._words = memoryview(mmap.mmap(-1, mmap.PAGESIZE)).cast("Q")

    # --- the worker's side ---------------------------------------------------------------------

    def begin(self, lane: int, now_ns: int) -> None:
        """Note that a request of a lane is being read and answered."""
        self._words[_OWED] = 0
        self._words[_SINCE] = now_ns
        self._words[_LANE] = lane

    def owe(self) -> None:
        """Note that a whole request has been read: its caller gets one answer, by whomever."""
        self._words[_OWED] = 1

    def answering(self, now_ns: int) -> None:
        """Note that the caller may have seen a part of the answer; the time to the next part counts anew."""
        self._words[_SINCE] = now_ns
        self._words[_OWED] = 0

    def end(self) -> None:
        """Note that nothing of a lane is under way."""
        self._words[_LANE] = 0

    def count(self, took_ns: int, is_slow: bool) -> None:
        """Add a call that was timed."""
        words = self._words
        words[_CALLS] += 1
        words[_BUSY] += took_ns
        words[_SLOW] += is_slow

    # --- the front's side ----------------------------------------------------------------------

    @property
    def lane(self) -> int:
        """The lane whose request is under way; 0: none."""
        return self._words[_LANE]

    @property
    def since_ns(self) -> int:
        return self._words[_SINCE]

    @property
    def owes(self) -> bool:
        """Whether its request has been read as a whole, and nothing of the answer was sent."""
        return bool(self._words[_OWED])

    @property
    def work(self) -> Work:
        return Work(self._words[_CALLS], self._words[_BUSY], self._words[_SLOW])
