"""How the queue of one function slows down under throttles, and how it gets going again."""

from __future__ import annotations

import pytest

from sagehen.services.lambda_.queue.pace import QueuePace


def started(pace: QueuePace, running: int, now: float) -> int:
    """Start as many as may; return how many there are then."""
    while pace.may_start(running, now):
        running += 1
    return running


def test_as_many_as_were_let_run() -> None:
    pace = QueuePace(16)
    running = started(pace, 0, 0.0)
    assert running == 16
    for _ in range(13):
        running -= 1
        pace.was_throttled(running, 0.0)
    assert (running, started(pace, running, 0.5)) == (3, 3)
    pace.ran(running - 1, 0.5)
    assert started(pace, running - 1, 0.5) == 3, "the place of the one that ended"
    assert started(pace, 3, 1.0) == 16, "a second after the throttle more are tried"


def test_throttles_in_a_row_are_ever_farther_apart() -> None:
    pace, now, waits = QueuePace(16), 0.0, []
    for _ in range(11):
        assert pace.may_start(0, now)
        pace.was_throttled(0, now)
        assert not pace.may_start(0, now)
        waits.append(pace.probe_at - now)
        now = pace.probe_at
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    assert pace.may_start(0, now)
    pace.ran(0, now)
    assert pace.may_start(0, now)
    pace.was_throttled(0, now + 1)
    assert pace.probe_at == now + 2, "once one ran, it begins anew"


def test_freed_concurrency_is_asked_for_soon_but_not_without_end() -> None:
    pace = QueuePace(16)
    for now in (0.0, 1.0, 3.0):
        assert pace.may_start(0, now)
        pace.was_throttled(0, now)
    pace.concurrency_freed(3.001)
    assert (pace.may_start(0, 3.001), pace.probe_at) == (False, 3.05)
    assert pace.may_start(0, 3.05)
    pace.was_throttled(0, 3.05)
    pace.concurrency_freed(10.0)
    assert pace.may_start(0, 10.0)


# (moment, what happens, attempts beside it) -> how many may run together, and when one more is tried.
STEPS: list[tuple[list[tuple[float, str, int]], float, int, float | None]] = [
    ([], 0.0, 4, None),
    ([(0, "throttled", 3)], 0.0, 3, 1.0),
    ([(0, "throttled", 3)], 0.999, 3, 1.0),
    # One is tried: whether more may run is known when it does.
    ([(0, "throttled", 3)], 1.0, 4, None),
    # Throttles of one burst are one: they do not add up.
    ([(0, "throttled", 3), (0, "throttled", 2), (0, "throttled", 1)], 0.0, 1, 1.0),
    # The next one, of the one that was tried, waits twice as long.
    ([(0, "throttled", 0), (1, "throttled", 0)], 2.0, 0, 3.0),
    # One that ran opens as much as was seen to run, and begins the waits anew.
    ([(0, "throttled", 0), (1, "throttled", 0), (3, "ran", 0)], 3.0, 4, None),
    ([(0, "throttled", 1), (0.5, "ran", 1)], 0.5, 2, 1.0),
    ([(0, "throttled", 1), (0.5, "ran", 1), (0.6, "throttled", 1)], 0.9, 1, 1.0),
    # Freed concurrency is asked for at once, but not within 50 ms of a throttle.
    ([(0, "throttled", 0), (0, "freed", 0)], 0.0, 0, 0.05),
    ([(0, "throttled", 0), (0.2, "freed", 0)], 0.2, 4, None),
    ([(0, "throttled", 0), (1, "throttled", 0), (1.5, "freed", 0)], 1.5, 4, None),
]


@pytest.mark.parametrize(("steps", "now", "together", "probe_at"), STEPS)
def test_steps(
    steps: list[tuple[float, str, int]], now: float, together: int, probe_at: float | None
) -> None:
    pace = QueuePace(4)
    for at, what, beside in steps:
        match what:
            case "throttled":
                pace.was_throttled(beside, at)
            case "ran":
                pace.ran(beside, at)
            case _:
                pace.concurrency_freed(at)
    assert started(pace, 0, now) == together
    if probe_at is not None:
        assert pace.probe_at == pytest.approx(probe_at)
