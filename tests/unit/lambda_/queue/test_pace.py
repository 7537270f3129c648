"""How the queue of one function slows down under throttles, and how it gets going again."""

from __future__ import annotations

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
