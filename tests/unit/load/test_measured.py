"""Histograms against exact percentiles; tallies add up and travel."""

from __future__ import annotations

import math
import random

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagehen.load.measured.histogram import Histogram, bucket_of, greatest_of
from sagehen.load.measured.tally import Tally, total


@settings(max_examples=60)
@given(st.integers(0, 3_590_000_000))
def test_a_bucket_is_a_thousandth_wide_and_holds_its_value(value: int) -> None:
    bucket = bucket_of(value)
    assert value <= greatest_of(bucket) <= value + value // 1024
    assert bucket_of(greatest_of(bucket)) == bucket
    assert bucket_of(greatest_of(bucket) + 1) == bucket + 1


def test_what_is_out_of_range() -> None:
    histogram = Histogram()
    histogram.record(-5)
    histogram.record(10**15)
    assert histogram.percentile(50) == 0
    assert histogram.percentile(100) == pytest.approx(3_600_000, rel=0.001)


@settings(max_examples=25)
@given(
    st.lists(st.integers(0, 60_000_000), min_size=1, max_size=200),
    st.sampled_from([0, 50, 90, 99, 99.9, 100]),
)
def test_percentiles_are_those_of_sorted_values(values: list[int], percent: float) -> None:
    histogram = Histogram()
    for value in values:
        histogram.record(value)
    exact = sorted(values)[max(math.ceil(round(len(values) * percent / 100, 6)), 1) - 1]
    assert histogram.percentile(percent) == pytest.approx(exact / 1000, rel=0.001, abs=0.001)
    assert histogram.mean() == pytest.approx(sum(values) / len(values) / 1000, rel=0.001, abs=0.001)


def test_nothing_has_no_percentiles() -> None:
    assert Histogram().percentiles((50, 99.9)) == {"p50": None, "p99.9": None}
    assert Histogram().mean() is None


def test_tallies_add_up_over_processes() -> None:
    random.seed(1)
    both = Tally()
    parts = {}
    for part in range(3):
        one = parts[part] = Tally()
        for tally in (one, both):
            tally.due += 10
            tally.sent += 9
            tally.not_sent += 1
            tally.succeeded += 5
            tally.cold += part
            tally.fail("429 TooManyRequestsException", throttled=True, first=f"slow down {part}")
            tally.fail("timeout", count=2)
        for value in (random.randrange(10**6) for _ in range(50)):
            for tally in (one, both):
                tally.latency.record(value)
                tally.init.record(value // 2)
                tally.lateness.record(value // 3)
    travelled = {n: Tally.unpacked(orjson.loads(orjson.dumps(part.packed()))) for n, part in parts.items()}
    assert total(travelled) == total(parts)
    assert [total(travelled).packed()[:2], sorted(total(travelled).packed()[2])] == [
        both.packed()[:2],
        sorted(both.packed()[2]),
    ]
    assert (both.failed, both.throttled, both.under_way) == (9, 3, 27 - 15 - 9)


def test_kinds_of_failure_are_bounded() -> None:
    tally = Tally()
    for number in range(1000):
        tally.fail(f"500 Code{number}", first="x" * 10_000)
    assert len(tally.failures) == 65
    assert tally.failed == 1000
    assert len(tally.failures["500 Code0"].first) == 300
