"""The aggregations of `stats`: each an accumulator that takes rows and has a result.

Documented: CloudWatch Logs User Guide, "stats". Of times `earliest`, `latest`, `max` and `min` give ms
since the epoch (recorded for the first two).
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Mapping
from typing import Protocol

from sagehen.services.logs.insights.commands.stage import Memory
from sagehen.services.logs.insights.evaluation.compiling import Getter
from sagehen.services.logs.insights.evaluation.ordering import SortKey, sort_key
from sagehen.services.logs.insights.evaluation.row import Row
from sagehen.services.logs.insights.evaluation.values import Moment, ReportNumber, Value, number, text


class Accumulator(Protocol):
    """One aggregation of one group."""

    def add(self, row: Row) -> None:
        """Count a row in."""
        ...

    def result(self) -> Value:
        """Return what has come of it; None for nothing."""
        ...


class Count:
    """`count(*)`, and `count(x)` of the rows that have x."""

    __slots__ = ("_count", "_get")

    def __init__(self, get: Getter | None) -> None:
        self._get = get
        self._count = 0

    def add(self, row: Row) -> None:
        """See `Accumulator.add`."""
        if self._get is None or self._get(row) is not None:
            self._count += 1

    def result(self) -> Value:
        """See `Accumulator.result`."""
        return self._count


class Moments:
    """`sum`, `avg`, `stddev`: of numbers, by Welford's sums, which stay exact where the values are large."""

    __slots__ = ("_count", "_get", "_mean", "_name", "_spread", "_sum")

    def __init__(self, name: str, get: Getter) -> None:
        self._name = name
        self._get = get
        self._count = 0
        self._sum: float | int = 0
        self._mean = self._spread = 0.0

    def add(self, row: Row) -> None:
        """See `Accumulator.add`."""
        value = number(self._get(row))
        if value is None:
            return
        self._count += 1
        self._sum += value
        if self._name == "stddev":
            delta = value - self._mean
            self._mean += delta / self._count
            self._spread += delta * (value - self._mean)

    def result(self) -> Value:
        """See `Accumulator.result`."""
        if not self._count:
            return None
        if self._name == "sum":
            return self._sum if isinstance(self._sum, float) else int(self._sum)
        if self._name == "avg":
            return self._sum / self._count
        return math.sqrt(self._spread / self._count)


class Extreme:
    """`min` and `max`: of numbers where there are any, else of texts."""

    __slots__ = ("_get", "_is_max", "_memory", "_number", "_text")

    def __init__(self, get: Getter, memory: Memory, *, is_max: bool) -> None:
        self._get = get
        self._memory = memory
        self._is_max = is_max
        self._number: float | int | None = None
        self._text: str | None = None

    def add(self, row: Row) -> None:
        """See `Accumulator.add`."""
        value = self._get(row)
        found = number(value)
        if found is not None:
            if self._number is None or (found > self._number if self._is_max else found < self._number):
                self._number = found
        elif value is not None:
            said = str(value)
            if self._text is None or (said > self._text if self._is_max else said < self._text):
                self._memory.hold(_length(said) - _length(self._text))
                self._text = said

    def result(self) -> Value:
        """See `Accumulator.result`."""
        return self._text if self._number is None else _plain(self._number)


class Percentile:
    """`pct`: the smallest value that so many in a hundred are not above."""

    __slots__ = ("_get", "_memory", "_percent", "_values")

    def __init__(self, get: Getter, percent: float, memory: Memory) -> None:
        self._get = get
        self._percent = percent
        self._memory = memory
        self._values = array("d")

    def add(self, row: Row) -> None:
        """See `Accumulator.add`."""
        value = number(self._get(row))
        if value is not None:
            self._memory.hold(8)
            self._values.append(value)

    def result(self) -> Value:
        """See `Accumulator.result`."""
        if not self._values:
            return None
        wanted = max(math.ceil(self._percent / 100 * len(self._values)), 1) - 1
        return _selected(self._values, wanted)


def _selected(values: array[float], place: int) -> float:
    """Return what stands at a place of the sorted values, in steps that let other threads go on."""
    left = values
    while len(left) > 10_000:
        pivot = sorted(left[:: len(left) // 501])[250]
        below = array("d", (value for value in left if value < pivot))
        same = sum(1 for value in left if value == pivot)
        if place < len(below):
            left = below
        elif place < len(below) + same:
            return pivot
        else:
            place -= len(below) + same
            left = array("d", (value for value in left if value > pivot))
    return sorted(left)[place]


class Distinct:
    """`count_distinct`: exact, where AWS's is an approximation for many values."""

    __slots__ = ("_get", "_memory", "_seen")

    def __init__(self, get: Getter, memory: Memory) -> None:
        self._get = get
        self._memory = memory
        self._seen: set[str] = set()

    def add(self, row: Row) -> None:
        """See `Accumulator.add`."""
        said = text(self._get(row))
        if said is not None and said not in self._seen:
            self._memory.hold(120 + len(said))
            self._seen.add(said)

    def result(self) -> Value:
        """See `Accumulator.result`."""
        return len(self._seen)


class Chosen:
    """`earliest`, `latest`: by the event's time; `sortsFirst`, `sortsLast`: by the value's own order."""

    __slots__ = ("_get", "_key", "_last", "_memory", "_of_time", "_value")

    def __init__(self, get: Getter, memory: Memory, *, of_time: bool, last: bool) -> None:
        self._get = get
        self._memory = memory
        self._of_time = of_time
        self._last = last
        self._key: SortKey | tuple[int, int] | None = None
        self._value: Value = None

    def add(self, row: Row) -> None:
        """See `Accumulator.add`."""
        value = self._get(row)
        if value is None:
            return
        key = (row.at_ms, row.sequence) if self._of_time else sort_key(value)
        if self._key is None or (key > self._key if self._last else key < self._key):
            self._memory.hold(_length(value) - _length(self._value))
            self._key, self._value = key, value

    def result(self) -> Value:
        """See `Accumulator.result`."""
        return _plain(self._value)


def _length(value: Value) -> int:
    return len(value) if isinstance(value, str) else 0


def _plain(value: Value) -> Value:
    if isinstance(value, Moment):
        return int(value)
    return float(value) if isinstance(value, ReportNumber) else value


Maker = Callable[[Getter, Memory], Accumulator]
# Of one argument each; count and pct are made otherwise.
OF_FIELD: Mapping[str, Maker] = {
    "sum": lambda get, memory: Moments("sum", get),
    "avg": lambda get, memory: Moments("avg", get),
    "stddev": lambda get, memory: Moments("stddev", get),
    "min": lambda get, memory: Extreme(get, memory, is_max=False),
    "max": lambda get, memory: Extreme(get, memory, is_max=True),
    "count_distinct": Distinct,
    "earliest": lambda get, memory: Chosen(get, memory, of_time=True, last=False),
    "latest": lambda get, memory: Chosen(get, memory, of_time=True, last=True),
    "sortsfirst": lambda get, memory: Chosen(get, memory, of_time=False, last=False),
    "sortslast": lambda get, memory: Chosen(get, memory, of_time=False, last=True),
}
PERCENTILES = ("pct", "percentile")
