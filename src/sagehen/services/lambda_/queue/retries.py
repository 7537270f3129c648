"""What becomes of an asynchronous event after an attempt. Pure decisions.

Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from sagehen.services.lambda_.queue.records import EventInvokeConfig, QueuedEvent

# The last one's name is ours: AWS documents that a loop's events go to the destination, and not as what.
Condition = Literal[
    "Success", "RetriesExhausted", "EventAgeExceeded", "ZeroReservedConcurrency", "RecursiveInvocation"
]

# After the first failure of the function one minute, after the second two.
_RETRY_AFTER_S = (60.0, 120.0)
# Between attempts that failed for a fault of the service: 1 s, doubled up to 5 minutes. What is
# throttled keeps its place in the queue, whose pace then slows down as a whole (`pace`).
_BACKOFF_FIRST_S, _BACKOFF_MOST_S = 1.0, 300.0


@dataclass(frozen=True, slots=True)
class Again:
    """Try once more when the event is due."""

    event: QueuedEvent


@dataclass(frozen=True, slots=True)
class End:
    """No more attempts."""

    condition: Condition


def before_attempt(
    event: QueuedEvent, config: EventInvokeConfig, reserved: int | None, now_s: float
) -> End | None:
    """Say whether an event must be given up before it is even tried."""
    if reserved == 0:
        return End("ZeroReservedConcurrency")
    if now_s - event.accepted_at > config.maximum_age_s:
        return End("EventAgeExceeded")
    return None


def after_function_error(event: QueuedEvent, config: EventInvokeConfig, now_s: float) -> Again | End:
    """The function ran and failed."""
    attempts = event.attempts + 1
    if attempts > config.maximum_retries:
        return End("RetriesExhausted")
    due = now_s + _RETRY_AFTER_S[min(attempts, len(_RETRY_AFTER_S)) - 1]
    if due - event.accepted_at > config.maximum_age_s:
        # AWS drops it when its age is reached, not at the next attempt that would come too late.
        due = event.accepted_at + config.maximum_age_s + 0.001
    return Again(replace(event, due_at=due, attempts=attempts, throttles=0))


def after_fault(event: QueuedEvent, now_s: float) -> Again:
    """The function could not be run, for a fault of the service (5xx). Only its age ends this."""
    wait_s = min(_BACKOFF_FIRST_S * 2**event.throttles, _BACKOFF_MOST_S)
    return Again(replace(event, due_at=now_s + wait_s, throttles=min(event.throttles + 1, 16)))
