"""What a metric and its data points are called: the keys and values that everything here passes on. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sagehen.domain.scope import Scope
from sagehen.services.cloudwatch.metrics.aggregate import Aggregate

# Documented: API_MetricDatum, Unit and Dimensions.
UNITS = frozenset(
    (
        "Seconds", "Microseconds", "Milliseconds",
        "Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes",
        "Bits", "Kilobits", "Megabits", "Gigabits", "Terabits",
        "Percent", "Count",
        "Bytes/Second", "Kilobytes/Second", "Megabytes/Second", "Gigabytes/Second", "Terabytes/Second",
        "Bits/Second", "Kilobits/Second", "Megabits/Second", "Gigabits/Second", "Terabits/Second",
        "Count/Second", "None",
    )
)  # fmt: skip
MOST_DIMENSIONS = 30


class MetricKey(NamedTuple):
    """A metric. `dimensions` sorted by name."""

    scope: Scope
    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]


class PointKey(NamedTuple):
    """A stretch of a metric.

    Args:
        resolution_s: 1 for all stretches below a minute, whatever their length.
        at_s: Its start, in seconds since the epoch.
        unit: As CloudWatch spells it; `None` where it was not given.
    """

    metric: MetricKey
    resolution_s: int
    at_s: int
    unit: str


@dataclass(frozen=True, slots=True)
class Point:
    """What is stored of a stretch. `at_s`: its start, in seconds since the epoch."""

    at_s: int
    resolution_s: int
    unit: str
    aggregate: Aggregate


class ListedMetric(NamedTuple):
    """A metric as it lies in the table, which is its place in listings. `text`: JSON of its dimensions."""

    namespace: str
    name: str
    text: str

    @property
    def dimensions(self) -> dict[str, str]:
        return dict(json.loads(self.text))


Points = Mapping[PointKey, Aggregate]


def sorted_dimensions(dimensions: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return dimensions as keys have them: their order means nothing to CloudWatch."""
    return tuple(sorted(dimensions.items()))
