"""Whether an invocation on demand has room."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.lambda_.versions_under_test import SCOPE, version

from sagehen.concurrency.counting import Shares
from sagehen.concurrency.limits import Limits
from sagehen.domain.clock import ManualClock
from sagehen.services.lambda_.errors import TooManyRequestsException
from sagehen.services.lambda_.execution.endings import Endings
from sagehen.services.lambda_.invocations.seats import Seat, Seats

RESERVED = "ReservedFunctionConcurrentInvocationLimitExceeded"
SHARED = "ConcurrentInvocationLimitExceeded"
LIMITS = Limits(concurrency=5, minimum_unreserved=1)


class StillShares:
    """Stands for the records."""

    def __init__(self, shares: Shares) -> None:
        self.now = shares

    def shares(self, scope: Any) -> Shares:
        return self.now


def seats_of(shares: Shares) -> tuple[Seats, StillShares, ManualClock]:
    records, clock = StillShares(shares), ManualClock()
    return Seats(records, LIMITS, clock, Endings()), records, clock  # type: ignore[arg-type]


def taken(seats: Seats, names: str) -> list[Seat | str]:
    """Take a seat for each letter's function; return what came of it."""
    found: list[Seat | str] = []
    for name in names:
        try:
            found.append(seats.take(version(name=name)))
        except TooManyRequestsException as refused:
            found.append(refused.reason)
    return found


@pytest.mark.parametrize(
    ("shares", "names", "last"),
    [
        (Shares(), "aaaaa", None),
        (Shares(), "aaaaaa", SHARED),
        (Shares(), "abcdea", SHARED),  # one pool for all
        (Shares(reserved={"a": 2}), "aa", None),
        (Shares(reserved={"a": 2}), "aaa", RESERVED),  # a ceiling, though others leave room
        (Shares(reserved={"a": 2}), "bbb", None),
        (Shares(reserved={"a": 2}), "bbbb", SHARED),  # a floor: kept free for a
        (Shares(reserved={"a": 2}), "bbba", None),
        (Shares(reserved={"a": 0}), "a", RESERVED),
        (Shares(reserved={"a": 2}, provisioned={"a": 1}), "aa", RESERVED),
        (Shares(reserved={"a": 2}, provisioned={"a": 2}), "a", RESERVED),
        (Shares(provisioned={"a": 2}), "bbb", None),
        (Shares(provisioned={"a": 2}), "bbbb", SHARED),
        (Shares(provisioned={"a": 2}), "abab", SHARED),
    ],
)
def test_room(shares: Shares, names: str, last: str | None) -> None:
    seats, _, _ = seats_of(shares)
    *before, found = taken(seats, names)
    assert all(isinstance(one, Seat) for one in before)
    assert (found if isinstance(found, str) else None) == last


def test_a_seat_given_back_is_free_again() -> None:
    seats, _, _ = seats_of(Shares())
    found = taken(seats, "aaaaa")
    assert (seats.unreserved_busy(SCOPE), taken(seats, "a")) == (5, [SHARED])
    assert isinstance(found[0], Seat)
    seats.leave(found[0], SCOPE)
    assert seats.unreserved_busy(SCOPE) == 4
    assert isinstance(taken(seats, "b")[0], Seat)


def test_a_seat_goes_back_to_where_it_was_taken_from() -> None:
    seats, records, _ = seats_of(Shares())
    [seat] = taken(seats, "a")
    records.now = Shares(reserved={"a": 1})
    assert taken(seats, "a") == [RESERVED]
    assert isinstance(seat, Seat)
    seats.leave(seat, SCOPE)
    assert seats.unreserved_busy(SCOPE) == 0
    [again] = taken(seats, "a")
    assert isinstance(again, Seat)
    assert seats.unreserved_busy(SCOPE) == 0, "it is reserved now"


@pytest.mark.parametrize(
    ("shares", "per_s", "reason"),
    [
        (Shares(), 50, "FunctionInvocationRateLimitExceeded"),
        (Shares(reserved={"a": 2}), 20, "ReservedFunctionInvocationRateLimitExceeded"),
    ],
)
async def test_the_rate(shares: Shares, per_s: int, reason: str) -> None:
    seats, _, clock = seats_of(shares)

    def run_one_after_the_other(count: int) -> list[str]:
        refused = []
        for _ in range(count):
            [found] = taken(seats, "a")
            if isinstance(found, str):
                refused.append(found)
            else:
                seats.leave(found, SCOPE)
        return refused

    assert run_one_after_the_other(per_s + 1) == [reason]
    await clock.advance(0.1)
    assert run_one_after_the_other(per_s // 10 + 1) == [reason]


def test_the_rate_follows_the_reservation() -> None:
    seats, records, _ = seats_of(Shares(reserved={"a": 2}))
    [seat] = taken(seats, "a")
    assert isinstance(seat, Seat)
    seats.leave(seat, SCOPE)
    records.now = Shares(reserved={"a": 1})
    reasons = []
    for _ in range(11):
        [found] = taken(seats, "a")
        if isinstance(found, Seat):
            seats.leave(found, SCOPE)
        reasons.append(found if isinstance(found, str) else None)
    assert reasons == [None] * 10 + ["ReservedFunctionInvocationRateLimitExceeded"]
