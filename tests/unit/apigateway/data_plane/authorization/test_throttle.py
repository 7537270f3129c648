"""Token buckets: how much of what flows in fits in, and what is taken out of it."""

from __future__ import annotations

import pytest

from sagehen.domain.clock import ManualClock
from sagehen.services.apigateway.data_plane.authorization import throttle
from sagehen.services.apigateway.data_plane.authorization.throttle import TokenBuckets
from sagehen.services.apigateway.snapshot.plans import Throttle


@pytest.mark.parametrize(
    ("limit", "passed"),
    [
        # How many of ten requests pass at 0 s, 0.5 s, 2 s and 100 s.
        (Throttle(), [10, 10, 10, 10]),
        (Throttle(2.0, 4), [4, 1, 3, 4]),
        (Throttle(1.0, 4), [4, 0, 2, 4]),  # half a token is none, and is not lost
        (Throttle(0.5, 1), [1, 0, 1, 1]),
        (Throttle(100.0, 3), [3, 3, 3, 3]),  # never more at once than the burst
        (Throttle(3.0, None), [3, 1, 3, 3]),  # no burst: as many as flow in in a second
        (Throttle(0.5, None), [1, 0, 1, 1]),  # but one at the least
        (Throttle(None, 2), [2, 1, 2, 2]),  # no rate: the burst each second
        (Throttle(0.0, 2), [2, 0, 0, 0]),  # what is in is in, and nothing follows
        (Throttle(5.0, 0), [0, 0, 0, 0]),
        (Throttle(0.0, 0), [0, 0, 0, 0]),
        (Throttle(0.0, None), [1, 0, 0, 0]),
    ],
)
async def test_what_passes(clock: ManualClock, limit: Throttle, passed: list[int]) -> None:
    buckets = TokenBuckets(clock)
    found = []
    for pause in (0.0, 0.5, 1.5, 98.0):
        await clock.advance(pause)
        found.append(sum(buckets.take("k", limit) for _ in range(10)))
    assert found == passed


@pytest.mark.parametrize(
    ("before", "after", "passed"),
    [
        (Throttle(1.0, 9), Throttle(1.0, 2), 2),  # tokens of the old limit do not outlive it
        (Throttle(1.0, 2), Throttle(1.0, 9), 1),  # and those of the new one flow in as it says
        (Throttle(1.0, 9), Throttle(1.0, 0), 0),
    ],
)
def test_a_limit_that_changes(clock: ManualClock, before: Throttle, after: Throttle, passed: int) -> None:
    buckets = TokenBuckets(clock)
    assert buckets.take("k", before)
    assert sum(buckets.take("k", after) for _ in range(10)) == passed


def test_each_key_has_a_bucket_of_its_own(clock: ManualClock) -> None:
    buckets, limit = TokenBuckets(clock), Throttle(1.0, 1)
    assert [buckets.take(key, limit) for key in ("a", "b", "a")] == [True, True, False]
    buckets.clear()
    assert buckets.take("a", limit)


def test_buckets_have_an_end(clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "_BUCKETS_HELD", 3)
    buckets, limit = TokenBuckets(clock), Throttle(1.0, 1)
    assert [buckets.take(key, limit) for key in "abcda"] == [True] * 5, "all begin anew, rather than grow"
