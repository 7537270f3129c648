"""Who may wait for concurrency, and who comes first."""

from __future__ import annotations

import pytest

from sagehen.concurrency.waiting_line import Patience, WaitingLine
from sagehen.domain.scope import Scope

HERE, THERE = Scope("111122223333", "eu-west-1"), Scope("111122223333", "us-east-1")
A, B, ELSEWHERE = (HERE, "a"), (HERE, "b"), (THERE, "a")
USED_UP = "ConcurrentInvocationLimitExceeded"


@pytest.fixture
def line() -> WaitingLine[str]:
    return WaitingLine(Patience(10.0, most=3, most_bytes=100))


@pytest.mark.parametrize(
    ("reason", "reserved", "size", "admitted"),
    [
        (USED_UP, None, 10, True),
        ("ReservedFunctionConcurrentInvocationLimitExceeded", 5, 10, True),
        # A function that is switched off has no room ever; what came too fast does not wait for room.
        ("ReservedFunctionConcurrentInvocationLimitExceeded", 0, 10, False),
        ("FunctionInvocationRateLimitExceeded", None, 10, False),
        (USED_UP, None, 100, True),
        (USED_UP, None, 101, False),
    ],
)
def test_who_may_wait(
    line: WaitingLine[str], reason: str, reserved: int | None, size: int, admitted: bool
) -> None:
    assert line.admits(reason, reserved, size) is admitted


def test_it_is_bounded_in_number_and_bytes(line: WaitingLine[str]) -> None:
    first = line.join(A, 60, "1")
    assert not line.admits(USED_UP, None, 41)
    line.join(B, 10, "2")
    line.join(ELSEWHERE, 10, "3")
    assert not line.admits(USED_UP, None, 0)
    line.leave(first)
    line.leave(first)  # is no fault
    assert line.admits(USED_UP, None, 80)
    assert len(line) == 2


def test_first_come_first_served_for_each_function(line: WaitingLine[str]) -> None:
    places = [
        line.join(function, 0, who) for function, who in ((A, "1"), (B, "2"), (A, "3"), (ELSEWHERE, "4"))
    ]
    assert [place.who for place in line.first(HERE)] == ["1", "2"]
    assert [place.who for place in line.first()] == ["1", "2", "4"]
    line.leave(places[0])
    # What is left of a comes after what b has waited for.
    assert [place.who for place in line.first(HERE)] == ["2", "3"]
    line.leave(places[2])
    assert line.head(A) is None
    assert not line.is_waited_for(A)
    assert [place.who for place in line.clear()] == ["2", "4"]
    assert len(line) == 0
