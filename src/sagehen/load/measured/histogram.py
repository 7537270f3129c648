"""Histogram: as HdrHistogram keeps its values, to a tenth of a percent, whatever their size."""

from __future__ import annotations

from collections.abc import Iterable

# 2,048 steps to every doubling: a value is kept to 1/1024 of itself, three digits as people say.
_BITS = 11
# An hour. What takes longer counts as this; it bounds the buckets to some 21,000.
_GREATEST = 3_600_000_000


class Histogram:
    """Counts of whole microseconds. Sparse: what never came takes no room.

    `counts` is open: the sender's inner loop writes to it without a call.
    """

    __slots__ = ("counts",)

    def __init__(self, counts: Iterable[tuple[int, int]] = ()) -> None:
        self.counts: dict[int, int] = {}
        for bucket, count in counts:
            self.counts[bucket] = self.counts.get(bucket, 0) + count

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Histogram) and self.counts == other.counts

    __hash__ = None  # type: ignore[assignment]

    def record(self, microseconds: int) -> None:
        """Count one value; below 0 counts as 0, beyond an hour as an hour."""
        # bucket_of, written out: it is called twice for each request.
        if 0 <= microseconds < _GREATEST:
            shift = microseconds.bit_length() - _BITS
            bucket = microseconds if shift <= 0 else (shift << (_BITS - 1)) + (microseconds >> shift)
        else:
            bucket = bucket_of(microseconds)
        counts = self.counts
        counts[bucket] = counts.get(bucket, 0) + 1

    def add(self, other: Histogram) -> None:
        """Count what another one has counted."""
        for bucket, count in other.counts.items():
            self.counts[bucket] = self.counts.get(bucket, 0) + count

    @property
    def total(self) -> int:
        """How many values were counted."""
        return sum(self.counts.values())

    def percentile(self, percent: float) -> float | None:
        """Return the value in milliseconds below or at which so many percent are; None without any.

        As HdrHistogram has it: the highest value of the bucket in which the value lies that stands at
        ceil(percent of the total), counted from the smallest.
        """
        total = self.total
        if not total:
            return None
        # Rounded first: 99.9 % of 1,000 is 999.0000000000001 in floating point.
        wanted = max(1, -int(-round(total * percent / 100, 6) // 1))
        seen = 0
        for bucket in sorted(self.counts):
            seen += self.counts[bucket]
            if seen >= wanted:
                return greatest_of(bucket) / 1000
        raise AssertionError("percentiles are at most 100")

    def percentiles(self, percents: Iterable[float]) -> dict[str, float | None]:
        """Return several at once, by names such as `p99` and `p99.9`."""
        return {f"p{percent:g}": self.percentile(percent) for percent in percents}

    def mean(self) -> float | None:
        """Return the mean in milliseconds; None without values."""
        total = self.total
        if not total:
            return None
        return sum(middle_of(bucket) * count for bucket, count in self.counts.items()) / total / 1000

    def buckets(self) -> list[tuple[float, int]]:
        """Return (highest value in milliseconds, count) of all that were counted, smallest first."""
        return [(greatest_of(bucket) / 1000, self.counts[bucket]) for bucket in sorted(self.counts)]


def bucket_of(microseconds: int) -> int:
    """Return the number of the bucket of a value; numbers rise with values."""
    value = min(max(microseconds, 0), _GREATEST)
    shift = max(value.bit_length() - _BITS, 0)
    # The highest bit of `value >> shift` is set in every shift but the first: the numbers never meet.
    return (shift << (_BITS - 1)) + (value >> shift)


def greatest_of(bucket: int) -> int:
    """Return the highest value of a bucket, in microseconds."""
    shift = max((bucket >> (_BITS - 1)) - 1, 0)
    least = (bucket - (shift << (_BITS - 1))) << shift
    return least + (1 << shift) - 1


def middle_of(bucket: int) -> float:
    """Return the value in the middle of a bucket, in microseconds."""
    shift = max((bucket >> (_BITS - 1)) - 1, 0)
    return greatest_of(bucket) - ((1 << shift) - 1) / 2
