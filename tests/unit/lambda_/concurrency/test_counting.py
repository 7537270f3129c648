"""Counting and retries: pure decisions."""

from __future__ import annotations

import pytest

from sagehen.domain.clock import ManualClock
from sagehen.domain.scope import Scope
from sagehen.services.lambda_.concurrency.counting import Shares, TokenBucket, refusal
from sagehen.services.lambda_.limits import Limits
from sagehen.services.lambda_.names import FunctionReference
from sagehen.services.lambda_.queue.records import EventInvokeConfig, QueuedEvent
from sagehen.services.lambda_.queue.retries import (
    Again,
    End,
    after_fault,
    after_function_error,
    before_attempt,
)

LIMITS = Limits()
SHARES = Shares(reserved={"a": 200, "stopped": 0, "full": 20}, provisioned={"a": 50, "b": 30, "full": 20})
REFERENCE = FunctionReference(Scope("123456789012", "us-east-1"), "f")


def test_the_worked_example() -> None:
    shares = Shares(reserved={"a": 200}, provisioned={"a": 50, "b": 30})
    assert shares.on_demand("a", LIMITS) == 150
    assert shares.on_demand("c", LIMITS) == 770
    assert shares.unreserved(LIMITS) == 800
    assert shares.unreserved(LIMITS, without="a") == 1000


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


def event(**changes: float) -> QueuedEvent:
    return QueuedEvent(REFERENCE, "r", b"1", 100.0, 100.0, **changes)  # type: ignore[arg-type]


def config(**settings: int) -> EventInvokeConfig:
    return EventInvokeConfig(REFERENCE, ManualClock().now(), settings)


def test_two_retries_after_one_and_two_minutes() -> None:
    first = after_function_error(event(), config(), 110)
    assert isinstance(first, Again)
    assert (first.event.due_at, first.event.attempts) == (170, 1)
    second = after_function_error(first.event, config(), 171)
    assert isinstance(second, Again)
    assert (second.event.due_at, second.event.attempts) == (291, 2)
    assert after_function_error(second.event, config(), 292) == End("RetriesExhausted")
    assert after_function_error(event(), config(MaximumRetryAttempts=0), 110) == End("RetriesExhausted")


def test_age_and_reservation_end_an_event_before_it_is_tried() -> None:
    assert before_attempt(event(), config(), None, 21_700) is None
    assert before_attempt(event(), config(), None, 21_701) == End("EventAgeExceeded")
    assert before_attempt(event(), config(MaximumEventAgeInSeconds=60), 5, 161) == End("EventAgeExceeded")
    assert before_attempt(event(), config(), 0, 100) == End("ZeroReservedConcurrency")


def test_a_retry_that_would_come_too_late_is_brought_forward_to_the_end_of_its_age() -> None:
    step = after_function_error(event(), config(MaximumEventAgeInSeconds=60), 130)
    assert isinstance(step, Again)
    assert 160 < step.event.due_at < 161


def test_backoff_doubles_up_to_five_minutes() -> None:
    waiting, waits = event(), []
    for _ in range(11):
        step = after_fault(waiting, 0)
        waits.append(step.event.due_at)
        waiting = step.event
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    assert waiting.attempts == 0
