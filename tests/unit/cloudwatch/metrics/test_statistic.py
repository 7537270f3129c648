"""Statistics by name: what each is of the same observations, and which names are refused."""

from __future__ import annotations

import pytest

from sagehen.api.errors import NotImplementedOperation
from sagehen.services.cloudwatch.errors import InvalidParameterValue
from sagehen.services.cloudwatch.metrics.aggregate import Aggregate, merged
from sagehen.services.cloudwatch.metrics.statistic import needs_histogram, parse_statistic


def aggregate(*values: float) -> Aggregate:
    made = Aggregate()
    for value in values:
        made.add(value)
    return made


# Of 1, 2, ... 10. Percentiles: the smallest value at or below which so many lie.
OF_TEN = [
    ("SampleCount", 10.0),
    ("Sum", 55.0),
    ("Average", 5.5),
    ("Minimum", 1.0),
    ("Maximum", 10.0),
    ("p0", 1.0),
    ("p10", 1.0),
    ("p10.5", 2.0),
    ("p50", 5.0),
    ("p90", 9.0),
    ("p99", 10.0),
    ("p99.9", 10.0),
    ("p100", 10.0),
    ("tm90", 5.0),  # of 1 to 9
    ("TM90", 5.0),
    ("TM(10%:90%)", 5.5),  # of 2 to 9
    ("TM(:80%)", 4.5),
    ("TM(20%:)", 6.5),
    ("IQM", 5.5),
    ("tc90", 9.0),
    ("TC(10%:90%)", 8.0),
    ("ts90", 45.0),
    ("TS(80%:)", 19.0),
    ("wm90", 5.4),  # 10 counts as 9
    ("WM(10%:90%)", 5.4),  # the tenth percentile is 1 itself
]


@pytest.mark.parametrize(("name", "value"), OF_TEN)
def test_of_one_to_ten(name: str, value: float) -> None:
    whole = aggregate(*map(float, range(1, 11)))
    assert parse_statistic(name)(whole) == pytest.approx(value)
    halves = merged([aggregate(*map(float, range(1, 6))), aggregate(*map(float, range(6, 11)))])
    assert parse_statistic(name)(halves) == pytest.approx(value), "parts tell no more than their sum"


@pytest.mark.parametrize("name", [name for name, _ in OF_TEN])
def test_what_a_statistic_set_can_tell(name: str) -> None:
    """Documented: percentiles need the values, or a set whose values are all equal."""
    spread, equal = Aggregate(), Aggregate()
    spread.add_statistics(10.0, 55.0, 1.0, 10.0)
    equal.add_statistics(10.0, 20.0, 2.0, 2.0)
    assert (parse_statistic(name)(spread) is None) == needs_histogram(name)
    assert parse_statistic(name)(equal) is not None


@pytest.mark.parametrize(
    "name", ["", "sum", "Median", "p", "p101", "p-1", "p1000", "x50", "TM50%", "iq", "p٩٩"]
)
def test_names_that_cloudwatch_has_not(name: str) -> None:
    with pytest.raises(InvalidParameterValue, match=f"The value {name} for parameter Stat is not supported"):
        parse_statistic(name)


@pytest.mark.parametrize("name", ["PR(:300)", "TM(150:1000)", "TC(0.005:0.030)", "TM(90%:10%)"])
def test_names_that_are_not_built(name: str) -> None:
    with pytest.raises(NotImplementedOperation, match="is not implemented"):
        parse_statistic(name)
