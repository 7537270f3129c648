"""How provisioned environments are shared out, and what is missing or too many."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.lambda_.versions_under_test import StillEnvironment, version

from sagehen.services.lambda_.concurrency.allocation import Allocation, shared_out


@pytest.mark.parametrize(
    ("requested", "shares", "counts"),
    [
        (4, [1.0], [4]),
        (10, [0.25, 0.75], [2, 8]),
        (10, [0.5, 0.5], [5, 5]),
        (1, [0.5, 0.5], [0, 1]),  # a half goes to the even number
        (3, [0.5, 0.5], [2, 1]),
        (1, [0.49, 0.51], [0, 1]),
        (1, [0.51, 0.49], [1, 0]),
        (7, [0.0, 1.0], [0, 7]),
        (7, [1.0, 0.0], [7, 0]),
    ],
)
def test_shared_out(requested: int, shares: list[float], counts: list[int]) -> None:
    assert shared_out(requested, shares) == counts


@given(st.integers(1, 1000), st.floats(0, 1))
def test_what_is_shared_out_is_what_was_requested(requested: int, weight: float) -> None:
    counts = shared_out(requested, [weight, 1 - weight])
    assert sum(counts) == requested
    assert min(counts) >= 0


def allocation(free: dict[str, int], busy: dict[str, int]) -> Allocation:
    made = Allocation(wanted=sum(free.values()) + sum(busy.values()))
    for number, count in free.items():
        for _ in range(count):
            made.add(StillEnvironment(version(number)))  # type: ignore[arg-type]
    for number, count in busy.items():
        made.busy |= {StillEnvironment(version(number)) for _ in range(count)}  # type: ignore[misc]
    return made


@pytest.mark.parametrize(
    ("free", "busy", "wanted", "missing", "surplus"),
    [
        ({}, {}, {"1": 2}, {"1": 2}, {}),
        ({"1": 2}, {}, {"1": 2}, {}, {}),
        ({"1": 1}, {"1": 1}, {"1": 2}, {}, {}),
        ({"1": 1}, {"1": 1}, {"1": 3}, {"1": 1}, {}),
        ({"1": 3}, {}, {"1": 1}, {}, {"1": 2}),
        # A busy one counts, and is not ended under its invocation.
        ({"1": 2}, {"1": 2}, {"1": 1}, {}, {"1": 2}),
        ({}, {"1": 3}, {"1": 1}, {}, {}),
        # An alias moves on: the new version's are started, the old one's end.
        ({"1": 2}, {}, {"2": 2}, {"2": 2}, {"1": 2}),
        ({"1": 1}, {"1": 1}, {"2": 2}, {"2": 2}, {"1": 1}),
        ({"1": 4}, {}, {"1": 3, "2": 1}, {"2": 1}, {"1": 1}),
        ({"1": 1}, {}, {"1": 0}, {}, {"1": 1}),
    ],
)
def test_missing_and_surplus(
    free: dict[str, int],
    busy: dict[str, int],
    wanted: dict[str, int],
    missing: dict[str, int],
    surplus: dict[str, int],
) -> None:
    made = allocation(free, busy)
    assert made.missing(wanted) == missing
    gone = made.surplus(wanted)
    counts = {number: sum(one.function.version == number for one in gone) for number in free}
    assert {number: count for number, count in counts.items() if count} == surplus
    assert not made.busy.intersection(gone)
    assert made.allocated == sum(free.values()) + sum(busy.values()) - len(gone)


def test_the_one_that_was_not_used_for_longest_goes_first() -> None:
    made = allocation({"1": 3}, {})
    first, _, last = made.free["1"]
    assert made.surplus({"1": 2}) == [first]
    assert made.free["1"][-1] is last
