"""Aggregate: what is kept of the observations of one metric in one stretch of time.

Count, sum, minimum and maximum, and a histogram for percentiles. The histogram's buckets are the
values themselves rounded to 8 significant bits: whole numbers up to 256 stay exact, everything
else is off by at most 0.2 %, and a latency that spreads over a factor of 10 takes some 400 buckets.
Values over many powers of two, which nothing that is measured has, would take 185,000: past 4,096
buckets a histogram keeps fewer bits.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable

# Documented: API_PutMetricData: values from -2^360 to 2^360.
MOST = 2.0**360
_BITS = 8
_MOST_BUCKETS = 4096
_PAIR = struct.Struct("<dd")


def bucket_of(value: float, bits: int = _BITS) -> float:
    """Return the bucket that a value falls into: itself, rounded to so many significant bits."""
    mantissa, exponent = math.frexp(value)
    return math.ldexp(round(math.ldexp(mantissa, bits)), exponent - bits)


class Aggregate:
    """Observations in sum.

    Attributes:
        histogram: bucket -> count, or None where a statistic set came in: CloudWatch has no
            percentiles for such stretches either.
    """

    __slots__ = ("count", "histogram", "maximum", "minimum", "total")

    def __init__(self) -> None:
        self.count = 0.0
        self.total = 0.0
        self.minimum = math.inf
        self.maximum = -math.inf
        self.histogram: dict[float, float] | None = {}

    def add(self, value: float, count: float = 1.0) -> None:
        """Count `value` in, `count` times."""
        self.count += count
        self.total += value * count
        if value < self.minimum:
            self.minimum = value
        if value > self.maximum:
            self.maximum = value
        if self.histogram is not None:
            mantissa, exponent = math.frexp(value)
            bucket = math.ldexp(round(math.ldexp(mantissa, _BITS)), exponent - _BITS)
            self.histogram[bucket] = self.histogram.get(bucket, 0.0) + count
            if len(self.histogram) > _MOST_BUCKETS:
                self.histogram = _coarser(self.histogram)

    def add_statistics(self, count: float, total: float, minimum: float, maximum: float) -> None:
        """Count a statistic set in. One of a single value, or of equal values, is as good as those."""
        if minimum == maximum:
            self.add(minimum, count)
            return
        self.count += count
        self.total += total
        self.minimum = min(self.minimum, minimum)
        self.maximum = max(self.maximum, maximum)
        self.histogram = None

    def merge(self, other: Aggregate) -> None:
        """Count in what another one holds, which stays as it is."""
        self.count += other.count
        self.total += other.total
        self.minimum = min(self.minimum, other.minimum)
        self.maximum = max(self.maximum, other.maximum)
        if self.histogram is None or other.histogram is None:
            self.histogram = None
            return
        for bucket, count in other.histogram.items():
            self.histogram[bucket] = self.histogram.get(bucket, 0.0) + count
        if len(self.histogram) > _MOST_BUCKETS:
            self.histogram = _coarser(self.histogram)

    def copy(self) -> Aggregate:
        """Return one that later changes do not touch."""
        copy = Aggregate()
        copy.merge(self)
        return copy

    def packed(self) -> bytes | None:
        """Return the histogram as bytes; b'' for a single bucket, which min and max tell already."""
        if self.histogram is None:
            return None
        if self.minimum == self.maximum:
            return b""
        return b"".join(_PAIR.pack(bucket, count) for bucket, count in self.histogram.items())

    @classmethod
    def unpacked(
        cls, count: float, total: float, minimum: float, maximum: float, packed: bytes | None
    ) -> Aggregate:
        """Make one out of its numbers and what `packed` returned."""
        aggregate = cls()
        aggregate.count, aggregate.total = count, total
        aggregate.minimum, aggregate.maximum = minimum, maximum
        if packed is None:
            aggregate.histogram = None
        elif packed == b"":
            aggregate.histogram = {bucket_of(minimum): count}
        else:
            aggregate.histogram = dict(_PAIR.iter_unpack(packed))
        return aggregate


def _coarser(histogram: dict[float, float]) -> dict[float, float]:
    """Return a histogram of at most half as many buckets as may be, so that this is not done at each value.

    With one bit left, all the powers of two that CloudWatch takes, of both signs, are 2,870 buckets.
    """
    for bits in range(_BITS - 1, 0, -1):
        coarse: dict[float, float] = {}
        for bucket, count in histogram.items():
            wide = bucket_of(bucket, bits)
            coarse[wide] = coarse.get(wide, 0.0) + count
        if len(coarse) <= _MOST_BUCKETS // 2:
            break
    return coarse


def merged(aggregates: Iterable[Aggregate]) -> Aggregate:
    """Return the sum of several: a new one."""
    whole = Aggregate()
    for aggregate in aggregates:
        whole.merge(aggregate)
    return whole
