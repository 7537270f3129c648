"""Traffic: a rate over time, in pieces that are straight lines."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple

# Twelve days in seconds; three columns of 8 bytes each.
MOST_PIECES = 1_000_000
# What no machine sends, and a rehearsal would count for hours.
MOST_PER_SECOND = 1_000_000.0


class Piece(NamedTuple):
    """A stretch in which the rate goes from one value to another in a straight line.

    `length` in seconds, `first` and `last` in requests per second.
    """

    length: float
    first: float
    last: float


class Traffic:
    """How many requests a second are to come, over a stretch of time that begins at 0. Immutable.

    Args:
        pieces: One after the other; lengths above 0, rates of 0 and more.

    Raises:
        ValueError: There are none, or too many, or a number is out of range.
    """

    __slots__ = ("_area", "_first", "_last", "_start", "duration")

    def __init__(self, pieces: Iterable[Piece]) -> None:
        self._start, self._first, self._last = array("d"), array("d"), array("d")
        self._area = array("d")  # expected requests before each piece
        at = area = 0.0
        for length, first, last in pieces:
            # Written so that NaN is refused too.
            if not (length > 0 and 0 <= first <= MOST_PER_SECOND and 0 <= last <= MOST_PER_SECOND):
                raise ValueError(f"a piece of {length} s from {first} to {last} requests per second")
            if len(self._start) == MOST_PIECES:
                raise ValueError(f"more than {MOST_PIECES:,} pieces")
            self._start.append(at)
            self._first.append(first)
            self._last.append(last)
            self._area.append(area)
            at += length
            area += length * (first + last) / 2
        if not self._start:
            raise ValueError("traffic of no length")
        self._start.append(at)
        self._area.append(area)
        self.duration = at
        """Seconds."""

    @property
    def total(self) -> float:
        """Expected number of requests, of the whole."""
        return self._area[-1]

    @property
    def greatest(self) -> float:
        """The highest rate, in requests per second."""
        return max(max(self._first), max(self._last))

    def rate(self, seconds: float) -> float:
        """Return requests per second at a moment; 0 before the beginning and from the end on.

        Where one piece ends and the next begins, it is the next one's.
        """
        if not 0 <= seconds < self.duration:
            return 0.0
        number = self._number(seconds)
        start, first = self._start[number], self._first[number]
        share = (seconds - start) / (self._start[number + 1] - start)
        return first + (self._last[number] - first) * share

    def expected(self, begin: float, end: float) -> float:
        """Return the expected number of requests from one moment to another, both in seconds."""
        return self._until(end) - self._until(begin)

    def pieces(self) -> Iterator[Piece]:
        """Yield the pieces in order."""
        for number in range(len(self._first)):
            length = self._start[number + 1] - self._start[number]
            yield Piece(length, self._first[number], self._last[number])

    def cut(self, duration: float) -> Traffic:
        """Return the first `duration` seconds of it; itself where it is not longer.

        Raises:
            ValueError: `duration` is 0 or less.
        """
        return self if duration >= self.duration else Traffic(cut(self.pieces(), duration))

    def times(self, factor: float) -> Traffic:
        """Return the same shape with every rate multiplied.

        Raises:
            ValueError: A rate becomes negative or too high.
        """
        return Traffic(
            Piece(piece.length, piece.first * factor, piece.last * factor) for piece in self.pieces()
        )

    def faster(self, factor: float) -> Traffic:
        """Return it in a `factor`-th of its time, with as many requests: for a clock that runs so fast.

        Raises:
            ValueError: `factor` is 0 or less, or a rate becomes too high.
        """
        if not factor > 0:
            raise ValueError(f"{factor} times as fast")
        return Traffic(
            Piece(piece.length / factor, piece.first * factor, piece.last * factor) for piece in self.pieces()
        )

    def _number(self, seconds: float) -> int:
        return min(bisect_right(self._start, seconds) - 1, len(self._first) - 1)

    def _until(self, seconds: float) -> float:
        seconds = min(max(seconds, 0.0), self.duration)
        number = self._number(seconds)
        inside = seconds - self._start[number]
        return self._area[number] + inside * (self._first[number] + self._inside(number, inside)) / 2

    def _inside(self, number: int, inside: float) -> float:
        """Return the rate `inside` seconds into a piece, its end included."""
        length = self._start[number + 1] - self._start[number]
        first = self._first[number]
        return first + (self._last[number] - first) * inside / length


def cut(pieces: Iterable[Piece], length: float) -> Iterator[Piece]:
    """Yield the pieces of the first `length` seconds."""
    left = length
    for piece in pieces:
        if left <= 0:
            return
        if piece.length > left:
            last = piece.first + (piece.last - piece.first) * left / piece.length
            yield Piece(left, piece.first, last)
            return
        yield piece
        left -= piece.length
