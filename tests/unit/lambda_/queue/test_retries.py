"""What becomes of an event before and after an attempt."""

from __future__ import annotations

import pytest

from sagehen.domain.clock import ManualClock
from sagehen.domain.scope import Scope
from sagehen.services.lambda_.names import FunctionReference
from sagehen.services.lambda_.queue.records import EventInvokeConfig, QueuedEvent
from sagehen.services.lambda_.queue.retries import (
    Again,
    End,
    after_fault,
    after_function_error,
    before_attempt,
)

REFERENCE = FunctionReference(Scope("123456789012", "us-east-1"), "f")


def event(**changes: float) -> QueuedEvent:
    return QueuedEvent(REFERENCE, "r", b"1", 100.0, 100.0, **changes)  # type: ignore[arg-type]


def config(**settings: int) -> EventInvokeConfig:
    return EventInvokeConfig(REFERENCE, ManualClock().now(), settings)


ACCEPTED_S = 100
MINUTE = {"MaximumEventAgeInSeconds": 60}


@pytest.mark.parametrize(
    ("age_s", "settings", "reserved", "condition"),
    [
        (0, {}, None, None),
        (21_600, {}, None, None),
        (21_601, {}, None, "EventAgeExceeded"),
        (60, MINUTE, 5, None),
        (61, MINUTE, 5, "EventAgeExceeded"),
        (0, {}, 0, "ZeroReservedConcurrency"),
        (0, {}, 1, None),
        # Both: the function that is stopped is named.
        (61, MINUTE, 0, "ZeroReservedConcurrency"),
    ],
)
def test_before_an_attempt(
    age_s: float, settings: dict[str, int], reserved: int | None, condition: str | None
) -> None:
    step = before_attempt(event(), config(**settings), reserved, ACCEPTED_S + age_s)
    assert (None if step is None else step.condition) == condition


@pytest.mark.parametrize(
    ("failed_before", "settings", "age_s", "due_age_s"),
    [
        (0, {}, 10, 70),  # a minute after the first failure
        (1, {}, 71, 191),  # two after the second
        (2, {}, 192, None),
        (0, {"MaximumRetryAttempts": 0}, 10, None),
        (0, {"MaximumRetryAttempts": 1}, 10, 70),
        (1, {"MaximumRetryAttempts": 1}, 71, None),
        # What would come after the end of its age comes at the end of it, and is dropped there.
        (0, MINUTE, 0, 60),
        (0, MINUTE, 1, 60.001),
        (0, MINUTE, 59, 60.001),
        (1, {"MaximumEventAgeInSeconds": 100}, 50, 100.001),
    ],
)
def test_after_an_error_of_the_function(
    failed_before: int, settings: dict[str, int], age_s: float, due_age_s: float | None
) -> None:
    tried = event(attempts=failed_before, throttles=3)
    step = after_function_error(tried, config(**settings), ACCEPTED_S + age_s)
    if due_age_s is None:
        assert step == End("RetriesExhausted")
    else:
        assert isinstance(step, Again)
        assert step.event.due_at == pytest.approx(ACCEPTED_S + due_age_s)
        assert (step.event.attempts, step.event.throttles) == (failed_before + 1, 0)


def test_backoff_doubles_up_to_five_minutes() -> None:
    waiting, waits = event(), []
    for _ in range(11):
        step = after_fault(waiting, 0)
        waits.append(step.event.due_at)
        waiting = step.event
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    assert waiting.attempts == 0
