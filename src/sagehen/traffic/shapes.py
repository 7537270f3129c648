"""What expressions are made of. Each shape fills a stretch of given length with straight pieces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import cos, pi
from typing import Protocol

from sagehen.traffic.traffic import Piece, cut

# Chords of one wave: off the true sine by less than a ten thousandth of its height.
_CHORDS = 240


class Shape(Protocol):
    """A rate that fills any length."""

    def pieces(self, length: float) -> Iterator[Piece]:
        """Yield pieces of `length` seconds together; lazily, since nobody has counted them yet."""


@dataclass(frozen=True, slots=True)
class Constant:
    """The same rate throughout, in requests per second."""

    rate: float

    def pieces(self, length: float) -> Iterator[Piece]:
        yield Piece(length, self.rate, self.rate)


@dataclass(frozen=True, slots=True)
class Ramp:
    """A straight line over the whole length."""

    first: float
    last: float

    def pieces(self, length: float) -> Iterator[Piece]:
        yield Piece(length, self.first, self.last)


@dataclass(frozen=True, slots=True)
class Wave:
    """A sine that begins at `first`, is at `opposite` after half a period (seconds), and comes back."""

    first: float
    opposite: float
    period: float

    def pieces(self, length: float) -> Iterator[Piece]:
        middle, height = (self.first + self.opposite) / 2, (self.first - self.opposite) / 2
        rates = [max(0.0, middle + height * cos(2 * pi * n / _CHORDS)) for n in range(_CHORDS + 1)]
        chords = [Piece(self.period / _CHORDS, first, last) for first, last in pairwise(rates)]
        return _again(chords, length)


@dataclass(frozen=True, slots=True)
class Burst:
    """Nothing, but `rate` for `lasting` seconds: once, `at` seconds in, or in the middle of every period.

    Args:
        rate: Requests per second.
        lasting: Seconds.
        at: When it begins, if it comes once.
        period: Seconds from one to the next, at least `lasting`; None: it comes once.
    """

    rate: float
    lasting: float
    at: float = 0.0
    period: float | None = None

    def pieces(self, length: float) -> Iterator[Piece]:
        if self.period is not None:
            quiet = (self.period - self.lasting) / 2
            return _again(_some([(quiet, 0.0), (self.lasting, self.rate), (quiet, 0.0)]), length)
        rest = length - self.at - self.lasting
        return cut(_some([(self.at, 0.0), (self.lasting, self.rate), (rest, 0.0)]), length)


@dataclass(frozen=True, slots=True)
class Sum:
    """Several shapes at once."""

    shapes: tuple[Shape, ...]

    def pieces(self, length: float) -> Iterator[Piece]:
        sources = [shape.pieces(length) for shape in self.shapes]
        heads = [next(source) for source in sources]
        left = length
        while True:
            # Two sums of the same lengths differ in their last digits; a stretch of a nanosecond is none.
            step = min(head.length for head in heads)
            if step >= left - 1e-9:
                yield _total(heads, left)
                return
            yield _total(heads, step)
            left -= step
            for number, head in enumerate(heads):
                rest = head.length - step
                if rest > 1e-9:
                    heads[number] = Piece(rest, _at(head, step), head.last)
                else:
                    heads[number] = next(sources[number], Piece(left, head.last, head.last))


@dataclass(frozen=True, slots=True)
class Sequence:
    """Shapes one after the other, each with its seconds; begins anew as long as there is room."""

    parts: tuple[tuple[Shape, float], ...]

    def pieces(self, length: float) -> Iterator[Piece]:
        left = length
        while True:
            for shape, own in self.parts:
                if own >= left - 1e-9:
                    # What is cut off keeps its slope: a ramp of ten minutes is half way after five.
                    yield from cut(shape.pieces(own), left)
                    return
                yield from shape.pieces(own)
                left -= own


def _some(stretches: list[tuple[float, float]]) -> list[Piece]:
    return [Piece(length, rate, rate) for length, rate in stretches if length > 0]


def _again(pieces: list[Piece], length: float) -> Iterator[Piece]:
    left = length
    while True:
        for piece in pieces:
            if piece.length >= left - 1e-9:
                yield from cut([piece], left)
                return
            yield piece
            left -= piece.length


def _total(heads: list[Piece], step: float) -> Piece:
    return Piece(step, sum(head.first for head in heads), sum(_at(head, step) for head in heads))


def _at(piece: Piece, inside: float) -> float:
    if inside >= piece.length:
        return piece.last
    return piece.first + (piece.last - piece.first) * inside / piece.length
