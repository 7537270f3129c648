"""Who may run how often at the same time, and how fast environments may be added."""

from __future__ import annotations

import pytest

from sagehen.concurrency.counting import Shares, TokenBucket, refusal
from sagehen.concurrency.limits import Limits

LIMITS = Limits()
SHARES = Shares(reserved={"a": 200, "stopped": 0, "full": 20}, provisioned={"a": 50, "b": 30, "full": 20})


def test_the_worked_example() -> None:
    shares = Shares(reserved={"a": 200}, provisioned={"a": 50, "b": 30})
    assert shares.on_demand("a", LIMITS) == 150
    assert shares.on_demand("c", LIMITS) == 770
    assert shares.unreserved(LIMITS) == 800
    assert shares.unreserved(LIMITS, without="a") == 1000


@pytest.mark.parametrize(
    ("shares", "name", "on_demand", "rate"),
    [
        (Shares(), "f", 1000, 10_000),
        (Shares(reserved={"f": 20}), "f", 20, 200),
        (Shares(reserved={"f": 0}), "f", 0, 0),
        (Shares(reserved={"f": 20}, provisioned={"f": 5}), "f", 15, 200),
        (Shares(reserved={"f": 20}, provisioned={"f": 20}), "f", 0, 200),
        (Shares(reserved={"other": 300}), "f", 700, 10_000),
        # Provisioned inside a reservation it is cut out with it, else out of what all share.
        (Shares(reserved={"other": 300}, provisioned={"other": 50}), "f", 700, 10_000),
        (Shares(provisioned={"other": 50}), "f", 950, 10_000),
        (Shares(provisioned={"f": 50}), "f", 950, 10_000),
        (Shares(reserved={"a": 1, "b": 2}, provisioned={"c": 3, "d": 4}), "f", 990, 10_000),
    ],
)
def test_shares(shares: Shares, name: str, on_demand: int, rate: int) -> None:
    assert (shares.on_demand(name, LIMITS), shares.rate(name, LIMITS)) == (on_demand, rate)


@pytest.mark.parametrize(
    ("name", "busy", "unreserved_busy", "reason"),
    [
        ("a", 149, 1000, None),
        ("a", 150, 0, "ReservedFunctionConcurrentInvocationLimitExceeded"),
        ("stopped", 0, 0, "ReservedFunctionConcurrentInvocationLimitExceeded"),
        # All that it reserved is provisioned: $LATEST gets nothing.
        ("full", 0, 0, "ReservedFunctionConcurrentInvocationLimitExceeded"),
        ("c", 0, 749, None),
        ("c", 0, 750, "ConcurrentInvocationLimitExceeded"),
    ],
)
def test_refusal(name: str, busy: int, unreserved_busy: int, reason: str | None) -> None:
    assert refusal(SHARES, LIMITS, name, busy, unreserved_busy) == reason


def test_tokens_come_back_steadily_and_do_not_pile_up() -> None:
    bucket = TokenBucket(capacity=2, per_s=0.5, now_s=0)
    assert [bucket.take(0), bucket.take(0), bucket.take(0)] == [True, True, False]
    assert not bucket.take(1.9)
    assert bucket.take(2.0)
    assert [bucket.take(1000), bucket.take(1000), bucket.take(1000)] == [True, True, False]


@pytest.mark.parametrize(
    ("before", "capacity", "after"),
    [
        (0, 2, 2),  # tokens beyond the new capacity are lost
        (0, 5, 3),  # a larger one is not full at once
        (3, 5, 0),
        (0, 0, 0),
    ],
)
def test_a_bucket_of_another_size(before: int, capacity: int, after: int) -> None:
    bucket = TokenBucket(capacity=3, per_s=1, now_s=0)
    assert all([bucket.take(0) for _ in range(before)])
    bucket.resize(capacity, 1)
    assert sum(bucket.take(0) for _ in range(9)) == after
    assert bucket.take(1.0) == (capacity > 0)
