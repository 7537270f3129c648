"""Whether connections are lent: a pure decision, time passed in.

Calls that wait at the front go to whichever worker is free first; those of a lane wait for their own. With
two workers that are busy four fifths of the time, that costs about one call's time more in the mean; what is
saved is the way through the front, some 0.1 ms of processor. So lanes are for calls of about a millisecond.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sagehen.modelserver.lanes.page import Work

OPEN_BELOW_NS = 2_000_000
CLOSE_ABOVE_NS = 4_000_000
# Before a mean says anything.
LEAST_CALLS = 16
# A handler that is slow now and then costs its neighbours one wait in so long.
CLOSED_FOR_S = 5.0
NOTHING = Work()


@dataclass(frozen=True, slots=True)
class State:
    """Args:
    is_open: Whether connections are lent.
    judged: What had been done when this was decided.
    not_before: No opening earlier, in seconds of the monotonic clock.
    """

    is_open: bool = False
    judged: Work = NOTHING
    not_before: float = 0.0


def judge(state: State, done: Work, now: float) -> State:
    """Return the state after what the workers have done by now."""
    new = done - state.judged
    if new.calls < LEAST_CALLS and not new.slow:
        return state
    mean_ns = new.busy_ns / max(new.calls, 1)
    if new.slow or mean_ns > CLOSE_ABOVE_NS:
        return State(False, done, now + CLOSED_FOR_S)
    if mean_ns < OPEN_BELOW_NS and now >= state.not_before:
        return State(True, done, 0.0)
    return replace(state, judged=done)
